"""The report: its contract, its order, its places, and that nothing keeps it from being given."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from idlib_data import PackageError, open, validate
from idlib_data.validation import Problem, Report
from tests.mini import edit, make_mini, make_package, places, put, rules_of, text_columns

KEYS = [
    "rule",
    "severity",
    "table",
    "path",
    "row",
    "line",
    "field",
    "record_id",
    "value",
    "message",
    "hint",
]


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail loudly where validation would ask the network for what a descriptor names."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("validation reaches for the network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    return make_mini(tmp_path / "mini")


def change_json(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    content = json.loads(path.read_text("utf-8"))
    change(content)
    path.write_text(json.dumps(content), "utf-8")


def resource(descriptor: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [entry for entry in descriptor["resources"] if entry["name"] == name]
    assert isinstance(found, dict)
    return found


def test_a_report_keeps_the_contract(mini: Path) -> None:
    put(mini, "patrols", "pat-m4-2020-07-14", series="m5-joint")
    report = validate(mini)
    descriptor = json.loads((mini / "datapackage.json").read_text("utf-8"))
    content = json.loads(json.dumps(report.to_dict()))
    assert list(content) == ["valid", "package", "tables", "problems"]
    assert content["valid"] is False
    assert content["package"] == {"name": "idlib-data", "version": descriptor["version"]}
    assert list(content["tables"]) == [entry["name"] for entry in descriptor["resources"]]
    assert content["tables"]["patrols"] == 3
    assert content["tables"]["patrol_actors"] == 0
    (problem,) = content["problems"]
    assert list(problem) == KEYS
    assert problem["message"]
    assert problem == problem | {
        "rule": "constraint-error",
        "severity": "error",
        "table": "patrols",
        "path": "data/patrols.csv",
        "row": 3,
        "line": 3,
        "field": "series",
        "record_id": "pat-m4-2020-07-14",
        "value": "m5-joint",
        "hint": "Did you mean m4-joint?",
    }


def test_a_problem_of_the_package_has_no_place_in_a_table(mini: Path) -> None:
    (mini / "datapackage.json").write_text("{", "utf-8")
    content = validate(mini).to_dict()
    assert content["package"] == {"name": "", "version": ""}
    assert content["tables"] == {}
    (problem,) = content["problems"]
    assert list(problem) == KEYS
    assert problem["path"] == "datapackage.json"
    empty = ("table", "row", "line", "field", "record_id", "value")
    assert [problem[key] for key in empty] == [None] * len(empty)


def test_problems_stand_in_the_order_of_tables_rows_and_columns(mini: Path) -> None:
    put(mini, "posts", "pst-tr-01", name=" Salwa")
    put(mini, "patrols", "pat-m4-2020-07-22", series="m5-joint", note=" x")
    put(mini, "patrols", "pat-m4-2020-03-15", note=" x")
    put(mini, "actors", "act-turkey", name=" Turkey")
    found = [(p.table, p.row, p.field) for p in validate(mini).problems]
    assert found == [
        ("actors", 6, "name"),
        ("patrols", 2, "note"),
        ("patrols", 4, "note"),
        ("patrols", 4, "series"),
        ("posts", 2, "name"),
    ]


def test_warnings_leave_a_package_valid() -> None:
    warning = Problem("orphan-source", "warning", "No claim.")
    error = Problem("blank-row", "error", "Empty.")
    assert Report("p", "1").valid
    assert Report("p", "1", problems=(warning,)).valid
    assert not Report("p", "1", problems=(warning, error)).valid


def test_an_opened_dataset_is_read_anew(mini: Path) -> None:
    dataset = open(mini)
    assert validate(dataset).valid
    put(mini, "posts", "pst-tr-01", name=" Salwa")
    assert rules_of(validate(dataset)) == {"text-whitespace"}


def test_validation_writes_nothing(mini: Path) -> None:
    put(mini, "patrols", "pat-m4-2020-07-14", series="m5-joint")

    def state() -> dict[Path, tuple[int, int]]:
        return {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in mini.rglob("*")}

    before = state()
    validate(mini)
    assert state() == before


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"\xff\xfe{", b"[" * 100_000, b"{}", b'{"resources": {}}'],
    ids=["empty", "cut-off", "list", "null", "utf-16", "deep", "no-resources", "no-list"],
)
def test_a_descriptor_that_is_none_is_told(mini: Path, content: bytes) -> None:
    (mini / "datapackage.json").write_bytes(content)
    (problem,) = validate(mini).problems
    assert (problem.rule, problem.severity) == ("package-error", "error")
    assert "datapackage.json" in problem.message


OUTSIDE = (
    "../posts.csv",
    "data/../../posts.csv",
    "/etc/posts.csv",
    "C:\\posts.csv",
    "https://example.org/posts.csv",
    "file:data/posts.csv",
)


@pytest.mark.parametrize("path", OUTSIDE)
@pytest.mark.parametrize("key", ["path", "schema"])
def test_a_path_that_leads_out_of_the_package_is_told(mini: Path, key: str, path: str) -> None:
    change_json(mini / "datapackage.json", lambda d: resource(d, "posts").update({key: path}))
    (problem,) = validate(mini).problems
    assert (problem.rule, problem.path) == ("package-error", "datapackage.json")
    assert problem.message == f"resource posts: {key} {path!r} leads out of the package"


@pytest.mark.parametrize("path", ["", None, 5, ["data/posts.csv"]], ids=str)
@pytest.mark.parametrize("key", ["path", "schema"])
def test_a_path_that_is_none_is_told(mini: Path, key: str, path: object) -> None:
    change_json(mini / "datapackage.json", lambda d: resource(d, "posts").update({key: path}))
    (problem,) = validate(mini).problems
    assert (problem.rule, problem.path) == ("package-error", "datapackage.json")


def test_a_file_outside_of_the_package_is_not_read(mini: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("post_id\nsecret\n", "utf-8")
    change = {"path": "../secret.csv"}
    change_json(mini / "datapackage.json", lambda d: resource(d, "posts").update(change))
    assert '"secret"' not in json.dumps(validate(mini).to_dict())


def test_a_schema_that_is_missing_is_told(mini: Path) -> None:
    (mini / "schemas" / "posts.json").unlink()
    (problem,) = validate(mini).problems
    assert problem.rule == "package-error"
    assert "posts.json" in problem.message


def of_name(**properties: object) -> Callable[[dict[str, Any]], Any]:
    """A change to the column ``name``."""
    return lambda schema: schema["fields"][1].update(properties)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda schema: schema.update(fields=5), id="fields-5"),
        pytest.param(lambda schema: schema.update(fields=[5]), id="field-5"),
        pytest.param(lambda schema: schema.update(fields=[{}]), id="field-without-name"),
        pytest.param(lambda schema: schema.update(primaryKey="nowhere"), id="key-nowhere"),
        pytest.param(lambda schema: schema.update(foreignKeys=[5]), id="foreign-key-5"),
        pytest.param(lambda schema: schema.update(evidence=5), id="evidence-of-records"),
        pytest.param(of_name(name=""), id="no-name"),
        pytest.param(of_name(name="NUMBER"), id="twin-in-capitals"),
        pytest.param(of_name(name="_row"), id="own-name"),
        pytest.param(of_name(type="place"), id="unknown-type"),
        pytest.param(of_name(constraints=5), id="constraints-5"),
        pytest.param(of_name(constraints={"pattern": "("}), id="pattern"),
        pytest.param(of_name(lexical="("), id="lexical"),
        pytest.param(of_name(evidence=5), id="evidence-of-cells"),
        pytest.param(of_name(atLeast=["nowhere"]), id="at-least-nowhere"),
        pytest.param(of_name(requires=["nowhere"]), id="requires-nowhere"),
        pytest.param(of_name(type="integer", constraints={"minimum": "few"}), id="minimum"),
    ],
)
def test_a_broken_schema_is_told_and_never_raised(
    mini: Path, change: Callable[[dict[str, Any]], Any]
) -> None:
    change_json(mini / "schemas" / "posts.json", change)
    assert not validate(mini).valid


@pytest.mark.parametrize("name", ["records", "cells", "columns", "select", "order"])
def test_a_table_may_have_any_name(tmp_path: Path, name: str) -> None:
    schema = {"fields": text_columns("id", "note"), "primaryKey": "id"}
    package = make_package(tmp_path / "own", **{name: (schema, "id,note\na, x\n")})
    assert places(validate(package).problems, "text-whitespace") == [(name, 2, "note")]


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"\xef\xbb\xbf", bytes(range(256)) * 9, b"PK\x03\x04\x8f\x00", b"\xff\xfep\x00"],
    ids=["empty", "line", "mark", "bytes", "archive", "utf-16"],
)
def test_a_file_that_is_no_csv_is_told(mini: Path, content: bytes) -> None:
    (mini / "data" / "posts.csv").write_bytes(content)
    report = validate(mini)
    assert places(report.problems, "file-error") == [("posts", None, None)]
    assert not report.valid


@pytest.mark.parametrize("content", [b'"', b'"never closed\nx', b"a\rb\r", b"\0\0", b"a;b\n1;2\n"])
def test_a_file_that_is_split_otherwise_is_told(mini: Path, content: bytes) -> None:
    (mini / "data" / "posts.csv").write_bytes(content)
    missing = [field for _, _, field in places(validate(mini).problems, "missing-label")]
    assert {"actor_id", "number", "note"} <= set(missing)


@pytest.mark.parametrize("table", ["posts", "actors", "event_types", "claims"])
def test_a_file_that_is_missing_is_told_of_its_own_table_alone(mini: Path, table: str) -> None:
    (mini / "data" / f"{table}.csv").unlink()
    report = validate(mini)
    (problem,) = [p for p in report.problems if p.rule == "file-error"]
    assert (problem.table, problem.path) == (table, f"data/{table}.csv")
    assert report.tables[table] == 0


def test_a_file_in_another_encoding_is_told_of_its_own_table_alone(mini: Path) -> None:
    edit(mini, "data/actors.csv", "Türkiye", b"T\xfcrkiye")
    assert places(validate(mini).problems, "file-error") == [("actors", None, None)]


def test_a_file_that_cannot_be_read_hides_no_fault_of_another(mini: Path) -> None:
    edit(mini, "data/actors.csv", "Türkiye", b"T\xfcrkiye")
    row = put(mini, "event_actors", "inv-2020-07-14-russian-side", injured_best="three")
    expected = [("event_actors", row, "injured_best")]
    assert places(validate(mini).problems, "type-error") == expected


def test_a_folder_in_the_place_of_a_file_is_told(mini: Path) -> None:
    (mini / "data" / "posts.csv").unlink()
    (mini / "data" / "posts.csv").mkdir()
    assert places(validate(mini).problems, "file-error") == [("posts", None, None)]


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_only_a_place_without_descriptor_raises(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(PackageError, match=r"no datapackage\.json there"):
        validate(tmp_path / name)


def test_a_package_without_tables_is_a_package(tmp_path: Path) -> None:
    report = validate(make_package(tmp_path / "own"))
    assert report.tables == {}


def test_two_tables_without_a_ledger_are_judged_by_what_applies(tmp_path: Path) -> None:
    key = {"fields": "town", "reference": {"resource": "towns", "fields": "town"}}
    towns = ({"fields": text_columns("town"), "primaryKey": "town"}, "town\nAriha\n")
    number = {"name": "people", "type": "integer"}
    shops = (
        {
            "fields": [*text_columns("shop", "town"), number],
            "primaryKey": "shop",
            "foreignKeys": [key],
        },
        "shop,town,people\na,Ariha,3\nb,Idlib,many\n",
    )
    package = make_package(tmp_path / "own", towns=towns, shops=shops)
    found = [(p.rule, p.row, p.field) for p in validate(package).problems]
    assert found == [("type-error", 3, "people"), ("foreign-key", 3, "town")]


def places_of_name(package: Path) -> list[tuple[int | None, int | None, str | None]]:
    """Row, line and record of each stray space."""
    problems = validate(package).problems
    return [(p.row, p.line, p.record_id) for p in problems if p.rule == "text-whitespace"]


def lined(folder: Path, content: bytes) -> Path:
    schema = {"fields": text_columns("id", "x"), "primaryKey": "id"}
    package = make_package(folder, things=(schema, ""))
    (package / "data" / "things.csv").write_bytes(content)
    return package


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"id,x\na,1\nb, 2\n", [(3, 3, "b")]),
        (b"id,x\na,1\nb, 2", [(3, 3, "b")]),
        (b"id,x\r\na,1\r\nb, 2\r\n", [(3, 3, "b")]),
        (b"id,x\ra,1\rb, 2\r", [(3, 3, "b")]),
        (b'id,x\na,"1\n2\n3"\nb, 2\n', [(2, 2, "a"), (3, 5, "b")]),
        (b'id,x\r\na,"1\r\n2"\r\nb, 2\r\n', [(2, 2, "a"), (3, 4, "b")]),
        (b'id,x,"more\nhere"\na, 1,\nb, 2,\n', [(2, 3, "a"), (3, 4, "b")]),
        (b"id,x\n\n\na,1\nb, 2\n", [(5, 5, "b")]),
        (b'id,x\na,"1\n\n2"\n\nb, 2\n', [(2, 2, "a"), (4, 6, "b")]),
        (b'id,x\na,"1 "" 2"\nb, 2\n', [(3, 3, "b")]),
        (b'id,x\na,"1\n2",3\nb, 2\n', [(2, 2, "a"), (3, 4, "b")]),
        (b"\xef\xbb\xbfid,x\na,1\nb, 2\n", [(3, 3, "b")]),
    ],
    ids=[
        "lf",
        "no-end",
        "crlf",
        "cr",
        "cell-of-three-lines",
        "cell-of-two-lines-crlf",
        "header-of-two-lines",
        "blank-lines",
        "blank-line-in-a-cell",
        "quote-in-a-cell",
        "ragged-of-two-lines",
        "mark",
    ],
)
def test_a_record_is_found_by_its_number_and_by_its_line(
    tmp_path: Path, content: bytes, expected: list[tuple[int, int, str]]
) -> None:
    assert places_of_name(lined(tmp_path / "own", content)) == expected


def test_the_lines_of_a_file_are_right_when_a_cell_is_no_utf8(tmp_path: Path) -> None:
    content = b'id,x\na,"\xfc\n2"\nb, 2\n'
    assert places_of_name(lined(tmp_path / "own", content))[-1] == (3, 4, "b")


def test_the_place_of_a_report_does_not_depend_on_the_working_directory(
    mini: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(mini, "posts", "pst-tr-01", name=" Salwa")
    monkeypatch.chdir(mini.parent)
    relative, absolute = validate(mini.name), validate(os.fspath(mini / "datapackage.json"))
    assert relative == absolute
    assert [p.path for p in relative.problems] == ["data/posts.csv"]


def test_problems_beyond_the_cap_of_a_rule_are_counted_and_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("idlib_data.validation.report.MAX_PER_RULE", 2)
    folder = make_mini(tmp_path / "package")
    for column in ("outcome_reason", "form", "air_support", "completion"):
        put(folder, "patrols", "pat-m4-2020-07-14", **{column: "odd"})
    report = validate(folder)
    kept = [problem for problem in report.problems if problem.rule == "constraint-error"]
    assert (len(kept), report.more["constraint-error"]) == (2, 2)
    assert report.to_dict()["more"] == report.more
    assert not report.valid
