"""The voices for services: GitHub annotations, SARIF and JUnit, held against official schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
import xmlschema

from idlib_data import validation
from idlib_data.validation import Problem, Report
from idlib_data.validation.voices import github, junit, sarif
from tests.mini import claim, make_mini, put

SCHEMAS = Path(__file__).parents[1] / "schemas"
PATH = "data/events.csv"


def problem(row: int = 2, field: str | None = "location_id", **more: str) -> Problem:
    told = {"rule": "foreign-key", "message": "no such place", "hint": "Mend it."}
    place = {"severity": "error", "table": "events", "path": PATH, "record_id": "evt-a"}
    return Problem(**(told | place | more), row=row, line=row, field=field)  # type: ignore[arg-type]


def report(*problems: Problem) -> Report:
    return Report("mine", "1.0.0", {"events": 3, "claims": 1}, problems)


def log(found: Report, root: Path | None = None) -> dict[str, Any]:
    """The SARIF log, which must keep to the schema."""
    content: dict[str, Any] = json.loads(sarif.render(found, root))
    schema = json.loads((SCHEMAS / "sarif-2.1.0-rtm.5.json").read_text("utf-8"))
    jsonschema.Draft4Validator(schema).validate(content)
    return content


def suites(found: Report, root: Path | None = None) -> ElementTree.Element:
    """The JUnit suites, which must keep to the schema."""
    text = junit.render(found, root)
    xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd")).validate(text)
    return ElementTree.fromstring(text.encode())


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package with errors and a warning."""
    root = make_mini(tmp_path_factory.mktemp("voices") / "mini")
    put(root, "patrols", "pat-m4-2020-07-14", sequence="twenty-first")
    put(root, "sources", "src-uncited-2020-07-14", title="Nobody cites this")
    claim(root, "pat-m4-2020-07-14", "number", "21")
    return root


@pytest.fixture(scope="module")
def found(broken: Path) -> Report:
    return validation.validate(broken)


def test_an_annotation_names_file_line_column_and_rule(broken: Path, found: Report) -> None:
    lines = github.render(found, broken).splitlines()
    (told,) = [line for line in lines if "title=type-error::" in line]
    line = (broken / "data" / "patrols.csv").read_text("utf-8").splitlines()[2]
    column = line.index("twenty-first") + 1
    start = f"::error file=data/patrols.csv,line=3,col={column},title=type-error::"
    assert told.startswith(start + "pat-m4-2020-07-14: ")
    assert told.endswith("%0AWrite the value as the type.")


def test_an_annotation_escapes_what_would_end_it() -> None:
    evil = problem(path="a,b:c%.csv", message="100%\r\n::error::x, y: z")
    (told, _) = github.render(report(evil)).splitlines()
    assert "file=a%2Cb%3Ac%25.csv,line=2," in told
    # A line break in a message is written out, that between message and hint is the one escape.
    assert told.endswith("::evt-a: 100%25␍↵::error::x, y: z%0AMend it.")


def test_the_first_annotations_are_errors_of_many_kinds() -> None:
    many = [problem(row) for row in range(2, 15)]
    more = [problem(20, rule="orphan-source", severity="warning"), problem(21, "title")]
    late = problem(30, rule="type-error", field="quantity")
    lines = github.render(report(*many, *more, late)).splitlines()
    assert ["line=30," in lines[0], "line=2," in lines[1], "line=21," in lines[2]] == [True] * 3
    assert lines[-2].startswith("::warning file=data/events.csv,line=20,title=orphan-source::")
    assert len(lines) == 17


def test_the_last_annotation_says_how_many_there_are() -> None:
    *_, few = github.render(report(problem())).splitlines()
    assert few == (
        "::notice title=idlib-data validate::mine 1.0.0: not valid; "
        "4 records in 2 tables, 1 error, 0 warnings"
    )
    *_, many = github.render(report(*(problem(row) for row in range(2, 13)))).splitlines()
    assert "11 errors" in many
    assert many.endswith("at most 10 of each are shown here, all of them stand in the log")


def test_sarif_keeps_to_its_schema_and_tells_every_problem(broken: Path, found: Report) -> None:
    (run,) = log(found, broken)["runs"]
    assert [result["ruleId"] for result in run["results"]] == [p.rule for p in found.problems]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for rule in validation.rules()]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert {result["level"] for result in run["results"]} == {"error", "warning"}


