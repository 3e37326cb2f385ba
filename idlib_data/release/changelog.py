"""What changed from one release to the next, as CHANGES.csv and CHANGES.md."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

from idlib_data.dataset import Dataset
from idlib_data.errors import ReleaseError

DIFF = "idlib_data.release.diff"
SHOWN = 50
"""Changes of one table that the Markdown names; the CSV has them all."""


class Difference(NamedTuple):
    """One cell, or one record or column as a whole, that is not as it was.

    All are text. ``record_id`` is empty for what concerns a whole table or column, ``field`` for a
    record that came or went.
    """

    table: str
    record_id: str
    field: str
    old: str
    new: str
    why: str


def between(old: Dataset, new: Dataset) -> list[Difference]:
    """The differences between two states of a package, by table, record and column.

    Raises:
        ReleaseError: The comparison is not part of this installation.
    """
    if find_spec(DIFF) is None:
        raise ReleaseError("this installation cannot compare with a base: leave --base out")
    rows = import_module(DIFF).differences(old, new)
    return sorted(map(_difference, rows), key=_order(old, new))


def _difference(row: Any) -> Difference:
    cells = row if isinstance(row, tuple) else [getattr(row, n) for n in Difference._fields]
    return Difference(*("" if cell is None else str(cell) for cell in cells))


def _order(old: Dataset, new: Dataset) -> Any:
    tables = list(dict.fromkeys((*new.tables, *old.tables)))
    columns = {
        (table, name): number
        for dataset in (old, new)
        for table, schema in dataset.schemas.items()
        for number, name in enumerate(schema.names)
    }

    def place(row: Difference) -> tuple[Any, ...]:
        table = tables.index(row.table) if row.table in tables else -1
        return table, row.record_id, columns.get((row.table, row.field), -1), row

    return place


def as_csv(rows: Iterable[Difference]) -> str:
    """The differences as CSV, with a header."""
    text = io.StringIO()
    # Lines end in CRLF here and in LF in the file: else some versions of Python quote a carriage
    # return in a cell and some do not.
    writer = csv.writer(text, lineterminator="\r\n")
    lines = []
    for row in (Difference._fields, *rows):
        writer.writerow(row)
        lines.append(text.getvalue().removesuffix("\r\n"))
        text.seek(0)
        text.truncate()
    return "\n".join(lines) + "\n"


def as_markdown(
    rows: list[Difference], dataset: Dataset, date: str, step: str, base: str | None
) -> str:
    """The differences for people: how many per table, and the first ones of each."""
    lines = [f"# Changes in {dataset.name} {dataset.version}", ""]
    if base is None:
        lines.append(f"The first release, of {date}. There is nothing to compare it with.")
        return "\n".join(lines) + "\n"
    lines.append(f"Released on {date}. A {step} step from {base}: {_counted(len(rows))}.")
    if rows:
        lines += ["", f"All of them are in `CHANGES.csv`; named here are up to {SHOWN} per table."]
    for table, count in Counter(row.table for row in rows).items():
        lines += ["", f"## {table or dataset.name}: {_counted(count)}", ""]
        lines += ["| record | column | was | is | why |", "| --- | --- | --- | --- | --- |"]
        lines += _shown([row for row in rows if row.table == table])
    return "\n".join(lines) + "\n"


def _shown(rows: list[Difference]) -> Iterator[str]:
    for row in rows[:SHOWN]:
        yield "| " + " | ".join(_cell(text) for text in row[1:]) + " |"
    if len(rows) > SHOWN:
        yield from ("", f"And {len(rows) - SHOWN} more.")


def _counted(count: int) -> str:
    return f"{count} change" if count == 1 else f"{count or 'no'} changes"


def _cell(text: str) -> str:
    """Text as a cell of a Markdown table in which nothing is taken for a tag."""
    return " ".join(text.split()).replace("<", "\\<").replace("|", "\\|")
