"""What changed from one release to the next, as CHANGES.csv and CHANGES.md."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from idlib_data.dataset import Dataset
from idlib_data.release.differences import Line

SHOWN = 50
"""Changes of one table that the Markdown names; the CSV has them all."""


class Row(NamedTuple):
    """One change as a release tells it; all are text.

    ``field`` is empty for a record as such: one that came has its id in ``new``, one that went in
    ``old``.
    """

    table: str
    record_id: str
    field: str
    old: str
    new: str
    why: str


def rows_of(found: Iterable[Line]) -> list[Row]:
    """The differences between two states as rows, in the order they have."""
    return [_row(line) for line in found]


def _row(line: Line) -> Row:
    old, new = line.old, line.new
    if line.field is None:
        old = line.record_id if line.change == "removed" else None
        new = line.record_id if line.change == "added" else None
    return Row(line.table, line.record_id, line.field or "", old or "", new or "", line.why)


def as_csv(rows: Iterable[Row]) -> str:
    """The differences as CSV, with a header."""
    text = io.StringIO()
    # Lines end in CRLF here and in LF in the file: else some versions of Python quote a carriage
    # return in a cell and some do not.
    writer = csv.writer(text, lineterminator="\r\n")
    lines = []
    for row in (Row._fields, *rows):
        writer.writerow(row)
        lines.append(text.getvalue().removesuffix("\r\n"))
        text.seek(0)
        text.truncate()
    return "\n".join(lines) + "\n"


def as_markdown(rows: list[Row], dataset: Dataset, date: str, step: str, base: str | None) -> str:
    """The differences for people: how many per table, and the first ones of each."""
    lines = [f"# Changes in {dataset.name} {dataset.version}", ""]
    if base is None:
        lines.append(f"The first release, of {date}. There is nothing to compare it with.")
        return "\n".join(lines) + "\n"
    lines.append(f"Released on {date}. A {step} step from {base}: {_counted(len(rows))}.")
    if rows:
        lines += ["", f"All of them are in `CHANGES.csv`; named here are up to {SHOWN} per table."]
        lines += ["A record that came has its id under 'is', one that went under 'was'."]
    for table, count in Counter(row.table for row in rows).items():
        lines += ["", f"## {table or dataset.name}: {_counted(count)}", ""]
        lines += ["| record | column | was | is | why |", "| --- | --- | --- | --- | --- |"]
        lines += _shown([row for row in rows if row.table == table])
    return "\n".join(lines) + "\n"


def _shown(rows: list[Row]) -> Iterator[str]:
    for row in rows[:SHOWN]:
        yield "| " + " | ".join(_cell(text) for text in row[1:]) + " |"
    if len(rows) > SHOWN:
        yield from ("", f"And {len(rows) - SHOWN} more.")


def _counted(count: int) -> str:
    return f"{count} change" if count == 1 else f"{count or 'no'} changes"


def _cell(text: str) -> str:
    """Text as a cell of a Markdown table in which nothing is taken for a tag."""
    return " ".join(text.split()).replace("<", "\\<").replace("|", "\\|")
