"""The difference for people at a terminal: by table and record, each cell with what explains it."""

from __future__ import annotations

from collections.abc import Iterator

from idlib_data.release.differences import Difference, Line
from idlib_data.release.voices import words
from idlib_data.validation.voices.guide import number
from idlib_data.validation.voices.places import visible

SIGN = {"changed": " ", "removed": "-", "added": "+"}


def render(difference: Difference, limit: int | None) -> str:
    """The difference as lines of text, with so many records of each table."""
    lines = [visible(words.heading(difference.old, difference.new)), ""]
    hidden = False
    for table, records, more in words.per_table(difference, limit):
        lines.append(visible(f"{table}: {words.counted(difference.counts[table])}"))
        for record in records:
            lines += _record(record)
        if more:
            hidden = True
            lines.append(f"    and {number(more, 'more record')}")
        lines.append("")
    if hidden:
        lines += ["See all with --all, or with --format csv.", ""]
    width = len("major")
    for reason in difference.demand.reasons:
        lines.append(visible(f"{reason.step:<{width}}  {reason.table}: {reason.what}"))
    lines.append(visible(words.version(difference)))
    return "\n".join(lines) + "\n"


def _record(record: words.Told) -> Iterator[str]:
    sign = SIGN[record.lines[0].change]
    yield f"  {sign} {visible(record.record_id)}"
    if record.whole:
        yield from _reasons(record.whole, 6)
    for line in record.cells:
        old, new = (visible(words.shown(value)) for value in (line.old, line.new))
        told = {"changed": f"{old} -> {new}", "added": new, "removed": old}[line.change]
        yield f"      {visible(str(line.field))}: {told}"
        yield from _reasons(line, 8)


def _reasons(line: Line, indent: int) -> Iterator[str]:
    space = " " * indent
    if line.fate:
        yield f"{space}{visible(line.fate)}"
    for cause in line.causes:
        yield f"{space}by {visible(str(cause))}"
