"""A report for people at a terminal: each problem with its line, a caret under the cell, advice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from idlib_data.validation.report import Problem, Report
from idlib_data.validation.voices import guide, places

EACH = 10
"""Problems of one rule in one column that are shown; the rest are counted."""
MANY = 20
"""Problems from which on the summary counts them by rule."""
STYLES = {
    "error": "bold red",
    "warning": "bold yellow",
    "place": "bold",
    "quiet": "dim",
    "good": "bold green",
}


Paint = Callable[[str, str], str]
"""What puts a style, by its name in `STYLES`, on a piece of text."""


def render(
    report: Report, root: Path | None = None, *, colour: bool = False, width: int = 100
) -> str:
    """The report as lines of text.

    Args:
        report: What validation found.
        root: Folder of the package.
        colour: Whether to use the colours of a terminal.
        width: Length from which on a line of data is shortened around its cell.
    """
    paint = _paint if colour else _plain
    total = Counter(guide.group(problem) for problem in report.problems)
    seen: Counter[guide.Group] = Counter()
    told, notes = [], {}
    for problem in report.problems:
        alike = guide.group(problem)
        seen[alike] += 1
        if seen[alike] <= EACH:
            told.append(problem)
        if seen[alike] == EACH < total[alike]:
            notes[problem] = _more(problem, total[alike] - EACH)
    found, advisor = places.find(told, root), guide.Guide(root)
    lines: list[str] = []
    base = places.base(root)
    explained: set[str] = set()
    for problem in told:
        lines += [_where(problem, found.get(problem), base, paint)]
        lines += _line(found.get(problem), paint, max(width, 20) - 4)
        lines += _said(problem, advisor, paint, first=problem.rule not in explained)
        explained.add(problem.rule)
        if problem in notes:
            lines += [paint(notes[problem], "quiet"), ""]
    lines += _summary(report, len(report.problems) - len(told), paint)
    return "\n".join(lines) + "\n"


def _said(problem: Problem, advisor: guide.Guide, paint: Paint, *, first: bool) -> Iterator[str]:
    """What is wrong, the first time also by which rule, what was expected, and what to do."""
    wrong, meaning = advisor.wrong(problem), advisor.meaning(problem)
    yield (
        paint(f"  {problem.severity} {problem.rule}", problem.severity)
        + f": {places.visible(wrong)}"
    )
    parts = {
        "rule": meaning if first and meaning != wrong else "",
        "expected": advisor.expected(problem),
        "to do": advisor.advice(problem),
    }
    for name, text in parts.items():
        if text:
            yield f"  {paint(name, 'quiet')}: {places.visible(text)}"
    yield ""


def _where(problem: Problem, place: places.Place | None, base: str, paint: Paint) -> str:
    """File, line and column, then what they are called in the data."""
    file = base + problem.path if problem.path else problem.table or "package"
    numbers = (place.line, place.column) if place else (problem.line,)
    address = ":".join(str(part) for part in (file, *numbers) if part)
    named = [problem.record_id, problem.field]
    called = ", ".join(places.visible(name) for name in named if name)
    if place and place.start is None and problem.value:
        called += f" = {places.visible(problem.value)}"
    return paint(address, "place") + (f"  {called}" if called else "")


def _line(place: places.Place | None, paint: Paint, width: int) -> Iterator[str]:
    """The record, shortened around the cell, and a caret under the cell."""
    from rich.cells import cell_len

    if place is None or not place.text.strip("\r\n"):
        return
    before, marked, after = places.excerpt(place, width)
    yield f"    {before}{paint(marked, 'error')}{after}"
    if place.start is not None:
        caret = "^" * max(cell_len(marked), 1)
        yield "    " + " " * cell_len(before) + paint(caret, "error")


def _more(problem: Problem, count: int) -> str:
    column = ".".join(name for name in (problem.table, problem.field) if name)
    return f"  and {count:,} more {problem.rule}" + (f" in {column}" if column else "")


def _summary(report: Report, hidden: int, paint: Paint) -> Iterator[str]:
    """The counts: by rule where there are many, what was not shown, and the verdict."""
    if len(report.problems) > MANY:
        counts = guide.per_rule(report)
        wide = len(f"{counts[0][1]:,}")
        yield from (f"{count:>{wide},}  {rule}" for rule, count in counts)
        yield ""
    if hidden:
        was = "was" if hidden == 1 else "were"
        yield f"{guide.number(hidden, 'problem')} {was} not shown; see all with --format json"
    for rule, count in report.more.items():
        yield f"{rule}: {count:,} further problems were found and not kept"
    yield paint(guide.verdict(report), "good" if report.valid else "error")


def _plain(text: str, style: str) -> str:
    return text


def _paint(text: str, style: str) -> str:
    from rich.color import ColorSystem
    from rich.style import Style

    return Style.parse(STYLES[style]).render(text, color_system=ColorSystem.STANDARD)
