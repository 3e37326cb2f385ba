"""The voices for people: text on a terminal, Markdown, HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from idlib_data.validation import Problem, Report
from idlib_data.validation.voices import html, markdown, text

PATH = "data/events.csv"
HEADER = "event_id,title,location_id\n"
ARABIC = "هجوم قرب أريحا"


def package(folder: Path, *records: str) -> Path:
    """A folder with one file of records and no descriptor."""
    (folder / "data").mkdir(parents=True)
    content = HEADER + "".join(f"{record}\n" for record in records)
    (folder / PATH).write_text(content, encoding="utf-8")
    return folder


def problem(row: int = 2, field: str = "location_id", **more: str) -> Problem:
    told = {"rule": "foreign-key", "message": "no such place", "hint": "Did you mean loc-ariha?"}
    place = {"table": "events", "path": PATH, "record_id": "evt-a"}
    return Problem(**(told | place | more), severity="error", row=row, line=row, field=field)


def report(*problems: Problem) -> Report:
    return Report("mine", "1.0.0", {"events": 3}, problems)


def test_text_shows_place_line_caret_fault_and_advice(tmp_path: Path) -> None:
    root = package(tmp_path / "p", "evt-a,Attack,loc-arihah")
    lines = text.render(report(problem(value="loc-arihah")), root).splitlines()
    assert lines == [
        "data/events.csv:2:14  evt-a, location_id",
        "    evt-a,Attack,loc-arihah",
        "                 ^^^^^^^^^^",
        "  error foreign-key: no such place",
        "  rule: Each id that points to a table is a record of that table.",
        "  to do: Did you mean loc-ariha? Correct the id, or add the record it names.",
        "",
        "mine 1.0.0: not valid; 3 records in 1 table, 1 error, 0 warnings",
    ]


def test_text_puts_the_caret_under_a_cell_after_wide_letters(tmp_path: Path) -> None:
    root = package(tmp_path / "p", "evt-a,伊德利卜,loc-x")
    _, line, caret, *_ = text.render(report(problem()), root).splitlines()
    # Each of the four letters takes two columns of a terminal.
    assert caret.index("^") == line.index("loc-x") + 4
    assert caret.count("^") == len("loc-x")


def test_text_shows_an_empty_cell_by_one_caret(tmp_path: Path) -> None:
    root = package(tmp_path / "p", "evt-a,,loc-x")
    _, line, caret, *_ = text.render(report(problem(field="title")), root).splitlines()
    assert (line, caret) == ("    evt-a,,loc-x", "          ^")


def test_text_shortens_a_long_line_around_its_cell(tmp_path: Path) -> None:
    root = package(tmp_path / "p", f"evt-a,{'x' * 400},loc-x")
    _, line, caret, *_ = text.render(report(problem()), root, width=60).splitlines()
    assert line.startswith("    …xxx")
    assert line.endswith("x,loc-x")
    assert len(line) <= 61
    assert caret.index("^") == line.index("loc-x")


def test_text_without_a_place_shows_what_there_is() -> None:
    found = Problem("package-error", "error", "no JSON", path="datapackage.json", hint="Mend it.")
    lines = text.render(report(found)).splitlines()
    assert lines[0] == "datapackage.json"
    assert lines[1] == "  error package-error: no JSON"


def test_text_gives_the_value_where_the_line_cannot_be_read() -> None:
    (first, *_) = text.render(report(problem(value="loc-x"))).splitlines()
    assert first == "data/events.csv:2  evt-a, location_id = loc-x"


def test_text_counts_the_eleventh_problem_of_a_kind_and_says_how_to_see_it() -> None:
    found = [problem(row) for row in range(2, 15)] + [problem(3, "title")]
    told = text.render(report(*found))
    assert told.count("error foreign-key: no such place") == 11
    assert "  and 3 more foreign-key in events.location_id\n" in told
    assert "3 problems were not shown; see all with --format json\n" in told


def test_text_counts_by_rule_only_when_there_are_many() -> None:
    few = [problem(row) for row in range(2, 22)]
    many = [*few, problem(22, rule="blank-row")]
    assert "20  foreign-key" not in text.render(report(*few))
    assert "20  foreign-key\n 1  blank-row\n" in text.render(report(*many))


def test_text_has_colours_only_when_told(tmp_path: Path) -> None:
    root = package(tmp_path / "p", "evt-a,Attack,loc-x")
    plain = text.render(report(problem()), root)
    coloured = text.render(report(problem()), root, colour=True)
    assert "\x1b" not in plain
    assert "\x1b[1;31mloc-x\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


def test_text_lets_no_cell_command_the_terminal(tmp_path: Path) -> None:
    root = package(tmp_path / "p", "evt-a,\x1b]0;owned\x07,loc-\x1b[31mx")
    bad = problem(value="loc-\x1b[31mx", message="bad \x1b[2J", record_id="evt-\x9b")
    told = text.render(report(bad), root)
    assert not set(told) & {"\x1b", "\x07", "\x9b"}
    assert "<U+001B>]0;owned<U+0007>" in told


def test_markdown_has_a_row_per_problem(tmp_path: Path) -> None:
    root = package(tmp_path / "p", "evt-a,Attack,loc-arihah")
    *_, row = markdown.render(report(problem(value="loc-arihah")), root).splitlines()
    assert row == (
        "| `data/events.csv:2:14` | `evt-a` | `location_id` = `loc-arihah` "
        "| `foreign-key`<br>no such place "
        "| Did you mean loc\\-ariha? Correct the id, or add the record it names. |"
    )


def test_markdown_says_a_valid_package_in_one_line() -> None:
    verdict = "### ✅ mine 1.0.0: valid; 3 records in 1 table, 0 errors, 0 warnings\n"
    assert markdown.render(report()) == verdict


def test_markdown_takes_nothing_from_the_data_as_markup() -> None:
    evil = problem(value="a|b`c` <img> @all", message="*x* | <b> @team [l](u) `c`")
    *_, row = markdown.render(report(evil)).splitlines()
    assert len(re.findall(r"(?<!\\)\|", row)) == 6
    assert "``a\\|b`c` <img> @all``" in row
    assert r"\*x\* \| &lt;b&gt; @<!-- -->team \[l\]\(u\) \`c\`" in row


def test_markdown_folds_what_is_more_than_a_screen() -> None:
    told = markdown.render(report(*(problem(row) for row in range(2, 32))))
    before, folded = told.split("<details>")
    assert (before.count("no such place"), folded.count("no such place")) == (20, 10)
    assert folded.startswith("<summary>10 more problems</summary>\n\n| Place |")


def test_markdown_stays_within_a_comment_and_says_what_is_left_out() -> None:
    told = markdown.render(report(*(problem(row, message=ARABIC * 9) for row in range(2, 900))))
    assert len(told.encode()) <= 60_000
    rows = len(re.findall(r"^\| `data", told, re.MULTILINE))
    assert f"**{898 - rows} further problems** would not fit here" in told


class Page(HTMLParser):
    """The elements and the marked text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[dict[str, str | None]] = []
        self.marked: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes.append(dict(attrs))
        if tag != "meta":
            self.open.append(tag)
        if tag == "mark":
            self.marked.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "mark":
            self.marked[-1] += data


