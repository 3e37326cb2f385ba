"""A difference told to people, programs and reviewers."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from idlib_data.release.differences import COLUMNS, Difference, diff
from idlib_data.release.voices import LIMIT, markdown, render
from tests.mini import claim, edit, make_mini, put

JULY = "pat-m4-2020-07-14"
BY = f"clm-{JULY}-more-59 (new, accepted: 20, src-review-2020-12-01-idlib)"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return make_mini(tmp_path / "old")


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return make_mini(tmp_path / "new")


@pytest.fixture
def corrected(old: Path, new: Path) -> Difference:
    """One cell changed and one record replaced by another."""
    put(new, "patrols", JULY, sequence="20", note="")
    claim(new, JULY, "sequence", "20")
    edit(new, "data/posts.csv", "pst-tr-01,Salwa", "pst-tr-02,Other")
    stone = {"retired_id": "pst-tr-01", "table_name": "posts", "reason": "merged"}
    put(new, "tombstones", "tmb-a", **stone, successor_id="pst-tr-02", version="0.2.0")
    return diff(old, new)


def test_the_text_goes_by_table_and_record(corrected: Difference) -> None:
    text = render(corrected, "text")
    states = f"({corrected.old.given} -> {corrected.new.given})"
    assert text == (
        f"idlib-data 0.1.0 -> 0.1.0 {states}\n"
        "\n"
        "patrols: 1 changed (1 cell)\n"
        f"    {JULY}\n"
        "      sequence: 21 -> 20\n"
        f"        by {BY}\n"
        "\n"
        "posts: 1 gone, 1 added\n"
        "  - pst-tr-01\n"
        "      merged into pst-tr-02 in 0.2.0\n"
        "  + pst-tr-02\n"
        "\n"
        "claims: 1 added\n"
        f"  + clm-{JULY}-more-59\n"
        "\n"
        "tombstones: 1 added\n"
        "  + tmb-a\n"
        "\n"
        "major  posts: 1 id is gone (pst-tr-01)\n"
        f"minor  claims: 1 record is new (clm-{JULY}-more-59)\n"
        "minor  posts: 1 record is new (pst-tr-02)\n"
        "minor  tombstones: 1 record is new (tmb-a)\n"
        f"patch  patrols: 1 record is corrected ({JULY})\n"
        "A major step of the version, to 0.2.0 at least; the version is 0.1.0.\n"
    )


def test_of_two_like_states_the_text_says_that_nothing_changed(old: Path, new: Path) -> None:
    text = render(diff(old, new), "text")
    assert text.splitlines()[1:] == ["", "No change of the data: the version may stay."]


def test_the_text_tells_cells_of_whole_records_and_empty_ones(old: Path, new: Path) -> None:
    put(new, "posts", "pst-tr-02", name="Other")
    put(new, "posts", "pst-tr-01", location_id="")
    lines = render(diff(old, new, whole=True), "text").splitlines()
    assert "      location_id: loc-ariha -> (empty)" in lines
    assert lines[lines.index("  + pst-tr-02") + 1] == "      name: Other"


@pytest.mark.parametrize("voice", ["text", "markdown"])
def test_of_many_records_the_first_are_told_and_the_rest_counted(
    voice: str, old: Path, new: Path
) -> None:
    for number in range(LIMIT + 3):
        put(new, "posts", f"pst-tr-1{number:02}", name="Other")
    difference = diff(old, new)
    short, full = render(difference, voice), render(difference, voice, limit=None)
    named = [f"pst-tr-1{number:02}" for number in range(LIMIT + 3)]
    # A reason for the step names the first three, and the list is to name each just once.
    assert [name for name in named if name in short] == named[:LIMIT]
    assert [name for name in named if name in full] == named
    assert ("3 more records" if voice == "text" else "3 further records") in short
    assert "more records" not in full
    assert "further records" not in full


@pytest.mark.parametrize("voice", ["text", "markdown", "csv", "json"])
def test_the_claims_behind_a_change_are_in_every_voice(voice: str, corrected: Difference) -> None:
    said = render(corrected, voice)
    assert said.endswith("\n")
    assert f"clm-{JULY}-more-59" in said.replace("\\-", "-")


def test_the_csv_has_one_line_per_difference(corrected: Difference) -> None:
    rows = list(csv.reader(io.StringIO(render(corrected, "csv"))))
    assert rows == [
        list(COLUMNS),
        ["patrols", JULY, "sequence", "21", "20", "changed", BY],
        ["posts", "pst-tr-01", "", "", "", "removed", "merged into pst-tr-02 in 0.2.0"],
        ["posts", "pst-tr-02", "", "", "", "added", ""],
        ["claims", f"clm-{JULY}-more-59", "", "", "", "added", ""],
        ["tombstones", "tmb-a", "", "", "", "added", ""],
    ]
    assert COLUMNS == ("table", "record_id", "field", "old", "new", "change", "why")


def test_the_json_holds_counts_version_and_changes(corrected: Difference) -> None:
    told = json.loads(render(corrected, "json"))
    assert list(told) == ["same", "old", "new", "version", "tables", "changes"]
    assert told["same"] is False
    assert told["tables"]["patrols"] == {"added": 0, "removed": 0, "changed": 1, "cells": 1}
    version = told["version"]
    assert (version["step"], version["least"], version["enough"]) == ("major", "0.2.0", False)
    assert version["reasons"][0] == {
        "step": "major",
        "table": "posts",
        "what": "1 id is gone (pst-tr-01)",
    }
    first, second, *_ = told["changes"]
    assert first == {
        "table": "patrols",
        "record_id": JULY,
        "field": "sequence",
        "old": "21",
        "new": "20",
        "change": "changed",
        "fate": None,
        "claims": [
            {
                "claim_id": f"clm-{JULY}-more-59",
                "change": "new",
                "status": "accepted",
                "was": None,
                "value": "20",
                "source_id": "src-review-2020-12-01-idlib",
                "attributed_to": None,
                "note": None,
            }
        ],
    }
    assert (second["fate"], second["claims"]) == ("merged into pst-tr-02 in 0.2.0", [])


def test_the_markdown_begins_with_counts_and_version(corrected: Difference) -> None:
    lines = render(corrected, "markdown").splitlines()
    assert lines[2] == "❌ A major step of the version, to 0.2.0 at least; the version is 0.1.0."
    at = lines.index("| Table | Changed | Cells | Gone | Added |")
    assert lines[at + 2 : at + 4] == ["| `patrols` | 1 | 1 |  |  |", "| `posts` |  |  | 1 | 1 |"]
    assert "#### posts: 1 gone, 1 added" in lines
    assert "| `pst-tr-01` | gone |  |  | merged into pst\\-tr\\-02 in 0.2.0 |" in lines
    row = next(line for line in lines if line.startswith(f"| `{JULY}`"))
    assert row.startswith(f"| `{JULY}` | `sequence` | `21` | `20` | clm\\-pat")


def test_no_cell_is_taken_for_markup_or_a_command(old: Path, new: Path) -> None:
    bad = "a|b `c` <img src=x> @all [d](http://e) \x1b[31m\u202e"
    put(new, "posts", "pst-tr-01", name=bad)
    claim(new, "pst-tr-01", "name", bad, note="x")
    difference = diff(old, new)
    told = render(difference, "markdown")
    row = next(line for line in told.splitlines() if "`name`" in line)
    assert "\x1b" not in told
    assert "\u202e" not in told
    # The cell stands as code, in as many ticks as it takes; the claim is prose.
    code, prose = row.split(" | ")[3], row.split(" | ")[4]
    assert code.startswith("``a\\|b `c` <img src=x> @all")
    assert code.endswith("``")
    assert "<img" not in prose
    assert "&lt;img" in prose
    assert "\\[d\\]" in prose
    assert "@all" not in prose
    assert len([bar for bar in row.replace("\\|", "") if bar == "|"]) == 6
    text = render(difference, "text")
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_long_lists_are_folded_and_the_whole_fits_a_comment(old: Path, new: Path) -> None:
    for number in range(300):
        put(new, "posts", f"pst-tr-{number:03}", name="Other")
        claim(new, f"pst-tr-{number:03}", source_id="src-" + "long-" * 20 + "name")
    told = render(diff(old, new), "markdown", limit=None)
    assert len(told.encode()) <= markdown.LARGEST
    assert "<details><summary>posts: 300 added</summary>" in told
    assert told.count("<details>") == told.count("</details>") >= 1
    assert "further records** not shown here" in told
