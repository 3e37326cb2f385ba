"""The form of the files: each rule told once per table, at the first record that breaks it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idlib_data import validation
from idlib_data.canonical import tidy
from idlib_data.dataset import Dataset
from idlib_data.validation import files
from idlib_data.validation.report import Problem
from idlib_data.validation.workspace import Workspace

OWN = [rule.id for rule in files.RULES]
TABLES = {
    "places": b"place_id,name\nloc-ariha,Ariha\nloc-nerab,Nerab\nloc-trumba,Trumba\n",
    "types": b"type_id,label,note\nattack,Attack,\nprotest,Protest,\nstatement,Statement,\n",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A sound package of two tables that nothing but their form can make wrong."""
    (tmp_path / "data").mkdir()
    resources = []
    for table, content in TABLES.items():
        (tmp_path / f"data/{table}.csv").write_bytes(content)
        names = content.decode().split("\n")[0].split(",")
        fields = [{"name": name, "type": "string"} for name in names]
        schema = {"fields": fields, "primaryKey": names[0]}
        resource = {"name": table, "path": f"data/{table}.csv", "type": "table", "schema": schema}
        resources.append(resource)
    descriptor = {"name": "tiny", "version": "1.0.0", "resources": resources}
    (tmp_path / "datapackage.json").write_text(json.dumps(descriptor))
    return tmp_path


def change(package: Path, table: str, old: bytes, new: bytes) -> None:
    """Put one piece of a file in the place of another, wherever it stands."""
    path = package / "data" / f"{table}.csv"
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))


def check(package: Path) -> list[Problem]:
    return list(files.check(Workspace(Dataset(package))))


def scan(content: bytes) -> dict[str, tuple[int, str]]:
    return files.scan(io.BytesIO(content))


def rows(content: bytes) -> dict[str, int]:
    return {rule: row for rule, (row, _) in scan(content).items()}


# The rules on a package


def test_a_canonical_package_offends_no_rule(package: Path) -> None:
    assert check(package) == []


def test_a_byte_order_mark_is_told_at_the_header(package: Path) -> None:
    change(package, "types", b"type_id", b"\xef\xbb\xbftype_id")
    (found,) = check(package)
    assert (found.rule, found.table, found.path) == ("csv-bom", "types", "data/types.csv")
    assert (found.row, found.line, found.field, found.record_id) == (1, 1, None, None)
    assert (found.severity, found.hint) == ("error", "Run idlib-data fmt.")
    assert found.message == "the file starts with a byte order mark"


def test_line_ends_are_told_once_at_the_first(package: Path) -> None:
    change(package, "types", b"Attack,\n", b"Attack,\r\n")
    change(package, "types", b"Statement,\n", b"Statement,\r\n")
    (found,) = check(package)
    assert (found.rule, found.table, found.field) == ("csv-line-ends", "types", None)
    assert (found.row, found.line, found.record_id) == (2, 2, "attack")
    assert found.message == "the line ends in CRLF"


def test_a_missing_final_line_end_is_told_at_the_last_record(package: Path) -> None:
    change(package, "types", b"Statement,\n", b"Statement,")
    (found,) = check(package)
    assert (found.rule, found.table, found.field) == ("csv-final-newline", "types", None)
    assert (found.row, found.line, found.record_id) == (4, 4, "statement")
    assert found.message == "the last line has no line end"


def test_needless_quotes_are_told_once_at_the_first(package: Path) -> None:
    change(package, "types", b"Protest", b'"Protest"')
    change(package, "types", b"Statement", b'"Statement"')
    (found,) = check(package)
    assert (found.rule, found.table, found.field) == ("csv-quoting", "types", None)
    assert (found.row, found.line, found.record_id) == (3, 3, "protest")
    assert found.message == "a cell stands in quotes without need"


def test_the_first_record_out_of_order_is_told_with_its_key(package: Path) -> None:
    change(package, "types", b"attack,", b"withdrawal,")
    change(package, "types", b"statement,", b"convoy,")
    (found,) = check(package)
    assert (found.rule, found.table, found.field) == ("csv-order", "types", "type_id")
    assert (found.row, found.line) == (3, 3)
    assert (found.record_id, found.value) == ("protest", "protest")
    assert found.message == "protest stands after withdrawal"


