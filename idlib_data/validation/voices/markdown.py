"""Markdown for a pull request: the verdict, a table of problems, the rest of them folded away."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from idlib_data.validation.report import Problem, Report
from idlib_data.validation.voices import guide, places

OPEN = 20
"""Problems from which on the rest is folded away."""
LARGEST = 60_000
"""Bytes of the whole; a comment may have 65,536 characters."""
LONGEST = 300
"""Characters of a cell or message, above which it is cut."""
HEADER = "| Place | Record | Column | What is wrong | What to do |\n|---|---|---|---|---|\n"
SPECIAL = re.compile(r"[\\`*_{}\[\]()#+!|~$-]")


def render(report: Report, root: Path | None = None) -> str:
    """The report as GitHub-flavoured Markdown."""
    sign = "✅" if report.valid else "❌"
    text = f"### {sign} {_prose(guide.verdict(report))}\n"
    if not report.problems:
        return text
    if len(report.problems) > OPEN:
        counts = guide.per_rule(report)
        text += "\n| Rule | Problems |\n|---|---:|\n"
        text += "".join(f"| {_code(rule)} | {count:,} |\n" for rule, count in counts)
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
    column = _code(problem.field) if problem.field else ""
    if problem.value is not None:
        column += f" = {_code(problem.value)}" if column else _code(problem.value)
    sign = "⚠️ " if problem.severity == "warning" else ""
    cells = [
        _code(address) if address else "",
        _code(problem.record_id) if problem.record_id else "",
        column,
        f"{sign}{_code(problem.rule)}<br>{_prose(advisor.plainly(problem))}",
        _prose(advisor.advice(problem)),
    ]
    return f"| {' | '.join(cells)} |\n"


def _code(text: str) -> str:
    """Text as it stands: nothing in it is markup, a link or a mention."""
    text = _short(text)
    ticks = "`" * (max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
    space = " " if text[:1] in "` " or text[-1:] in "` " else ""
    # In a table even code is cut at a bar, unless a backslash stands before it.
    return f"{ticks}{space}{text or ' '}{space}{ticks}".replace("|", "\\|")


def _prose(text: str) -> str:
    """Text in which nothing is markup, and nobody is mentioned."""
    text = _short(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return SPECIAL.sub(r"\\\g<0>", text).replace("@", "@<!-- -->")


def _short(text: str) -> str:
    text = places.visible(text)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
