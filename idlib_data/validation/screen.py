"""Which rows of a table are provably as their schema demands, judged column by column.

The screen only accepts: a cell passes when a rule that is stricter than the standard holds for it,
and what does not pass is left to frictionless. So the screen can be wrong only by being slow. It
may be used only for packages that `plain` has found to use nothing but what is known here.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from idlib_data.patterns import matching
from idlib_data.validation.reading import ROW

if TYPE_CHECKING:
    import pyarrow as pa

    from idlib_data.dataset import Dataset
    from idlib_data.schema import Field
    from idlib_data.validation.reading import TextTable

INTEGER = "^-?(?:0|[1-9][0-9]{0,15})$"
NUMBER = r"^-?(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?$"
DATE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
SAFE_PATTERN = re.compile(
    r"(?:\((?:\?:)?|[|^$]"
    r"|(?:[A-Za-z0-9 _:/#-]|\\[./]|\[[A-Za-z0-9_ -]+\]|\))"
    r"(?:(?:[*+?]|\{[0-9]{1,3}(?:,[0-9]{0,3})?\})\??)?)+"
)
"""Patterns that RE2 and Python read alike; others are matched by Python, once per distinct text.

Not among them: flags, lookaround, classes such as ``\\d`` and possessive repetition (``a++``).
"""


def suspects(dataset: Dataset, texts: dict[str, TextTable], table: str) -> list[int] | None:
    """The numbers of the rows that are not provably right, ascending.

    Args:
        dataset: The package.
        texts: The cells of all its tables.
        table: The table to screen.

    Returns:
        The rows to be judged, or None where the file as a whole has to be.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    schema, text = dataset.schemas[table], texts[table]
    if not text.whole or tuple(text.header) != schema.names:
        return None
    bad = pa.chunked_array([pa.nulls(text.cells.num_rows, pa.bool_()).fill_null(False)])
    for field in schema.fields:
        bad = pc.or_(bad, _unproven(field, text.column(field.name)))
    if schema.key:
        bad = pc.or_(bad, _repeated(text.column(schema.key)))
    for key in schema.foreign_keys:
        targets = texts[key.table].column(key.target_fields[0])
        cells = text.column(key.fields[0])
        known = pc.is_in(cells, value_set=pc.unique(targets).drop_null())
        bad = pc.or_(bad, pc.and_(cells.is_valid(), pc.invert(known)))
    rows = text.cells[ROW].filter(bad).to_pylist()
    return sorted({*rows, *text.ragged, *text.blank})


def _unproven(field: Field, cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Which cells of a column are not provably right; an empty one is, unless it is required."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if field.type == "string":
        good = _good_text(field, cells)
    elif field.type == "boolean":
        good = pc.is_in(cells, value_set=pa.array(["true", "false"]))
    elif field.type == "date":
        good = pc.is_in(cells, value_set=pa.array(_dates(cells), pa.string()))
    else:
        good = _good_number(field, cells)
    if field.required:
        return pc.invert(pc.fill_null(pc.and_(good, cells.is_valid()), False))
    return pc.and_(cells.is_valid(), pc.invert(pc.fill_null(good, False)))


def _good_text(field: Field, cells: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    good = cells.is_valid()
    if field.enum:
        good = pc.and_(good, pc.is_in(cells, value_set=pa.array(field.enum)))
    if field.max_length is not None:
        good = pc.and_(good, pc.less_equal(pc.utf8_length(cells), field.max_length))
    if field.pattern is not None:
        good = pc.and_(good, matches(cells, field.pattern))
    return good


def matches(cells: pa.ChunkedArray, pattern: str) -> pa.ChunkedArray:
    """Which cells provably match the whole pattern, as frictionless reads it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if SAFE_PATTERN.fullmatch(pattern):
        try:
            return pc.match_substring_regex(cells, pattern=f"^(?:{pattern})$")
        except pa.ArrowInvalid:
            pass  # RE2 refuses long repetitions, which Python takes
    good = matching(pc.unique(cells).drop_null().to_pylist(), pattern)
    return pc.is_in(cells, value_set=pa.array(good, pa.string()))


def _good_number(field: Field, cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Canonical numbers within the bounds; so few digits are told apart also as floats."""
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = field.type == "integer"
    good = pc.match_substring_regex(cells, pattern=INTEGER if whole else NUMBER)
    # A zero stands in for what is no number; a null there made older versions of pyarrow fail.
    readable = pc.if_else(pc.fill_null(good, False), cells, pa.scalar("0"))
    values = readable.cast(pa.int64() if whole else pa.float64())
    for bound, test in ((field.minimum, pc.greater_equal), (field.maximum, pc.less_equal)):
        if bound is not None:
            good = pc.and_(good, pc.fill_null(test(values, bound), False))
    return good


def _dates(cells: pa.ChunkedArray) -> list[str]:
    """The distinct cells that are canonical days of the calendar."""
    import pyarrow.compute as pc

    written = cells.filter(pc.match_substring_regex(cells, pattern=DATE))
    good = []
    for text in pc.unique(written).to_pylist():
        try:
            date.fromisoformat(text)
        except ValueError:
            continue
        good.append(text)
    return good


def _repeated(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Which cells of a key are empty or stand more than once."""
    import pyarrow.compute as pc

    distinct = pc.unique(cells)
    if len(distinct) == len(cells) and not cells.null_count:
        return pc.invert(cells.is_valid())
    counts = pc.value_counts(cells)
    often = counts.field("values").filter(pc.greater(counts.field("counts"), 1)).drop_null()
    return pc.or_(pc.invert(cells.is_valid()), pc.is_in(cells, value_set=often))
