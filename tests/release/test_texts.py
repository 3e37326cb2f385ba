"""The codebook and the list of changes, as text."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from idlib_data.dataset import Dataset
from idlib_data.release.changelog import SHOWN, Row, as_csv, as_markdown, rows_of
from idlib_data.release.codebook import codebook
from idlib_data.release.differences import Line
from tests.mini import make_package, text_columns
from tests.release.helpers import DAY, change_descriptor

PATROLS: dict[str, Any] = {
    "evidence": "required",
    "primaryKey": "id",
    "foreignKeys": [{"fields": "kind", "reference": {"resource": "kinds", "fields": "id"}}],
    "fields": [
        {
            "name": "id",
            "type": "string",
            "description": "Label.",
            "constraints": {"required": True},
        },
        {
            "name": "km",
            "type": "integer",
            "description": "Length,\nif <told> | known.",
            "unit": "kilometre",
            "evidence": "required",
            "example": 12,
        },
        {
            "name": "outcome",
            "type": "string",
            "title": "Outcome",
            "constraints": {"enum": ["done", "cut|short", "off"]},
        },
        {"name": "kind", "type": "string", "evidence": "optional"},
        {"name": "day", "type": "date"},
        {"name": "armed", "type": "boolean", "example": True},
    ],
}
ROWS = (
    "id,km,outcome,kind,day,armed\n"
    "p1,12,done,joint,2020-03-15,true\n"
    "p2,7,done,joint,,\n"
    "p3,,cut|short,,2020-01-02,\n"
)
KINDS = ({"primaryKey": "id", "codeList": True, "fields": text_columns("id")}, "id\njoint\nlone\n")
CLAIMS = (
    {"primaryKey": "id", "fields": text_columns("id", "record_id", "field", "status", "value")},
    "id,record_id,field,status,value\n"
    "c1,p1,,accepted,\nc2,p2,,accepted,\nc3,p2,,conflict,\n"
    "c4,p1,km,accepted,12\nc5,p1,km,conflict,13\nc6,p1,km,conflict,14\nc7,p3,km,rejected,9\n"
    "c8,p3,kind,accepted,joint\nc9,gone,km,accepted,1\n",
)


def package(folder: Path, **tables: Any) -> Dataset:
    made = make_package(folder, **tables)
    change_descriptor(made, version="1.2.0", title="Own <b>")
    return Dataset(made)


def section(text: str, heading: str) -> list[str]:
    lines = text.split(f"\n{heading}\n", 1)[1].splitlines()
    end = next((n for n, line in enumerate(lines) if line.startswith("#")), len(lines))
    return [line for line in lines[:end] if line]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("book") / "own"
    dataset = package(folder, patrols=(PATROLS, ROWS), kinds=KINDS, claims=CLAIMS)
    return codebook(dataset, DAY)


def test_the_codebook_says_of_what_it_is(book: str) -> None:
    assert book.startswith(f"# Codebook of Own \\<b>\n\nVersion 1.2.0 of {DAY}.\n")
    assert "| [`patrols`](#patrols) |  | 6 | 3 |\n" in book


def test_the_codebook_tells_keys_and_evidence_of_a_table(book: str) -> None:
    assert section(book, "## patrols") == [
        "- records: 3",
        "- primary key: `id`",
        "- `kind` names `kinds.id`",
        "- evidence that the record exists: 2 of 3 records (66.7 %)",
        "- records whose existence is disputed: 1",
    ]


@pytest.mark.parametrize(
    ("column", "lines"),
    [
        (
            "km",
            [
                "Length, if \\<told> | known.",
                "- type: integer",
                "- unit: kilometre",
                "- missing: 1 of 3 cells (33.3 %)",
                "- evidence: every filled cell needs it; 1 of 2 filled cells (50.0 %)",
                "- disputed: 1",
                "- values: 7 to 12",
                "- example: `12`",
            ],
        ),
        (
            "outcome",
            [
                "Outcome",
                "- type: string",
                "- missing: 0 of 3 cells (0.0 %)",
                "- evidence: the column takes no claims",
                "| code | records |",
                "| --- | --: |",
                "| `done` | 2 |",
                "| `cut\\|short` | 1 |",
                "| `off` | 0 |",
            ],
        ),
        (
            "kind",
            [
                "- type: string",
                "- names a record of `kinds`",
                "- missing: 1 of 3 cells (33.3 %)",
                "- evidence: a cell may have it; 0 of 2 filled cells (0.0 %)",
                "- disputed: 0",
                "| code | records |",
                "| --- | --: |",
                "| `joint` | 2 |",
                "| `lone` | 0 |",
            ],
        ),
        (
            "day",
            [
                "- type: date",
                "- missing: 1 of 3 cells (33.3 %)",
                "- evidence: the column takes no claims",
                "- values: 2020-01-02 to 2020-03-15",
            ],
        ),
        (
            "armed",
            [
                "- type: boolean",
                "- missing: 2 of 3 cells (66.7 %)",
                "- evidence: the column takes no claims",
                "- example: `true`",
            ],
        ),
    ],
)
def test_the_codebook_tells_of_each_column(book: str, column: str, lines: list[str]) -> None:
    assert section(book, f"### patrols.{column}") == lines


def test_a_package_without_ledger_or_records_has_a_codebook_too(tmp_path: Path) -> None:
    text = codebook(package(tmp_path / "own", kinds=(KINDS[0], "id\n")), DAY)
    assert section(text, "### kinds.id") == ["- type: string", "- missing: no cells"]


def test_no_base_is_the_first_release(tmp_path: Path) -> None:
    dataset = package(tmp_path / "own", kinds=KINDS)
    assert as_markdown([], dataset, DAY, "first", None) == (
        f"# Changes in own 1.2.0\n\nThe first release, of {DAY}. "
        "There is nothing to compare it with.\n"
    )
    assert as_csv([]) == "table,record_id,field,old,new,why\n"


def test_changes_as_csv_can_be_read_back_whatever_is_in_them() -> None:
    rows = [Row("t", "a", "f", 'say "x", y', "two\nlines", "\r"), Row(*"tbf", *"   ")]
    read = list(csv.reader(io.StringIO(as_csv(rows), newline="")))
    assert read[1:] == [list(row) for row in rows]
    assert as_csv(rows).split("\n")[1:3] == ['t,a,f,"say ""x"", y","two', 'lines","\r"']


def test_a_record_that_came_or_went_has_its_id_on_one_side() -> None:
    lines = [
        Line("t", "a", "f", None, "2", "changed", fate="so it is"),
        Line("t", "b", None, None, None, "added"),
        Line("t", "c", None, None, None, "removed", fate="withdrawn"),
    ]
    assert rows_of(lines) == [
        Row("t", "a", "f", "", "2", "so it is"),
        Row("t", "b", "", "", "b", ""),
        Row("t", "c", "", "c", "", "withdrawn"),
    ]


def test_changes_for_people_name_some_and_count_all(tmp_path: Path) -> None:
    dataset = package(tmp_path / "own", kinds=KINDS)
    rows = [Row("kinds", f"k{n}", "id", "a|b", "<i>", "") for n in range(SHOWN + 2)]
    text = as_markdown(rows, dataset, DAY, "minor", "1.1.0")
    assert f"A minor step from 1.1.0: {SHOWN + 2} changes." in text
    assert f"## kinds: {SHOWN + 2} changes" in text
    assert "| k0 | id | a\\|b | \\<i> |  |" in text
    assert text.count("\n| k") == SHOWN
    assert text.endswith("\nAnd 2 more.\n")
