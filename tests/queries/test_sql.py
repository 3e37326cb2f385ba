"""Read-only SQL: typed answers, hostile statements, and the limits of an answer."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import idlib_data as idl
from idlib_data.dataset import Dataset, open
from idlib_data.errors import NotFoundError, QueryError
from idlib_data.queries.sql import MAX_ROWS, connect

CANARY = "canary-4711"
REFUSED = [
    # Writing: tables, views, files, settings.
    "insert into things values ('t-9', 9, null, null)",
    "update things set size = 0",
    "delete from things",
    "truncate things",
    "drop table things",
    "drop view things",
    "alter table things add column x int",
    "create table copy as select * from things",
    "create temp table copy as select 1",
    "create or replace view things as select 1",
    "create macro f() as 1",
    "create sequence s",
    "create schema s",
    "create type t as enum ('a')",
    "create index i on things (size)",
    "with x as (insert into things values ('t-9', 9, null, null) returning *) select * from x",
    "with x as (delete from things returning *) select * from x",
    "with x as (update things set size = 0 returning *) select * from x",
    "merge into things using things t on true when matched then delete",
    "copy things to 'out.csv'",
    "copy (select 1) to 'out.parquet' (format parquet)",
    "copy things from 'secret.csv'",
    "export database 'out'",
    "import database 'out'",
    "explain analyze insert into things values ('t-9', 9, null, null)",
    # Reading what is no table.
    "select * from 'secret.csv'",
    'select * from "secret.csv"',
    "select * from read_csv('secret.csv')",
    "select * from read_csv_auto('secret.csv')",
    "select * from read_text('secret.csv')",
    "select * from read_blob('secret.csv')",
    "select * from read_json('secret.json')",
    "select * from read_ndjson_objects('secret.json')",
    "select * from read_parquet('secret.parquet')",
    "select * from sniff_csv('secret.csv')",
    "select * from parquet_metadata('secret.parquet')",
    "select * from glob('*')",
    "select * from read_csv('https://example.invalid/x.csv')",
    "select * from 'https://example.invalid/x.parquet'",
    "select * from 's3://bucket/x.parquet'",
    "select * from query('select * from read_text(''secret.csv'')')",
    "select * from query_table('secret.csv')",
    "select getenv('IDLIB_CANARY')",
    "select * from hidden",
    "select * from python_frame",
    "select * from duckdb_extensions()",
    # Reaching out of the database.
    "attach 'other.db' as other",
    "attach ':memory:' as other",
    "detach memory",
    "use memory.main",
    "install httpfs",
    "load httpfs",
    "load 'evil.duckdb_extension'",
    "create secret s (type s3, key_id 'k', secret 's')",
    "create persistent secret s (type s3, key_id 'k', secret 's')",
    "set enable_external_access = true",
    "set lock_configuration = false",
    "set memory_limit = '100GB'",
    "set python_enable_replacements = true",
    "reset memory_limit",
    "set variable x = 1",
    "pragma enable_profiling",
    "pragma database_list",
    "call pragma_version()",
    "checkpoint",
    "vacuum",
    "begin transaction",
    "commit",
    "prepare p as select 1",
    "execute p",
    # More, or less, than one statement.
    "select 1; select 2",
    "select 1; drop view things",
    "select 1; copy things to 'out.csv'",
    "",
    "  ;  ",
    "-- only a remark",
    "select",
    "nonsense",
    "select * from things where",
    "select no_such_column from things",
]
HARMLESS = [
    "select * from duckdb_secrets()",
    "select * from duckdb_settings()",
    "select * from duckdb_databases()",
    "select * from duckdb_views()",
    "select * from information_schema.tables",
    "select * from query('select thing_id from things')",
    "select current_setting('home_directory')",
    "show all tables",
    "describe things",
    "summarize things",
    "explain select * from things",
    "explain analyze select * from things",
    "select ';' as semicolon",
    "values (1), (2)",
]


@pytest.fixture
def package(tmp_path: Path) -> Dataset:
    """One table of three rows, in a folder with nothing else in it."""
    fields = [
        {"name": "thing_id", "type": "string"},
        {"name": "size", "type": "integer"},
        {"name": "day", "type": "date"},
        {"name": "km", "type": "number"},
    ]
    schema = {"fields": fields, "primaryKey": "thing_id"}
    folder = tmp_path / "package"
    folder.mkdir()
    text = "thing_id,size,day,km\nt-1,0,2020-07-14,1.5\nt-2,,,\nt-3,12,1999-12-31,0\n"
    (folder / "things.csv").write_text(text, "utf-8")
    resource = {"name": "things", "path": "things.csv", "schema": schema}
    (folder / "datapackage.json").write_text(json.dumps({"resources": [resource]}), "utf-8")
    return open(folder)


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with files and an environment that no query may see."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret.csv").write_text(f"word\n{CANARY}\n", "utf-8")
    (folder / "secret.json").write_text(f'{{"word": "{CANARY}"}}', "utf-8")
    pd.DataFrame({"word": [CANARY]}).to_parquet(folder / "secret.parquet")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("IDLIB_CANARY", CANARY)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def one(sql: str, package: Dataset, **options: Any) -> object:
    """The only cell of an answer."""
    answer = idl.query(sql, package=package, **options)
    assert answer.shape == (1, 1)
    return answer.iloc[0, 0]


python_frame = pd.DataFrame({"word": [CANARY]})
"""A variable of the calling module, which DuckDB would find by its name if it were let."""


@pytest.mark.parametrize("sql", REFUSED)
def test_a_hostile_statement_is_refused_and_leaves_no_trace(
    sql: str, package: Dataset, outside: Path
) -> None:
    hidden = pd.DataFrame({"word": [CANARY]})
    before = contents(outside.parent)
    with pytest.raises(QueryError) as caught:
        idl.query(sql, package=package)
    assert CANARY not in str(caught.value)
    assert contents(outside.parent) == before
    assert one("select count(*) from things where size is null", package) == 1
    assert hidden.shape == python_frame.shape


@pytest.mark.parametrize("sql", HARMLESS)
def test_a_look_at_the_database_itself_shows_no_file(
    sql: str, package: Dataset, outside: Path
) -> None:
    before = contents(outside.parent)
    answer = idl.query(sql, package=package)
    assert len(answer.columns) > 0
    assert CANARY not in answer.to_string()
    assert contents(outside.parent) == before


@pytest.mark.parametrize("name", [":memory:", ":memory:.wal"])
def test_a_file_that_bears_the_name_of_the_database_is_no_exception(
    name: str, package: Dataset, outside: Path
) -> None:
    # DuckDB allows itself the files of its own database, also where there are none.
    (outside / name).write_text(CANARY, "utf-8")
    with pytest.raises(QueryError):
        idl.query(f"select content from read_text('{name}')", package=package)


def test_there_are_enough_hostile_statements_and_none_twice() -> None:
    assert len(set(REFUSED)) == len(REFUSED) > 40


def test_an_answer_is_typed(package: Dataset) -> None:
    answer = idl.query("select * from things order by thing_id", package=package)
    assert [str(dtype) for dtype in answer.dtypes] == ["str", "Int64", "datetime64[us]", "float64"]
    assert answer["thing_id"].tolist() == ["t-1", "t-2", "t-3"]
    # Empty is null and never 0, and 0 is 0.
    assert answer["size"].isna().tolist() == [False, True, False]
    assert answer["size"].tolist()[::2] == [0, 12]
    assert answer["km"].tolist()[::2] == [1.5, 0.0]
    assert answer["day"].tolist()[0] == pd.Timestamp("2020-07-14")


def test_arrow_answers_are_typed_too(package: Dataset) -> None:
    answer = idl.query("select size, day from things where size > 5", as_="arrow", package=package)
    assert [str(field.type) for field in answer.schema] == ["int64", "date32[day]"]
    assert answer.to_pylist() == [{"size": 12, "day": datetime.date(1999, 12, 31)}]
    with pytest.raises(NotFoundError, match="no kind of frame 'polars'"):
        idl.query("select 1", as_="polars", package=package)  # type: ignore[call-overload]  # wrong


@pytest.mark.parametrize(
    ("expression", "value"),
    [("count(*)", 3), ("max(size)", 12), ("sum(size)", 12), ("count(*) filter (size > 5)", 1)],
)
def test_a_whole_number_is_a_nullable_integer_however_it_was_computed(
    package: Dataset, expression: str, value: int
) -> None:
    answer = idl.query(f"select {expression} as n from things", package=package)
    assert (str(answer["n"].dtype), answer["n"].tolist()) == ("Int64", [value])


@pytest.mark.parametrize(
    "sql",
    [
        "select 18446744073709551615::ubigint as n",
        "select 170141183460469231731687303715884105727::hugeint as n",
        "select date 'infinity' as d",
        "select timestamp 'infinity' as t",
        "select date '99999-01-01' as d",
        "select [1, 2] as l, {'a': 1} as s, 'x'::blob as b, time '10:00' as t, interval 1 day as i",
        "select 1 as a, 2 as a",
    ],
)
def test_a_value_that_pandas_cannot_hold_is_no_crash(package: Dataset, sql: str) -> None:
    try:
        assert len(idl.query(sql, package=package)) == 1
    except QueryError as error:
        assert str(error)  # noqa: PT017  # either is right: an answer, or a refusal in words


def test_an_answer_without_rows_keeps_its_types(package: Dataset) -> None:
    answer = idl.query("select size, day from things where size > 99", package=package)
    assert [str(dtype) for dtype in answer.dtypes] == ["Int64", "datetime64[us]"]
    assert len(answer) == 0


def test_rows_are_capped_with_a_hint(package: Dataset) -> None:
    assert len(idl.query("select * from range(20)", max_rows=20, package=package)) == 20
    with pytest.raises(QueryError) as caught:
        idl.query("select * from range(21)", max_rows=20, package=package)
    assert str(caught.value) == "the result has more than 20 rows; narrow it, or add LIMIT"
    with pytest.raises(QueryError, match=f"more than {MAX_ROWS:,} rows"):
        idl.query("select * from range(1000000000000)", package=package)


def test_bytes_are_capped_even_in_a_single_cell(package: Dataset) -> None:
    # The memory limit of the engine does not stop one huge cell, so the result is weighed.
    with pytest.raises(QueryError) as caught:
        idl.query("select repeat('x', 2000000)", max_bytes=1_000_000, package=package)
    assert str(caught.value) == "the result has more than 1,000,000 bytes; narrow it"
    assert one("select length(repeat('x', 2000000))", package, max_bytes=1_000_000) == 2_000_000


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) from range(1000000) a, range(1000000) b where a.range + b.range = -1",
        "with recursive r as (select 1 as n union all select n + 1 from r) select count(*) from r",
        "explain analyze select count(*) from range(1000000) a, range(1000000) b"
        " where a.range + b.range = -1",
    ],
)
def test_a_query_without_end_is_stopped(package: Dataset, sql: str) -> None:
    with pytest.raises(QueryError) as caught:
        idl.query(sql, timeout=0.5, package=package)
    assert str(caught.value) == "the query ran longer than 0.5 seconds"


def test_memory_is_limited(package: Dataset) -> None:
    with pytest.raises(QueryError):
        idl.query("select length(array_agg(range)) from range(1000000000)", package=package)


def test_a_mistake_is_told_in_the_words_of_the_engine(package: Dataset) -> None:
    with pytest.raises(QueryError, match=r'the query failed: .*"sizes" not found'):
        idl.query("select sizes from things", package=package)
    with pytest.raises(QueryError, match="only SELECT is allowed, not DELETE"):
        idl.query("delete from things", package=package)
    with pytest.raises(QueryError, match="one statement is expected, there are 2"):
        idl.query("select 1; select 2", package=package)


def test_one_query_leaves_nothing_to_the_next(package: Dataset) -> None:
    first, second = connect(package), connect(package)
    first.execute("create temp table left_behind as select 1")
    assert second.execute("show tables").fetchall() == [("things",)]
    first.close()
    second.close()


def test_every_table_of_the_shipped_package_can_be_asked() -> None:
    shipped = open(Path(__file__).resolve().parents[2])
    for table in shipped.tables:
        assert one(f"select count(*) from {table}", shipped) == shipped.arrow(table).num_rows
    sql = "select sequence from patrols where patrol_id = 'pat-m4-2020-07-14'"
    assert one(sql, shipped) == 21