def test_record_and_line_are_told_apart_after_a_cell_of_several_lines(package: Path) -> None:
    change(package, "types", b"Attack", b'"Attack\n\nor so"')
    change(package, "types", b"Statement", b'"Statement"')
    (found,) = check(package)
    assert (found.rule, found.row, found.line) == ("csv-quoting", 4, 6)
    change(package, "types", b'or so"', b'or" so')
    (found,) = check(package)
    assert (found.rule, found.row, found.line) == ("csv-quoting", 2, 2)


def test_a_report_holds_the_offences_of_all_tables_and_fmt_mends_them(package: Path) -> None:
    assert validation.validate(package).problems == ()
    change(package, "types", b"\n", b"\r\n")
    change(package, "types", b"type_id", b"\xef\xbb\xbftype_id")
    change(package, "places", b"loc-nerab", b'"loc-zur"')
    change(package, "places", b"Trumba\n", b"Trumba")

    report = validation.validate(package)
    assert not report.valid
    assert [(p.table, p.row, p.rule) for p in report.problems if p.rule in OWN] == [
        ("places", 3, "csv-quoting"),
        ("places", 4, "csv-final-newline"),
        ("places", 4, "csv-order"),
        ("types", 1, "csv-bom"),
        ("types", 1, "csv-line-ends"),
    ]
    tidy(Dataset(package))
    assert validation.validate(package).problems == ()
    assert (package / "data/types.csv").read_bytes() == TABLES["types"]


def test_columns_in_another_order_are_told_by_the_structure_and_mended_by_fmt(
    package: Path,
) -> None:
    change(package, "places", b"place_id,name", b"name,place_id")
    (package / "data/places.csv").write_bytes(b"name,place_id\nAriha,loc-ariha\nNerab,loc-nerab\n")
    assert {p.rule for p in validation.validate(package).problems} == {"incorrect-label"}
    tidy(Dataset(package))
    assert validation.validate(package).problems == ()


def test_a_missing_or_empty_file_is_left_to_the_structure(package: Path) -> None:
    (package / "data/types.csv").unlink()
    (package / "data/places.csv").write_bytes(b"")
    assert check(package) == []


def test_a_record_without_key_is_not_called_out_of_order(package: Path) -> None:
    change(package, "types", b"protest,", b",")
    assert check(package) == []
    # The records around it are compared all the same.
    change(package, "types", b"statement,", b"act,")
    (found,) = check(package)
    assert (found.rule, found.row, found.message) == ("csv-order", 4, "act stands after attack")


def test_keys_are_ordered_by_code_point_and_may_stand_twice(package: Path) -> None:
    keys = ["10", "9", "Z", "a", "a", "é", "\ufffd", "\U0001f600"]
    text = "place_id,name\n" + "".join(f"{key},x\n" for key in keys)
    (package / "data/places.csv").write_text(text, "utf-8")
    assert check(package) == []


def test_a_key_of_two_columns_is_compared_column_by_column(package: Path) -> None:
    change(package, "types", b"Attack,", b"Same,")
    change(package, "types", b"Protest,", b"Same,")
    # The second column falls where the first one rises, which is no fault.
    change(package, "types", b"statement,", b"a-statement,")
    descriptor = package / "datapackage.json"
    text = descriptor.read_text().replace('"type_id"}', '["label", "type_id"]}')
    descriptor.write_text(text)
    assert check(package) == []
    change(package, "types", b"protest,", b"a-protest,")
    (found,) = check(package)
    assert (found.rule, found.row, found.field) == ("csv-order", 3, None)
    assert found.message == "Same a-protest stands after Same attack"


def test_each_rule_says_that_fmt_repairs_it() -> None:
    assert len(OWN) == len(set(OWN)) == 5
    assert {(rule.layer, rule.hint) for rule in files.RULES} == {("checks", "Run idlib-data fmt.")}
    assert [rule.id for rule in validation.rules() if rule.id in OWN] == OWN


