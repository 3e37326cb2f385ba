"""Links between rows and tables that hold in any package: ids, references, circles."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from idlib_data.validation import Problem, links
from tests.mini import make_mini, make_package, places, put, text_columns, workspace


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    return make_mini(tmp_path / "mini")


def found(package: Path) -> list[Problem]:
    return list(links.check(workspace(package)))


def circle(package: Path, names: list[str]) -> list[int]:
    """Actors of whom each is the parent of the one before, the first that of the last."""
    steps = pairwise([*names, names[0]])
    return [put(package, "actors", name, parent_actor_id=parent) for name, parent in steps]


@pytest.mark.parametrize("length", [1, 2, 3])
def test_each_record_of_a_circle_of_parents_is_told(mini: Path, length: int) -> None:
    rows = circle(mini, [f"act-unit-{number}" for number in range(length)])
    expected = [("actors", row, "parent_actor_id") for row in rows]
    assert places(found(mini), "parent-cycle") == expected


def test_a_record_below_a_circle_of_parents_is_not_told(mini: Path) -> None:
    rows = circle(mini, ["act-unit-0", "act-unit-1"])
    put(mini, "actors", "act-unit-9", parent_actor_id="act-unit-0")
    assert [row for _, row, _ in places(found(mini), "parent-cycle")] == rows


def test_a_long_line_of_parents_is_no_circle(mini: Path) -> None:
    for number in range(1, 9):
        parent = f"act-unit-{number - 1}"
        put(mini, "actors", f"act-unit-{number}", parent_actor_id=parent)
    assert found(mini) == []


@pytest.mark.parametrize("length", [1, 2, 3])
def test_each_link_of_a_circle_of_links_is_told(mini: Path, length: int) -> None:
    names = [f"agr-{number}" for number in range(length)]
    rows = [
        put(mini, "agreement_links", f"agl-{a}", from_agreement_id=a, to_agreement_id=b)
        for a, b in pairwise([*names, names[0]])
    ]
    expected = [("agreement_links", row, "to_agreement_id") for row in rows]
    assert places(found(mini), "link-cycle") == expected


def test_two_ways_to_one_record_are_no_circle(mini: Path) -> None:
    for a, b in [("agr-a", "agr-b"), ("agr-a", "agr-c"), ("agr-b", "agr-d"), ("agr-c", "agr-d")]:
        put(mini, "agreement_links", f"agl-{a}-{b}", from_agreement_id=a, to_agreement_id=b)
    assert found(mini) == []


def test_a_link_whose_end_is_missing_leads_nowhere(mini: Path) -> None:
    put(mini, "agreement_links", "agl-half", from_agreement_id="agr-moscow-2020-03-05")
    put(mini, "agreement_links", "agl-other", to_agreement_id="agr-moscow-2020-03-05")
    assert found(mini) == []


def test_an_id_in_three_tables_is_told_in_the_later_two(mini: Path) -> None:
    rows = [put(mini, table, "act-turkey") for table in ("locations", "event_types")]
    problems = found(mini)
    expected = [("locations", rows[0], None), ("event_types", rows[1], None)]
    assert sorted(places(problems, "record-id-unique")) == sorted(expected)
    assert {p.message for p in problems} == {"act-turkey is also an id of actors"}


def test_an_id_belongs_to_the_table_that_the_descriptor_names_first(mini: Path) -> None:
    row = put(mini, "assessments", "loc-ariha", about_record_id="loc-trumba")
    (problem,) = found(mini)
    assert (problem.table, problem.row) == ("assessments", row)
    assert problem.message == "loc-ariha is also an id of locations"


def test_an_id_twice_in_one_table_is_left_to_the_primary_key(mini: Path) -> None:
    with (mini / "data" / "event_types.csv").open("a", encoding="utf-8") as file:
        file.write("attack,Attack,Once more.,,,\n")
    assert found(mini) == []


@pytest.mark.parametrize("target", ["act-turkey", "pst-tr-01", "evt-2020-07-14-attack-ariha"])
def test_a_column_for_any_record_takes_one_of_any_table(mini: Path, target: str) -> None:
    put(mini, "assessments", "asm-institute-2020-patrols", about_record_id=target)
    assert found(mini) == []


def test_a_column_for_any_record_may_be_empty(mini: Path) -> None:
    put(mini, "assessments", "asm-institute-2020-patrols", about_record_id="")
    assert found(mini) == []


def test_a_claim_about_no_record_is_told_at_its_row(mini: Path) -> None:
    row = put(mini, "claims", "clm-nowhere", record_id="pat-m4-2021-01-01", status="accepted")
    assert places(found(mini), "record-reference") == [("claims", row, "record_id")]


@pytest.mark.parametrize("resource", ["", "order"])
def test_a_circle_is_found_whatever_table_and_columns_are_called(
    tmp_path: Path, resource: str
) -> None:
    key = {"fields": "group", "reference": {"resource": resource, "fields": "select"}}
    fields = text_columns("select", "group")
    schema = {"fields": fields, "primaryKey": "select", "foreignKeys": [key]}
    package = make_package(tmp_path / "own", order=(schema, "select,group\na,b\nb,a\nc,a\n"))
    expected = [("order", 2, "group"), ("order", 3, "group")]
    assert places(found(package), "parent-cycle") == expected


def test_links_between_different_tables_make_no_circle(tmp_path: Path) -> None:
    places_ = ({"fields": text_columns("id"), "primaryKey": "id"}, "id\na\nb\n")
    people = ({"fields": text_columns("id"), "primaryKey": "id"}, "id\nc\n")
    keys = [
        {"fields": name, "reference": {"resource": table, "fields": "id"}}
        for name, table in (("place", "places"), ("person", "people"))
    ]
    schema = {"fields": text_columns("place", "person"), "foreignKeys": keys}
    stays = (schema, "place,person\na,c\nc,a\n")
    package = make_package(tmp_path / "own", places=places_, people=people, stays=stays)
    assert found(package) == []


def test_a_package_without_keys_has_no_links_to_judge(tmp_path: Path) -> None:
    package = make_package(tmp_path / "own", notes=({"fields": text_columns("note")}, "note\na\n"))
    assert found(package) == []


def test_links_that_the_schema_does_not_call_acyclic_may_lead_back(mini: Path) -> None:
    path = mini / "schemas" / "agreement_links.json"
    path.write_text(path.read_text("utf-8").replace('"acyclic": true', '"acyclic": false'), "utf-8")
    for a, b in [("agr-a", "agr-b"), ("agr-b", "agr-a")]:
        put(mini, "agreement_links", f"agl-{a}-{b}", from_agreement_id=a, to_agreement_id=b)
    assert places(found(mini), "link-cycle") == []
