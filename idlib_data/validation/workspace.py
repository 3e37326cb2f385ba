"""The tables of one package, side by side as text and as typed views, for rules to query.

In the workspace each table bears its name and is typed, a cell that does not parse being null;
``text_<table>`` holds the cells as they are written. Both carry ``_row``, the record number. Over
all tables there are ``records`` (table_name, record_id, row, evidence), ``cells`` (the same with
field and value, for the columns that take claims) and ``columns`` (what the schemas say).
"""

from __future__ import annotations

from collections.abc import Iterator
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


class Workspace:
    """The tables of a package, read for validation; nothing about them is taken for granted."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.texts: dict[str, TextTable] = {
            table: read(dataset.path(table)) for table in dataset.tables
        }

    def has_column(self, column: str) -> bool:
        """Whether the schemas know ``table.column``."""
        table, _, name = column.partition(".")
        return table in self.dataset.schemas and name in self.dataset.schemas[table].names

    def rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """The rows that a query over the tables returns."""
        yield from self.connection.execute(sql).fetchall()

    def typed(self, table: str) -> pd.DataFrame:
        """A table as a typed frame by record number; a cell that does not parse is null."""
        import pandas as pd

        schema = self.dataset.schemas[table]
        names = ", ".join(_quote(name) for name in schema.names)
        arrow = self.connection.sql(f"SELECT _row, {names} FROM {_quote(table)}").to_arrow_table()
        frame = arrow.to_pandas(date_as_object=False, integer_object_nulls=True).set_index("_row")
        assert isinstance(frame, pd.DataFrame)
        return frame.astype({field.name: field.pandas_dtype for field in schema.fields})

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
            message=message,
            table=table,
            path=self.dataset.relative_path(known) if known else None,
            row=row,
            line=self.texts[known].line(row) if known and row else None,
            field=field,
            record_id=self.record_id(known, row) if known and row else None,
            value=None if value is None else str(value),
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
        for table, schema in self.dataset.schemas.items():
            text = self.texts[table]
            columns = {name: text.column(name) for name in (ROW, *schema.names)}
            connection.register(f"text_{table}", pa.table(columns))
            connection.execute(_typed_view(schema))
        connection.register("columns", _columns(self.dataset))
        for view, select in (("records", _records), ("cells", _cells)):
            parts = [part for schema in self.dataset.schemas.values() for part in select(schema)]
            nothing = "SELECT '' AS table_name, '' AS record_id, 0::BIGINT AS row, '' AS evidence"
            if view == "cells":
                nothing += ", '' AS field, '' AS value"
            query = " UNION ALL ".join(parts) if parts else f"{nothing} WHERE false"
            connection.execute(f"CREATE TABLE {view} AS {query}")
        return connection


def _typed_view(schema: TableSchema) -> str:
    casts = [
        _quote(field.name)
        if field.sql_type == "VARCHAR"
        else f"TRY_CAST({_quote(field.name)} AS {field.sql_type}) AS {_quote(field.name)}"
        for field in schema.fields
    ]
    columns, text = ", ".join(["_row", *casts]), _quote("text_" + schema.name)
    return f"CREATE VIEW {_quote(schema.name)} AS SELECT {columns} FROM {text}"


def _records(schema: TableSchema) -> list[str]:
    return [_select(schema, schema.evidence)] if schema.key else []


def _cells(schema: TableSchema) -> list[str]:
    claimed = [field for field in schema.fields if field.evidence != "none"]
    return [_select(schema, field.evidence, field.name) for field in claimed] if schema.key else []


def _select(schema: TableSchema, evidence: str, field: str | None = None) -> str:
    """The query for one part of the view ``records`` or, of a column, of the view ``cells``."""
    key = _quote(schema.key or "")
    columns = [
        f"{_text(schema.name)} AS table_name",
        f"{key} AS record_id",
        "_row AS row",
        f"{_text(evidence)} AS evidence",
    ]
    if field is not None:
        columns += [f"{_text(field)} AS field", f"{_quote(field)} AS value"]
    source = _quote("text_" + schema.name)
    return f"SELECT {', '.join(columns)} FROM {source} WHERE {key} IS NOT NULL"


def _columns(dataset: Dataset) -> Any:
    """What the schemas say about each column, as an Arrow table."""
    import pyarrow as pa

    rows = [
        {
            "table_name": schema.name,
            "field": field.name,
            "type": field.type,
            "sql_type": field.sql_type,
            "evidence": field.evidence,
            "references": field.references,
            "lexical": field.lexical,
            "pattern": field.pattern,
            "codes": list(field.enum),
            "minimum": None if field.minimum is None else float(field.minimum),
            "maximum": None if field.maximum is None else float(field.maximum),
            "target": schema.target(field.name),
        }
        for schema in dataset.schemas.values()
        for field in schema.fields
    ]
    text = ("table_name", "field", "type", "sql_type", "evidence", "references", "lexical")
    types = [(name, pa.string()) for name in (*text, "pattern", "target")]
    types += [
        ("codes", pa.list_(pa.string())),
        ("minimum", pa.float64()),
        ("maximum", pa.float64()),
    ]
    return pa.Table.from_pylist(rows, pa.schema(types))


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
