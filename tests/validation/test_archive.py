"""The passages of the ledger against a folder of texts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from idlib_data.cli import main
from idlib_data.errors import PackageError
from idlib_data.validation import archive
from tests.mini import edit, make_mini, places

# The mini package holds the hash of this text and those of its paragraphs 2 and 3. White space in
# it is uneven on purpose: the hashes are those of the folded text.
TEXT = """Patrol on the M4

The twenty-first joint patrol set out   in the morning.
A car exploded beside it near Ariha.
"""
SOURCE = "src-gazete-2020-07-14-patrol"
HASHED = [26, 28, 45, 47]
"""Record numbers of the claims with a hash."""


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    return make_mini(tmp_path / "mini")


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "gazete.txt").write_text(TEXT, "utf-8")
    return folder


def test_every_passage_that_reads_as_claimed_is_verified(mini: Path, texts: Path) -> None:
    report = archive.check(texts, package=mini)
    assert report.valid
    assert report.problems == ()
    assert report.tables == {"claims": len(HASHED)}


@pytest.mark.parametrize(
    "same",
    [TEXT.replace("   ", " "), TEXT.replace("\n", "\r\n"), TEXT.replace("\n\n", "\n \t\n")],
    ids=["folded", "crlf", "blank-lines"],
)
def test_white_space_does_not_change_a_passage(mini: Path, texts: Path, same: str) -> None:
    (texts / "gazete.txt").write_bytes(same.encode())
    assert archive.check(texts, package=mini).problems == ()


def test_a_text_is_known_by_its_hash_and_not_by_its_name(mini: Path, texts: Path) -> None:
    (texts / "gazete.txt").rename(texts / "0001")
    (texts / "another.txt").write_text("Another text.\n", "utf-8")
    (texts / "picture.jpg").write_bytes(b"\xff\xd8\xff")
    assert archive.check(texts, package=mini).problems == ()


def test_a_text_that_is_missing_is_told_at_each_claim_on_it(mini: Path, texts: Path) -> None:
    (texts / "gazete.txt").write_text(TEXT.replace("Ariha", "Saraqib"), "utf-8")
    report = archive.check(texts, package=mini)
    expected = [("claims", row, "source_id") for row in HASHED]
    assert places(report.problems, "archive-text") == expected
    assert len(report.problems) == len(HASHED)
    assert {problem.value for problem in report.problems} == {SOURCE}
    assert not report.valid


def test_a_source_without_a_hash_has_no_text(mini: Path, texts: Path) -> None:
    edit(mini, "data/claims.csv", f"sequence,21,{SOURCE}", "sequence,21,src-daily-2020-07-14-blast")
    report = archive.check(texts, package=mini)
    assert places(report.problems, "archive-text") == [("claims", 47, "source_id")]


@pytest.mark.parametrize("locator", ["p4", "p99"])
def test_a_paragraph_that_the_text_lacks_is_told(mini: Path, texts: Path, locator: str) -> None:
    edit(
        mini,
        "data/claims.csv",
        "loc-ariha,src-gazete-2020-07-14-patrol,,accepted,p3",
        f"loc-ariha,src-gazete-2020-07-14-patrol,,accepted,{locator}",
    )
    (problem,) = archive.check(texts, package=mini).problems
    assert (problem.rule, problem.row, problem.field) == ("archive-locator", 28, "locator")
    assert (problem.line, problem.value) == (28, locator)
    assert problem.record_id == "clm-evt-2020-07-14-attack-ariha-003"
    assert problem.message == f"gazete.txt has no paragraph {locator}"


def test_a_passage_that_reads_otherwise_is_told(mini: Path, texts: Path) -> None:
    edit(
        mini,
        "data/claims.csv",
        "loc-ariha,src-gazete-2020-07-14-patrol,,accepted,p3",
        "loc-ariha,src-gazete-2020-07-14-patrol,,accepted,p2",
    )
    (problem,) = archive.check(texts, package=mini).problems
    assert (problem.rule, problem.row, problem.field) == ("archive-passage", 28, "passage_sha256")
    assert problem.message == "paragraph p2 of gazete.txt has another hash"
    assert problem.value == "43b0cb9fc0dfa1a4bbc0e1e8a2a322c58e02555c320337ccca0d78aff8b44967"
    assert problem.severity == "error"
    assert problem.hint.startswith("Compare locator and passage")


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_folder_without_texts_is_an_error_of_the_call(
    mini: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(PackageError, match=name):
        archive.check(tmp_path / name, package=mini)


def call(mini: Path, texts: Path, *arguments: str) -> tuple[int, str]:
    command = ["evidence", "--archive", str(texts), "--package", str(mini), *arguments]
    result = CliRunner().invoke(main, command)
    return result.exit_code, result.stdout


def test_the_command_ends_with_0_when_all_is_verified(mini: Path, texts: Path) -> None:
    code, output = call(mini, texts, "--format", "json")
    assert code == 0
    assert json.loads(output)["tables"] == {"claims": len(HASHED)}


def test_the_command_ends_with_1_when_a_passage_is_not(mini: Path, texts: Path) -> None:
    (texts / "gazete.txt").write_text("Another text.\n", "utf-8")
    code, output = call(mini, texts, "--format", "json")
    assert code == 1
    problems = json.loads(output)["problems"]
    assert [(p["rule"], p["row"]) for p in problems] == [("archive-text", row) for row in HASHED]


def test_the_command_ends_with_2_without_the_folder(mini: Path, tmp_path: Path) -> None:
    assert call(mini, tmp_path / "nowhere") == (2, "")
