"""Annotations of GitHub Actions: commands that put each problem on its line of a pull request."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from idlib_data.validation.report import Problem, Report
from idlib_data.validation.voices import guide, places

SHOWN = 10
"""Annotations of a severity that the service shows per step; the others stand in the log only."""


def render(report: Report, root: Path | None = None) -> str:
    """One command per problem, the most important first, then a notice with the counts."""
    advisor, found = guide.Guide(root), places.find(report.problems, root)
    base = places.base(root)
    lines = [
        _command(problem, found.get(problem), advisor, base)
        for problem in _by_importance(report, advisor)
    ]
    return "\n".join([*lines, _notice(report)]) + "\n"


def _by_importance(report: Report, advisor: guide.Guide) -> list[Problem]:
    """Errors first, and of each severity one of each kind before the second of any.

    One of a kind stands before the other by layer, since faults of structure bring others about.
    """
    layer = {rule: position for position, rule in enumerate(advisor.rules)}
    seen: Counter[guide.Group] = Counter()
    ranked = []
    for position, problem in enumerate(report.problems):
        alike = guide.group(problem)
        seen[alike] += 1
        importance = layer.get(problem.rule, len(layer))
        ranked.append((problem.severity, seen[alike], importance, position, problem))
    return [entry[-1] for entry in sorted(ranked, key=lambda entry: entry[:4])]


def _command(problem: Problem, place: places.Place | None, advisor: guide.Guide, base: str) -> str:
    properties = {
        "file": base + problem.path if problem.path else None,
        "line": place.line if place else problem.line,
        "col": place.column if place else None,
        "title": problem.rule,
    }
    given = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    record = f"{problem.record_id}: " if problem.record_id else ""
    said = [f"{record}{advisor.wrong(problem)}", advisor.advice(problem)]
    text = "\n".join(places.visible(line) for line in said if line)
    return f"::{problem.severity} {given}::{_message(text)}"


def _notice(report: Report) -> str:
    counts = Counter(problem.severity for problem in report.problems)
    text = guide.verdict(report)
    if max(counts.values(), default=0) > SHOWN:
        text += f"; at most {SHOWN} of each are shown here, all of them stand in the log"
    return f"::notice title=idlib-data validate::{_message(text)}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: object) -> str:
    return _message(str(value)).replace(":", "%3A").replace(",", "%2C")
