"""Every rule can fail: each is broken by one edit of the mini package, at a known place."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from idlib_data import validation
from idlib_data.validation.examples import EXAMPLES, Example
from tests.mini import edit, make_mini, rules_of

SHOWN_ELSEWHERE = {"archive", "history"}
"""Layers whose rules need more than an edit of the package."""


@dataclass(frozen=True)
class Broken:
    """An example, the mini package after its edit, and what is said about that."""

    example: Example
    package: Path
    report: validation.Report


def named(example: Example) -> str:
    return f"{example.rule}-{example.path}-{example.row}"


@pytest.fixture(scope="module", params=EXAMPLES, ids=named)
def broken(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Broken:
    example: Example = request.param
    package = make_mini(tmp_path_factory.mktemp("broken") / "mini")
    edit(package, example.path, example.mended, example.broken)
    return Broken(example, package, validation.validate(package))


def known_rules() -> dict[str, Any]:
    return {rule.id: rule for rule in validation.rules()}


def columns(package: Path, table: str) -> set[str]:
    schema = json.loads((package / "schemas" / f"{table}.json").read_text("utf-8"))
    return {field["name"] for field in schema["fields"]}


def record(package: Path, path: str, row: int) -> list[str]:
    """A record by number, split without any help of the package under test."""
    with (package / path).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[row - 1]


def test_the_mini_package_offends_no_rule(tmp_path: Path) -> None:
    report = validation.validate(make_mini(tmp_path / "mini"))
    assert report.problems == ()
    assert report.valid
    assert report.tables["claims"] == 59


def test_an_example_breaks_its_rule_at_its_place(broken: Broken) -> None:
    example, report = broken.example, broken.report
    rule = known_rules()[example.rule]
    place = (example.table, example.row, example.field)
    offences = [p for p in report.problems if p.rule == rule.id]
    assert place in [(p.table, p.row, p.field) for p in offences]
    found = next(p for p in offences if (p.table, p.row, p.field) == place)
    assert found.severity == rule.severity
    if example.row is None:
        assert (found.line, found.record_id) == (None, None)
        return
    # No cell of the mini package spans lines, so record and physical line have the same number.
    assert found.line == example.row
    assert found.path == f"data/{example.table}.csv"
    cells = record(broken.package, found.path, example.row)
    assert found.record_id == (cells[0] if cells and example.row > 1 else None)
    if example.field and example.row > 1 and rule.id != "missing-cell":
        header = record(broken.package, found.path, 1)
        assert (found.value or "") == cells[header.index(example.field)]


def test_an_example_breaks_no_rule_but_those_it_names(broken: Broken) -> None:
    assert rules_of(broken.report) == {broken.example.rule, *broken.example.also}


def test_a_package_is_invalid_by_an_error_and_valid_despite_a_warning(broken: Broken) -> None:
    rules = known_rules()
    broken_rules = {broken.example.rule, *broken.example.also}
    severities = {rules[name].severity for name in broken_rules}
    assert broken.report.valid is (severities == {"warning"})


def test_all_that_an_example_brings_about_is_told_in_words(broken: Broken) -> None:
    told = broken.report.problems
    assert [p for p in told if not (p.message and p.hint and p.path)] == []


def test_all_that_an_example_brings_about_is_told_of_a_column_there_is(broken: Broken) -> None:
    strangers = {
        (p.table, p.field)
        for p in broken.report.problems
        if p.table and p.field and p.field not in columns(broken.package, p.table)
    }
    added = {("posts", "soldiers")} if broken.example.rule == "extra-label" else set()
    assert strangers == added


def test_every_rule_has_an_example_and_every_example_a_rule() -> None:
    expected = {rule.id for rule in validation.rules() if rule.layer not in SHOWN_ELSEWHERE}
    assert {example.rule for example in EXAMPLES} == expected


def test_the_examples_stand_in_the_order_of_the_rules() -> None:
    order = list(known_rules())
    assert [e.rule for e in EXAMPLES] == sorted((e.rule for e in EXAMPLES), key=order.index)


@pytest.mark.parametrize("example", EXAMPLES, ids=named)
def test_an_example_says_in_one_sentence_what_is_wrong(example: Example) -> None:
    assert re.fullmatch(r"[A-Z][^\n]{15,98}\.", example.why)
    assert example.mended != example.broken
    assert set(example.also) <= set(known_rules()) - {example.rule}


def test_the_rules_are_still_to_be_had_after_a_validation(tmp_path: Path) -> None:
    validation.validate(make_mini(tmp_path / "mini"))
    assert callable(validation.rules)
    assert len(validation.rules()) > len({example.rule for example in EXAMPLES})


def test_every_rule_has_an_id_of_its_own() -> None:
    ids = [rule.id for rule in validation.rules()]
    assert sorted(ids) == sorted(set(ids))
    assert [id for id in ids if not re.fullmatch(r"[a-z]+(-[a-z]+)+", id)] == []


def test_every_rule_says_what_it_demands_and_what_to_do() -> None:
    texts = [text for rule in validation.rules() for text in (rule.meaning, rule.hint)]
    assert [text for text in texts if not re.fullmatch(r"[A-Za-z][^\n]{10,}\.", text)] == []


def test_the_rules_stand_by_layer() -> None:
    layers = list(dict.fromkeys(rule.layer for rule in validation.rules()))
    assert layers == ["structure", "checks", "links", "evidence", "history", "archive"]


def test_only_what_a_sound_package_may_hold_too_is_a_warning() -> None:
    warnings = {rule.id for rule in validation.rules() if rule.severity == "warning"}
    assert warnings == {"actor-not-active", "likely-duplicate", "orphan-location", "orphan-source"}