# The bytes


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"a,b\n1,2\n", {}),
        (b'a,b\n"1,1","2""2"\n"\n","\r"\n', {}),
        (b'a,b\n"1\r\n1",2\n', {}),
        (b'a,b\n1,"2"\n', {"csv-quoting": 2}),
        (b'a,b\n1,""\n', {"csv-quoting": 2}),
        (b'"a",b\n1,2\n', {"csv-quoting": 1}),
        (b'\xef\xbb\xbf"a",b\n1,2\n', {"csv-bom": 1, "csv-quoting": 1}),
        (b'\xef\xbb\xbf"a,",b\n1,2\n', {"csv-bom": 1}),
        (b'a,b\n1,2"2\n', {"csv-quoting": 2}),
        (b'a,b\n1, "2,2"\n', {"csv-quoting": 2}),
        (b'a,b\n"1,1"1,2\n', {"csv-quoting": 2}),
        (b'a,b\n"1\n1"1,2\n', {"csv-quoting": 2}),
        (b'a,b\n"1\n\n1",2\n"3",4\n', {"csv-quoting": 3}),
        (b'a,b\n1,2\n3,"4\n5,6\n', {"csv-quoting": 3}),
        (b'a,b\n1,2\n3,"4\n5,6', {"csv-quoting": 3, "csv-final-newline": 3}),
        (b"a,b\r\n1,2\r\n", {"csv-line-ends": 1}),
        (b"a,b\n1,2\r\n3,4\n", {"csv-line-ends": 2}),
        (b"a,b\r1,2\r", {"csv-line-ends": 1}),
        (b'a,b\r1,2\r3,"4"\r', {"csv-line-ends": 1, "csv-quoting": 3}),
        (b'a,b\r\n1,2\r\n3,"4"\r\n', {"csv-line-ends": 1, "csv-quoting": 3}),
        (b'a,b\n"1,\r\n",2\n3,4\r\n', {"csv-line-ends": 3}),
        (b'a,b\r\n"1\r\n\r\n1",2\r\n3,4', {"csv-line-ends": 1, "csv-final-newline": 3}),
        (b"a,b\n1,2", {"csv-final-newline": 2}),
        (b'a,b\n1,"2,\n2"', {"csv-final-newline": 2}),
        (b"a,b", {"csv-final-newline": 1}),
        (b"\xef\xbb\xbf", {"csv-bom": 1, "csv-final-newline": 1}),
        (b"a,b\n\xff,\xfe\n", {}),
        (b"", {}),
    ],
)  # fmt: skip
def test_a_fault_of_form_is_found_at_its_record(content: bytes, found: dict[str, int]) -> None:
    assert rows(content) == found


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'a\n"1"\n', "a cell stands in quotes without need"),
        (b'a\n1"\n', "a quote stands in a cell without quotes"),
        (b'a\n"1,"1\n', "text follows where the quotes are closed"),
        (b'a\n"1\n"1\n', "text follows where the quotes are closed"),
        (b'a\n"1\n', "the quotes of a cell are never closed"),
    ],
)
def test_the_fault_of_quoting_is_said_in_words(content: bytes, message: str) -> None:
    assert scan(content)["csv-quoting"] == (2, message)


def test_a_file_of_one_long_open_cell_is_read_in_one_go() -> None:
    # Looking again at all lines before would take hours here.
    content = b'a,b\n1,"' + b'""2,""\n' * 300_000
    assert rows(content) == {"csv-quoting": 2}


def as_written(records: list[list[str]]) -> str:
    lines: list[str] = []
    for cells in records:
        line = io.StringIO()
        # Some versions of Python quote a carriage return only if the line end has one.
        csv.writer(line, lineterminator="\r\n").writerow(cells)
        lines.append(line.getvalue()[:-2] + "\n")
    return "".join(lines)


@settings(max_examples=500, deadline=None)
@given(st.text('ab,"\r\n', max_size=30))
def test_a_text_is_canonical_if_and_only_if_the_csv_module_would_write_it(text: str) -> None:
    try:
        parsed = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        assert "csv-quoting" in rows(text.encode())
        return
    # A record of one empty cell is blank, with quotes or without.
    if [""] not in parsed:
        prefixes = (as_written(parsed[:number]) for number in range(1, len(parsed) + 1))
        wrong = (row for row, prefix in enumerate(prefixes, 1) if not text.startswith(prefix))
        assert min(rows(text.encode()).values(), default=None) == next(wrong, None)
