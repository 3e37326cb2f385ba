"""The answers in docs/questions.md are what its queries give on the data beside it."""

from __future__ import annotations

import csv
import io
import os
import re
from contextlib import redirect_stdout
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from idlib_data.cli import main, render
from idlib_data.dataset import ENVIRONMENT_VARIABLE

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "questions.md"
UPDATE = os.environ.get("IDLIB_UPDATE_DOCS") == "1"
LEAST = 25
LONGEST = 30
LINES = re.MULTILINE | re.DOTALL
SECTION = re.compile(r"^## (?P<title>[^\n]+)$(?P<body>.*?)(?=^## |\Z)", LINES)
FENCE = re.compile(r"^```(?P<kind>sql|python|csv)\n(?P<text>.*?)^```$", LINES)


@dataclass(frozen=True)
class Question:
    """A question of the page: its heading, its query and the language of that, its answer."""

    title: str
    kind: str
    query: str
    answer: str


def _blocks(body: str) -> list[tuple[str, str]]:
    return [(block["kind"], block["text"]) for block in FENCE.finditer(body)]


def _questions() -> list[Question]:
    """The sections that hold a query followed by its answer, and nothing else that is fenced."""
    found = []
    for section in SECTION.finditer(PAGE.read_text(encoding="utf-8")):
        blocks = _blocks(section["body"])
        if [kind for kind, _ in blocks] in (["sql", "csv"], ["python", "csv"]):
            found.append(Question(section["title"], *blocks[0], blocks[1][1]))
    return found


def _answer(question: Question) -> str:
    """What the query gives now, as ``idlib-data query --format csv`` prints it."""
    if question.kind == "python":
        return _frame(question.query)
    arguments = ["query", question.query, "--package", str(ROOT), "--format", "csv"]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def _frame(code: str) -> str:
    """The frame that the code calls ``answer``, on the data of the checkout."""
    names: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as printed:
        patch.setenv(ENVIRONMENT_VARIABLE, str(ROOT))
        exec(code, names)
        render.frame(names["answer"], "csv")
    return printed.getvalue()


def _differences(question: Question, fresh: str) -> list[str]:
    """One sentence per cell of the page that is not what the query gives."""
    documented = list(csv.reader(io.StringIO(question.answer)))
    given = list(csv.reader(io.StringIO(fresh)))
    names = given[0]
    nothing: list[str] = []
    found = []
    for row, (here, there) in enumerate(zip_longest(documented, given, fillvalue=nothing)):
        for column, (old, new) in enumerate(zip_longest(here, there)):
            if old != new:
                name = names[column] if column < len(names) else f"column {column + 1}"
                found.append(
                    f"{question.title}\n  row {row} (the header is 0), {name}: "
                    f"the page says {old!r}, the query gives {new!r}"
                )
    return found


def _write(question: Question, fresh: str) -> None:
    """Put the fresh answer in place of the one on the page."""
    text = PAGE.read_text(encoding="utf-8")
    section = next(part for part in SECTION.finditer(text) if part["title"] == question.title)
    block = next(part for part in FENCE.finditer(section["body"]) if part["kind"] == "csv")
    start = section.start("body") + block.start("text")
    end = section.start("body") + block.end("text")
    PAGE.write_text(text[:start] + fresh + text[end:], encoding="utf-8", newline="\n")


QUESTIONS = _questions()


def test_the_page_asks_at_least_twenty_five_questions() -> None:
    assert len(QUESTIONS) >= LEAST


def test_each_section_of_the_page_holds_one_query_and_its_answer() -> None:
    titles = [part["title"] for part in SECTION.finditer(PAGE.read_text(encoding="utf-8"))]
    assert titles == [question.title for question in QUESTIONS]
    assert len(titles) == len(set(titles))


@pytest.mark.parametrize("question", QUESTIONS, ids=[question.title for question in QUESTIONS])
def test_a_documented_answer_is_what_its_query_gives(question: Question) -> None:
    fresh = _answer(question)
    if UPDATE:
        _write(question, fresh)
        return
    differences = _differences(question, fresh)
    assert not differences, "\n".join(differences)


@pytest.mark.parametrize("question", QUESTIONS, ids=[question.title for question in QUESTIONS])
def test_a_query_says_in_which_order_its_rows_come(question: Question) -> None:
    ordered = {"sql": r"^ORDER BY ", "python": r"\.sort_values\("}[question.kind]
    assert re.search(ordered, question.query, re.MULTILINE)


def test_the_questions_are_numbered_in_order() -> None:
    numbers = [question.title.split(".")[0] for question in QUESTIONS]
    assert numbers == [str(number) for number in range(1, len(QUESTIONS) + 1)]


def test_an_answer_is_short_enough_to_be_read() -> None:
    long = {q.title: rows for q in QUESTIONS if (rows := q.answer.count("\n")) > LONGEST}
    assert long == {}


def test_a_changed_cell_is_named_with_question_row_and_column() -> None:
    question = Question("1. Who?", "sql", "", "day,count\n2020-03-09,13\n2020-03-10,4\n")
    found = _differences(question, "day,count\n2020-03-09,13\n2020-03-10,5\n")
    assert found == [
        "1. Who?\n  row 2 (the header is 0), count: the page says '4', the query gives '5'"
    ]


def test_a_row_too_many_and_a_row_too_few_are_differences() -> None:
    question = Question("1. Who?", "sql", "", "day\n2020-03-09\n")
    assert _differences(question, "day\n2020-03-09\n2020-03-10\n")
    assert _differences(question, "day\n")
