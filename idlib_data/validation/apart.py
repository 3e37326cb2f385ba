"""Columns that frictionless cannot judge: it would raise on their cells, or take forever.

Such a column is handed to it as text without constraints, and its cells are judged here:

- a signalling NaN (``sNaN``) in a column of numbers raises when it is compared with anything. It is
  a ``type-error``; the bounds of the other cells are judged again by the checks.
- a record with far more cells than the table has columns, see `wide`, takes hours.
- a text too long for its pattern, see `idlib_data.patterns`, could be matched for years.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from idlib_data.patterns import longest
from idlib_data.validation.reading import ROW
from idlib_data.validation.screen import matches
from idlib_data.validation.structure import BY_ID

if TYPE_CHECKING:
    import pyarrow as pa

    from idlib_data.schema import Field
    from idlib_data.validation.report import Problem
    from idlib_data.validation.workspace import Workspace

SIGNALLING = r"(?i)^\s*[+-]?_*s"
"""How a text begins that may be a signalling NaN."""
NUMBER_FORM = {"bareNumber", "decimalChar", "groupChar"}
"""Properties of a field that change how numbers are read; with them only sNaN is told here."""

WIDEST = 200
"""How many cells more than columns a record may have: frictionless makes one error of each, and
copies the record into all of them, which takes hours where there are many."""


def wide(workspace: Workspace, table: str) -> dict[int, Problem]:
    """Number of each record with far too many cells -> its fault, told once."""
    text, names = workspace.texts[table], workspace.dataset.schemas[table].names
    faults = {}
    for row, cells in {1: text.header, **text.ragged}.items():
        if len(cells) > len(names) + WIDEST:
            rule = BY_ID["extra-label" if row == 1 else "extra-cell"]
            note = f"the record has {len(cells)} cells, the schema {len(names)} columns"
            faults[row] = workspace.problem(rule, table, row, None, None, note)
    return faults


def schema(workspace: Workspace, table: str) -> dict[str, Any]:
    """The Table Schema of a table as frictionless may have it; the written one if all is well."""
    descriptor = workspace.dataset.schema_descriptor(table)
    odd = {field.name for field, _, _ in _columns(workspace, table)}
    if not odd:
        return descriptor
    fields = [_bare(field) if field["name"] in odd else field for field in descriptor["fields"]]
    return {**descriptor, "fields": fields}


def check(workspace: Workspace, table: str) -> Iterator[Problem]:
    """The faults of the cells in the columns that are not handed over as they are."""
    text = workspace.texts[table]
    for field, rule, wrong in _columns(workspace, table):
        cells = text.column(field.name)
        note = f'type is "{field.type}/default"'
        if rule == "constraint-error":
            note = f'constraint "pattern" is "{field.pattern}"'
        at = wrong(cells)
        rows = text.cells[ROW].filter(at).to_pylist()
        for row, cell in zip(rows, cells.filter(at).to_pylist(), strict=True):
            yield workspace.problem(BY_ID[rule], table, row, field.name, cell, note)


Wrong = Callable[["pa.ChunkedArray"], "pa.ChunkedArray"]


def _columns(workspace: Workspace, table: str) -> Iterator[tuple[Field, str, Wrong]]:
    """The columns to be judged apart, the rule, and which of their cells are wrong."""
    import pyarrow.compute as pc

    described = workspace.dataset.schema_descriptor(table).get("fields", [])
    for field, content in zip(workspace.dataset.schemas[table].fields, described, strict=True):
        cells = workspace.texts[table].column(field.name)
        if field.type == "number" and not content.get("floatNumber"):
            odd = cells.filter(pc.match_substring_regex(cells, pattern=SIGNALLING))
            if any(_number(cell) is None for cell in pc.unique(odd).to_pylist()):
                yield field, "type-error", _no_number(bool(NUMBER_FORM & content.keys()))
        elif isinstance(field.pattern, str):
            length = pc.max(pc.utf8_length(cells)).as_py() or 0
            if length > longest(field.pattern):
                yield field, "constraint-error", _no_match(field.pattern)


def _no_number(only_signalling: bool) -> Wrong:
    """Which cells are no numbers as frictionless reads them, a signalling NaN being none."""

    def is_wrong(cell: str) -> bool:
        number = _number(cell)
        return number is None or (number is False and not only_signalling)

    def wrong(cells: pa.ChunkedArray) -> pa.ChunkedArray:
        import pyarrow as pa
        import pyarrow.compute as pc

        texts = [cell for cell in pc.unique(cells).drop_null().to_pylist() if is_wrong(cell)]
        return pc.is_in(cells, value_set=pa.array(texts, pa.string()))

    return wrong


def _no_match(pattern: str) -> Wrong:
    def wrong(cells: pa.ChunkedArray) -> pa.ChunkedArray:
        import pyarrow.compute as pc

        good = pc.fill_null(matches(cells, pattern), False)
        return pc.and_(cells.is_valid(), pc.invert(good))

    return wrong


def _number(cell: str) -> bool | None:
    """Whether it is a number; None for a signalling NaN."""
    try:
        return None if Decimal(cell.strip()).is_snan() else True
    except InvalidOperation:
        return False


def _bare(field: dict[str, Any]) -> dict[str, Any]:
    """The field as text, with no other constraint than that it is filled."""
    constraints = field.get("constraints", {})
    kept = {name: constraints[name] for name in ("required", "unique") if name in constraints}
    return {"name": field["name"], "type": "string", "constraints": kept}
