"""``idlib-data rules``: the list, the explanation of one rule, and a rule there is not."""

from __future__ import annotations

import csv
import io
import json

import pytest
from click.testing import CliRunner, Result

from idlib_data.cli import main
from idlib_data.validation import handbook, rules

BY_ID = {rule.id: rule for rule in rules()}


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["rules", *arguments])


def good(*arguments: str) -> str:
    result = call(*arguments)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def records(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_list_names_every_rule_in_the_order_of_the_layers() -> None:
    told = [
        {"rule": r.id, "layer": r.layer, "severity": r.severity, "meaning": r.meaning}
        for r in rules()
    ]
    assert records(good()) == told
    assert json.loads(good("--format", "json")) == told


def test_the_list_as_a_table_has_its_headings_and_every_rule() -> None:
    page = good("--format", "table")
    assert all(word in page for word in ("rule", "layer", "severity", "meaning"))
    assert {id for id in BY_ID if id not in page} == set()
    assert f"{len(BY_ID)} rows" in page


def test_an_explanation_tells_meaning_hint_and_both_sides_of_an_example() -> None:
    rule = BY_ID["foreign-key"]
    assert good("foreign-key").splitlines() == [
        "foreign-key (structure, error)",
        f"  {rule.meaning}",
        f"  -> {rule.hint}",
        "",
        "Example, in data/events.csv:",
        "  No place has this id; the one that is meant is loc-ariha.",
        "  columns  location_id,location_precision,patrol_id",
        "  broken   loc-arihah,near,pat",
        "  mended   loc-ariha,near,pat",
    ]


def test_an_explanation_shows_every_example_of_the_rule() -> None:
    page = good("constraint-error")
    for piece in handbook.pieces(BY_ID["constraint-error"]):
        assert f"  broken   {piece.broken}\n  mended   {piece.mended}\n" in page
    assert page.count("\nExample, in ") == 2


def test_an_explanation_shows_the_query_where_there_is_one() -> None:
    page = good("orphan-source")
    assert page.startswith("orphan-source (links, warning)\n")
    _, _, query = page.partition("\nQuery that finds the offences:\n")
    assert query.splitlines()[0].startswith("  SELECT 'sources' AS table_name")
    assert query.splitlines()[-1] == "  )"
    assert "Query" not in good("foreign-key")


def test_an_explanation_writes_out_what_a_terminal_would_not_show() -> None:
    assert "  broken   T\\xfcrkiye\n  mended   Türkiye\n" in good("file-error")
    assert "  broken   Türkiye<U+200F>\n" in good("text-invisible")


def test_an_explanation_without_an_example_ends_with_the_hint() -> None:
    rule = BY_ID["archive-text"]
    assert good("archive-text").splitlines()[1:] == [f"  {rule.meaning}", f"  -> {rule.hint}"]


@pytest.mark.parametrize("rule", list(BY_ID))
def test_every_rule_can_be_explained_in_every_form(rule: str) -> None:
    assert good(rule).startswith(f"{rule} (")
    assert good(rule) == good(rule, "--format", "table")
    told = json.loads(good(rule, "--format", "json"))
    assert (told["rule"], told["hint"]) == (rule, BY_ID[rule].hint)
    assert told["query"] == (handbook.query(BY_ID[rule]) or None)
    rows = records(good(rule, "--format", "csv"))
    assert {row["rule"] for row in rows} == {rule}
    assert [row["broken"] for row in rows if row["broken"]] == [
        piece["broken"] for piece in told["examples"]
    ]


def test_an_unknown_rule_is_an_error_of_the_call_with_the_nearest_one() -> None:
    result = call("foreign-keys")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(
        "Error: there is no rule 'foreign-keys'; did you mean foreign-key"
    )
