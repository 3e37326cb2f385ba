"""A whole package as one SQLite file, with primary and foreign keys, and an index per foreign key.

Text, dates (ISO) and codes are TEXT, integers INTEGER, numbers REAL, booleans INTEGER 0 or 1; a
missing value is NULL. Tables are STRICT, so that a column holds its type and nothing else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from idlib_data.dataset import Dataset
from idlib_data.errors import PackageError

if TYPE_CHECKING:
    import pyarrow as pa

    from idlib_data.schema import Field, TableSchema

TYPES = {"integer": "INTEGER", "number": "REAL", "boolean": "INTEGER"}
"""Table Schema type -> SQLite type; every other type is text."""
SETTINGS = "PRAGMA page_size = 4096; PRAGMA encoding = 'UTF-8'; PRAGMA auto_vacuum = NONE"
"""What shapes the file and may differ from one build of SQLite to the next."""
BATCH = 10_000
"""Rows that are handed over at once."""


def write(dataset: Dataset, path: Path) -> None:
    """Write all tables of a package into a new SQLite file.

    Args:
        dataset: The package.
        path: File to write, which must not be there yet.

    Raises:
        PackageError: The tables do not fit their schemas: a type, a key, or a duty to be filled.
        OSError: The file cannot be written.
    """
    if path.exists():
        raise FileExistsError(17, "the file is there already", str(path))
    try:
        # Each statement is its own transaction but where one is opened here.
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.executescript(SETTINGS)
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("BEGIN")
            for statement in statements(dataset):
                connection.execute(statement)
            for table in dataset.tables:
                _fill(connection, dataset, table)
            for statement in indexes(dataset):
                connection.execute(statement)
            _check(connection, dataset)
            connection.execute("COMMIT")
            connection.execute("VACUUM")
    except (sqlite3.IntegrityError, sqlite3.DataError, OverflowError) as error:
        raise PackageError(f"{dataset.root}: does not fit into SQLite: {error}") from error
    except sqlite3.OperationalError as error:
        raise OSError(5, f"SQLite cannot write it: {error}", str(path)) from error


def statements(dataset: Dataset) -> Iterator[str]:
    """The statements that make the tables."""
    for table, schema in dataset.schemas.items():
        parts = [_column(field, schema) for field in schema.fields]
        if schema.primary_key:
            parts.append(f"PRIMARY KEY ({_names(schema.primary_key)})")
        parts += [
            f"FOREIGN KEY ({_names(key.fields)}) "
            f"REFERENCES {_quoted(key.table)} ({_names(key.target_fields)})"
            for key in schema.foreign_keys
        ]
        body = ",\n  ".join(parts)
        yield f"CREATE TABLE {_quoted(table)} (\n  {body}\n) STRICT"


def indexes(dataset: Dataset) -> Iterator[str]:
    """The statements that make the indexes: per foreign key, and per column that names any record.

    A key that begins as the primary key does has its index already.
    """
    for table, schema in dataset.schemas.items():
        keys = [key.fields for key in schema.foreign_keys]
        keys += [(field.name,) for field in schema.fields if field.references == "any"]
        for columns in dict.fromkeys(keys):
            if columns != schema.primary_key[: len(columns)]:
                name = _quoted("_".join((table, *columns, "index")))
                yield f"CREATE INDEX {name} ON {_quoted(table)} ({_names(columns)})"
    yield from _targets(dataset)


def _targets(dataset: Dataset) -> Iterator[str]:
    """Unique indexes on what foreign keys point to where that is not a primary key."""
    pointed = {
        (key.table, key.target_fields): None
        for schema in dataset.schemas.values()
        for key in schema.foreign_keys
    }
    for table, columns in pointed:
        if table in dataset.schemas and columns != dataset.schemas[table].primary_key:
            name = _quoted("_".join((table, *columns, "unique")))
            yield f"CREATE UNIQUE INDEX {name} ON {_quoted(table)} ({_names(columns)})"


def _column(field: Field, schema: TableSchema) -> str:
    needed = field.required or field.name in schema.primary_key
    column = f"{_quoted(field.name)} {TYPES.get(field.type, 'TEXT')}"
    if needed:
        column += " NOT NULL"
    if field.type == "boolean":
        column += f" CHECK ({_quoted(field.name)} IN (0, 1))"
    return column


def _fill(connection: sqlite3.Connection, dataset: Dataset, table: str) -> None:
    names = dataset.schemas[table].names
    marks = ", ".join("?" * len(names))
    insert = f"INSERT INTO {_quoted(table)} ({_names(names)}) VALUES ({marks})"
    for batch in dataset.arrow(table).to_batches(max_chunksize=BATCH):
        columns = [_values(column) for column in batch.columns]
        connection.executemany(insert, zip(*columns, strict=True))


def _values(column: pa.Array) -> list[Any]:
    """The cells of a column as SQLite takes them; no value of Python's is left to adapters."""
    import pyarrow as pa

    if pa.types.is_date(column.type):
        return [None if day is None else day.isoformat() for day in column.to_pylist()]
    if pa.types.is_boolean(column.type):
        return [None if value is None else int(value) for value in column.to_pylist()]
    values: list[Any] = column.to_pylist()
    return values


def _check(connection: sqlite3.Connection, dataset: Dataset) -> None:
    """See that every foreign key meets its record, which inserting did not ask for."""
    for table, row, target, _ in connection.execute("PRAGMA foreign_key_check"):
        raise PackageError(f"{dataset.root}: row {row} of {table} names no record of {target}")


def _names(columns: tuple[str, ...]) -> str:
    return ", ".join(_quoted(column) for column in columns)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def writer() -> str:
    """The version of the library on which the bytes depend."""
    return sqlite3.sqlite_version
