"""A package against an earlier state of itself: what happened to its ids, and its version."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from idlib_data.dataset import Dataset
from idlib_data.errors import PackageError
from idlib_data.validation import Problem, history, validate
from tests.mini import edit, make_mini, make_package, put, text_columns, workspace

VERSION = "1.2.3"
JULY = "pat-m4-2020-07-14"
Place = tuple[str | None, int | None, str | None, str | None]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return state(tmp_path / "base")


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return state(tmp_path / "new")


def state(folder: Path) -> Path:
    package = make_mini(folder)
    set_version(package, VERSION)
    return package


def set_version(package: Path, version: str) -> None:
    path = package / "datapackage.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"version": version}), "utf-8")


def in_schema(package: Path, table: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the schema of a table."""
    path = package / "schemas" / f"{table}.json"
    schema = json.loads(path.read_text("utf-8"))
    change(schema)
    path.write_text(json.dumps(schema), "utf-8")


def column(schema: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(field for field in schema["fields"] if field["name"] == name)
    return found


def found(new: Path, base: Path) -> list[Problem]:
    return list(history.check(workspace(new), Dataset(base)))


def places(problems: list[Problem], rule: str) -> list[Place]:
    """Table, row, field and record of each offence against a rule."""
    return [(p.table, p.row, p.field, p.record_id) for p in problems if p.rule == rule]


def on_ids(problems: list[Problem]) -> list[tuple[str, Place]]:
    ids = [p for p in problems if p.rule.startswith("id-")]
    return [(p.rule, (p.table, p.row, p.field, p.record_id)) for p in ids]


def said_of_version(new: Path, base: Path) -> str:
    """The message about the version, which must be the only one and no other problem beside it."""
    [problem] = found(new, base)
    assert (problem.rule, problem.table, problem.row) == ("version-step", None, None)
    assert problem.path == "datapackage.json"
    return problem.message


def test_a_package_compared_with_itself_has_no_problems(new: Path) -> None:
    report = validate(new, against=new)
    assert report.problems == ()


def test_the_order_of_rows_and_quoting_are_no_change(base: Path, new: Path) -> None:
    path = new / "data" / "actors.csv"
    header, *rows = path.read_text("utf-8").splitlines()
    rows = [row.replace("act-turkey,Turkey,", 'act-turkey,"Turkey",') for row in reversed(rows)]
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    assert found(new, base) == []


def test_a_validation_without_a_base_knows_no_history(new: Path) -> None:
    edit(new, "data/event_types.csv", "attack,", "assault,")
    rules = {problem.rule for problem in validate(new).problems}
    assert rules & {rule.id for rule in history.RULES} == set()


def test_the_history_is_the_last_step_and_only_there_with_a_base(base: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    validate(base, against=base, progress=lambda *step: steps.append(step))
    without: list[tuple[str, int, int]] = []
    validate(base, progress=lambda *step: without.append(step))
    assert steps[-1] == ("history", 7, 8)
    assert without[-1] == ("evidence", 6, 7)


def test_a_record_that_is_gone_is_reported_by_its_table_and_id(base: Path, new: Path) -> None:
    edit(new, "data/posts.csv", "pst-tr-01,", "pst-tr-09,")
    put(new, "posts", "pst-tr-09", name="Another name")
    problems = found(new, base)
    assert on_ids(problems) == [("id-vanished", ("posts", None, None, "pst-tr-01"))]
    [vanished] = [p for p in problems if p.rule == "id-vanished"]
    assert (vanished.path, vanished.line, vanished.value) == ("data/posts.csv", None, "pst-tr-01")


def test_a_record_under_another_id_is_reported_with_both(base: Path, new: Path) -> None:
    edit(new, "data/posts.csv", "pst-tr-01,", "pst-tr-02,")
    problems = found(new, base)
    assert on_ids(problems) == [("id-changed", ("posts", 2, "post_id", "pst-tr-02"))]
    [changed] = [p for p in problems if p.rule == "id-changed"]
    assert "pst-tr-01" in changed.message
    assert "pst-tr-02" in changed.message
    assert changed.line == 2


def test_an_id_is_still_followed_where_the_ids_of_its_claims_went_with_it(
    base: Path, new: Path
) -> None:
    for name in ("posts", "claims"):
        path = new / "data" / f"{name}.csv"
        path.write_text(path.read_text("utf-8").replace("pst-tr-01", "pst-tr-02"), "utf-8")
    assert on_ids(found(new, base)) == [
        ("id-changed", ("claims", 58, "claim_id", "clm-pst-tr-02-001")),
        ("id-changed", ("claims", 59, "claim_id", "clm-pst-tr-02-002")),
        ("id-changed", ("claims", 60, "claim_id", "clm-pst-tr-02-003")),
        ("id-changed", ("posts", 2, "post_id", "pst-tr-02")),
    ]


def test_the_physical_line_is_told_after_a_cell_of_several_lines(base: Path, new: Path) -> None:
    edit(new, "data/actors.csv", "Institute for Ceasefire Studies", '"Institute\nfor Studies"')
    edit(new, "data/actors.csv", "act-tr-mod,", "act-tr-ministry,")
    [changed] = [p for p in found(new, base) if p.rule == "id-changed"]
    assert (changed.row, changed.line, changed.record_id) == (5, 6, "act-tr-ministry")


def test_an_id_in_another_table_than_it_was_is_reused(base: Path, new: Path) -> None:
    edit(new, "data/posts.csv", "pst-tr-01,", "pst-tr-09,")
    row = put(new, "actors", "pst-tr-01", name="Salwa")
    problems = found(new, base)
    assert places(problems, "id-reused") == [("actors", row, "actor_id", "pst-tr-01")]
    assert places(problems, "id-vanished") == []
    [reused] = [p for p in problems if p.rule == "id-reused"]
    assert "a record of posts" in reused.message


def test_ids_that_changed_places_are_both_reused(base: Path, new: Path) -> None:
    edit(new, "data/patrols.csv", JULY, "kept")
    edit(new, "data/patrols.csv", "pat-m4-2020-07-22", JULY)
    edit(new, "data/patrols.csv", "kept", "pat-m4-2020-07-22")
    problems = found(new, base)
    assert sorted(on_ids(problems)) == [
        ("id-reused", ("patrols", 3, "patrol_id", "pat-m4-2020-07-22")),
        ("id-reused", ("patrols", 4, "patrol_id", JULY)),
    ]
    of_july = next(p for p in problems if p.record_id == JULY)
    assert of_july.message.endswith("what it held is now called pat-m4-2020-07-22")


def test_ids_that_were_counted_anew_are_reused(base: Path, new: Path) -> None:
    # As when a claim is put before others and all are numbered again.
    edit(new, "data/claims.csv", "clm-pst-tr-01-003", "clm-pst-tr-01-004")
    edit(new, "data/claims.csv", "clm-pst-tr-01-002", "clm-pst-tr-01-003")
    edit(new, "data/claims.csv", "clm-pst-tr-01-001", "clm-pst-tr-01-002")
    put(new, "claims", "clm-pst-tr-01-001", record_id="act-turkey", field="name", note="New.")
    assert sorted(places(found(new, base), "id-reused"), key=str) == [
        ("claims", 58, "claim_id", "clm-pst-tr-01-002"),
        ("claims", 59, "claim_id", "clm-pst-tr-01-003"),
        ("claims", 61, "claim_id", "clm-pst-tr-01-001"),
    ]


def test_a_record_that_took_the_id_of_one_that_is_gone_changed_its_own(
    base: Path, new: Path
) -> None:
    # As when a claim is taken out and those after it are numbered again.
    path = new / "data/claims.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    lines[57:60] = [lines[58].replace("clm-pst-tr-01-002", "clm-pst-tr-01-001")]
    path.write_text("".join(lines), "utf-8")
    problems = found(new, base)
    assert on_ids(problems) == [
        ("id-changed", ("claims", 58, "claim_id", "clm-pst-tr-01-001")),
        ("id-vanished", ("claims", None, None, "clm-pst-tr-01-003")),
    ]
    [changed] = [p for p in problems if p.rule == "id-changed"]
    assert changed.message == (
        "the record clm-pst-tr-01-002 is now called clm-pst-tr-01-001, the id of another record"
    )


def test_an_id_under_which_nothing_is_as_it_was_is_reused(base: Path, new: Path) -> None:
    cells = {"series": "idlib-dmz", "sequence": "4", "date": "2019-05-04", "outcome": "completed"}
    row = put(new, "patrols", JULY, **cells)
    problems = found(new, base)
    assert places(problems, "id-reused") == [("patrols", row, "patrol_id", JULY)]


def test_a_correction_reuses_no_id(base: Path, new: Path) -> None:
    put(new, "patrols", JULY, sequence="20", date="2020-07-13", outcome="completed")
    set_version(new, "1.2.4")
    assert found(new, base) == []


def test_a_table_that_is_gone_is_one_problem_with_the_number_of_its_records(
    base: Path, new: Path
) -> None:
    path = new / "datapackage.json"
    descriptor = json.loads(path.read_text("utf-8"))
    descriptor["resources"] = [r for r in descriptor["resources"] if r["name"] != "patrols"]
    path.write_text(json.dumps(descriptor), "utf-8")
    schemas = (s for s in (new / "schemas").glob("*.json") if '"patrols"' in s.read_text("utf-8"))
    for schema in schemas:  # else the package points to a table that is not there
        content = json.loads(schema.read_text("utf-8"))
        content["foreignKeys"] = [
            key for key in content["foreignKeys"] if key["reference"]["resource"] != "patrols"
        ]
        schema.write_text(json.dumps(content), "utf-8")
    problems = found(new, base)
    assert on_ids(problems) == [("id-vanished", ("patrols", None, None, None))]
    [vanished] = [p for p in problems if p.rule == "id-vanished"]
    assert vanished.message == "table patrols is gone, and with it 3 records"
    [step] = [p for p in problems if p.rule == "version-step"]
    assert "2.0.0 at least" in step.message
    assert "patrols: the table is gone" in step.message


def test_ids_do_not_vanish_with_the_label_of_their_column(base: Path, new: Path) -> None:
    # Structure says that the label is missing; no record is gone for it.
    edit(new, "data/posts.csv", "post_id,", "post,")
    assert on_ids(found(new, base)) == []


def test_a_base_without_the_column_of_its_ids_cannot_be_compared_with(
    base: Path, new: Path
) -> None:
    edit(base, "data/posts.csv", "post_id,", "post,")
    with pytest.raises(PackageError, match=r"posts\.csv: has no column post_id"):
        validate(new, against=base)


def test_records_with_a_key_of_two_columns_are_followed(tmp_path: Path) -> None:
    schema = {"fields": text_columns("day", "place", "said"), "primaryKey": ["day", "place"]}
    base = make_package(tmp_path / "b", reports=(schema, "day,place,said\n1,a,x\n1,b,y\n"))
    new = make_package(tmp_path / "n", reports=(schema, "day,place,said\n1,a,x\n2,c,z\n"))
    assert on_ids(found(new, base)) == [("id-vanished", ("reports", None, None, "1/b"))]


def test_rows_without_a_key_are_compared_as_a_heap(tmp_path: Path) -> None:
    schema = {"fields": text_columns("day", "said")}
    base = make_package(tmp_path / "b", notes=(schema, "day,said\n1,x\n1,x\n2,y\n"))
    same = make_package(tmp_path / "s", notes=(schema, "day,said\n2,y\n1,x\n1,x\n"))
    fewer = make_package(tmp_path / "f", notes=(schema, "day,said\n1,x\n2,y\n"))
    for package in (base, same, fewer):
        set_version(package, "1.0.0")
    assert found(same, base) == []
    assert "notes: rows differ" in said_of_version(fewer, base)


def test_a_value_that_was_corrected_demands_a_patch_step(base: Path, new: Path) -> None:
    put(new, "patrols", JULY, sequence="20")
    message = said_of_version(new, base)
    assert message == (
        "the version is still 1.2.3 and has to be 1.2.4 at least, for a patch change: "
        f"patrols: 1 record is corrected ({JULY})"
    )


def test_a_row_that_came_demands_a_minor_step(base: Path, new: Path) -> None:
    put(new, "posts", "pst-tr-02", name="Sarmin")
    set_version(new, "1.2.9")
    message = said_of_version(new, base)
    assert message == (
        "the version grew from 1.2.3 only to 1.2.9 and has to be 1.3.0 at least, for a minor "
        "change: posts: 1 record is new (pst-tr-02)"
    )
    set_version(new, "1.3.0")
    assert found(new, base) == []


def test_a_version_that_grew_more_than_it_had_to_is_fine(base: Path, new: Path) -> None:
    put(new, "patrols", JULY, sequence="20")
    set_version(new, "2.0.0")
    assert found(new, base) == []


def test_a_version_may_grow_without_a_change(base: Path, new: Path) -> None:
    set_version(new, "1.2.4")
    assert found(new, base) == []


def test_a_version_that_went_backwards_is_one_problem(base: Path, new: Path) -> None:
    put(new, "patrols", JULY, sequence="20")
    set_version(new, "1.1.9")
    [problem] = found(new, base)
    assert (problem.rule, problem.table, problem.path) == (
        "version-backwards",
        None,
        "datapackage.json",
    )
    assert problem.value == "1.1.9"
    assert problem.message == "the version was 1.2.3 and is now 1.1.9"


def test_versions_are_compared_as_numbers(base: Path, new: Path) -> None:
    set_version(base, "1.9.0")
    set_version(new, "1.10.0")
    put(new, "posts", "pst-tr-02", name="Sarmin")
    assert found(new, base) == []


@pytest.mark.parametrize("version", ["", "1.2", "1.2.3.4", "v1.2.4", "1.2.x", "١.٢.٤", "9" * 5000])
def test_a_version_that_is_no_three_numbers_fits_no_change(
    base: Path, new: Path, version: str
) -> None:
    put(new, "patrols", JULY, sequence="20")
    set_version(new, version)
    assert said_of_version(new, base).endswith("is not written MAJOR.MINOR.PATCH")


@pytest.mark.parametrize(
    ("change", "least"), [("id", "0.2.0"), ("row", "0.1.1"), ("value", "0.1.1")]
)
def test_before_version_one_the_steps_are_smaller(
    base: Path, new: Path, change: str, least: str
) -> None:
    for package in (base, new):
        set_version(package, "0.1.0")
    if change == "id":
        edit(new, "data/posts.csv", "pst-tr-01,", "pst-tr-02,")
    elif change == "row":
        put(new, "posts", "pst-tr-02", name="Sarmin")
    else:
        put(new, "patrols", JULY, sequence="20")
    [step] = [p for p in found(new, base) if p.rule == "version-step"]
    assert f"has to be {least} at least" in step.message
    set_version(new, least)
    assert places(found(new, base), "version-step") == []


def test_no_more_than_a_few_changes_are_named(base: Path, new: Path) -> None:
    for table in ("actors", "locations", "patrols", "posts", "agreements", "events"):
        put(new, table, f"new-in-{table}")
    message = said_of_version(new, base)
    assert message.count(" is new (new-in-") == 5
    assert message.endswith("; and 1 more")
