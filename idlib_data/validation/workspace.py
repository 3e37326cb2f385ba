"""The tables of one package, side by side as text and as typed views, for rules to query.

In the workspace each table bears its name and is typed, a cell that does not parse being null;
``text.<table>`` holds the cells as they are written. Both carry ``_row``, the record number. Over
all tables there are ``audit.records`` (table_name, record_id, row, evidence), ``audit.cells`` (the
same with field and value, for the filled cells of columns that take claims) and ``audit.columns``
(what the schemas say).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from idlib_data.dataset import Dataset
from idlib_data.schema import TableSchema
from idlib_data.validation.reading import ROW, TextTable, read
from idlib_data.validation.report import Problem

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from idlib_data.validation.rules import Rule

LONGEST = 1_000_000
"""How many characters of a text a problem tells."""

FETCHED = 10_000
"""Rows that are taken from the database at a time."""


class Workspace:
    """The tables of a package, read for validation; nothing about them is taken for granted.

    Args:
        dataset: The package.
        tables: Read these tables only, which then can be compared but not be queried.
    """

    def __init__(self, dataset: Dataset, tables: Sequence[str] | None = None) -> None:
        self.dataset = dataset
        self.texts: dict[str, TextTable] = {
            table: read(dataset.path(table))
            for table in dataset.tables
            if tables is None or table in tables
        }

    def has_column(self, column: str) -> bool:
        """Whether the schemas know ``table.column``."""
        table, _, name = column.partition(".")
        return table in self.dataset.schemas and name in self.dataset.schemas[table].names

    def rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """The rows that a query over the tables returns."""
        answer = self.connection.execute(sql)
        while rows := answer.fetchmany(FETCHED):
            yield from rows

    def typed(self, table: str, columns: Sequence[str]) -> pd.DataFrame:
        """Columns of a table, typed, by record number; a cell that does not parse is null."""
        import pandas as pd

        schema = self.dataset.schemas[table]
        names = ", ".join(quote(name) for name in columns)
        arrow = self.connection.sql(
            f"SELECT _row, {names} FROM main.{quote(table)}"
        ).to_arrow_table()
        frame = arrow.to_pandas(date_as_object=False, integer_object_nulls=True).set_index("_row")
        assert isinstance(frame, pd.DataFrame)
        return frame.astype({name: schema.field(name).pandas_dtype for name in columns})

    def add_table(
        self, name: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]
    ) -> None:
        """Put rows of text into a further table ``audit.<name>``."""
        import pyarrow as pa

        arrays = [pa.array([row[at] for row in rows], pa.string()) for at in range(len(columns))]
        self.connection.register(f"audit {name}", pa.table(arrays, names=list(columns)))
        source = quote(f"audit {name}")
        self.connection.execute(f"CREATE VIEW audit.{quote(name)} AS SELECT * FROM {source}")

    def problem(
        self,
        rule: Rule,
        table: str | None,
        row: int | None,
        field: str | None,
        value: object,
        message: str,
        hint: str = "",
    ) -> Problem:
        """A problem with everything about its place filled in."""
        known = table if table in self.texts else None
        return Problem(
            rule=rule.id,
            severity=rule.severity,
            message=_cut(message),
            table=table,
            path=self.dataset.relative_path(known) if known else None,
            row=row,
            line=self.texts[known].line(row) if known and row else None,
            field=field,
            record_id=self.record_id(known, row) if known and row else None,
            value=None if value is None else _cut(str(value)),
            hint=hint or rule.hint,
        )

    def record_id(self, table: str, row: int) -> str | None:
        """The key of the record with that number."""
        key = self.dataset.schemas[table].key
        return self.texts[table].cell(row, key) if key else None

    @cached_property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The in-memory database that holds the tables and views."""
        import duckdb
        import pyarrow as pa

        connection = duckdb.connect(config={"threads": "2", "enable_external_access": "false"})
        # DuckDB would draw a bar on standard output wherever it takes the program for a person's.
        connection.execute("SET enable_progress_bar = false")
        connection.execute("CREATE SCHEMA text; CREATE SCHEMA audit")
        for table, schema in self.dataset.schemas.items():
            text = self.texts[table]
            columns = {name: text.column(name) for name in (ROW, *schema.names)}
            connection.register(f"arrow {table}", pa.table(columns))
            source = quote(f"arrow {table}")
            connection.execute(f"CREATE VIEW text.{quote(table)} AS SELECT * FROM {source}")
            connection.execute(_typed_view(schema))
        connection.register("audit columns", _columns(self.dataset))
        connection.execute('CREATE VIEW audit.columns AS SELECT * FROM "audit columns"')
        for view, select in (("records", _records), ("cells", _cells)):
            parts = [part for schema in self.dataset.schemas.values() for part in select(schema)]
            nothing = "SELECT '' AS table_name, '' AS record_id, 0::BIGINT AS row, '' AS evidence"
            if view == "cells":
                nothing += ", '' AS field, '' AS value"
            query = " UNION ALL ".join(parts) if parts else f"{nothing} WHERE false"
            connection.execute(f"CREATE TABLE audit.{view} AS {query}")
        return connection


def _typed_view(schema: TableSchema) -> str:
    casts = []
    for field in schema.fields:
        cell = name = quote(field.name)
        if field.sql_type == "DATE":
            # DuckDB knows days millions of years away, which no other frame can hold.
            cell = f"CASE WHEN length({name}) = {len('2020-03-05')} THEN {name} END"
        if field.sql_type != "VARCHAR":
            cell = f"TRY_CAST({cell} AS {field.sql_type}) AS {name}"
        casts.append(cell)
    columns, name = ", ".join(["_row", *casts]), quote(schema.name)
    return f"CREATE VIEW main.{name} AS SELECT {columns} FROM text.{name}"


def _records(schema: TableSchema) -> list[str]:
    return [_select(schema, schema.evidence)] if schema.key else []


def _cells(schema: TableSchema) -> list[str]:
    claimed = [field for field in schema.fields if field.evidence != "none"]
    return [_select(schema, field.evidence, field.name) for field in claimed] if schema.key else []


def _select(schema: TableSchema, evidence: str, field: str | None = None) -> str:
    """The query for one part of the view ``records`` or, of a column, of the view ``cells``."""
    key = quote(schema.key or "")
    columns = [
        f"{literal(schema.name)} AS table_name",
        f"{key} AS record_id",
        "_row AS row",
        f"{literal(evidence)} AS evidence",
    ]
    if field is not None:
        columns += [f"{literal(field)} AS field", f"{quote(field)} AS value"]
    source, filled = f"text.{quote(schema.name)}", quote(field) if field else key
    return (
        f"SELECT {', '.join(columns)} FROM {source} "
        f"WHERE {key} IS NOT NULL AND {filled} IS NOT NULL"
    )


def _columns(dataset: Dataset) -> Any:
    """What the rules need to know about each column, as an Arrow table."""
    import pyarrow as pa

    rows = [
        {
            "table_name": schema.name,
            "field": field.name,
            "evidence": field.evidence,
            "target": schema.target(field.name),
        }
        for schema in dataset.schemas.values()
        for field in schema.fields
    ]
    names = ("table_name", "field", "evidence", "target")
    return pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in names]))


def _cut(text: str) -> str:
    """A text as a report may hold it: a cell can be as long as the file, and wrong in many ways."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}... ({len(text)} characters)"


def quote(name: str) -> str:
    """A name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """A text as SQL takes it."""
    return "'" + value.replace("'", "''") + "'"
