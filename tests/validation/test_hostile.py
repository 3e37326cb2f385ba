"""Packages made to harm: refused with a problem that names the fault, nothing outside is read."""

from __future__ import annotations

import faulthandler
import json
import os
import socket
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from idlib_data.patterns import SHORTEST, fits, longest, matching
from idlib_data.validation import Report, validate
from tests.mini import make_package, places, rules_of
from tests.validation.differential import column, schema

CANARY = "canary-4711"
LIMIT = 60
"""Seconds a package may take: many times what it does. Beyond, the test run ends with all stacks; a
loop in C cannot be stopped in any gentler way."""


@pytest.fixture(autouse=True)
def cage(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No network, and an end to what hangs."""

    def refused(*_: object) -> None:
        raise AssertionError("the network is asked")

    for name in ("getaddrinfo", "create_connection"):
        monkeypatch.setattr(socket, name, refused)
    monkeypatch.setattr(socket.socket, "connect", refused)
    faulthandler.dump_traceback_later(LIMIT, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """One table; beside the package a file that is none of its business."""
    (tmp_path / "outside.csv").write_text(f"id,c\n{CANARY},x\n", "utf-8")
    (tmp_path / "outside.json").write_text(f'{{"fields": [{{"name": "{CANARY}"}}]}}', "utf-8")
    described = schema([column("id", required=True), column("c")], "id")
    return make_package(tmp_path / "package", t=(described, "id,c\na,x\n"))


def change(package: Path, edit: Callable[[dict[str, Any]], object]) -> Report:
    """The report on the package once its descriptor is edited."""
    path = package / "datapackage.json"
    descriptor = json.loads(path.read_text("utf-8"))
    edit(descriptor)
    path.write_text(json.dumps(descriptor), "utf-8")
    report = validate(package)
    told = json.dumps(report.to_dict())
    assert CANARY not in told
    assert "the network is asked" not in told
    return report


def with_resource(package: Path, **properties: object) -> Report:
    return change(package, lambda d: d["resources"][0].update(properties))


def with_schema(package: Path, **properties: object) -> Report:
    return change(package, lambda d: d["resources"][0]["schema"].update(properties))


def refused(report: Report, *words: str) -> None:
    """The report is one refusal of the package, whose words name the fault."""
    assert rules_of(report) == {"package-error"}
    told = " ".join(problem.message for problem in report.problems)
    assert all(word in told for word in words), told


OUTSIDE = ("../outside.csv", "data/../../outside.csv", "..\\outside.csv", "/etc/hostname")
ADDRESSES = ("https://a.example/x.csv", "file:///etc/hostname", "s3://a/x.csv", "C:/x.csv")


@pytest.mark.parametrize("path", [*OUTSIDE, *ADDRESSES, "data/t.csv\0x"])
def test_a_data_path_that_leads_out_is_refused(path: str, package: Path) -> None:
    refused(with_resource(package, path=path), "path", "leads out of the package")


@pytest.mark.parametrize("path", [["data/t.csv", "../outside.csv"], {}, 7, None, ""])
def test_a_data_path_that_is_no_text_is_refused(path: object, package: Path) -> None:
    refused(with_resource(package, path=path), "is not a path")


@pytest.mark.parametrize("path", ["../outside.json", *ADDRESSES])
def test_a_schema_elsewhere_is_refused(path: str, package: Path) -> None:
    refused(with_resource(package, schema=path), "schema", "leads out of the package")


def test_a_reference_in_a_schema_is_not_followed(package: Path) -> None:
    refused(with_schema(package, **{"$ref": "../outside.json"}), "$ref")


@pytest.mark.parametrize("name", ["$schema", "profile"])
@pytest.mark.parametrize("at", ["package", "resource", "schema"])
@pytest.mark.parametrize("value", ["https://a.example/p.json", "../outside.json", "data/t.csv", 5])
def test_a_profile_that_is_not_of_the_standard_is_refused(
    name: str, at: str, value: object, package: Path
) -> None:
    def edit(descriptor: dict[str, Any]) -> None:
        resource = descriptor["resources"][0]
        holder = {"package": descriptor, "resource": resource, "schema": resource["schema"]}[at]
        holder[name] = value

    refused(change(package, edit), name, "no profile of the standard")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("extrapaths", ["../outside.csv"]),
        ("url", "https://a.example/x.csv"),
        ("data", [["id"], ["a"]]),
        ("compression", "zip"),
        ("innerpath", "x.csv"),
        ("basepath", ".."),
        ("scheme", "https"),
        ("format", "sql"),
        ("type", "package"),
        ("dialect", "../outside.json"),
        ("dialect", {"sql": {"table": "t"}}),
    ],
)
def test_a_property_that_reads_something_else_is_refused(
    name: str, value: object, package: Path
) -> None:
    refused(with_resource(package, **{name: value}), f"{'dialect' if name == 'dialect' else name}")


@pytest.mark.parametrize("what", ["data/t.csv", "data", "t.json"])
def test_a_link_that_leads_out_is_refused(what: str, package: Path, tmp_path: Path) -> None:
    target = tmp_path / ("outside.json" if what == "t.json" else "outside.csv")
    if what == "data":
        (package / "data" / "t.csv").unlink()
        (package / "data").rmdir()
        target = tmp_path / "elsewhere"
        target.mkdir()
        (target / "t.csv").write_text(f"id,c\n{CANARY},\n", "utf-8")
    (package / what).unlink(missing_ok=True)
    (package / what).symlink_to(target)

    report = with_resource(package, schema="t.json") if what == "t.json" else with_resource(package)

    refused(report, "a link that leads out of the package")


def test_a_link_within_the_package_is_followed(package: Path) -> None:
    (package / "data" / "t.csv").rename(package / "data" / "real.csv")
    (package / "data" / "t.csv").symlink_to("real.csv")

    assert validate(package).valid


def test_a_link_to_itself_is_refused(package: Path) -> None:
    (package / "data" / "t.csv").unlink()
    (package / "data" / "t.csv").symlink_to("t.csv")

    assert rules_of(validate(package)) <= {"package-error", "file-error"}
    assert not validate(package).valid


def test_a_pipe_is_not_waited_for(package: Path) -> None:
    (package / "data" / "t.csv").unlink()
    os.mkfifo(package / "data" / "t.csv")

    refused(validate(package), "no ordinary file")


def test_a_folder_in_the_place_of_a_file_is_told(package: Path) -> None:
    (package / "data" / "t.csv").unlink()
    (package / "data" / "t.csv").mkdir()

    assert places([*validate(package).problems], "file-error") == [("t", None, None)]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable to the superuser")
def test_a_file_that_may_not_be_read_is_told(package: Path) -> None:
    (package / "data" / "t.csv").chmod(0)

    assert places([*validate(package).problems], "file-error") == [("t", None, None)]


def archive() -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("t.csv", "id,c\na,x\n")
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 1000, bytes(range(256)) * 20, archive(), "id,c\na,x\n".encode("utf-16"), b'"'],
)
def test_a_file_that_is_no_csv_is_told(content: bytes, package: Path) -> None:
    (package / "data" / "t.csv").write_bytes(content)

    report = validate(package)

    assert not report.valid
    assert "t" in {problem.table for problem in report.problems}


# frictionless leaves the file open when it does not know the encoding.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("encoding", ["no-such-encoding", "utf-16", "", None, 5, "rot13", "hex"])
def test_an_odd_encoding_is_told(encoding: object, package: Path) -> None:
    assert rules_of(with_resource(package, encoding=encoding)) <= {"package-error", "file-error"}


@pytest.mark.parametrize(
    "dialect",
    [{"delimiter": d} for d in ("", ";;", "\n", '"', None, 5)] + [{"headerRows": [10**9]}, [], 5],
)
def test_an_odd_dialect_gives_a_report(dialect: object, package: Path) -> None:
    assert isinstance(with_resource(package, dialect=dialect), Report)


ODD_NAMES = ("select", "it's", 'a"b', "a; DROP TABLE t; --", "n" * 5000, "main.t", "é\n")


@pytest.mark.parametrize("name", ODD_NAMES)
def test_names_are_never_run_as_sql(name: str, tmp_path: Path) -> None:
    described = schema(
        [column("id", required=True), {**column(name), "references": "any"}],
        "id",
        [(name, "", "id")],
    )
    label = '"' + name.replace('"', '""') + '"'
    package = make_package(tmp_path / "p", t=(described, f"id,{label}\na,b\nb,a\n"))
    change(package, lambda d: d["resources"][0].update(name=name))

    report = validate(package)

    # frictionless may refuse the name; otherwise the circle is found under it.
    found = places([*report.problems], "parent-cycle")
    assert found == [(name, 2, name), (name, 3, name)] or "package-error" in rules_of(report)


@pytest.mark.parametrize(
    "properties",
    [
        {"primaryKey": "nothing"},
        {"primaryKey": [None]},
        {"primaryKey": 5},
        {"fields": [{}]},
        {"fields": None},
        {"fields": [column("id"), column("id")]},
        {"fields": [True]},
        {"foreignKeys": [None]},
        {"foreignKeys": [{"fields": "c", "reference": {"resource": "gone", "fields": "id"}}]},
        {"foreignKeys": [{"fields": "gone", "reference": {"resource": "", "fields": "id"}}]},
    ],
)
def test_a_schema_that_contradicts_itself_is_refused(
    properties: dict[str, Any], package: Path
) -> None:
    refused(with_schema(package, **properties))


def test_two_resources_of_one_name_are_refused(package: Path) -> None:
    report = change(package, lambda d: d["resources"].append(d["resources"][0]))

    refused(report, "a name of its own")


@pytest.mark.parametrize("depth", [900, 100_000])
@pytest.mark.parametrize(("begin", "end"), [("[", "]"), ('{"a":', "}")])
def test_a_descriptor_nested_without_end_is_refused(
    depth: int, begin: str, end: str, package: Path
) -> None:
    (package / "t.json").write_text(f'{{"fields": {begin * depth}1{end * depth}}}', "utf-8")

    refused(with_resource(package, schema="t.json"))


PATTERNS = ("(a+)+$", "((a*)*)*b", "(a|aa)+$", "(a|a)*b", "a*a*a*a*a*b", "(?=(a+)+$)x", r"(a+)\1+b")


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("name", ["pattern", "lexical"])
def test_a_pattern_never_takes_forever(
    pattern: str, plain: bool, name: str, tmp_path: Path
) -> None:
    described = column("c", pattern=pattern) if name == "pattern" else column("c")
    described |= {"lexical": pattern} if name == "lexical" else {}
    if not plain:  # so that frictionless has the whole file
        described["custom"] = 1
    text = "id,c\n" + "".join(f"k{n},{'a' * (40 * n)}!\n" for n in range(1, 4))
    table = schema([column("id", required=True), described], "id")
    package = make_package(tmp_path / "p", t=(table, text))

    rule = "constraint-error" if name == "pattern" else "canonical-value"
    assert places([*validate(package).problems], rule) == [("t", n, "c") for n in (2, 3, 4)]


def test_a_long_text_is_matched_by_an_engine_that_takes_as_long_as_the_text() -> None:
    assert matching(["a" * 10_000, "a" * 10_000 + "!"], "(a+)+$") == ["a" * 10_000]
    # What that engine does not know, no long text matches.
    assert matching(["aa", "a" * 10_000], r"(a+)+\1") == ["aa"]
    assert fits("a" * 10_000, "^(a+)+$")
    assert not fits("aa\n", "a+")


def test_patterns_that_have_one_way_to_match_are_left_to_python() -> None:
    assert longest("[a-z0-9]+(?:-[a-z0-9]+)*") > SHORTEST
    assert longest("(a+)+") == SHORTEST
    assert longest("(?:-[a-z-]+)*") == SHORTEST
    assert longest("((a*)*)*") < SHORTEST


def test_a_cell_of_fifty_million_characters_gives_a_report(package: Path) -> None:
    (package / "data" / "t.csv").write_text("id,c\na,=" + "x" * 50_000_000 + "\n", "utf-8")

    report = validate(package)

    assert places([*report.problems], "text-formula") == [("t", 2, "c")]
    assert len(json.dumps(report.to_dict())) < 3_000_000


def test_many_columns_and_codes_give_a_report(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(2_000)]
    table = schema([column("id", required=True), *map(column, names)], "id")
    table["fields"][1]["constraints"]["enum"] = [f"code-{number}" for number in range(100_000)]
    text = ",".join(["id", *names]) + "\nk,cod" + "," * 1_999 + "\n"
    package = make_package(tmp_path / "p", t=(table, text))

    assert places([*validate(package).problems], "constraint-error") == [("t", 2, "c0")]
