"""Read-only SQL over all tables, on a DuckDB that can reach nothing else.

A fresh in-memory database per query holds the tables as Arrow views, which refuse every change;
external access, extensions and Python look-ups are shut before the query is seen, the
configuration is locked, only one SELECT or EXPLAIN statement is let through, and the result is
capped in rows, bytes and time.
"""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Literal, overload

from idlib_data.dataset import Dataset, Frame, PathLike, open
from idlib_data.errors import NotFoundError, QueryError

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa

MAX_ROWS = 1_000_000
MAX_BYTES = 256 * 1024 * 1024
TIMEOUT = 30.0
MEMORY = "1GB"
BATCH_ROWS = 10_000


def connect(dataset: Dataset) -> duckdb.DuckDBPyConnection:
    """A locked connection that holds the tables of the dataset and can reach nothing else."""
    import duckdb

    connection = duckdb.connect(
        config={
            "python_enable_replacements": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "memory_limit": MEMORY,
            "threads": "2",
        }
    )
    # DuckDB would draw a bar on standard output wherever it takes the program for a person's.
    connection.execute("SET enable_progress_bar = false")
    for table in dataset.tables:
        connection.register(table, dataset.arrow(table))
    # Set here and not at the start, where DuckDB would still allow itself files that are called as
    # its own database is.
    connection.execute("SET enable_external_access = false")
    connection.execute("SET disabled_filesystems = 'LocalFileSystem'")
    connection.execute("SET lock_configuration = true")
    return connection


@overload
def query(
    sql: str,
    *,
    as_: Literal["pandas"] = "pandas",
    max_rows: int = MAX_ROWS,
    max_bytes: int = MAX_BYTES,
    timeout: float = TIMEOUT,
    package: PathLike | Dataset | None = None,
) -> pd.DataFrame: ...
@overload
def query(
    sql: str,
    *,
    as_: Literal["arrow"],
    max_rows: int = MAX_ROWS,
    max_bytes: int = MAX_BYTES,
    timeout: float = TIMEOUT,
    package: PathLike | Dataset | None = None,
) -> pa.Table: ...
def query(
    sql: str,
    *,
    as_: Frame = "pandas",
    max_rows: int = MAX_ROWS,
    max_bytes: int = MAX_BYTES,
    timeout: float = TIMEOUT,
    package: PathLike | Dataset | None = None,
) -> pd.DataFrame | pa.Table:
    """Answer one SQL query (DuckDB's dialect) over the tables of a package.

    Args:
        sql: One SELECT, or EXPLAIN, statement; the tables bear their names.
        as_: ``"pandas"`` or ``"arrow"``.
        max_rows: Most rows of the result.
        max_bytes: Most bytes of the result.
        timeout: Most seconds that the query may run.
        package: See `idlib_data.open`.

    Returns:
        The result; dates as ``datetime64[us]``, whole numbers as nullable ``Int64``.

    Raises:
        QueryError: The statement is not a single SELECT, fails, or goes over a limit.
    """
    import duckdb

    if as_ not in ("pandas", "arrow"):
        raise NotFoundError("kind of frame", as_, ("pandas", "arrow"))
    connection = connect(open(package))
    stopped = threading.Event()

    def stop() -> None:
        stopped.set()
        connection.interrupt()

    timer = threading.Timer(timeout, stop)
    timer.daemon = True
    try:
        _only_select(connection, sql)
        timer.start()
        table = _collect(connection, sql, max_rows, max_bytes)
    except (duckdb.Error, RuntimeError) as error:
        if stopped.is_set():
            raise QueryError(f"the query ran longer than {timeout:g} seconds") from error
        raise QueryError(f"the query failed: {error}") from error
    finally:
        timer.cancel()
        connection.close()
    return table if as_ == "arrow" else _to_pandas(table)


def _only_select(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Let a single SELECT or EXPLAIN pass; the Arrow views stop what hides inside one."""
    import duckdb

    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise QueryError(f"one statement is expected, there are {len(statements)}")
    allowed = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
    if statements[0].type not in allowed:
        raise QueryError(f"only SELECT is allowed, not {statements[0].type.name}")


def _collect(
    connection: duckdb.DuckDBPyConnection, sql: str, max_rows: int, max_bytes: int
) -> pa.Table:
    import pyarrow as pa

    relation = connection.sql(sql)
    if relation is None:
        raise QueryError("the statement has no result")
    reader = relation.to_arrow_reader(BATCH_ROWS)
    batches, rows, size = [], 0, 0
    for batch in reader:
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows > max_rows:
            raise QueryError(f"the result has more than {max_rows:,} rows; narrow it, or add LIMIT")
        if size > max_bytes:
            raise QueryError(f"the result has more than {max_bytes:,} bytes; narrow it")
        batches.append(batch)
    table = pa.Table.from_batches(batches, reader.schema)
    names = [
        f"{name}_{table.column_names[:at].count(name) + 1}"
        if name in table.column_names[:at]
        else name
        for at, name in enumerate(table.column_names)
    ]
    table = table.rename_columns(names)
    for at, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type) and field.type.scale == 0:
            # Sums of whole numbers come as decimals of 38 digits.
            with contextlib.suppress(pa.ArrowInvalid):
                table = table.set_column(at, field.name, table.column(at).cast(pa.int64()))
    return table


def _to_pandas(table: pa.Table) -> pd.DataFrame:
    import pyarrow as pa

    try:
        frame: pd.DataFrame = table.to_pandas(date_as_object=False, integer_object_nulls=True)
        for field in table.schema:
            if pa.types.is_integer(field.type):
                dtype = "UInt64" if pa.types.is_uint64(field.type) else "Int64"
                frame[field.name] = frame[field.name].astype(dtype)
            elif pa.types.is_string(field.type):
                frame[field.name] = frame[field.name].astype("str")
            elif pa.types.is_date(field.type):
                frame[field.name] = frame[field.name].astype("datetime64[us]")
    except (ValueError, OverflowError) as error:
        message = f"pandas cannot hold a value of the result: {error}; cast it to text"
        raise QueryError(message) from error
    return frame
