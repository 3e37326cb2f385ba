"""The voices as one family: all can tell every problem, and where in the file it stands."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from idlib_data import validation
from idlib_data.validation import Problem, Report, voices
from idlib_data.validation.examples import EXAMPLES
from idlib_data.validation.voices import guide, places
from tests.mini import edit, make_mini, put

PATH = "data/posts.csv"
HEADER = "post_id,name,name_ar,note\n"


def package(folder: Path, content: str, newline: str = "") -> Path:
    """A folder with one file, which the places are looked up in."""
    (folder / "data").mkdir(parents=True)
    (folder / PATH).write_text(content, encoding="utf-8", newline=newline)
    return folder


def at(
    line: int | None, field: str | None = None, rule: str = "type-error", **more: str
) -> Problem:
    return Problem(rule, "error", "wrong", "posts", PATH, line, line, field, **more)


def place(root: Path, problem: Problem) -> places.Place:
    return places.find([problem], root)[problem]


def marked(found: places.Place) -> str:
    return found.text[found.start : found.end]


def test_a_cell_is_found_by_line_and_column(tmp_path: Path) -> None:
    root = package(tmp_path / "p", HEADER + "a,Salwa,,\nb,Sheikh Ali,,far\n")
    found = place(root, at(3, "note"))
    assert (found.line, found.column, found.end_column) == (3, 15, 18)
    assert marked(found) == "far"


def test_the_quotes_around_a_cell_are_no_part_of_it(tmp_path: Path) -> None:
    root = package(tmp_path / "p", HEADER + 'a,"Say ""hi"", there",,x\n')
    found = place(root, at(2, "name"))
    assert marked(found) == 'Say ""hi"", there'
    assert found.column == 4
    assert marked(place(root, at(2, "note"))) == "x"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_a_cell_after_a_line_break_in_its_record_is_on_a_later_line(
    tmp_path: Path, newline: str
) -> None:
    root = package(tmp_path / "p", HEADER + 'a,"two\nlines",,x\nb,,,y\n', newline)
    assert place(root, at(2, "name")).line == 2
    assert place(root, at(2, "name")).end_column is None
    note = place(root, at(2, "note"))
    assert (note.line, note.column, note.end_column, marked(note)) == (3, 9, 10, "x")
    after = place(root, at(4, "note"))
    assert (after.line, after.column, marked(after)) == (4, 5, "y")


def test_a_byte_order_mark_shifts_no_column(tmp_path: Path) -> None:
    root = package(tmp_path / "p", "\ufeff" + HEADER + "a,,,\n")
    found = place(root, at(1, "name", "extra-label"))
    assert (found.column, marked(found)) == (9, "name")


def test_a_problem_of_a_record_is_shown_at_its_key(tmp_path: Path) -> None:
    root = package(tmp_path / "p", HEADER + "a,b,,\n")
    assert place(root, at(2, record_id="b")).column == 3


def test_a_cell_too_few_is_shown_at_the_end_of_the_line(tmp_path: Path) -> None:
    root = package(tmp_path / "p", HEADER + "a,Salwa\n")
    assert place(root, at(2, "note", "missing-cell")).column == 8


def test_white_space_is_shown_where_it_is_and_not_as_the_whole_cell(tmp_path: Path) -> None:
    root = package(tmp_path / "p", HEADER + "a,Tell  Touqan,,\n")
    found = place(root, at(2, "name", "text-whitespace"))
    assert (found.column, marked(found)) == (7, "  ")


def test_a_column_that_the_file_lacks_leaves_the_line(tmp_path: Path) -> None:
    root = package(tmp_path / "p", HEADER + "a,,,\n")
    found = place(root, at(2, "soldiers"))
    assert (found.line, found.column, found.text) == (2, None, "a,,,\n")


@pytest.mark.parametrize("path", ["../secret.csv", "data/link.csv", "data/none.csv", "data"])
def test_nothing_is_read_outside_the_package(tmp_path: Path, path: str) -> None:
    root = package(tmp_path / "p", HEADER)
    (tmp_path / "secret.csv").write_text("secret\n")
    (root / "data" / "link.csv").symlink_to(tmp_path / "secret.csv")
    problem = Problem("blank-row", "error", "", "posts", path, 1, 1)
    assert place(root, problem) == places.Place(1)


def test_without_a_folder_a_place_is_a_line() -> None:
    problem = at(7, "name")
    assert places.find([problem], None) == {problem: places.Place(7)}


def test_a_quote_that_never_closes_does_not_take_in_the_whole_file(tmp_path: Path) -> None:
    root = package(tmp_path / "p", HEADER + 'a,"x,,\n' + "b,y,,\n" * 100_000)
    assert len(place(root, at(2, "name")).text) < places.LONGEST + 10


def test_what_cannot_be_seen_is_written_out() -> None:
    assert places.visible("a\u200fb\x1b[31mc\td\u00a0e") == "a<U+200F>b<U+001B>[31mc⇥d<U+00A0>e"
    assert places.visible("Türkiye عين") == "Türkiye عين"


def test_an_excerpt_is_cut_on_both_sides_of_its_cell() -> None:
    text = "b" * 500 + "CELL" + "a" * 500
    before, cell, after = places.excerpt(places.Place(1, 501, 505, text, 500, 504), 60)
    assert (before, cell, after) == ("…" + "b" * 28, "CELL", "a" * 27 + "…")


def test_a_path_is_told_as_seen_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    assert places.base(tmp_path / "sub" / "p") == "sub/p/"
    assert places.base(tmp_path) == ""
    assert places.base(tmp_path.parent) == ""
    assert places.base(None) == ""
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "sub"))
    assert places.base(tmp_path / "sub" / "p") == "p/"


def test_the_schema_says_what_was_expected(tmp_path: Path) -> None:
    advisor = guide.Guide(make_mini(tmp_path / "mini"))

    def expected(table: str, field: str, rule: str = "constraint-error") -> str:
        return advisor.expected(Problem(rule, "error", "", table, field=field))

    assert expected("events", "location_id", "foreign-key").startswith(
        "an id of the table locations"
    )
    assert expected("patrols", "outcome").startswith("one of: attacked, cancelled, completed, ")
    assert expected("locations", "latitude").startswith("a number, at least -90, at most 90, such")
    assert expected("patrols", "date", "type-error").startswith("a date, such as 20")
    assert "pattern ^(?:evt-" in expected("events", "event_id")
    assert expected("patrols", "date", "dates-in-order") == ""
    assert expected("patrols", "nowhere") == ""


def test_the_nearest_value_comes_with_what_to_do_otherwise() -> None:
    problem = Problem("foreign-key", "error", "", hint="Did you mean loc-ariha?")
    advice = "Did you mean loc-ariha? Correct the id, or add the record it names."
    assert guide.Guide(None).advice(problem) == advice


def test_a_verdict_counts_errors_and_warnings_apart() -> None:
    problems = (at(2), Problem("orphan-source", "warning", "w"))
    report = Report("mine", "1.0.0", {"posts": 1200, "actors": 1}, problems)
    told = "mine 1.0.0: not valid; 1,201 records in 2 tables, 1 error, 1 warning"
    assert guide.verdict(report) == told
    assert (
        guide.verdict(Report("", ""))
        == "package: valid; 0 records in 0 tables, 0 errors, 0 warnings"
    )


def test_the_json_is_the_contract(tmp_path: Path) -> None:
    report = Report("mine", "1.0.0", {"posts": 1}, (at(2, "name", value="عين"),))
    text = voices.render(report, "json")
    assert json.loads(text) == report.to_dict()
    assert "عين" in text


def test_the_csv_has_a_record_per_problem() -> None:
    problem = at(2, "name", value='a,"b"\nc')
    (record,) = csv.DictReader(io.StringIO(voices.render(Report("", "", {}, (problem,)), "csv")))
    expected = {k: "" if v is None else str(v) for k, v in problem.to_dict().items()}
    assert record == expected


@pytest.mark.parametrize("voice", voices.VOICES)
def test_every_voice_tells_every_example(voice: str, tmp_path: Path) -> None:
    # One package with many faults, so that it is validated once per voice and not per example.
    root = make_mini(tmp_path / "mini")
    put(root, "patrols", "pat-m4-2020-07-14", sequence="twenty-first", outcome="atacked")
    put(root, "events", "evt-2020-07-14-attack-ariha", location_id="loc-arihah", title="A  <b>")
    report = validation.validate(root)
    rules = {problem.rule for problem in report.problems}
    assert rules >= {"type-error", "constraint-error", "foreign-key", "text-whitespace"}
    text = voices.render(report, voice, root)
    assert [rule for rule in sorted(rules) if rule not in text] == []
    assert text.endswith("\n")
    assert "loc-arihah" in text


@pytest.mark.parametrize("voice", voices.VOICES)
def test_every_voice_tells_of_a_package_that_cannot_be_read(voice: str, tmp_path: Path) -> None:
    root = make_mini(tmp_path / "mini")
    example = EXAMPLES[0]
    edit(root, example.path, example.mended, example.broken)
    report = validation.validate(root)
    assert "package-error" in voices.render(report, voice, root)


@pytest.mark.parametrize("voice", voices.VOICES)
def test_every_voice_tells_of_a_valid_package(voice: str) -> None:
    text = voices.render(Report("mine", "1.0.0", {"posts": 3}), voice)
    assert not re.search(r"not valid|::error|<failure|need a correction", text)


def test_progress_is_told_step_by_step(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    validation.validate(make_mini(tmp_path / "mini"), progress=lambda *step: told.append(step))
    steps = ["tables", "structure", "checks", "files", "links", "domain", "evidence"]
    assert told == [(name, done, len(steps)) for done, name in enumerate(steps)]