def test_html_marks_the_cell_in_its_line(tmp_path: Path) -> None:
    root = package(tmp_path / "p", "evt-a,Attack,loc-arihah")
    told = html.render(report(problem(value="loc-arihah")), root)
    page = Page(told)
    assert page.marked == ["loc-arihah"]
    assert page.open == []
    assert '<pre>evt-a,Attack,<mark dir="auto">loc-arihah</mark></pre>' in told
    for said in ("need a correction", "Line 2 · <bdi>evt-a</bdi>", "Did you mean loc-ariha?"):
        assert said in told


def test_html_runs_nothing_that_the_data_hold(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    root = package(tmp_path / "p", f"evt-a,{evil},loc-x")
    parts = {"message": evil, "hint": evil, "record_id": evil, "rule": evil, "value": evil}
    told = html.render(Report(evil, evil, {}, (problem(2, "title", **parts),)), root)
    page = Page(told)
    assert "script" not in page.elements
    assert page.marked == [evil]
    assert told.count("&lt;script&gt;") >= 7


@pytest.mark.parametrize("hole", ['" onclick="x', "'><img src=x>"])
def test_html_lets_no_path_out_of_its_attribute(hole: str) -> None:
    page = Page(html.render(report(problem(path=hole), problem())))
    assert "img" not in page.elements
    assert all("onclick" not in attributes for attributes in page.attributes)


def test_html_loads_nothing_from_elsewhere() -> None:
    told = html.render(report(problem()))
    assert not {"link", "img", "iframe", "script"} & set(Page(told).elements)
    assert "default-src 'none'" in told
    assert "url(" not in told


def test_html_keeps_the_direction_of_each_cell(tmp_path: Path) -> None:
    root = package(tmp_path / "p", f"evt-a,{ARABIC},loc-x", f"evt-b,{ARABIC},loc-y")
    told = html.render(report(problem(field="title"), problem(3)), root)
    assert f'<pre>evt-a,<mark dir="auto">{ARABIC}</mark>,loc-x</pre>' in told
    # Beside the mark it must not turn round the cells that follow it either.
    assert f'<pre>evt-b,<bdi>{ARABIC}</bdi>,<mark dir="auto">loc-y</mark></pre>' in told


def test_html_says_once_what_holds_for_all_problems_of_a_kind(tmp_path: Path) -> None:
    root = package(tmp_path / "p", "evt-a,A,loc-x", "evt-b,B,loc-y")
    told = html.render(report(problem(2), problem(3)), root)
    assert told.count("Did you mean loc-ariha?") == 1
    assert Page(told).marked == ["loc-x", "loc-y"]


def test_html_folds_many_of_a_kind_and_counts_those_beyond_its_cap() -> None:
    told = html.render(report(*(problem(row, value=f"loc-{row}") for row in range(2, 212))))
    assert len(Page(told).marked) == html.EACH == 200
    assert "205 more problems of this kind</summary>" in told
    assert "10 more problems of this kind: see the report with --format json." in told
