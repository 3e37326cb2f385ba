"""Parquet and SQLite hold, cell by cell, what the CSV files hold."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from idlib_data.dataset import Dataset
from idlib_data.errors import PackageError
from idlib_data.export import parquet, sqlite
from tests.mini import CHECKOUT, make_package

FIELDS: list[dict[str, Any]] = [
    {"name": "id", "type": "string", "constraints": {"required": True}},
    {"name": "count", "type": "integer"},
    {"name": "share", "type": "number"},
    {"name": "day", "type": "date"},
    {"name": "told", "type": "boolean"},
    {"name": "note", "type": "string"},
    {"name": "parent_id", "type": "string"},
]
ROWS = (
    "id,count,share,day,told,note,parent_id\n"
    'a,9007199254740993,0.1,2020-02-29,true,"say ""no"", twice",\n'
    'b,-1,-1e-300,1999-12-31,false,"two\nlines",a\n'
    "c,,,,,,\n"
    "d,0,35.1,2020-03-05,true,إدلب =1+1,b\n"
)
PAIRS = {
    "fields": [{"name": n, "type": "string"} for n in ("left id", 'say "id"')],
    "primaryKey": ["left id", 'say "id"'],
    "foreignKeys": [
        {"fields": n, "reference": {"resource": "things", "fields": "id"}}
        for n in ("left id", 'say "id"')
    ],
}


def own(folder: Path, rows: str = ROWS, pairs: str = 'left id,"say ""id"""\na,b\n') -> Dataset:
    key = {"fields": "parent_id", "reference": {"resource": "", "fields": "id"}}
    things = {"fields": FIELDS, "primaryKey": "id", "foreignKeys": [key]}
    return Dataset(make_package(folder, things=(things, rows), pairs=(PAIRS, pairs)))


def cells(dataset: Dataset, table: str) -> list[list[str | None]]:
    """The CSV file as text, by the standard library: the empty cell is a missing one."""
    with dataset.path(table).open(encoding="utf-8", newline="") as file:
        return [[cell or None for cell in row] for row in csv.reader(file)]


def typed(dataset: Dataset, table: str) -> list[tuple[Any, ...]]:
    """The CSV file as SQLite should give it back."""
    schema = dataset.schema(table)
    header, *rows = cells(dataset, table)
    assert header == list(schema.names)
    to: dict[str, Any] = {"integer": int, "number": float, "boolean": lambda c: int(c == "true")}
    kinds = [to.get(field.type, str) for field in schema.fields]
    return [
        tuple(None if c is None else kind(c) for kind, c in zip(kinds, row, strict=True))
        for row in rows
    ]


@pytest.fixture(params=["checkout", "own"])
def dataset(request: pytest.FixtureRequest, tmp_path: Path) -> Dataset:
    return Dataset(CHECKOUT) if request.param == "checkout" else own(tmp_path / "package")


def connected(path: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True))


def test_sqlite_holds_every_cell_of_the_csv(dataset: Dataset, tmp_path: Path) -> None:
    sqlite.write(dataset, tmp_path / "all.sqlite")
    compared = 0
    with connected(tmp_path / "all.sqlite") as connection:
        for table in dataset.tables:
            found = connection.execute(f'SELECT * FROM "{table}" ORDER BY rowid').fetchall()
            expected = typed(dataset, table)
            assert found == expected, table
            same = [[type(c) for c in row] for row in found]
            assert same == [[type(c) for c in row] for row in expected], table
            compared += sum(map(len, found))
    assert compared == sum(
        (len(cells(dataset, t)) - 1) * len(dataset.schema(t).names) for t in dataset.tables
    )
    assert compared > 20


def test_parquet_holds_every_cell_of_the_csv(dataset: Dataset, tmp_path: Path) -> None:
    for table in dataset.tables:
        parquet.write(dataset, table, tmp_path / "one.parquet")
        found = pq.read_table(tmp_path / "one.parquet")
        schema = dataset.schema(table)
        assert found.schema == pa.schema([(f.name, f.arrow_type()) for f in schema.fields])
        as_sqlite = [
            [
                int(c) if isinstance(c, bool) else c.isoformat() if hasattr(c, "isoformat") else c
                for c in found.column(name).to_pylist()
            ]
            for name in schema.names
        ]
        assert list(zip(*as_sqlite, strict=True)) == typed(dataset, table), table


