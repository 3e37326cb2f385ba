"""The rules on ids that are retired, and how history takes them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from idlib_data.dataset import Dataset
from idlib_data.validation import Problem, history, tombstones, validate
from idlib_data.validation.links import check as check_links
from tests.mini import edit, make_mini, places, put, workspace

STONES = "data/tombstones.csv"


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    return make_mini(tmp_path / "mini")


def found(package: Path) -> list[Problem]:
    return list(tombstones.check(workspace(package)))


def retire(package: Path, retired: str, successor: str = "", reason: str = "merged") -> int:
    """Add a tombstone; returns its record number."""
    number = len((package / STONES).read_text("utf-8").splitlines())
    cells = {"retired_id": retired, "successor_id": successor, "reason": reason}
    return put(package, "tombstones", f"tmb-{number}", table_name="posts", **cells, version="0.1.0")


def history_of(new: Path, base: Path) -> list[tuple[str, str | None]]:
    problems = history.check(workspace(new), Dataset(base))
    return [(p.rule, p.record_id) for p in problems if p.rule.startswith("id-")]


def test_a_chain_that_ends_at_a_record_is_in_order(mini: Path) -> None:
    assert found(mini) == []
    assert validate(mini).problems == ()


def test_a_retired_id_that_a_record_bears_is_reported_at_its_tombstone(mini: Path) -> None:
    row = retire(mini, "act-turkey", "act-russia")
    [problem] = found(mini)
    assert (problem.rule, problem.table, problem.row) == ("retired-id-used", "tombstones", row)
    assert (problem.field, problem.value) == ("retired_id", "act-turkey")
    assert problem.message == "act-turkey is an id of actors"


def test_a_code_counts_as_an_id_too(mini: Path) -> None:
    row = retire(mini, "attack", reason="withdrawn")
    assert places(found(mini), "retired-id-used") == [("tombstones", row, "retired_id")]


def test_a_split_record_may_have_a_tombstone_for_each_part(mini: Path) -> None:
    retire(mini, "pst-tr-08", "pst-tr-01", "split")
    retire(mini, "pst-tr-08", "loc-ariha", "split")
    assert found(mini) == []


def test_the_same_part_twice_or_another_reason_is_reported(mini: Path) -> None:
    retire(mini, "pst-tr-08", "pst-tr-01", "split")
    same = retire(mini, "pst-tr-08", "pst-tr-01", "split")
    retire(mini, "pst-tr-09", "pst-tr-01", "split")
    other = retire(mini, "pst-tr-09", "loc-ariha", "merged")
    assert places(found(mini), "tombstone-repeated") == [
        ("tombstones", same, "retired_id"),
        ("tombstones", other, "retired_id"),
    ]


@pytest.mark.parametrize(
    ("reason", "successor"), [("merged", ""), ("split", ""), ("withdrawn", "pst-tr-01")]
)
def test_a_reason_and_its_successor_go_together(mini: Path, reason: str, successor: str) -> None:
    row = retire(mini, "pst-tr-08", successor, reason)
    assert places(found(mini), "tombstone-reason") == [("tombstones", row, "successor_id")]


def test_successors_in_a_circle_are_all_reported(mini: Path) -> None:
    rows = [retire(mini, "a", "b"), retire(mini, "b", "c"), retire(mini, "c", "a")]
    retire(mini, "d", "a")
    assert places(found(mini), "tombstone-chain") == [
        ("tombstones", row, "successor_id") for row in rows
    ]


def test_a_chain_that_ends_at_a_withdrawn_record_is_reported(mini: Path) -> None:
    row = retire(mini, "pst-tr-08", "pst-tr-00")
    [problem] = found(mini)
    assert (problem.rule, problem.row) == ("tombstone-chain", row)
    assert problem.message == "pst-tr-00, the successor, was withdrawn itself"


def test_a_successor_that_never_was_is_no_record(mini: Path) -> None:
    row = retire(mini, "pst-tr-08", "pst-tr-80")
    problems = [*check_links(workspace(mini))]
    assert [(p.rule, p.row, p.field) for p in problems] == [
        ("record-reference", row, "successor_id")
    ]


def test_only_a_tombstone_may_name_a_retired_id(mini: Path) -> None:
    edit(mini, "data/assessments.csv", "agr-moscow-2020-03-05", "pst-tr-00")
    problems = [*check_links(workspace(mini))]
    assert [(p.rule, p.table, p.value) for p in problems] == [
        ("record-reference", "assessments", "pst-tr-00")
    ]


def test_a_package_without_tombstones_is_not_judged_by_them(mini: Path) -> None:
    descriptor = json.loads((mini / "datapackage.json").read_text("utf-8"))
    kept = [r for r in descriptor["resources"] if r["name"] != "tombstones"]
    (mini / "datapackage.json").write_text(json.dumps(descriptor | {"resources": kept}), "utf-8")
    assert found(mini) == []


def test_a_record_may_go_if_it_has_a_tombstone(tmp_path: Path) -> None:
    base, new = make_mini(tmp_path / "base"), make_mini(tmp_path / "new")
    edit(new, "data/posts.csv", "pst-tr-01,Salwa", "pst-tr-02,Another name")
    assert history_of(new, base) == [("id-vanished", "pst-tr-01")]
    retire(new, "pst-tr-01", "pst-tr-02")
    assert history_of(new, base) == []
    steps = [p for p in history.check(workspace(new), Dataset(base)) if p.rule == "version-step"]
    assert ["for a major change" in problem.message for problem in steps] == [True]


def test_a_tombstone_is_no_leave_to_give_a_record_a_new_id(tmp_path: Path) -> None:
    base, new = make_mini(tmp_path / "base"), make_mini(tmp_path / "new")
    edit(new, "data/posts.csv", "pst-tr-01,", "pst-tr-02,")
    retire(new, "pst-tr-01", "pst-tr-02")
    assert history_of(new, base) == [("id-changed", "pst-tr-02")]


def test_a_record_may_take_over_what_a_merged_one_held(tmp_path: Path) -> None:
    base, new = make_mini(tmp_path / "base"), make_mini(tmp_path / "new")
    put(base, "posts", "pst-tr-02", name="Salwa", actor_id="act-turkey")
    put(new, "posts", "pst-tr-02", name="Salwa", actor_id="act-turkey", location_id="loc-ariha")
    text = (new / "data/posts.csv").read_text("utf-8").splitlines(keepends=True)
    kept = [row for row in text if not row.startswith("pst-tr-01,")]
    (new / "data/posts.csv").write_text("".join(kept), "utf-8")
    assert ("id-changed", "pst-tr-02") in history_of(new, base)
    retire(new, "pst-tr-01", "pst-tr-02")
    assert history_of(new, base) == []
