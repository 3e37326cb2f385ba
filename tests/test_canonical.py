"""One form for a table: whatever form it had, its cells stay; what leaves a doubt is left alone."""

from __future__ import annotations

import csv
import io
import json
import random
import stat
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idlib_data.canonical import canonical, tidy
from idlib_data.dataset import Dataset
from idlib_data.errors import PackageError
from idlib_data.schema import Field, TableSchema

COLUMNS = ("post_id", "name", "note")
CANONICAL = b'post_id,name,note\npst-1,Ariha,\npst-2,"Nerab, east","the ""second"""\npst-3,,north\n'
ALPHABET = 'aé\U0001f600 ,"\r\n\t=0'
CELLS = st.text(ALPHABET, max_size=4)


def schema(columns: tuple[str, ...] = COLUMNS, key: tuple[str, ...] = ("post_id",)) -> TableSchema:
    return TableSchema("posts", tuple(Field(name, "string") for name in columns), key)


def records(content: bytes) -> list[dict[str, str]]:
    """The records by column, read without the module under test; blank ones hold no cell."""
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    header, *rows = csv.reader(text, strict=True)
    return [dict(zip(header, row, strict=True)) for row in rows if any(row)]


def multiset(content: bytes) -> Counter[tuple[tuple[str, str], ...]]:
    return Counter(tuple(sorted(record.items())) for record in records(content))


# The form


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + CANONICAL,
        CANONICAL.replace(b"\n", b"\r\n"),
        CANONICAL.replace(b"\n", b"\r"),
        CANONICAL.replace(b"Ariha,\n", b"Ariha,\r\n"),
        CANONICAL.removesuffix(b"\n"),
        CANONICAL.replace(b"Ariha", b'"Ariha"'),
        CANONICAL.replace(b"pst-3,,", b'"pst-3","",'),
        CANONICAL.replace(b"\npst-2", b"\n\n,,\npst-2"),
        CANONICAL + b'\n"",,\n,,,,,\n',
        b'post_id,name,note\npst-3,,north\npst-1,Ariha,\npst-2,"Nerab, east","the ""second"""\n',
        b'note,post_id,name\n,pst-1,Ariha\n"the ""second""",pst-2,"Nerab, east"\nnorth,pst-3,\n',
    ],
    ids=lambda content: ascii(content)[2:40],
)
def test_a_table_in_another_form_becomes_canonical(content: bytes) -> None:
    assert content != CANONICAL
    assert canonical(content, schema()) == CANONICAL


def test_a_canonical_table_stays_as_it_is() -> None:
    assert canonical(CANONICAL, schema()) == CANONICAL


def test_a_table_without_records_keeps_its_header() -> None:
    assert canonical(b"post_id,name,note", schema()) == b"post_id,name,note\n"


@pytest.mark.parametrize(
    "cell",
    [" two  spaces ", "05.03.2020", "007", "=1+1", "nai\u0308ve", "\u200fmark", "\ufeff", "\ttab"],
)
def test_no_cell_is_tidied(cell: str) -> None:
    content = f"post_id,name,note\npst-1,{cell},\n".encode()
    assert canonical(content, schema()) == content


@pytest.mark.parametrize("cell", ["\n", "two\r\nlines", "two\rlines", '"', "'", "x" * 200_000])
def test_a_cell_in_quotes_holds_what_it_held(cell: str) -> None:
    quoted = '"' + cell.replace('"', '""') + '"'
    formed = canonical(f"post_id,name,note\npst-1,{quoted},\n".encode(), schema())
    assert records(formed) == [{"post_id": "pst-1", "name": cell, "note": ""}]


def test_a_carriage_return_in_a_cell_is_quoted_by_every_python() -> None:
    content = b'post_id,name,note\npst-1,"a\rb",\n'
    assert canonical(content, schema()) == content


def test_records_are_sorted_by_code_point_and_not_as_numbers_or_words() -> None:
    keys = ["9", "\ufffd", "\U0001f600", "é", "a", "Z", "10", "a-b", "aa"]
    content = "post_id\n" + "\n".join(keys) + "\n"
    lines = canonical(content.encode(), schema(("post_id",))).decode().split("\n")
    assert lines[1:-1] == ["10", "9", "Z", "a", "a-b", "aa", "é", "\ufffd", "\U0001f600"]