def test_parquet_carries_no_metadata_but_the_arrow_schema(tmp_path: Path) -> None:
    parquet.write(own(tmp_path / "package"), "things", tmp_path / "things.parquet")
    read = pq.ParquetFile(tmp_path / "things.parquet")
    assert set(read.metadata.metadata) == {b"ARROW:schema"}
    assert read.schema_arrow.metadata is None
    assert read.metadata.row_group(0).column(0).compression == "ZSTD"


def test_sqlite_has_the_keys_of_the_schemas_and_an_index_for_each(
    dataset: Dataset, tmp_path: Path
) -> None:
    sqlite.write(dataset, tmp_path / "all.sqlite")
    with connected(tmp_path / "all.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        strict = connection.execute("PRAGMA table_list").fetchall()
        assert {row[1] for row in strict if row[5] and row[0] == "main"} == set(dataset.tables)
        for table, schema in dataset.schemas.items():
            columns = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
            key = sorted((c[5], c[1]) for c in columns if c[5])
            assert tuple(name for _, name in key) == schema.primary_key
            needed = {f.name for f in schema.fields if f.required} | set(schema.primary_key)
            assert {c[1] for c in columns if c[3]} == needed
            rows = connection.execute(f'PRAGMA foreign_key_list("{table}")').fetchall()
            found = {(r[3], r[2], r[4]) for r in rows}
            assert found == {
                (k.fields[0], k.table, k.target_fields[0]) for k in schema.foreign_keys
            }
            indexed = connection.execute(
                "SELECT i.name FROM pragma_index_list(?) AS l, pragma_index_info(l.name) AS i "
                "WHERE i.seqno = 0",
                (table,),
            ).fetchall()
            own_key = set(schema.primary_key)
            assert {name for (name,) in indexed} | own_key >= {
                k.fields[0] for k in schema.foreign_keys
            }


def test_the_ledger_can_be_searched_by_record_without_reading_it_all(tmp_path: Path) -> None:
    sqlite.write(Dataset(CHECKOUT), tmp_path / "all.sqlite")
    with connected(tmp_path / "all.sqlite") as connection:
        plan = connection.execute(
            "EXPLAIN QUERY PLAN SELECT value FROM claims WHERE record_id = 'pat-m4-2020-07-14'"
        ).fetchall()
    assert "USING INDEX claims_record_id_index" in plan[0][3]


@pytest.mark.parametrize(
    ("rows", "pairs", "why"),
    [
        (ROWS + "a,,,,,,\n", "", "UNIQUE constraint failed"),
        (ROWS + "e,,,,,,nobody\n", "", "row 5 of things names no record of things"),
        (ROWS, "nobody,a\n", "row 1 of pairs names no record of things"),
        (ROWS + ",,,,,,\n", "", "NOT NULL constraint failed"),
    ],
)
def test_tables_that_break_a_key_do_not_become_a_database(
    tmp_path: Path, rows: str, pairs: str, why: str
) -> None:
    dataset = own(tmp_path / "package", rows, f'left id,"say ""id"""\n{pairs}')
    with pytest.raises(PackageError, match=why):
        sqlite.write(dataset, tmp_path / "all.sqlite")


def test_a_database_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "all.sqlite").write_text("mine")
    with pytest.raises(FileExistsError):
        sqlite.write(own(tmp_path / "package"), tmp_path / "all.sqlite")
    assert (tmp_path / "all.sqlite").read_text() == "mine"


def test_a_database_that_cannot_be_written_is_a_fault_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="SQLite cannot write it"):
        sqlite.write(own(tmp_path / "package"), tmp_path / "nowhere" / "all.sqlite")


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    written = []
    for name in ("one", "other"):
        folder = tmp_path / name
        dataset = own(folder / "package")
        sqlite.write(dataset, folder / "all.sqlite")
        parquet.write(dataset, "things", folder / "things.parquet")
        written.append([(folder / n).read_bytes() for n in ("all.sqlite", "things.parquet")])
    assert written[0] == written[1]
