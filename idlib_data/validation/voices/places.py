"""Where in a file a problem stands: physical line, column, and the piece of text at fault.

A record may span lines and be longer than any screen, so the files are read once for all problems
that are told, and only the records that they stand in are kept.
"""

from __future__ import annotations

import csv
import os
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from idlib_data.validation.hygiene import INVISIBLE, WHITESPACE
from idlib_data.validation.report import Problem

LONGEST = 200_000
"""Characters from which on a record is kept no further: it may be the rest of a broken file."""
CELL = re.compile(r'"([^"]*(?:""[^"]*)*)"?[^,\r\n]*|[^,\r\n]*')
BREAK = re.compile(r"\r\n|\r|\n")
MARKS = {"text-whitespace": WHITESPACE, "text-invisible": INVISIBLE}
"""Rule -> what in the cell offends it, where that is not the whole cell."""
NAMED = {"\n": "↵", "\r": "␍", "\t": "⇥"}


@dataclass(frozen=True)
class Place:
    """Where a problem stands.

    Attributes:
        line: Physical line of the cell, or of its record where the cell is not found.
        column: Column of the cell in characters, the first being 1.
        end_column: Column after the cell; None where it ends on another line.
        text: The record as it is written.
        start: Where in the text the cell begins; None where the cell is not found.
        end: Where it ends.
    """

    line: int
    column: int | None = None
    end_column: int | None = None
    text: str = ""
    start: int | None = None
    end: int | None = None


def find(problems: Iterable[Problem], root: Path | None) -> dict[Problem, Place]:
    """The places of the problems that have a line; without the folder it is no more than that."""
    places: dict[Problem, Place] = {}
    of_file: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.path and problem.line:
            places[problem] = Place(problem.line)
            of_file.setdefault(problem.path, []).append(problem)
    for path, found in of_file.items():
        file = _file(root, path)
        if file:
            records = _records(file, {1, *(problem.line or 1 for problem in found)})
            header = [label.strip() for label in next(csv.reader([records.get(1, "")]), [])]
            for problem in found:
                record = records.get(problem.line or 0)
                if record is not None:
                    places[problem] = _place(problem, record, header)
    return places


def base(root: Path | None) -> str:
    """What stands before a path in the package, as seen from where the program runs.

    Nothing where the package does not lie below that place, or its folder is not known.
    """
    here = Path(os.environ.get("GITHUB_WORKSPACE") or ".").resolve()
    if root is None or not root.resolve().is_relative_to(here):
        return ""
    below = root.resolve().relative_to(here).as_posix()
    return "" if below == "." else f"{below}/"


def visible(text: str) -> str:
    """Text with every character written out that cannot be seen, or that commands a terminal."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        NAMED.get(letter) or (f"<U+{ord(letter):04X}>" if _hidden(letter) else letter)
        for letter in text
    )


def excerpt(place: Place, width: int) -> tuple[str, str, str]:
    """What stands before the cell, the cell, and what follows, cut to about a width."""
    if place.start is None or place.end is None:
        return visible(_cut(place.text, width)), "", ""
    marked = _cut(place.text[place.start : place.end], max(width * 2 // 3, 1))
    before, after = place.text[: place.start], place.text[place.end :].rstrip("\r\n")
    room = max(width - len(marked), 0)
    left = max(room // 2, room - len(after))
    if len(before) > left:
        before = "…" + before[len(before) - left :]
    return visible(before), visible(marked), visible(_cut(after, max(room - len(before), 0)))


def _cut(text: str, width: int) -> str:
    text = text.rstrip("\r\n") if len(text) > width else text
    return text if len(text) <= width else text[:width] + "…"


def _hidden(letter: str) -> bool:
    """Whether it is a control, a format, a surrogate or unassigned, or a space that looks so."""
    category = unicodedata.category(letter)
    return category[0] == "C" or (category[0] == "Z" and letter != " ")


def _file(root: Path | None, path: str) -> Path | None:
    """The file, if it is one and, links followed, lies in the package."""
    if root is None:
        return None
    try:
        file = (root / path).resolve()
        inside = file.is_relative_to(root.resolve())
        return file if inside and file.is_file() else None
    except (OSError, ValueError):
        return None


def _records(file: Path, wanted: set[int]) -> dict[int, str]:
    """The records that begin on the wanted lines, as they are written."""
    records: dict[int, str] = {}
    quoted: dict[int, bool] = {}  # record that goes on -> whether it is within quotes
    last = max(wanted)
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        for number, line in enumerate(lines, 1):
            if number in wanted:
                records[number], quoted[number] = "", False
            for start in tuple(quoted):
                records[start] += line[:LONGEST]
                quoted[start] ^= line.count('"') % 2 == 1
                if not quoted[start] or len(records[start]) >= LONGEST:
                    del quoted[start]
            if not quoted and number >= last:
                break
    return records


def _place(problem: Problem, record: str, header: list[str]) -> Place:
    line = problem.line or 1
    span = _span(problem, record, header)
    if span is None:
        return Place(line, text=record)
    start, end = span
    breaks = [found.end() for found in BREAK.finditer(record, 0, start)]
    first = breaks[-1] if breaks else 0
    broken = BREAK.search(record, start, end)
    end_column = None if broken else end - first + 1
    return Place(line + len(breaks), start - first + 1, end_column, record, start, end)


def _span(problem: Problem, record: str, header: list[str]) -> tuple[int, int] | None:
    """Where in the record the cell begins and ends, its quotes left out."""
    cells = _cells(record)
    at = header.index(problem.field) if problem.field in header else None
    if problem.rule == "missing-cell" or (at is not None and at >= len(cells)):
        end = len(record.rstrip("\r\n"))
        return end, end
    if at is None:
        # A problem of the whole record is shown at its key, a cell too many by its text.
        value = problem.value or problem.record_id
        alike = [i for i, (a, b) in enumerate(cells) if value and record[a:b] == value]
        if not alike:
            return None
        at = alike[0] if len(alike) == 1 or problem.rule != "extra-cell" else alike[-1]
    start, end = cells[at]
    if (marks := MARKS.get(problem.rule)) and (mark := marks.search(record[start:end])):
        return start + mark.start(), start + mark.end()
    return start, end


def _cells(record: str) -> list[tuple[int, int]]:
    """Begin and end of each cell."""
    cells, at = [], 0
    while True:
        found = CELL.match(record, at)
        assert found is not None  # it also matches nothing
        cells.append(found.span(1) if found[1] is not None else found.span())
        at = found.end()
        if record[at : at + 1] != ",":
            return cells
        at += 1
