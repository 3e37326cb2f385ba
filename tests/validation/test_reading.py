"""A CSV file is split into the records that the csv module sees, whatever state it is in."""

from __future__ import annotations

import csv
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from idlib_data.validation import reading
from idlib_data.validation.reading import TextTable, read


def written(folder: Path, content: bytes | str) -> Path:
    path = folder / "table.csv"
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def rows(table: TextTable) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = table.cells.to_pylist()
    return cells


def test_records_are_numbered_with_the_header_as_the_first(tmp_path: Path) -> None:
    table = read(written(tmp_path, "id,name\na,Ann\nb,Ben\n"))

    assert table.header == ["id", "name"]
    assert rows(table) == [
        {"_row": 2, "id": "a", "name": "Ann"},
        {"_row": 3, "id": "b", "name": "Ben"},
    ]
    assert table.rows == [2, 3]
    assert (table.ragged, table.blank, table.whole) == ({}, [], True)


def test_an_empty_cell_is_null_and_a_space_is_not(tmp_path: Path) -> None:
    table = read(written(tmp_path, 'id,name\na,\nb," "\n"",c\n'))

    assert table.column("name").to_pylist() == [None, " ", "c"]
    assert table.column("id").to_pylist() == ["a", "b", None]


def test_a_column_that_the_header_lacks_is_null_throughout(tmp_path: Path) -> None:
    table = read(written(tmp_path, "id\na\nb\n"))

    assert table.column("name").to_pylist() == [None, None]


def test_blank_records_are_counted_but_not_among_the_cells(tmp_path: Path) -> None:
    table = read(written(tmp_path, 'id,name\n\na,Ann\n,\n"",""\nb,Ben\n\n,,,\n'))

    assert table.blank == [2, 4, 5, 7, 8]
    assert table.rows == [3, 6]
    assert table.ragged == {}


def test_a_record_of_another_length_keeps_its_place_and_its_cells(tmp_path: Path) -> None:
    table = read(written(tmp_path, "id,name\na,Ann,x,\nb\nc,Cem\n,,y\n"))

    assert table.ragged == {2: ["a", "Ann", "x", ""], 3: ["b"], 5: ["", "", "y"]}
    assert rows(table) == [
        {"_row": 2, "id": "a", "name": "Ann"},
        {"_row": 3, "id": "b", "name": None},
        {"_row": 4, "id": "c", "name": "Cem"},
        {"_row": 5, "id": None, "name": None},
    ]
    assert table.whole


def test_a_cell_is_found_by_its_record_and_column(tmp_path: Path) -> None:
    table = read(written(tmp_path, "id,name\na,Ann\n\nb\n"))

    assert table.cell(2, "name") == "Ann"
    assert table.cell(4, "id") == "b"
    assert table.cell(4, "name") is None
    assert table.cell(3, "id") is None
    assert table.cell(9, "id") is None
    assert table.cell(2, "unknown") is None


def test_the_line_of_a_record_counts_the_lines_within_cells_before_it(tmp_path: Path) -> None:
    content = 'id,"na\nme"\na,"one\ntwo\n\nthree"\n\nb,"x\r\ny"\r\nc,z\n'

    table = read(written(tmp_path, content))

    assert [table.line(row) for row in (1, 2, 3, 4, 5)] == [1, 3, 7, 8, 10]
    lines = content.split("\n")
    assert [lines[table.line(row) - 1] for row in (2, 4, 5)] == ['a,"one', 'b,"x\r', "c,z"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False], ids=["final end", "no final end"])
def test_the_end_of_lines_leaves_no_trace_in_cells_rows_and_lines(
    end: str, last: bool, tmp_path: Path
) -> None:
    content = end.join(["id,name", "a,Ann", "", "b", "c,Cem"]) + end * last

    table = read(written(tmp_path, content))

    assert table.header == ["id", "name"]
    assert [(row["_row"], row["id"], row["name"]) for row in rows(table)] == [
        (2, "a", "Ann"),
        (4, "b", None),
        (5, "c", "Cem"),
    ]
    assert [table.line(row) for row in (2, 3, 4, 5)] == [2, 3, 4, 5]
    assert (table.ragged, table.blank, table.whole) == ({4: ["b"]}, [3], True)


def test_a_file_that_is_missing_is_an_empty_table_that_is_not_whole(tmp_path: Path) -> None:
    table = read(tmp_path / "nothing.csv")

    assert (table.header, table.rows, table.blank, table.whole) == ([], [], [], False)
    assert table.cell(2, "id") is None


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n\r\n"])
def test_a_file_without_a_header_is_not_whole(content: bytes, tmp_path: Path) -> None:
    table = read(written(tmp_path, content))

    assert (table.header, table.rows, table.whole) == ([], [], False)


@pytest.mark.parametrize("content", ["id,name", "id,name\n", "id,name\r\n"])
def test_a_header_alone_is_a_whole_table_without_records(content: str, tmp_path: Path) -> None:
    table = read(written(tmp_path, content))

    assert (table.header, table.rows, table.whole) == (["id", "name"], [], True)
    assert table.column("name").to_pylist() == []