def test_a_key_of_two_columns_sorts_by_the_first_and_then_the_second() -> None:
    content = b"a,b,c\n2,1,x\n1,2,x\n10,0,x\n1,10,x\n"
    expected = b"a,b,c\n1,10,x\n1,2,x\n10,0,x\n2,1,x\n"
    assert canonical(content, schema(("a", "b", "c"), ("a", "b"))) == expected
    by_second = b"a,b,c\n10,0,x\n2,1,x\n1,10,x\n1,2,x\n"
    assert canonical(content, schema(("a", "b", "c"), ("b", "a"))) == by_second


def test_records_of_one_key_and_those_of_a_table_without_key_keep_their_order() -> None:
    doubled = b"post_id,name,note\nb,2,\nb,1,\na,3,\n"
    assert canonical(doubled, schema()) == b"post_id,name,note\na,3,\nb,2,\nb,1,\n"
    assert canonical(doubled, schema(key=())) == doubled


# What leaves a doubt


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"post_id,name,note\r\na,b,c\r\nd,\xe9,f\r\n", "line 3: no UTF-8; save the file"),
        (b"\xff\xfep\0o\0", "line 1: no UTF-8"),
        (b"post_id,name,note\na,b,c\nd,\0,f\n", "line 3: a NUL byte; save the file"),
        (b"post_id,name,note\na,b\n", "line 2: 2 cells under 3 columns; count the commas"),
        (b'post_id,name,note\na,"b\n\nb",c\rd,e,f,g\n', "line 5: 4 cells under 3 columns; put"),
        (b'post_id,name,note\na,"b",c\nd,"e,f\n', "line 3: a double quote is never closed"),
        (b'post_id,name,note\na,"b\n",c\nd,"e" f,g\n', "line 4: a double quote is never closed"),
        (b"", "line 1: no header; write the names"),
        (b"\npost_id,name,note\n", "line 1: no header"),
        (b"post_id,name,name\na,b,c\n", "line 1: the column 'name' stands twice; take one"),
        (b"post_id,name,Note\na,b,c\n", "line 1: the schema knows no column 'Note'; take it"),
        (b"post_id,name,note,\na,b,c,\n", "line 1: the schema knows no column ''"),
        (b"post_id,note\na,b\n", "line 1: the column 'name' is missing; put it back"),
        (b"post_id;name;note\na;b;c\n", "the schema knows no column 'post_id;name;note'"),
    ],
)
def test_what_cannot_be_split_beyond_doubt_is_refused_at_its_line(
    content: bytes, told: str
) -> None:
    with pytest.raises(PackageError) as refused:
        canonical(content, schema(), "data/posts.csv")
    assert str(refused.value).startswith("data/posts.csv, line ")
    assert told in str(refused.value)


@pytest.mark.parametrize(
    "odd", [schema(("post_id", "name", "name")), schema(COLUMNS, ("post_id", "number"))]
)
def test_a_schema_that_contradicts_itself_is_named(odd: TableSchema) -> None:
    with pytest.raises(PackageError, match=r"^posts: the schema names .*; mend the schema$"):
        canonical(CANONICAL, odd)


# All forms of all cells


