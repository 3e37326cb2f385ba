"""Markdown for a pull request: the verdict, a table of problems, the rest of them folded away."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from idlib_data.validation.report import Problem, Report
from idlib_data.validation.voices import guide, places
from idlib_data.validation.voices.markup import code, prose

OPEN = 20
"""Problems from which on the rest is folded away."""
LARGEST = 60_000
"""Bytes of the whole; a comment may have 65,536 characters."""
HEADER = "| Place | Record | Column | What is wrong | What to do |\n|---|---|---|---|---|\n"


def render(report: Report, root: Path | None = None) -> str:
    """The report as GitHub-flavoured Markdown."""
    sign = "✅" if report.valid else "❌"
    text = f"### {sign} {prose(guide.verdict(report))}\n"
    if not report.problems:
        return text
    if len(report.problems) > OPEN:
        counts = guide.per_rule(report)
        text += "\n| Rule | Problems |\n|---|---:|\n"
        text += "".join(f"| {code(rule)} | {count:,} |\n" for rule, count in counts)
    advisor, found = guide.Guide(root), places.find(report.problems, root)
    rows = [_row(problem, found.get(problem), advisor) for problem in report.problems]
    shown = _fitting(rows, LARGEST - len(text.encode()) - 500)
    text += "\n" + HEADER + "".join(rows[: min(OPEN, shown)])
    if shown > OPEN:
        text += f"\n<details><summary>{guide.number(shown - OPEN, 'more problem')}</summary>\n\n"
        text += HEADER + "".join(rows[OPEN:shown]) + "\n</details>\n"
    if shown < len(rows):
        left = guide.number(len(rows) - shown, "further problem")
        text += f"\n**{left}** would not fit here; the HTML and JSON reports hold all.\n"
    return text


def _fitting(rows: Iterable[str], room: int) -> int:
    """How many of the rows fit into a number of bytes."""
    count = 0
    for row in rows:
        room -= len(row.encode())
        if room < 0:
            break
        count += 1
    return count


def _row(problem: Problem, place: places.Place | None, advisor: guide.Guide) -> str:
    numbers = (place.line, place.column) if place else (problem.line,)
    address = ":".join(str(part) for part in (problem.path, *numbers) if part)
    column = code(problem.field) if problem.field else ""
    if problem.value is not None:
        column += f" = {code(problem.value)}" if column else code(problem.value)
    sign = "⚠️ " if problem.severity == "warning" else ""
    cells = [
        code(address) if address else "",
        code(problem.record_id) if problem.record_id else "",
        column,
        f"{sign}{code(problem.rule)}<br>{prose(advisor.plainly(problem))}",
        prose(advisor.advice(problem)),
    ]
    return f"| {' | '.join(cells)} |\n"