@pytest.mark.parametrize(
    "spoiled",
    [b"b,\xff", b"b,\xe9,x", b"\xed\xa0\x80", b"b,\xc3", b"b,\xf4\x90\x80\x80"],
    ids=["in a full row", "in a long row", "surrogate in a short row", "cut off", "too high"],
)
def test_bad_bytes_spoil_neither_the_other_records_nor_the_terminal(
    spoiled: bytes, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    content = b"id,name\na,Ann\n" + spoiled + b"\nc,Cem\n"

    table = read(written(tmp_path, content))

    assert not table.whole
    assert table.rows == [2, 3, 4]
    assert [table.cell(row, "name") for row in (2, 4)] == ["Ann", "Cem"]
    assert "\ufffd" in str(rows(table)[1])
    assert table.line(4) == 4
    assert capfd.readouterr().err == ""


def test_a_byte_order_mark_is_no_part_of_the_first_label(tmp_path: Path) -> None:
    table = read(written(tmp_path, b"\xef\xbb\xbfid,name\na,Ann\n"))

    assert table.header == ["id", "name"]
    assert table.cell(2, "id") == "a"
    assert not table.whole


def test_of_columns_called_alike_the_first_is_read(tmp_path: Path) -> None:
    table = read(written(tmp_path, "id,name,id\na,Ann,x\n"))

    assert table.header == ["id", "name", "id"]
    assert rows(table) == [{"_row": 2, "id": "a", "name": "Ann"}]
    assert not table.whole


def test_a_column_called_like_the_record_number_does_not_replace_it(tmp_path: Path) -> None:
    table = read(written(tmp_path, "id,_row\na,77\n"))

    assert table.rows == [2]
    assert table.cell(2, "id") == "a"
    assert not table.whole


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_an_unclosed_quote_takes_all_that_follows(end: str, tmp_path: Path) -> None:
    full = read(written(tmp_path, 'id,name\na,Ann\nb,"Ben\nc,Cem' + end))
    ragged = read(written(tmp_path, 'id,name\na,Ann\n"b,Ben\nc,Cem' + end))

    assert rows(full)[1:] == [{"_row": 3, "id": "b", "name": "Ben\nc,Cem" + end}]
    assert ragged.ragged == {3: ["b,Ben\nc,Cem" + end]}
    assert [full.line(row) for row in (2, 3)] == [2, 3]


def test_a_cell_longer_than_the_csv_module_takes_by_default_is_read(tmp_path: Path) -> None:
    long = "x" * 200_000

    fast = read(written(tmp_path, f"id,name\na,{long}\nb\n"))
    slow = read(written(tmp_path, f"id,name\na,{long}\nb,\xff\n".encode("latin-1")))

    assert fast.whole
    assert not slow.whole
    assert fast.cell(2, "name") == slow.cell(2, "name") == long
    assert fast.rows == slow.rows == [2, 3]


def test_a_record_longer_than_a_block_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BLOCK_BYTES", 64)

    table = read(written(tmp_path, f"id,name\na,{'x' * 300}\nb,Ben\n"))

    assert [(row["_row"], len(row["name"])) for row in rows(table)] == [(2, 300), (3, 3)]


def test_a_line_end_within_a_cell_survives_the_border_between_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # pyarrow drops a newline that begins a block if the block before ended in a carriage return.
    content = "id,name\n" + "".join(f'{n:03},"a\r\nb"\r\n' for n in range(60))
    path = written(tmp_path, content)

    for size in range(32, 80):
        monkeypatch.setattr(reading, "BLOCK_BYTES", size)
        table = read(path)

        assert set(table.column("name").to_pylist()) == {"a\r\nb"}, size
        assert table.rows == list(range(2, 62)), size


def by_the_csv_module(path: Path) -> tuple[list[str], dict[int, list[str]], list[int]]:
    """Header, records by number, and numbers of blank records, without any code of ours."""
    with path.open(encoding="utf-8", newline="") as file:
        records = dict(enumerate(csv.reader(file), 1))
    header = records.pop(1, [])
    blank = [number for number, cells in records.items() if not any(cells)]
    return header, {row: cells for row, cells in records.items() if row not in blank}, blank


def assert_parity(path: Path) -> bool:
    """Whether pyarrow split the file; in either way it has to be as the csv module splits it."""
    table = read(path)
    header, records, blank = by_the_csv_module(path)
    assert table.header == header
    assert table.blank == blank
    assert table.ragged == {r: cells for r, cells in records.items() if len(cells) != len(header)}
    assert rows(table) == [
        {"_row": row}
        | {
            name: (cells[at] or None) if at < len(cells) else None
            for at, name in reversed(list(enumerate(header)))
        }
        for row, cells in records.items()
    ]
    return table.whole


PIECES = ["a", "é", " ", ",", ",", '"', '"', '""', "\n", "\n", "\r", "\r\n", "\0", "\u2028", "\x85"]


@settings(derandomize=True, deadline=None, max_examples=150)
@given(
    st.sampled_from(["x", "x,y", "x,y,z"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.lists(st.sampled_from(PIECES), max_size=40).map("".join),
)
@example("x,y", "\n", '"a,b\n')
@example("x", "\n", "\n\n,\n")
def test_any_text_is_split_as_by_the_csv_module(
    tmp_path_factory: pytest.TempPathFactory, header: str, end: str, text: str
) -> None:
    assert_parity(written(tmp_path_factory.getbasetemp(), header + end + text))


def test_texts_in_many_blocks_are_split_as_by_the_csv_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(1)
    fast = 0
    for _ in range(200):
        monkeypatch.setattr(reading, "BLOCK_BYTES", rng.choice([16, 24, 40, 100]))
        pieces = rng.choices(PIECES, k=rng.randint(20, 80))
        fast += assert_parity(written(tmp_path, "x,y\n" + "".join(pieces)))

    assert fast > 50, "pyarrow has hardly been tried"