def test_sarif_names_file_line_and_columns(broken: Path, found: Report) -> None:
    (run,) = log(found, broken)["runs"]
    (result,) = [result for result in run["results"] if result["ruleId"] == "type-error"]
    (location,) = result["locations"]
    line = (broken / "data" / "patrols.csv").read_text("utf-8").splitlines()[2]
    column = line.index("twenty-first") + 1
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "data/patrols.csv", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3, "startColumn": column, "endColumn": column + 12},
    }
    (logical,) = location["logicalLocations"]
    assert logical["fullyQualifiedName"] == "patrols/pat-m4-2020-07-14/sequence"


def test_sarif_takes_problems_without_a_place_and_rules_it_does_not_know() -> None:
    whole = Problem("package-error", "error", "no JSON")
    (run,) = log(report(whole, problem(path="data/a b.csv", rule="a-new-rule")))["runs"]
    nowhere, new = run["results"]
    assert nowhere["locations"] == []
    assert "ruleIndex" not in new
    assert new["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "data/a%20b.csv"


def prints(*problems: Problem) -> list[str]:
    (run,) = log(report(*problems))["runs"]
    return [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]


def test_a_fingerprint_outlives_a_shift_of_lines() -> None:
    assert prints(problem(2)) == prints(problem(40))
    assert prints(problem(2, message="at 2")) == prints(problem(3, message="at 3"))


def test_a_fingerprint_tells_problems_apart() -> None:
    others = {"record_id": "evt-b", "value": "loc-y", "path": "data/x.csv", "rule": "type-error"}
    found = [
        problem(),
        problem(field="title"),
        *(problem(2, "location_id", **{k: v}) for k, v in others.items()),
    ]
    assert len(set(prints(*found))) == len(found)
    twice = prints(problem(2), problem(3))
    assert [fingerprint[-2:] for fingerprint in twice] == [":1", ":2"]


def case(root: ElementTree.Element, table: str, rule: str) -> ElementTree.Element:
    (found,) = root.findall(f"testsuite[@name='{table}']/testcase[@name='{rule}']")
    return found


def test_junit_keeps_to_its_schema_and_fails_the_case_of_rule_and_table(
    broken: Path, found: Report
) -> None:
    root = suites(found, broken)
    assert [suite.get("name") for suite in root] == ["datapackage", *found.tables]
    failure = case(root, "patrols", "type-error").find("failure")
    assert failure is not None
    assert failure.get("type") == "type-error"
    assert failure.text is not None
    assert failure.text.startswith("data/patrols.csv:3:")
    assert case(root, "events", "type-error").find("failure") is None
    errors = {(p.table, p.rule) for p in found.problems if p.severity == "error"}
    assert root.get("failures") == str(len(errors))
    assert len(root.findall(".//failure")) == len(errors)


def test_junit_has_a_case_for_a_rule_only_where_it_judges() -> None:
    root = suites(report())
    assert case(root, "events", "type-error").find("failure") is None
    assert case(root, "claims", "claim-note") is not None
    assert root.findall("testsuite[@name='events']/testcase[@name='claim-note']") == []
    assert root.get("tests") == str(len(root.findall(".//testcase")))


def test_junit_lists_all_offences_of_a_case() -> None:
    root = suites(report(problem(2), problem(9), problem(11)))
    failure = case(root, "events", "foreign-key").find("failure")
    assert failure is not None
    assert failure.get("message") == "no such place (and 2 more)"
    assert [line.split()[0] for line in (failure.text or "").splitlines()] == [
        f"{PATH}:{line}" for line in (2, 9, 11)
    ]


def test_junit_fails_nothing_for_a_warning(broken: Path, found: Report) -> None:
    warned = case(suites(found, broken), "sources", "orphan-source")
    assert warned.find("failure") is None
    assert "src-uncited-2020-07-14" in (warned.findtext("system-out") or "")


def test_junit_writes_out_what_xml_cannot_hold() -> None:
    evil = "A\x01 & <b>\u200f"
    failure = case(suites(report(problem(message=evil))), "events", "foreign-key").find("failure")
    assert failure is not None
    assert failure.get("message") == "A<U+0001> & <b><U+200F>"
    assert "A<U+0001> & <b><U+200F>" in (failure.text or "")


def test_junit_skips_what_could_not_be_judged() -> None:
    root = suites(report(Problem("package-error", "error", "no JSON", path="datapackage.json")))
    assert case(root, "datapackage", "package-error").find("failure") is not None
    skipped = case(root, "events", "type-error").find("skipped")
    assert skipped is not None
    assert root.findall("testsuite")[1].get("skipped") == root.findall("testsuite")[1].get("tests")
