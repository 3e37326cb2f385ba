"""The codebook: what each column means and how well it is filled and evidenced, as Markdown.

Meaning, type, unit and codes come from the schemas, the counts from the tables and the ledger.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from idlib_data.dataset import Dataset
from idlib_data.release.metadata import title
from idlib_data.schema import Field, TableSchema

if TYPE_CHECKING:
    import pyarrow as pa

LEDGER = "claims"
LEDGER_COLUMNS = {"record_id", "field", "status"}
RANGED = ("integer", "number", "date")
"""Types of columns whose least and greatest value say something."""
DUTY = {
    "required": "every filled cell needs it",
    "optional": "a cell may have it",
    "none": "the column takes no claims",
}
HEAD = """
Missing means: the cell is empty, nobody reported it. Evidence counts the filled cells that an
accepted claim supports. A cell is disputed where a claim about it conflicts with what is accepted.
"""


class Ledger:
    """Which cells have accepted claims and which are disputed; a package may have no ledger.

    Attributes:
        there: Whether the package has one.
        accepted: Field -> ids of the records of which it has an accepted claim; the field None
            stands for the existence of the record.
        disputed: The same for conflicting claims.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.accepted: dict[str | None, set[str]] = defaultdict(set)
        self.disputed: dict[str | None, set[str]] = defaultdict(set)
        columns = dataset.schema(LEDGER).names if LEDGER in dataset.tables else ()
        self.there = LEDGER_COLUMNS.issubset(columns)
        if not self.there:
            return
        into = {"accepted": self.accepted, "conflict": self.disputed}
        claims = dataset.arrow(LEDGER)
        cells = (claims.column(name).to_pylist() for name in ("record_id", "field", "status"))
        for record_id, field, status in zip(*cells, strict=True):
            if status in into:
                into[status][field].add(record_id)


def codebook(dataset: Dataset, date: str) -> str:
    """The codebook of a release.

    Args:
        dataset: The package.
        date: The day of the release, YYYY-MM-DD.

    Raises:
        PackageError: A table does not fit its schema.
    """
    ledger = Ledger(dataset)
    lines = [f"# Codebook of {_plain(title(dataset))}", ""]
    lines += [f"Version {dataset.version} of {date}.", *HEAD.splitlines(), ""]
    lines += ["| table | what it holds | columns | records |", "| --- | --- | --: | --: |"]
    for table, schema in dataset.schemas.items():
        what = _cell(schema.description or schema.title)
        rows = dataset.arrow(table).num_rows
        lines.append(f"| [`{table}`](#{table}) | {what} | {len(schema.fields)} | {rows} |")
    for schema in dataset.schemas.values():
        lines += _table(dataset, schema, ledger)
    return "\n".join(lines) + "\n"


def _table(dataset: Dataset, schema: TableSchema, ledger: Ledger) -> Iterator[str]:
    rows = dataset.arrow(schema.name)
    yield from ("", f"## {schema.name}", "")
    yield _plain(schema.description or schema.title)
    yield ""
    yield f"- records: {rows.num_rows}"
    if schema.primary_key:
        yield f"- primary key: {', '.join(map(_code, schema.primary_key))}"
    for key in schema.foreign_keys:
        target = ", ".join(_code(f"{key.table}.{name}") for name in key.target_fields)
        yield f"- {', '.join(map(_code, key.fields))} names {target}"
    ids = set(rows.column(schema.key).to_pylist()) if schema.key else set()
    if ledger.there and schema.key and schema.evidence != "none":
        held = len(ids & ledger.accepted[None])
        yield f"- evidence that the record exists: {_share(held, rows.num_rows, 'records')}"
        yield f"- records whose existence is disputed: {len(ids & ledger.disputed[None])}"
    for field in schema.fields:
        yield from _field(dataset, schema, field, ledger, ids)


def _field(
    dataset: Dataset, schema: TableSchema, field: Field, ledger: Ledger, ids: set[str]
) -> Iterator[str]:
    rows = dataset.arrow(schema.name)
    column = rows.column(field.name)
    yield from ("", f"### {schema.name}.{field.name}", "")
    yield _plain(field.description or field.title)
    yield ""
    yield f"- type: {field.type}{', always filled' if field.required else ''}"
    if field.unit:
        yield f"- unit: {_plain(field.unit)}"
    if target := schema.target(field.name):
        yield f"- names a record of {_code(target)}"
    yield f"- missing: {_share(column.null_count, len(column), 'cells')}"
    if ledger.there:
        yield from _evidence(schema, field, ledger, ids, rows)
    if field.type in RANGED and column.null_count < len(column):
        yield f"- values: {_range(column)}"
    if field.example is not None:
        yield f"- example: {_code(_written(field.example))}"
    if codes := _codes(dataset, schema, field):
        counts = Counter(_written(value) for value in column.to_pylist() if value is not None)
        yield from ("", "| code | records |", "| --- | --: |")
        yield from (f"| {_code(code)} | {counts[code]} |" for code in codes)


def _evidence(
    schema: TableSchema, field: Field, ledger: Ledger, ids: set[str], rows: pa.Table
) -> Iterator[str]:
    if field.evidence == "none" or not schema.key:
        yield f"- evidence: {DUTY['none']}"
        return
    cells = zip(
        rows.column(schema.key).to_pylist(), rows.column(field.name).to_pylist(), strict=True
    )
    filled = {record_id for record_id, value in cells if value is not None}
    held = len(filled & ledger.accepted[field.name])
    yield f"- evidence: {DUTY[field.evidence]}; {_share(held, len(filled), 'filled cells')}"
    yield f"- disputed: {len(ids & ledger.disputed[field.name])}"


def _codes(dataset: Dataset, schema: TableSchema, field: Field) -> list[str]:
    """The codes of a column that draws on an enum or a code-list table, else nothing."""
    target = schema.target(field.name)
    if target and dataset.schemas[target].code_list and (key := dataset.schemas[target].key):
        return [str(code) for code in dataset.arrow(target).column(key).to_pylist()]
    return list(field.enum)


def _range(column: pa.ChunkedArray) -> str:
    from pyarrow import compute

    ends = compute.min_max(column).as_py()
    return f"{_written(ends['min'])} to {_written(ends['max'])}"


def _written(value: Any) -> str:
    """A value as the CSV file would hold it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _share(part: int, whole: int, noun: str) -> str:
    if not whole:
        return f"no {noun}"
    return f"{part} of {whole} {noun} ({100 * part / whole:.1f} %)"


def _plain(text: str) -> str:
    """Text of a schema as one line of Markdown in which nothing is taken for a tag."""
    return " ".join(text.split()).replace("<", "\\<")


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|")


def _code(text: str) -> str:
    marks = "``" if "`" in text else "`"
    return marks + " ".join(text.split()).replace("|", "\\|") + marks
