"""The rules for readers: pieces under the right columns, queries, and a page that is fresh."""

from __future__ import annotations

import csv
import re
import runpy
from pathlib import Path

import pytest

from idlib_data.validation import handbook, rules
from idlib_data.validation.examples import EXAMPLES, Example
from tests.mini import CHECKOUT, make_mini

PAGE = CHECKOUT / "docs" / "rules.md"
BY_ID = {rule.id: rule for rule in rules()}


def only_piece(rule: str) -> handbook.Piece:
    (piece,) = handbook.pieces(BY_ID[rule])
    return piece


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_mini(tmp_path_factory.mktemp("handbook") / "mini")


def columns_in(package: Path, example: Example) -> list[str]:
    """The columns over the mended piece where it stands in the mini package."""
    text = (package / example.path).read_text("utf-8")
    before = text[: text.index(example.mended)]
    record = before[before.rfind("\n") + 1 :]
    first = len(next(csv.reader([record + "x"]))) - 1
    header = text.partition("\n")[0].split(",")
    return header[first : first + len(example.mended.split(","))]


def test_the_page_in_the_repository_is_fresh() -> None:
    fresh = PAGE.is_file() and PAGE.read_text("utf-8") == handbook.page()
    assert fresh, "docs/rules.md is out of date; write it anew: python scripts/generate_rules.py"


def test_the_script_writes_the_page_that_is_checked() -> None:
    script = runpy.run_path(str(CHECKOUT / "scripts" / "generate_rules.py"))
    assert script["PAGE"] == PAGE
    assert script["page"] is handbook.page


def test_the_page_has_a_section_per_layer_and_under_it_its_rules() -> None:
    headings = re.findall(r"^(##+) (.+)$", handbook.page(), re.MULTILINE)
    expected: list[tuple[str, str]] = []
    for rule in rules():
        if ("##", rule.layer.capitalize()) not in expected:
            expected.append(("##", rule.layer.capitalize()))
        expected.append(("###", rule.id))
    assert headings == expected


def test_the_page_shows_every_example_of_a_rule() -> None:
    blocks = re.findall(r"^```diff\n(.*?)^```$", handbook.page(), re.MULTILINE | re.DOTALL)
    assert len(blocks) == len(EXAMPLES)
    assert "  series,sequence,\n- m4-joint,twenty-first,\n+ m4-joint,21,\n" in blocks
    # A second line of a piece would have lost its sign.
    assert {line[:2] for block in blocks for line in block.splitlines()} == {"  ", "- ", "+ "}


def test_a_section_tells_severity_meaning_and_what_to_do() -> None:
    page = handbook.page()
    section = page[page.index("### orphan-source\n") :].partition("\n### ")[0]
    rule = BY_ID["orphan-source"]
    assert section.startswith(
        f"### orphan-source\n\n{rule.meaning}\n\n**Warning.** What to do: {rule.hint}\n"
    )


def test_markup_in_a_sentence_is_none_on_the_page() -> None:
    assert "text\\_sha256" in handbook.page()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.rule}-{e.mended[:12]}")
def test_the_columns_over_a_piece_are_those_it_stands_under(example: Example, mini: Path) -> None:
    shown = next(p for p in handbook.pieces(BY_ID[example.rule]) if p.why == example.why)
    if not shown.columns:
        return
    given, expected = shown.columns.split(","), columns_in(mini, example)
    assert len(given) == len(expected)
    assert given[1:-1] == expected[1:-1]
    assert {given[0], given[-1]} <= {expected[0], expected[-1], ""}
    assert any(given)


def test_most_pieces_of_records_stand_under_their_columns() -> None:
    # The test above says nothing of pieces that have none.
    without = {
        example.rule
        for example in EXAMPLES
        for piece in handbook.pieces(BY_ID[example.rule])
        if piece.why == example.why and example.field and example.row != 1 and not piece.columns
    }
    assert without <= {"missing-cell"}, "name the column of the edit in Example.edited"


def test_a_header_is_not_put_over_a_header() -> None:
    piece = only_piece("incorrect-label")
    assert (piece.columns, piece.broken, piece.mended) == (
        "",
        "withdrawn_date,remark",
        "withdrawn_date,note",
    )


def test_what_cannot_be_seen_is_written_out() -> None:
    windows = next(p for p in handbook.pieces(BY_ID["file-error"]) if p.path == "data/actors.csv")
    assert (windows.broken, windows.mended) == ("T\\xfcrkiye", "Türkiye")
    assert only_piece("csv-bom").broken == "<U+FEFF>post_id,name"
    assert only_piece("csv-line-ends").broken == "withdrawn_date,note␍↵"
    assert only_piece("text-not-nfc").broken == "Tu<U+0308>rkiye"
    assert only_piece("text-invisible").broken == "Türkiye<U+200F>"
    assert only_piece("claim-note").broken == "(nothing)"


def test_a_rule_of_the_archive_has_no_piece() -> None:
    assert handbook.pieces(BY_ID["archive-text"]) == ()


def test_a_query_starts_at_the_margin_and_keeps_its_shape() -> None:
    lines = handbook.query(BY_ID["orphan-source"]).splitlines()
    assert lines[0].startswith("SELECT 'sources'")
    assert lines[1] == "    'no claim cites this source' AS message"
    assert lines[-1] == ")"
    assert handbook.query(BY_ID["type-error"]) == ""
