"""The ledger: what a claim may say, and which cell and record needs one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from idlib_data.validation import Problem, evidence
from tests.mini import (
    claim,
    make_mini,
    make_package,
    places,
    put,
    tables_of_columns,
    text_columns,
    workspace,
)

PATROL = "pat-m4-2020-07-14"
DAILY = "src-daily-2020-07-14-blast"


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    return make_mini(tmp_path / "mini")


def found(package: Path) -> list[Problem]:
    return list(evidence.check(workspace(package)))


def dispute(package: Path, field: str = "", value: str = "", **cells: str) -> int:
    """Add a claim in conflict, with its note."""
    said = {"source_id": DAILY, "status": "conflict", "note": "Told otherwise."} | cells
    return claim(package, PATROL, field, value, **said)


@pytest.mark.parametrize("status", ["conflict", "superseded", "rejected"])
def test_a_claim_that_is_not_accepted_may_differ_from_the_cell(mini: Path, status: str) -> None:
    dispute(mini, "outcome", "shortened", status=status)
    assert found(mini) == []


@pytest.mark.parametrize("status", ["conflict", "superseded", "rejected"])
def test_a_claim_that_is_not_accepted_must_differ_from_the_cell(mini: Path, status: str) -> None:
    row = dispute(mini, "outcome", "attacked", status=status)
    assert places(found(mini), "conflict-equals-cell") == [("claims", row, "status")]


@pytest.mark.parametrize("status", ["conflict", "superseded", "rejected"])
def test_a_claim_that_is_not_accepted_needs_a_note(mini: Path, status: str) -> None:
    row = dispute(mini, "outcome", "shortened", status=status, note="")
    assert places(found(mini), "claim-note") == [("claims", row, "note")]


def test_an_empty_cell_may_have_nothing_but_conflicting_claims(mini: Path) -> None:
    dispute(mini, "air_support", "drones")
    dispute(mini, "air_support", "helicopters")
    assert found(mini) == []


def test_a_filled_cell_with_nothing_but_conflicting_claims_has_no_evidence(mini: Path) -> None:
    row = put(mini, "patrols", PATROL, air_support="aircraft")
    dispute(mini, "air_support", "drones")
    problems = found(mini)
    assert places(problems, "cell-without-evidence") == [("patrols", row, "air_support")]
    assert len(problems) == 1


def test_an_empty_cell_differs_from_an_accepted_claim(mini: Path) -> None:
    claim(mini, PATROL, "air_support", "drones")
    (problem,) = found(mini)
    place = (problem.rule, problem.row, problem.field)
    assert place == ("cell-differs-from-claim", 3, "air_support")
    assert "air_support is (empty)" in problem.message


def test_an_accepted_claim_on_another_record_is_no_evidence(mini: Path) -> None:
    row = put(mini, "patrols", "pat-m4-2020-07-22", air_support="drones")
    put(mini, "patrols", PATROL, air_support="drones")
    claim(mini, PATROL, "air_support", "drones")
    problems = found(mini)
    assert places(problems, "cell-without-evidence") == [("patrols", row, "air_support")]


def test_a_record_whose_existence_one_source_denies_is_fine(mini: Path) -> None:
    dispute(mini)
    assert found(mini) == []


def test_a_record_that_is_only_denied_is_without_evidence(mini: Path) -> None:
    row = put(mini, "actors", "act-ghost", name="Ghost")
    claim(mini, "act-ghost", status="conflict", note="Says there is no such group.")
    problems = found(mini)
    assert places(problems, "record-without-evidence") == [("actors", row, None)]
    assert len(problems) == 1


def test_a_claim_about_a_cell_does_not_say_that_the_record_exists(mini: Path) -> None:
    row = put(mini, "locations", "loc-saraqib", latitude="35.86442")
    claim(mini, "loc-saraqib", "latitude", "35.86442")
    assert places(found(mini), "record-without-evidence") == [("locations", row, None)]


def test_accepted_claims_that_differ_are_all_told(mini: Path) -> None:
    row = claim(mini, PATROL, "outcome", "shortened", source_id=DAILY)
    problems = found(mini)
    expected = [("claims", 51, "value"), ("claims", row, "value")]
    assert places(problems, "accepted-claims-differ") == expected
    assert places(problems, "cell-differs-from-claim") == [("patrols", 3, "outcome")]


def test_accepted_claims_that_agree_are_fine(mini: Path) -> None:
    claim(mini, PATROL, "outcome", "attacked", source_id=DAILY)
    assert found(mini) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sequence", "19"),
        ("date", "2020-02-29"),
        ("route_km", "66.5"),
        ("outcome", "shortened"),
        ("agreement_id", "agr-sochi-2018-09-17"),
    ],
)
def test_a_value_that_the_column_could_hold_is_fine(mini: Path, field: str, value: str) -> None:
    dispute(mini, field, value)
    assert found(mini) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("sequence", "21.5", id="no-whole-number"),
        pytest.param("sequence", "021", id="another-form"),
        pytest.param("sequence", "0", id="below-the-minimum"),
        pytest.param("date", "2021-02-29", id="no-day-of-the-calendar"),
        pytest.param("date", "14.07.2020", id="no-iso-date"),
        pytest.param("route_km", "66.50", id="trailing-zero"),
        pytest.param("route_km", "501", id="above-the-maximum"),
        pytest.param("outcome", "blown-up", id="not-in-the-code-list"),
        pytest.param("agreement_id", "agr-ankara", id="no-such-agreement"),
        pytest.param("agreement_id", "act-turkey", id="id-of-another-table"),
    ],
)
def test_a_value_that_the_column_could_not_hold_is_told(mini: Path, field: str, value: str) -> None:
    row = dispute(mini, field, value)
    problems = found(mini)
    assert places(problems, "claim-value") == [("claims", row, "value")]
    assert problems[0].value == value
    assert len(problems) == 1


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("colour", "patrols has no column colour"),
        ("series", "patrols.series takes no claims"),
        ("patrol_id", "patrols.patrol_id takes no claims"),
        ("weapon", "patrols has no column weapon"),
    ],
)
def test_a_claim_names_a_column_that_takes_claims(mini: Path, field: str, words: str) -> None:
    row = dispute(mini, field, "x")
    (problem,) = [p for p in found(mini) if p.rule == "claim-field"]
    assert (problem.row, problem.field, problem.message) == (row, "field", words)


def test_a_claim_about_no_record_is_left_to_the_links(mini: Path) -> None:
    claim(mini, "pat-m4-2021-01-01", "colour", "blue")
    assert found(mini) == []


def test_a_source_may_repeat_itself_in_the_name_of_another(mini: Path) -> None:
    claim(mini, PATROL, attributed_to="act-tr-mod")
    assert found(mini) == []


def test_a_claim_once_more_is_told_whatever_its_status(mini: Path) -> None:
    row = claim(mini, PATROL, status="conflict", note="Once more.")
    (problem,) = found(mini)
    assert (problem.rule, problem.row) == ("claim-repeated", row)
    assert problem.message == f"says the same as clm-{PATROL}-002"


@pytest.mark.parametrize("target", [DAILY, "clm-pst-tr-01-001"])
def test_a_claim_about_a_source_or_a_claim_is_told(mini: Path, target: str) -> None:
    row = claim(mini, target)
    problems = found(mini)
    assert places(problems, "claim-on-itself") == [("claims", row, "record_id")]


COLUMNS = (
    "claim_id",
    "record_id",
    "field",
    "value",
    "source_id",
    "status",
    "attributed_to",
    "note",
)
LEDGER = {"fields": text_columns(*COLUMNS), "primaryKey": "claim_id"}


def things(folder: Path, field: dict[str, Any], cell: str, claims: str) -> Path:
    """A package of a ledger and one table, with one record and one column beside its key."""
    schema = {"fields": [*text_columns("id"), {"name": "x", **field}], "primaryKey": "id"}
    return make_package(
        folder,
        things=(schema, f"id,x\na,{cell}\n"),
        claims=(LEDGER, ",".join(COLUMNS) + f"\n{claims}"),
    )


def test_a_cell_that_may_have_claims_needs_none(tmp_path: Path) -> None:
    package = things(tmp_path / "own", {"type": "integer", "evidence": "optional"}, "5", "")
    assert found(package) == []


def test_a_cell_that_may_have_claims_equals_the_accepted_one(tmp_path: Path) -> None:
    field = {"type": "integer", "evidence": "optional"}
    package = things(tmp_path / "own", field, "5", "c,a,x,6,s,accepted,,\n")
    assert places(found(package), "cell-differs-from-claim") == [("things", 2, "x")]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ({"type": "boolean"}, "perhaps"),
        ({"type": "number"}, "many"),
        ({"type": "string", "constraints": {"pattern": "[0-9]{4}"}}, "20201"),
        ({"type": "string", "constraints": {"pattern": "(?=b)[a-z]+"}}, "abc"),
    ],
    ids=["boolean", "number", "whole-pattern", "lookahead"],
)
def test_a_claim_is_judged_by_a_description_of_another_package(
    tmp_path: Path, field: dict[str, Any], value: str
) -> None:
    claims = f"c,a,x,{value},s,conflict,,Told otherwise.\n"
    package = things(tmp_path / "own", {**field, "evidence": "optional"}, "", claims)
    assert places(found(package), "claim-value") == [("claims", 2, "value")]


def test_the_rules_need_no_column_but_those_they_name(tmp_path: Path) -> None:
    needed = {column for rule in evidence.RULES for column in rule.needs}
    package = make_package(tmp_path / "own", **tables_of_columns(tuple(sorted(needed))))
    assert list(evidence.check(workspace(package))) == []


def test_a_cell_that_differs_from_several_accepted_claims_is_told_once(mini: Path) -> None:
    for source in (DAILY, "src-review-2020-12-01-idlib"):
        claim(mini, PATROL, "date", "2020-07-15", source_id=source)
    told = [p for p in found(mini) if p.rule == "cell-differs-from-claim"]
    assert [(p.table, p.row, p.field) for p in told] == [("patrols", 3, "date")]
    assert told[0].message.endswith("says 2020-07-15 (and 1 more)")
