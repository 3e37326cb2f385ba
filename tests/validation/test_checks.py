"""Checks within a row: how cells are written, orders that nulls do not break, cells in company."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from idlib_data.validation import Problem, checks, hygiene, validate
from tests.mini import make_mini, make_package, places, put, text_columns, workspace

SIDE = "inv-2020-07-14-russian-side"
MOSCOW = "agr-moscow-2020-03-05"
HYGIENE = {rule.id for rule in hygiene.RULES}


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    return make_mini(tmp_path / "mini")


def found(package: Path) -> list[Problem]:
    return list(checks.check(workspace(package), {}))


def fields_of(package: Path, rule: str) -> list[str]:
    return sorted(field for _, _, field in places(found(package), rule) if field)


@pytest.mark.parametrize(
    ("low", "best", "high", "told"),
    [
        ("1", "2", "3", []),
        ("2", "2", "2", []),
        ("0", "0", "0", []),
        ("", "", "", []),
        ("5", "", "", []),
        ("", "5", "", []),
        ("", "", "5", []),
        ("5", "", "6", []),
        ("3", "2", "", ["killed_best"]),
        ("", "3", "2", ["killed_high"]),
        ("3", "", "2", ["killed_high"]),
        ("3", "2", "1", ["killed_best", "killed_high"]),
        ("10", "9", "", ["killed_best"]),
    ],
)
def test_figures_are_compared_where_both_are_reported(
    mini: Path, low: str, best: str, high: str, told: list[str]
) -> None:
    put(mini, "event_actors", SIDE, killed_low=low, killed_best=best, killed_high=high)
    assert sorted(set(fields_of(mini, "bounds-in-order"))) == told


@pytest.mark.parametrize(
    ("signed", "effective", "ended", "told"),
    [
        ("2020-03-05", "2020-03-05", "2020-03-05", []),
        ("2020-03-05", "", "2020-03-06", []),
        ("", "2020-03-06", "2020-03-07", []),
        ("", "", "2020-03-07", []),
        ("", "2020-03-06", "", []),
        ("2020-03-05", "2020-03-04", "", ["effective_from"]),
        ("2020-03-05", "", "2020-03-04", ["ended_date"]),
        ("", "2020-03-06", "2020-03-05", ["ended_date"]),
        ("2020-03-05", "2020-03-04", "2020-03-04", ["effective_from", "ended_date"]),
    ],
)
def test_dates_are_compared_where_both_are_reported(
    mini: Path, signed: str, effective: str, ended: str, told: list[str]
) -> None:
    dates = {"signed_date": signed, "effective_from": effective, "ended_date": ended}
    put(mini, "agreements", MOSCOW, **dates)
    assert fields_of(mini, "dates-in-order") == told


def test_a_date_that_cannot_be_read_is_not_compared(mini: Path) -> None:
    put(mini, "agreements", MOSCOW, effective_from="yesterday")
    assert fields_of(mini, "dates-in-order") == []


@pytest.mark.parametrize("text", ["infinity", "-infinity", "epoch", "290000-01-01", "0000-00-00"])
def test_a_date_that_is_none_on_a_calendar_is_told_like_any_other(mini: Path, text: str) -> None:
    put(mini, "agreements", MOSCOW, effective_from=text)
    problems = validate(mini).problems
    assert places(problems, "type-error") == [("agreements", 2, "effective_from")]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"latitude": "", "longitude": "", "precision": ""}, []),
        ({"latitude": ""}, ["longitude", "precision"]),
        ({"longitude": ""}, ["latitude"]),
        ({"precision": ""}, ["latitude"]),
        ({"latitude": "", "longitude": ""}, ["precision"]),
    ],
    ids=lambda value: str(value),
)
def test_cells_that_need_each_other_stand_together(
    mini: Path, cells: dict[str, str], told: list[str]
) -> None:
    put(mini, "locations", "loc-ariha", **cells)
    assert fields_of(mini, "cell-requires") == told


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        pytest.param("text-whitespace", " Salwa", id="space-before"),
        pytest.param("text-whitespace", "Salwa ", id="space-after"),
        pytest.param("text-whitespace", "Al  Eis", id="two-spaces"),
        pytest.param("text-whitespace", "Al\tEis", id="tab"),
        pytest.param("text-whitespace", "Al\nEis", id="line-break"),
        pytest.param("text-whitespace", "Al\u2028Eis", id="line-separator"),
        pytest.param("text-whitespace", "\u00a0Salwa", id="no-break-space-before"),
        pytest.param("text-invisible", "Sal\u200bwa", id="zero-width-space"),
        pytest.param("text-invisible", "\ufeffSalwa", id="byte-order-mark"),
        pytest.param("text-invisible", "Sal\u00adwa", id="soft-hyphen"),
        pytest.param("text-invisible", "سلوى\u202e", id="right-to-left-override"),
        pytest.param("text-invisible", "Sal\u0007wa", id="bell"),
        pytest.param("text-formula", "=1+1", id="equals"),
        pytest.param("text-formula", "+salwa", id="plus"),
        pytest.param("text-formula", "-salwa", id="minus"),
        pytest.param("text-formula", "@salwa", id="at"),
        pytest.param("text-formula", "-1-1", id="sum"),
        pytest.param("text-not-nfc", "Erdog\u0306an", id="breve-apart"),
        pytest.param("text-not-nfc", "\u212bngstrom", id="angstrom-sign"),
        pytest.param("text-whitespace", "Al\u00a0Eis", id="no-break-space-inside"),
        pytest.param("text-whitespace", "Al\u3000Eis", id="ideographic-space"),
        pytest.param("text-invisible", "Sal\ufe0fwa", id="variation-selector"),
        pytest.param("text-invisible", "Sal\U000e0041wa", id="tag-letter"),
        pytest.param("text-invisible", "Sal\u3164wa", id="hangul-filler"),
        pytest.param("text-encoding", "TÃ¼rkiye", id="read-as-western"),
        pytest.param("text-encoding", "Sal\ufffdwa", id="replacement-character"),
        pytest.param("text-encoding", "Erdo?an", id="lost-letter"),
        pytest.param("text-encoding", "Cape ?dlib", id="lost-first-letter"),
        pytest.param("text-encoding", "???? ??", id="lost-words"),
        pytest.param("text-mixed-scripts", "S\u0430lwa", id="cyrillic-a"),
        pytest.param("text-mixed-scripts", "Salw\u03b1", id="greek-alpha"),
    ],
)
def test_a_text_that_is_written_unclean_is_told(mini: Path, rule: str, text: str) -> None:
    put(mini, "posts", "pst-tr-01", name=text)
    problems = [problem for problem in found(mini) if problem.rule in HYGIENE]
    assert [(p.rule, p.table, p.row, p.field) for p in problems] == [(rule, "posts", 2, "name")]
    assert problems[0].value == text


SCRIPTS = ["Erdoğan", "سلوى", "М4", "Idlib, по-русски Идлиб", "Ã", "Fußball für İdlib"]
SIGNS = ["Saraqib (north)", "a+b=c", "5", "-5", "+5", "-0.5", "e-mail@x", "—"]
QUESTIONS = ["Why now? No answer", "Quoi ?", "Really??", "https://example.org/a?b=c"]


@pytest.mark.parametrize("text", [*SCRIPTS, *SIGNS, *QUESTIONS])
def test_a_text_of_any_script_is_clean(mini: Path, text: str) -> None:
    put(mini, "posts", "pst-tr-01", name=text)
    assert found(mini) == []


@pytest.mark.parametrize(
    ("table", "key", "field", "text"),
    [
        ("patrols", "pat-m4-2020-07-14", "sequence", "+21"),
        ("patrols", "pat-m4-2020-07-14", "sequence", "021"),
        ("patrols", "pat-m4-2020-07-14", "sequence", "-0"),
        ("patrols", "pat-m4-2020-07-14", "sequence", "21.0"),
        ("patrols", "pat-m4-2020-07-14", "sequence", "٢١"),
        ("patrols", "pat-m4-2020-07-14", "route_km", "66.50"),
        ("patrols", "pat-m4-2020-07-14", "route_km", "66."),
        ("patrols", "pat-m4-2020-07-14", "route_km", ".5"),
        ("patrols", "pat-m4-2020-07-14", "route_km", "6e1"),
        ("patrols", "pat-m4-2020-07-14", "route_km", "66,5"),
        ("patrols", "pat-m4-2020-07-14", "date", "2020-7-14"),
        ("patrols", "pat-m4-2020-07-14", "date", "20200714"),
        ("patrols", "pat-m4-2020-07-14", "date", "1820-07-14"),
        ("locations", "loc-ariha", "latitude", "35.813740"),
    ],
)
def test_a_value_in_another_form_is_told(
    mini: Path, table: str, key: str, field: str, text: str
) -> None:
    row = put(mini, table, key, **{field: text})
    assert places(found(mini), "canonical-value") == [(table, row, field)]


@pytest.mark.parametrize("text", ["0", "7", "66.5", "0.05", "500"])
def test_a_number_in_its_one_form_is_fine(mini: Path, text: str) -> None:
    put(mini, "patrols", "pat-m4-2020-07-14", route_km=text)
    assert found(mini) == []


def test_a_cell_that_cannot_be_read_is_told_once_as_such(mini: Path) -> None:
    put(mini, "patrols", "pat-m4-2020-07-14", sequence="many")
    put(mini, "patrols", "pat-m4-2020-07-22", sequence="0")
    problems = validate(mini).problems
    assert places(problems, "type-error") == [("patrols", 3, "sequence")]
    assert places(problems, "constraint-error") == [("patrols", 4, "sequence")]


def test_white_space_round_a_label_is_told_of_the_column(mini: Path) -> None:
    path = mini / "data" / "posts.csv"
    content = path.read_text(encoding="utf-8")
    path.write_text(content.replace("post_id,name,", "post_id, name,", 1), encoding="utf-8")
    (problem,) = [p for p in validate(mini).problems if p.rule == "text-whitespace"]
    place = (problem.table, problem.row, problem.line, problem.field, problem.value)
    assert place == ("posts", 1, 1, "name", " name")


def test_the_same_text_is_told_at_each_of_its_rows(mini: Path) -> None:
    for actor in ("act-russia", "act-turkey"):
        put(mini, "actors", actor, name_ar="  ")
    expected = [("actors", row, "name_ar") for row in (4, 6)]
    assert places(found(mini), "text-whitespace") == expected


@pytest.mark.parametrize(
    ("change", "record", "rule", "field"),
    [
        ({"name": "n", "atLeast": ["m"]}, "a,,1,2", "bounds-in-order", "n"),
        ({"name": "n", "requires": ["x"]}, "a,,1,2", "cell-requires", "n"),
        ({"name": "n", "lexical": "[0-9]"}, "a,x,10,2", "canonical-value", "n"),
        ({"name": "n", "constraints": {"minimum": 5}}, "a,x,1,2", "constraint-error", "n"),
    ],
    ids=["atLeast", "requires", "lexical", "minimum"],
)
def test_the_checks_are_those_that_a_schema_asks_for(
    tmp_path: Path, change: dict[str, Any], record: str, rule: str, field: str
) -> None:
    numbers = [{"name": name, "type": "integer"} for name in ("n", "m")]
    plain = {"fields": [*text_columns("id", "x"), *numbers]}
    asked = {"fields": [*text_columns("id", "x"), {**numbers[0], **change}, numbers[1]]}
    text = f"id,x,n,m\n{record}\n"
    package = make_package(tmp_path / "own", plain=(plain, text), asked=(asked, text))
    problems = found(package)
    assert [(p.rule, p.table, p.row, p.field) for p in problems] == [(rule, "asked", 2, field)]