@st.composite
def forms(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A table in canonical form, as the csv module writes it, and in a form drawn at random."""
    keys = draw(st.lists(st.text("ab é", min_size=1, max_size=4), unique=True, max_size=6))
    # Some versions of Python do not quote a carriage return, so it is left to the other tests.
    cells = st.text(ALPHABET.replace("\r", ""), max_size=4)
    rows = [[key, draw(cells), draw(cells)] for key in sorted(keys)]
    right = io.StringIO()
    csv.writer(right, lineterminator="\n").writerows([COLUMNS, *rows])

    columns = draw(st.permutations(range(3)))
    lines = []
    for row in [list(COLUMNS), *draw(st.permutations(rows))]:
        line = [
            '"' + cell.replace('"', '""') + '"' if set(cell) & set(',"\n') or quoted else cell
            for cell, quoted in zip(row, draw(st.tuples(*[st.booleans()] * 3)), strict=True)
        ]
        lines.append(",".join(line[at] for at in columns))
        lines += draw(st.sampled_from([[], [], [""], [",,"], ['"",,']]))
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    other = draw(st.sampled_from(["", "\ufeff"])) + end.join(lines)
    return right.getvalue().encode(), (other + draw(st.sampled_from(["", end]))).encode()


@settings(deadline=None)
@given(forms())
def test_every_form_of_a_table_leads_to_the_one_that_the_csv_module_writes(
    drawn: tuple[bytes, bytes],
) -> None:
    right, other = drawn
    assert canonical(other, schema()) == right
    assert canonical(right, schema()) == right


@settings(max_examples=400, deadline=None)
@given(st.text('ab,"\r\n\0é', max_size=40), st.booleans())
def test_any_text_is_refused_or_keeps_its_cells_and_is_then_left_alone(
    text: str, quoted: bool
) -> None:
    header = '"post_id",name\n' if quoted else "name,post_id\r\n"
    content, two = (header + text).encode(), schema(("post_id", "name"))
    try:
        formed = canonical(content, two)
    except PackageError:
        return
    assert multiset(formed) == multiset(content)
    assert formed.startswith(b"post_id,name\n")
    assert canonical(formed, two) == formed


@settings(deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_the_cells_of_a_table_are_the_same_before_and_after(rows: list[tuple[str, str]]) -> None:
    content = io.StringIO()
    csv.writer(content, quoting=csv.QUOTE_ALL).writerows([("post_id", "name"), *rows])
    formed = canonical(content.getvalue().encode(), schema(("post_id", "name")))
    assert multiset(formed) == multiset(content.getvalue().encode())
    keys = [record["post_id"] for record in records(formed)]
    assert keys == sorted(keys)


# A package of three tables: the first and the last are not canonical, the middle one is

OLD = {
    "first": b"id,note\r\nb,2\r\na,1\r\n",
    "middle": b"id,note\na,1\nb,2\n",
    "last": b'\xef\xbb\xbfid,note\nb,"2"\na,1',
}
NEW = b"id,note\na,1\nb,2\n"


def make_package(root: Path, **resource: object) -> Dataset:
    (root / "data").mkdir(parents=True)
    fields = [{"name": "id", "type": "string"}, {"name": "note", "type": "string"}]
    table = {"schema": {"fields": fields, "primaryKey": "id"}, **resource}
    resources = [{"name": name, "path": f"data/{name}.csv", **table} for name in OLD]
    (root / "datapackage.json").write_text(json.dumps({"name": "tiny", "resources": resources}))
    for name, content in OLD.items():
        (root / "data" / f"{name}.csv").write_bytes(content)
    return Dataset(root)


def contents(root: Path) -> dict[str, bytes]:
    """Every file of the data folder, so also one that was left behind."""
    return {path.name: path.read_bytes() for path in sorted((root / "data").iterdir())}


AS_MADE = {f"{name}.csv": content for name, content in OLD.items()}
AS_FORMED = dict.fromkeys(AS_MADE, NEW)


def test_only_the_files_that_are_not_canonical_are_written(tmp_path: Path) -> None:
    dataset = make_package(tmp_path / "tiny")
    before = dataset.path("middle").stat()
    assert tidy(dataset) == ("data/first.csv", "data/last.csv")
    assert contents(dataset.root) == AS_FORMED
    after = dataset.path("middle").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert tidy(dataset) == ()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not replace an open file")
def test_whoever_reads_a_file_meanwhile_reads_the_old_content_to_its_end(tmp_path: Path) -> None:
    dataset = make_package(tmp_path / "tiny")
    with dataset.path("first").open("rb") as reader:
        tidy(dataset)
        assert reader.read() == OLD["first"]
    assert dataset.path("first").read_bytes() == NEW


def test_a_check_names_the_files_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = make_package(tmp_path / "tiny")
    monkeypatch.delattr("tempfile.mkstemp")
    assert tidy(dataset, check=True) == ("data/first.csv", "data/last.csv")
    assert contents(dataset.root) == AS_MADE


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
@pytest.mark.parametrize("mode", [0o640, 0o664, 0o755])
def test_a_file_keeps_its_permissions(tmp_path: Path, mode: int) -> None:
    dataset = make_package(tmp_path / "tiny")
    dataset.path("first").chmod(mode)
    tidy(dataset)
    assert dataset.path("first").read_bytes() == NEW
    assert stat.S_IMODE(dataset.path("first").stat().st_mode) == mode


def refuse(dataset: Dataset) -> list[str]:
    """What is told about each file when a package is refused; nothing of it may have changed."""
    before = contents(dataset.root)
    with pytest.raises(PackageError) as refused:
        tidy(dataset)
    assert contents(dataset.root) == before
    *told, last = str(refused.value).split("\n")
    assert last == "no file was changed"
    return told


def test_one_unreadable_file_keeps_all_from_being_changed(tmp_path: Path) -> None:
    dataset = make_package(tmp_path / "tiny")
    dataset.path("last").write_bytes(b"id,note\nb\n")
    (told,) = refuse(dataset)
    assert told.startswith("data/last.csv, line 2: 1 cells under 2 columns; count the commas")
    dataset.path("first").write_bytes(b"id,note,more\n")
    assert [line.split(",")[0] for line in refuse(dataset)] == ["data/first.csv", "data/last.csv"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    dataset = make_package(tmp_path / "tiny")
    dataset.path("middle").unlink()
    assert refuse(dataset) == ["data/middle.csv: the file is missing; put it back"]


def test_a_link_is_not_followed_and_not_replaced(tmp_path: Path) -> None:
    dataset = make_package(tmp_path / "tiny")
    # A link that leaves the package is refused when the package is opened, this one here.
    outside = dataset.root / "other.csv"
    outside.write_bytes(OLD["first"])
    dataset.path("first").unlink()
    dataset.path("first").symlink_to(outside)
    assert refuse(dataset) == [
        "data/first.csv: first.csv is a link; put the file itself in its place"
    ]
    assert dataset.path("first").is_symlink()
    assert outside.read_bytes() == OLD["first"]


def test_a_folder_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    dataset = make_package(tmp_path / "tiny")
    (dataset.root / "data").rename(dataset.root / "elsewhere")
    (dataset.root / "data").symlink_to(dataset.root / "elsewhere")
    assert [line.partition(": ")[2].split(";")[0] for line in refuse(dataset)] == [
        "data is a link"
    ] * 3


@pytest.mark.parametrize(
    "resource",
    [
        {"encoding": "windows-1254"},
        {"dialect": {"delimiter": ";"}},
        {"dialect": {"commentChar": "#"}},
        {"dialect": "dialect.json"},
    ],
)
def test_a_table_that_is_described_as_no_plain_csv_is_left_alone(
    tmp_path: Path, resource: dict[str, object]
) -> None:
    for told in refuse(make_package(tmp_path / "tiny", **resource)):
        assert "the descriptor gives it a dialect or encoding of its own" in told


def test_a_dialect_that_only_states_the_usual_is_no_hindrance(tmp_path: Path) -> None:
    usual = {"delimiter": ",", "lineTerminator": "\r\n", "skipInitialSpace": False, "header": True}
    dataset = make_package(tmp_path / "tiny", dialect=usual, encoding="UTF-8")
    assert len(tidy(dataset)) == 2


def test_a_full_disk_changes_nothing_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = make_package(tmp_path / "tiny")
    calls: list[int] = []

    def full(number: int) -> None:
        calls.append(number)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(PackageError, match="No space left on device"):
        tidy(dataset)
    assert len(calls) == 2
    assert contents(dataset.root) == AS_MADE


def test_an_edit_that_somebody_makes_meanwhile_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = make_package(tmp_path / "tiny")
    edited = OLD["first"] + b"c,3\r\n"
    monkeypatch.setattr("os.fsync", lambda number: dataset.path("first").write_bytes(edited))
    with pytest.raises(PackageError, match=r"first\.csv: another program is changing it; try"):
        tidy(dataset)
    assert contents(dataset.root) == {**AS_MADE, "first.csv": edited}


# Killing a process from within, before a chosen line of the module, is a kill at a known point.
KILLED = """
import os, signal, sys
from pathlib import Path
from idlib_data import canonical
from idlib_data.dataset import Dataset

left, passed = int(sys.argv[2]), 0
def step(frame, event, argument):
    global passed
    if frame.f_code.co_filename != canonical.__file__:
        return None
    passed += event == "line"
    if passed == left > 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return step
dataset = Dataset(Path(sys.argv[1]))
dataset.schemas
sys.settrace(step)
canonical.tidy(dataset)
sys.settrace(None)
print(passed)
"""


def run_until(root: Path, line: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", KILLED, str(root), str(line)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_kill_at_any_point_leaves_each_file_old_or_new(tmp_path: Path) -> None:
    whole = run_until(make_package(tmp_path / "whole").root, 0)
    assert whole.returncode == 0, whole.stderr
    total = int(whole.stdout)
    # Most of the last lines replace and clear up, so they are all tried besides some others.
    points = sorted({*random.Random(20).sample(range(1, total), 8), *range(total - 14, total)})
    seen = set()
    for point in points:
        root = make_package(tmp_path / str(point)).root
        assert run_until(root, point).returncode == -9
        found = {name: contents(root)[name] for name in AS_MADE}
        for name, content in found.items():
            assert content in (AS_MADE[name], NEW)
        seen.add(sum(content == NEW for content in found.values()))
        # Whatever was left behind does not hinder the next run.
        tidy(Dataset(root))
        assert {name: contents(root)[name] for name in AS_MADE} == AS_FORMED
    assert seen == {1, 2, 3}, "a kill before, between and after the two replacements"
