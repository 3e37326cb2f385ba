"""The difference for a pull request: counts, the version that follows, then the changes."""

from __future__ import annotations

from collections.abc import Iterator

from idlib_data.release.differences import Difference, Line
from idlib_data.release.voices import words
from idlib_data.validation.voices.guide import number
from idlib_data.validation.voices.markup import code, prose

OPEN = 10
"""Rows from which on those of a table, or the reasons for the version, are folded away."""
LARGEST = 60_000
"""Bytes of the whole; a comment may have 65,536 characters."""
RESERVE = 500
"""Bytes that the last words may take."""
CAUSES = 5
"""Claims that are named for one change."""
HEADER = "| Record | Column | Was | Is | Why |\n|---|---|---|---|---|\n"


def render(difference: Difference, limit: int | None) -> str:
    """The difference as GitHub-flavoured Markdown, with so many records of each table."""
    text = _summary(difference)
    left = 0
    for table, records, more in words.per_table(difference, limit):
        rows, room = [], LARGEST - RESERVE - len(text.encode())
        room -= len(_folded(table, difference, "", fold=True).encode())
        for at, record in enumerate(records):
            of_record = "".join(map(_row, record.lines))
            room -= len(of_record.encode())
            if room < 0:
                more += len(records) - at
                break
            rows.append(of_record)
        left += more
        if rows:
            many = sum(row.count("\n") for row in rows)
            text += _folded(table, difference, HEADER + "".join(rows), fold=many > OPEN)
    if left:
        text += f"\n**{number(left, 'further record')}** not shown here; `--format csv` has all.\n"
    return text


def _summary(difference: Difference) -> str:
    demand = difference.demand
    sign = "✅" if demand.enough else "❌"
    text = f"### {prose(words.heading(difference.old, difference.new))}\n"
    text += f"\n{sign} {prose(words.version(difference))}\n"
    if difference.counts:
        text += "\n| Table | Changed | Cells | Gone | Added |\n|---|---:|---:|---:|---:|\n"
    for table, count in difference.counts.items():
        numbers = (count.changed, count.cells, count.removed, count.added)
        text += f"| {code(table)} | {' | '.join(f'{n:,}' if n else '' for n in numbers)} |\n"
    reasons = [f"- {r.step}: {code(r.table)}: {prose(r.what)}\n" for r in demand.reasons]
    if len(reasons) > OPEN:
        summary = f"<summary>{number(len(reasons), 'reason')} for the step</summary>"
        return f"{text}\n<details>{summary}\n\n{''.join(reasons)}\n</details>\n"
    return f"{text}\n{''.join(reasons)}" if reasons else text


def _folded(table: str, difference: Difference, rows: str, *, fold: bool) -> str:
    """The rows of a table under its name, folded away where they are many."""
    told = f"{prose(table)}: {words.counted(difference.counts[table])}"
    if fold:
        return f"\n<details><summary>{told}</summary>\n\n{rows}\n</details>\n"
    return f"\n#### {told}\n\n{rows}"


def _row(line: Line) -> str:
    if line.field is None:
        column = "gone" if line.change == "removed" else "added"
    else:
        column = code(line.field)
    old, new = ("" if value is None else code(value) for value in (line.old, line.new))
    cells = [code(line.record_id), column, old, new, "<br>".join(_reasons(line))]
    return f"| {' | '.join(cells)} |\n"


def _reasons(line: Line) -> Iterator[str]:
    if line.fate:
        yield prose(line.fate)
    for cause in line.causes[:CAUSES]:
        yield prose(str(cause))
    if len(line.causes) > CAUSES:
        yield f"and {number(len(line.causes) - CAUSES, 'more claim')}"
