"""Two states of the data side by side: which cells differ, and which claims explain it."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

import idlib_data as idl
from idlib_data.dataset import Dataset
from idlib_data.errors import PackageError
from idlib_data.release.differences import Count, Difference, Line, diff
from idlib_data.release.steps import step
from tests.mini import claim, edit, make_mini, make_package, put, text_columns

JULY = "pat-m4-2020-07-14"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return make_mini(tmp_path / "old")


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return make_mini(tmp_path / "new")


def lines(difference: Difference, table: str) -> list[Line]:
    return [line for line in difference if line.table == table]


def set_version(package: Path, version: str) -> None:
    path = package / "datapackage.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"version": version}), "utf-8")


def test_a_state_does_not_differ_from_itself(old: Path, new: Path) -> None:
    difference = idl.diff(old, new)
    assert difference.same
    assert (len(difference), list(difference), difference.counts) == (0, [], {})
    assert (difference.demand.step, difference.demand.least) == ("none", None)
    assert difference.demand.enough


def test_the_order_of_rows_is_no_difference(old: Path, new: Path) -> None:
    path = new / "data" / "patrols.csv"
    header, *rows = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([header, *reversed(rows)]) + "\n", "utf-8")
    assert diff(old, new).same


def test_a_corrected_cell_comes_with_the_claims_that_explain_it(old: Path, new: Path) -> None:
    put(new, "patrols", JULY, sequence="20")
    edit(new, "data/claims.csv", "act-ru-mod,conflict", "act-ru-mod,accepted")
    claim(new, JULY, "sequence", "20", note="Printed so.")
    [line] = lines(diff(old, new), "patrols")
    assert (line.record_id, line.field, line.change) == (JULY, "sequence", "changed")
    assert (line.old, line.new) == ("21", "20")
    changed, added = line.causes
    assert (changed.claim_id, changed.change) == (f"clm-{JULY}-005", "changed")
    assert (changed.was, changed.status, changed.value) == ("conflict", "accepted", "20")
    assert (changed.source_id, changed.attributed_to) == (
        "src-daily-2020-07-14-blast",
        "act-ru-mod",
    )
    assert (added.claim_id, added.change, added.was) == (f"clm-{JULY}-more-59", "new", None)
    assert (added.source_id, added.note) == ("src-review-2020-12-01-idlib", "Printed so.")
    assert line.why == (
        f"clm-{JULY}-005 (changed, conflict -> accepted: 20, src-daily-2020-07-14-blast, "
        f"act-ru-mod); clm-{JULY}-more-59 (new, accepted: 20, src-review-2020-12-01-idlib)"
    )


def test_a_claim_on_another_cell_or_with_a_new_note_explains_nothing(old: Path, new: Path) -> None:
    put(new, "patrols", JULY, sequence="20")
    claim(new, JULY, "date", "2020-07-14")
    claim(new, "pat-m4-2020-07-22", "sequence", "20")
    put(new, "claims", f"clm-{JULY}-003", note="Another note.")
    [line] = lines(diff(old, new), "patrols")
    assert (line.causes, line.why) == ((), "")


def test_an_emptied_cell_is_explained_by_the_claim_that_went(old: Path, new: Path) -> None:
    put(new, "posts", "pst-tr-01", location_id="")
    text = (new / "data/claims.csv").read_text("utf-8").splitlines(keepends=True)
    kept = [row for row in text if not row.startswith("clm-pst-tr-01-003,")]
    (new / "data/claims.csv").write_text("".join(kept), "utf-8")
    difference = diff(old, new)
    [line] = lines(difference, "posts")
    assert (line.old, line.new) == ("loc-ariha", None)
    assert [(cause.claim_id, cause.change) for cause in line.causes] == [
        ("clm-pst-tr-01-003", "gone")
    ]
    assert difference.demand.step == "major"


def test_a_new_record_is_one_line_with_the_claims_that_it_exists(old: Path, new: Path) -> None:
    put(new, "posts", "pst-tr-02", name="Ariha", location_id="loc-ariha")
    claim(new, "pst-tr-02")
    claim(new, "pst-tr-02", "location_id", "loc-ariha")
    difference = diff(old, new)
    [line] = lines(difference, "posts")
    assert (line.record_id, line.field, line.change) == ("pst-tr-02", None, "added")
    assert [cause.claim_id for cause in line.causes] == ["clm-pst-tr-02-more-59"]
    assert difference.counts["posts"] == Count(added=1)
    assert difference.counts["claims"] == Count(added=2)


def test_the_cells_of_new_and_lost_records_are_told_when_asked_for(old: Path, new: Path) -> None:
    put(new, "posts", "pst-tr-02", name="Ariha")
    edit(new, "data/posts.csv", "pst-tr-01,Salwa,act-turkey,", "pst-tr-03,Salwa,act-turkey,")
    difference = diff(old, new, whole=True)
    told = [(line.record_id, line.field, line.old, line.new) for line in lines(difference, "posts")]
    assert told == [
        ("pst-tr-01", None, None, None),
        ("pst-tr-01", "name", "Salwa", None),
        ("pst-tr-01", "actor_id", "act-turkey", None),
        ("pst-tr-01", "location_id", "loc-ariha", None),
        ("pst-tr-02", None, None, None),
        ("pst-tr-02", "name", None, "Ariha"),
        ("pst-tr-03", None, None, None),
        ("pst-tr-03", "name", None, "Salwa"),
        ("pst-tr-03", "actor_id", None, "act-turkey"),
        ("pst-tr-03", "location_id", None, "loc-ariha"),
    ]
    assert difference.counts["posts"] == Count(added=2, removed=1)


def test_a_lost_record_is_explained_by_its_tombstone(old: Path, new: Path) -> None:
    edit(new, "data/posts.csv", "pst-tr-01,Salwa", "pst-tr-02,Other")
    stone = {"retired_id": "pst-tr-01", "table_name": "posts", "reason": "merged"}
    stone |= {"successor_id": "pst-tr-02", "version": "0.2.0", "note": "One post."}
    put(new, "tombstones", "tmb-pst-tr-01", **stone)
    gone, come = lines(diff(old, new), "posts")
    assert (gone.record_id, gone.change) == ("pst-tr-01", "removed")
    assert gone.fate == "merged into pst-tr-02 in 0.2.0 (One post.)" == gone.why
    assert (come.record_id, come.change, come.fate) == ("pst-tr-02", "added", None)


def test_the_cells_of_a_column_that_only_one_state_has_are_told(tmp_path: Path) -> None:
    key = {"primaryKey": "id"}
    old = make_package(
        tmp_path / "old",
        things=({"fields": text_columns("id", "a", "b"), **key}, "id,a,b\nx,1,2\ny,,\n"),
    )
    new = make_package(
        tmp_path / "new",
        things=({"fields": text_columns("id", "b", "c"), **key}, "id,b,c\nx,2,\ny,,3\n"),
    )
    difference = diff(old, new)
    told = [(line.record_id, line.field, line.old, line.new) for line in difference]
    assert told == [("x", "a", "1", None), ("y", "c", None, "3")]
    assert difference.counts == {"things": Count(changed=2, cells=2)}
    assert [(r.step, r.what) for r in difference.demand.reasons] == [
        ("major", "column a is gone"),
        ("minor", "column c is new"),
    ]


def test_tables_that_only_one_state_has_are_told_record_by_record(tmp_path: Path) -> None:
    schema = {"fields": text_columns("id", "a"), "primaryKey": "id"}
    old = make_package(tmp_path / "old", first=(schema, "id,a\nx,1\n"))
    new = make_package(tmp_path / "new", second=(schema, "id,a\ny,1\n"))
    told = [(line.table, line.record_id, line.change) for line in diff(old, new)]
    assert told == [("second", "y", "added"), ("first", "x", "removed")]


def test_a_key_of_two_columns_is_told_with_a_slash(tmp_path: Path) -> None:
    schema = {"fields": text_columns("a", "b", "c"), "primaryKey": ["a", "b"]}
    old = make_package(tmp_path / "old", things=(schema, "a,b,c\nx,y,1\n"))
    new = make_package(tmp_path / "new", things=(schema, "a,b,c\nx,y,2\n"))
    assert [(line.record_id, line.field) for line in diff(old, new)] == [("x/y", "c")]


def test_a_table_without_a_key_differs_as_a_whole(tmp_path: Path) -> None:
    schema = {"fields": text_columns("a")}
    old = make_package(tmp_path / "old", things=(schema, "a\nx\n"))
    new = make_package(tmp_path / "new", things=(schema, "a\ny\n"))
    difference = diff(old, new)
    assert (difference.same, len(difference)) == (False, 0)
    assert [r.what for r in difference.demand.reasons] == ["rows differ, in a table without a key"]


def test_the_frame_has_a_row_per_difference_as_text(old: Path, new: Path) -> None:
    put(new, "patrols", JULY, sequence="20")
    put(new, "posts", "pst-tr-02", name="Ariha")
    claim(new, "pst-tr-02")
    frame = diff(old, new).frame()
    assert [str(dtype) for dtype in frame.dtypes] == ["str"] * 7
    rows = frame.astype(object).where(frame.notna(), None).to_dict("split")["data"]
    why = "clm-pst-tr-02-more-59 (new, accepted: src-review-2020-12-01-idlib)"
    assert rows == [
        ["patrols", JULY, "sequence", "21", "20", "changed", None],
        ["posts", "pst-tr-02", None, None, None, "added", why],
        ["claims", "clm-pst-tr-02-more-59", None, None, None, "added", None],
    ]


def test_an_archive_and_a_revision_are_states_as_well(tmp_path: Path, old: Path, new: Path) -> None:
    put(new, "patrols", JULY, sequence="20")
    archive = tmp_path / "release.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted(old.rglob("*.*")):
            file.write(path, f"top/{path.relative_to(old).as_posix()}")
    git = ["git", "-C", str(new), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    shutil.copytree(new / "data", tmp_path / "kept")
    for call in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"]):
        subprocess.run([*git, *call], check=True)
    put(new, "patrols", JULY, sequence="19")
    told = [(line.old, line.new) for line in diff(archive, new)]
    assert told == [("21", "19")]
    assert [(line.old, line.new) for line in diff("HEAD", new)] == [("20", "19")]
    assert [(line.old, line.new) for line in diff(archive, "HEAD", root=new)] == [("21", "20")]
    assert [(line.old, line.new) for line in diff(new, Dataset(old))] == [("19", "21")]


def test_a_fetched_release_is_a_state(
    tmp_path: Path, old: Path, new: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDLIB_DATA_CACHE", str(tmp_path / "cache"))
    shutil.copytree(old, tmp_path / "cache" / "releases" / "7.8.9")
    put(new, "patrols", JULY, sequence="20")
    difference = diff("7.8.9", new)
    assert [(line.old, line.new) for line in difference] == [("21", "20")]
    assert (difference.old.given, difference.new.given) == ("7.8.9", str(new))


def test_a_name_that_stands_for_nothing_is_refused(
    tmp_path: Path, new: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDLIB_DATA_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("IDLIB_DATA_INDEX", raising=False)
    with pytest.raises(PackageError, match="nothing-of-this-name: is no package or archive"):
        diff("nothing-of-this-name", new)
    with pytest.raises(PackageError, match=r"7\.8\.9: .* and no release that can be had: no index"):
        diff("7.8.9", new)


def test_the_step_is_the_greatest_that_a_change_demands(old: Path, new: Path) -> None:
    set_version(old, "1.2.3")
    set_version(new, "1.2.4")
    put(new, "patrols", JULY, sequence="20")
    demand = step(old, new)
    assert (demand.step, demand.least, demand.enough) == ("patch", "1.2.4", True)
    put(new, "posts", "pst-tr-02", name="Ariha")
    demand = step(old, new)
    assert (demand.step, demand.least, demand.enough) == ("minor", "1.3.0", False)
    assert [(r.step, r.table) for r in demand.reasons] == [("minor", "posts"), ("patch", "patrols")]
    edit(new, "data/event_types.csv", "attack,", "assault,")
    demand = step(old, new)
    assert (demand.step, demand.least, demand.enough) == ("major", "2.0.0", False)
    assert (demand.base, demand.version) == ("1.2.3", "1.2.4")


def test_a_smaller_version_is_never_enough(old: Path, new: Path) -> None:
    set_version(old, "1.2.3")
    set_version(new, "1.2.2")
    demand = step(old, new)
    assert (demand.step, demand.least, demand.enough) == ("none", None, False)
