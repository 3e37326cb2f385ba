"""What is about Idlib: patrols, agreements, events, and the spans of time they are dated by."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from idlib_data.validation import Problem, checks, domain
from tests.mini import claim, make_mini, make_package, places, put, tables_of_columns, workspace

FIRST, ATTACKED, LAST = "pat-m4-2020-03-15", "pat-m4-2020-07-14", "pat-m4-2020-07-22"
MOSCOW, SOCHI = "agr-moscow-2020-03-05", "agr-sochi-2018-09-17"
RUSSIA, TURKEY = (f"evt-2020-03-12-violations-{side}" for side in ("russia", "turkey"))
PROTEST, ATTACK = "evt-2020-03-13-protest-m4", "evt-2020-07-14-attack-ariha"


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    return make_mini(tmp_path / "mini")


def found(package: Path) -> list[Problem]:
    """The offences against the rules between tables."""
    return list(domain.check(workspace(package)))


def found_in_rows(package: Path, rule: str) -> list[tuple[int | None, str | None]]:
    """Row and field of the offences against a rule within the rows."""
    tables = workspace(package)
    problems = checks.check(tables, domain.row_checks())
    return [(row, field) for _, row, field in places(problems, rule)]


@pytest.mark.parametrize("day", ["2020-03-06", "2020-03-07", ""])
def test_a_patrol_may_follow_the_day_its_agreement_takes_effect(mini: Path, day: str) -> None:
    put(mini, "patrols", FIRST, date=day)
    assert places(found(mini), "patrol-before-agreement") == []


def test_the_day_of_signing_counts_where_no_day_of_effect_is_known(mini: Path) -> None:
    put(mini, "patrols", FIRST, agreement_id=SOCHI, date="2018-09-17")
    assert found(mini) == []
    put(mini, "patrols", FIRST, date="2018-09-16")
    assert places(found(mini), "patrol-before-agreement") == [("patrols", 2, "date")]


def test_an_agreement_without_a_day_binds_no_patrol(mini: Path) -> None:
    put(mini, "agreements", SOCHI, signed_date="")
    put(mini, "patrols", FIRST, agreement_id=SOCHI, date="2001-01-01")
    assert found(mini) == []


def test_of_two_patrols_on_one_day_the_later_number_is_told(mini: Path) -> None:
    put(mini, "patrols", LAST, date="2020-07-14")
    (problem,) = found(mini)
    place = (problem.rule, problem.row, problem.field, problem.value)
    assert place == ("sequence-order", 4, "sequence", "22")
    assert problem.message == f"number 22 is dated before or with number 21 ({ATTACKED})"


@pytest.mark.parametrize(
    "cells",
    [{"series": "m4-turkish"}, {"sequence": ""}, {"date": ""}],
    ids=lambda cells: str(cells),
)
def test_patrols_are_in_order_where_they_cannot_be_compared(
    mini: Path, cells: dict[str, str]
) -> None:
    put(mini, "patrols", LAST, **({"date": "2020-03-16"} | cells))
    assert found(mini) == []


def test_numbers_in_a_series_may_be_skipped(mini: Path) -> None:
    put(mini, "patrols", LAST, sequence="40")
    assert found(mini) == []


def test_patrols_without_a_number_do_not_repeat_one(mini: Path) -> None:
    for patrol in (FIRST, LAST):
        put(mini, "patrols", patrol, sequence="")
    assert found(mini) == []


def test_a_number_may_stand_once_in_each_series(mini: Path) -> None:
    put(mini, "patrols", LAST, series="m4-turkish", sequence="21")
    assert found(mini) == []


def test_each_later_patrol_of_a_number_is_told(mini: Path) -> None:
    for patrol in (ATTACKED, LAST):
        put(mini, "patrols", patrol, sequence="1")
    expected = {("patrols", 3, "sequence"), ("patrols", 4, "sequence")}
    assert set(places(found(mini), "sequence-repeated")) == expected


def test_only_an_attack_makes_a_patrol_an_attacked_one(mini: Path) -> None:
    put(mini, "events", ATTACK, event_type="protest")
    assert places(found(mini), "attack-without-event") == [("patrols", 3, "outcome")]
    assert places(found(mini), "attack-without-outcome") == []


def test_a_protest_may_name_a_patrol_that_was_completed(mini: Path) -> None:
    put(mini, "events", PROTEST, patrol_id=LAST)
    assert found(mini) == []


def test_a_second_attack_may_name_the_same_patrol(mini: Path) -> None:
    put(mini, "events", PROTEST, event_type="attack", patrol_id=ATTACKED)
    assert found(mini) == []


def test_an_attack_need_not_be_on_a_patrol(mini: Path) -> None:
    put(mini, "events", PROTEST, event_type="attack")
    assert found(mini) == []


def test_an_attack_on_no_patrol_stands_in_for_none(mini: Path) -> None:
    put(mini, "events", PROTEST, event_type="attack")
    put(mini, "patrols", LAST, outcome="attacked")
    assert places(found(mini), "attack-without-event") == [("patrols", 4, "outcome")]


def test_a_claim_without_source_stands_in_for_none(mini: Path) -> None:
    row = put(mini, "sources", "src-new")
    put(mini, "claims", "clm-pst-tr-01-001", source_id="")
    assert places(found(mini), "orphan-source") == [("sources", row, "source_id")]


def test_an_attack_on_a_patrol_without_outcome_is_told(mini: Path) -> None:
    put(mini, "patrols", ATTACKED, outcome="")
    (problem,) = found(mini)
    place = (problem.rule, problem.table, problem.row, problem.field)
    assert place == ("attack-without-outcome", "events", 5, "patrol_id")
    assert problem.message == "the patrol has outcome (empty), not attacked"


ROLES = (
    ("accused", "violation-count", True),
    ("accused", "talks", False),
    ("addressee", "threat", True),
    ("addressee", "attack", False),
    ("claimant", "attack", True),
    ("claimant", "protest", False),
    ("counterpart", "call", True),
    ("counterpart", "strike", False),
    ("escort", "convoy", True),
    ("escort", "attack", False),
    ("host", "talks", True),
    ("host", "convoy", False),
    ("initiator", "suspension", True),
    ("initiator", "attack", False),
    ("participant", "attack", True),
    ("perpetrator", "operation", True),
    ("perpetrator", "talks", False),
    ("reporter", "violation-count", True),
    ("speaker", "statement", True),
    ("speaker", "attack", False),
    ("subject", "withdrawal", True),
    ("target", "strike", True),
    ("target", "talks", False),
)


@pytest.mark.parametrize(("role", "event_type", "fits"), ROLES)
def test_a_role_fits_some_types_of_events(
    mini: Path, role: str, event_type: str, fits: bool
) -> None:
    put(mini, "events", PROTEST, event_type=event_type)
    row = put(
        mini, "event_actors", "inv-protest", event_id=PROTEST, actor_id="act-turkey", role=role
    )
    expected = [] if fits else [("event_actors", row, "role")]
    assert places(found(mini), "role-fits-type") == expected


def test_the_roles_are_those_of_the_schema(mini: Path) -> None:
    schema = json.loads((mini / "schemas" / "event_actors.json").read_text("utf-8"))
    (codes,) = [f["constraints"]["enum"] for f in schema["fields"] if f["name"] == "role"]
    assert {role for role, _, _ in ROLES} == set(codes)


@pytest.mark.parametrize("day", ["2020-03-05", ""])
def test_an_undertaking_may_be_due_on_the_day_of_signing(mini: Path, day: str) -> None:
    put(mini, "provisions", "prv-moscow-2020-patrols", deadline_date=day)
    assert found(mini) == []


def test_an_undertaking_of_an_agreement_without_a_day_is_never_early(mini: Path) -> None:
    put(mini, "agreements", MOSCOW, signed_date="")
    put(mini, "provisions", "prv-moscow-2020-patrols", deadline_date="2001-01-01")
    assert found(mini) == []


def make_twins(mini: Path, **cells: str) -> None:
    """Let the two counts have the same actors, and their second some cells of its own."""
    put(mini, "event_actors", "inv-2020-03-12-violations-turkey", actor_id="act-ru-mod")
    put(mini, "events", TURKEY, **cells)


def test_the_later_of_two_like_events_is_told(mini: Path) -> None:
    make_twins(mini)
    (problem,) = found(mini)
    assert (problem.rule, problem.row, problem.record_id) == ("likely-duplicate", 3, TURKEY)
    assert problem.severity == "warning"
    assert problem.message == f"looks like {RUSSIA} told twice"


@pytest.mark.parametrize(
    "cells",
    [
        {"event_type": "statement"},
        {"date_start": "2020-03-11"},
        {"date_start": ""},
        {"date_end": "2020-03-13"},
        {"location_id": "loc-trumba"},
        {"location_id": ""},
        {"quantity": "9"},
        {"quantity": ""},
    ],
    ids=lambda cells: str(cells),
)
def test_events_that_differ_in_one_cell_are_two(mini: Path, cells: dict[str, str]) -> None:
    make_twins(mini, **cells)
    assert found(mini) == []


def test_events_with_the_same_actors_in_other_roles_are_two(mini: Path) -> None:
    make_twins(mini)
    put(mini, "event_actors", "inv-2020-03-12-violations-turkey", role="accused")
    assert found(mini) == []


@pytest.mark.parametrize(
    "unknown",
    [{"date_start": ""}, {"location_id": "", "quantity": "", "quantity_unit": ""}],
    ids=["day", "place and number"],
)
def test_events_of_which_too_little_is_known_are_not_alike(
    mini: Path, unknown: dict[str, str]
) -> None:
    make_twins(mini, **unknown)
    put(mini, "events", RUSSIA, **unknown)
    assert found(mini) == []


def test_events_are_alike_without_a_place_if_their_number_is_known(mini: Path) -> None:
    make_twins(mini, location_id="")
    put(mini, "events", RUSSIA, location_id="")
    assert places(found(mini), "likely-duplicate") == [("events", 3, None)]


def test_events_without_actors_are_alike_too_unless_they_are_parts_of_different_ones(
    mini: Path,
) -> None:
    for event in (RUSSIA, TURKEY):
        put(mini, "event_actors", event.replace("evt", "inv"), event_id=ATTACK, role="participant")
    assert places(found(mini), "likely-duplicate") == [("events", 3, None)]
    put(mini, "events", TURKEY, part_of_event_id=PROTEST)
    assert found(mini) == []


def test_of_three_like_events_the_later_two_are_told(mini: Path) -> None:
    make_twins(mini)
    cells = {"event_type": "violation-count", "date_start": "2020-03-12", "quantity": "8"}
    row = put(mini, "events", "evt-2020-03-12-third", location_id="loc-ariha", **cells)
    actor = {"actor_id": "act-ru-mod", "role": "reporter"}
    put(mini, "event_actors", "inv-2020-03-12-third", event_id="evt-2020-03-12-third", **actor)
    assert places(found(mini), "likely-duplicate") == [("events", 3, None), ("events", row, None)]


@pytest.mark.parametrize(
    ("precision", "start", "end"),
    [
        ("day", "2020-03-15", ""),
        ("range", "2020-03-15", "2020-03-16"),
        ("range", "2020-03-01", "2020-03-31"),
        ("week", "2020-03-02", "2020-03-08"),
        ("week", "2020-12-28", "2021-01-03"),
        ("month", "2020-02-01", "2020-02-29"),
        ("month", "2021-02-01", "2021-02-28"),
        ("month", "2020-12-01", "2020-12-31"),
        ("year", "2020-01-01", "2020-12-31"),
        ("year", "2021-01-01", "2021-12-31"),
        ("", "2020-03-15", "2020-03-16"),
        ("week", "", ""),
        ("", "", ""),
    ],
)
def test_a_precision_fits_its_span(mini: Path, precision: str, start: str, end: str) -> None:
    put(mini, "events", PROTEST, date_precision=precision, date_start=start, date_end=end)
    assert found_in_rows(mini, "precision-fits-span") == []


@pytest.mark.parametrize(
    ("precision", "start", "end"),
    [
        ("day", "2020-03-15", "2020-03-15"),
        ("day", "2020-03-15", "2020-03-16"),
        ("range", "2020-03-15", ""),
        ("range", "2020-03-15", "2020-03-15"),
        ("range", "2020-03-15", "2020-03-14"),
        ("week", "2020-03-02", ""),
        ("week", "2020-03-02", "2020-03-07"),
        ("week", "2020-03-02", "2020-03-09"),
        ("month", "2020-02-01", ""),
        ("month", "2020-02-01", "2020-02-28"),
        ("month", "2021-02-01", "2021-03-01"),
        ("month", "2020-02-01", "2020-03-31"),
        ("month", "2020-02-02", "2020-02-29"),
        ("month", "2020-02-29", "2020-02-29"),
        ("year", "2020-01-01", ""),
        ("year", "2020-01-01", "2020-12-30"),
        ("year", "2020-01-02", "2020-12-31"),
        ("year", "2020-01-01", "2021-12-31"),
    ],
)
def test_a_precision_that_does_not_fit_its_span_is_told(
    mini: Path, precision: str, start: str, end: str
) -> None:
    put(mini, "events", PROTEST, date_precision=precision, date_start=start, date_end=end)
    assert found_in_rows(mini, "precision-fits-span") == [(4, "date_precision")]


@pytest.mark.parametrize(
    ("cells", "fields"),
    [
        ({"outcome": "attacked", "completion": "partial"}, []),
        ({"outcome": "attacked", "outcome_reason": "attack"}, []),
        ({"outcome": "cancelled", "outcome_reason": "weather"}, []),
        ({"outcome": "", "outcome_reason": "weather"}, []),
        ({"outcome": "completed", "completion": "full"}, ["completion"]),
        ({"outcome": "", "completion": "full"}, ["completion"]),
        ({"outcome": "completed", "outcome_reason": "attack"}, ["outcome_reason"]),
        (
            {"outcome": "completed", "completion": "full", "outcome_reason": "attack"},
            ["completion", "outcome_reason"],
        ),
    ],
    ids=lambda value: str(value),
)
def test_details_fit_the_outcome(mini: Path, cells: dict[str, str], fields: list[str]) -> None:
    put(mini, "patrols", LAST, **cells)
    assert sorted(found_in_rows(mini, "outcome-detail")) == [(4, field) for field in fields]


@pytest.mark.parametrize("rule", domain.LINKS, ids=lambda rule: rule.id)
def test_a_rule_needs_no_column_but_those_it_names(tmp_path: Path, rule: Any) -> None:
    package = make_package(tmp_path / "own", **tables_of_columns(rule.needs))
    assert found(package) == []
    if rule.sql:
        assert list(workspace(package).rows(rule.sql)) == []


@pytest.mark.parametrize(
    "columns",
    [["events.date_precision"], ["patrols.completion"], ["patrols.series"], ["notes.note"]],
    ids=lambda columns: columns[0],
)
def test_a_package_without_the_columns_is_not_judged_by_them(
    tmp_path: Path, columns: list[str]
) -> None:
    tables = {
        name: (schema, f"{text}x\n") for name, (schema, text) in tables_of_columns(columns).items()
    }
    package = make_package(tmp_path / "own", **tables)
    assert found(package) == []
    for rule in (domain.PRECISION, domain.OUTCOME):
        assert found_in_rows(package, rule.id) == []


def test_a_state_that_no_claim_has_in_being_on_the_day_is_told_where_it_took_part(
    mini: Path,
) -> None:
    put(mini, "events", ATTACK, date_start="1990-07-14")
    (problem,) = [p for p in found(mini) if p.rule == "actor-not-active"]
    assert (problem.table, problem.row, problem.field) == ("event_actors", 4, "actor_id")
    assert problem.message == (
        "the event is dated 1990-07-14, act-russia is first reported on 1991-12-26"
    )


def test_a_claim_of_earlier_days_explains_an_act_before_the_accepted_day(mini: Path) -> None:
    put(mini, "events", ATTACK, date_start="1990-07-14")
    said = {"status": "conflict", "note": "Earlier."}
    claim(mini, "act-russia", "active_from", "1990-06-12", **said)
    assert places(found(mini), "actor-not-active") == []


def test_who_is_only_accused_need_not_be_in_being(mini: Path) -> None:
    put(mini, "events", ATTACK, date_start="1990-07-14")
    put(mini, "event_actors", "inv-2020-07-14-russian-side", role="accused")
    assert places(found(mini), "actor-not-active") == []


def test_a_place_without_a_post_may_lie_anywhere_in_syria(mini: Path) -> None:
    put(mini, "locations", "loc-trumba", longitude="39.6")
    assert found(mini) == []
    put(mini, "posts", "pst-tr-01", location_id="loc-trumba")
    assert places(found(mini), "outside-north-west") == [("locations", 3, "latitude")]


def test_a_place_is_no_orphan_where_a_record_or_a_claim_names_it(mini: Path) -> None:
    put(mini, "sources", "src-review-2020-12-01-idlib", kind="database")
    assert places(found(mini), "orphan-location") == [("locations", 3, "location_id")]
    claim(mini, FIRST, "reached_location_id", "loc-trumba", status="conflict", note="Farther.")
    assert places(found(mini), "orphan-location") == []


def test_a_point_of_a_route_lies_in_the_north_west_too(mini: Path) -> None:
    put(mini, "locations", "loc-trumba", longitude="39.6")
    put(mini, "route_points", "rtp-m4-01", location_id="loc-trumba")
    assert places(found(mini), "outside-north-west") == [("locations", 3, "latitude")]
