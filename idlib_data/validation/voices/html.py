"""One self-contained page for contributors: what is wrong, in which line, and what to do.

It runs no script and loads nothing. Whatever comes from the data is escaped, written out where it
cannot be seen, and takes its direction from its own letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path

from idlib_data.validation.report import Problem, Report
from idlib_data.validation.voices import guide, places
from idlib_data.validation.voices.style import STYLE

OPEN = 5
"""Problems of one rule in one column that stand open; the others are folded away."""
EACH = 200
"""Problems of one rule in one column that are told; the rest are counted."""
WIDTH = 160
"""Characters of a line that are shown around its cell."""
LONGEST = 600
OTHER_SCRIPT = re.compile(r"[^,]*[^\x00-\x7f][^,]*")
PACKAGE = "The package as a whole"


def render(report: Report, root: Path | None = None) -> str:
    """The report as an HTML page."""
    teller = _Teller(report, root)
    of_file: dict[str, list[Problem]] = {}
    for problem in report.problems:
        of_file.setdefault(problem.path or PACKAGE, []).append(problem)
    files = list(of_file.items())
    state = "good" if report.valid else "bad"
    answer = "The data are valid" if report.valid else "The data need a correction"
    title = f"{answer}: {report.name or 'package'} {report.version}".strip()
    parts = [
        f'<header class="{state}"><h1>{answer}</h1><p>{_text(guide.verdict(report))}</p></header>',
        _contents(files),
        *(part for number, file in enumerate(files) for part in teller.file(number, *file)),
    ]
    return PAGE.format(title=_text(title), style=STYLE, body="\n".join(parts))


PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


class _Teller:
    """Problems as HTML, with the lines that they stand in."""

    def __init__(self, report: Report, root: Path | None) -> None:
        self.guide = guide.Guide(root)
        self.groups: dict[guide.Group, list[Problem]] = {}
        for problem in report.problems:
            self.groups.setdefault(guide.group(problem), []).append(problem)
        told = [problem for alike in self.groups.values() for problem in alike[:EACH]]
        self.places = places.find(told, root)

    def file(self, number: int, path: str, problems: Sequence[Problem]) -> Iterator[str]:
        """The section on one file, its problems by rule and column."""
        count = guide.number(len(problems), "problem")
        yield f'<section id="file-{number}"><h2>{_text(path)} <small>{count}</small></h2>'
        for alike in dict.fromkeys(guide.group(problem) for problem in problems):
            here = [problem for problem in problems if guide.group(problem) == alike]
            yield from self._alike(here)
        yield "</section>"

    def _alike(self, problems: list[Problem]) -> Iterator[str]:
        """The problems of one rule in one column; what holds for all is said once."""
        first, told = problems[0], problems[:EACH]
        facts = [self._facts(problem) for problem in told]
        common = {
            name: text for name, text in facts[0].items() if all(text == f[name] for f in facts)
        }
        yield f'<div class="rule {first.severity}"><h3>{self._where(first)}'
        yield f"<code>{_text(first.rule)}</code></h3><p>{_text(self.guide.meaning(first))}</p>"
        if (column := self.guide.column(first)) and column.description:
            yield f'<p class="about"><b>{_text(column.name)}</b>: {_text(column.description)}</p>'
        yield _list(common)
        articles = [
            self._article(problem, {n: text for n, text in own.items() if n not in common})
            for problem, own in zip(told, facts, strict=True)
        ]
        yield from articles[:OPEN]
        if len(told) > OPEN:
            more = guide.number(len(problems) - OPEN, "more problem")
            yield f"<details><summary>{more} of this kind</summary>{''.join(articles[OPEN:])}"
            if len(problems) > EACH:
                rest = guide.number(len(problems) - EACH, "more problem")
                yield f"<p>{rest} of this kind: see the report with --format json.</p>"
            yield "</details>"
        yield "</div>"

    def _where(self, problem: Problem) -> str:
        column = self.guide.column(problem)
        name = column.title or column.name if column else problem.field
        if name:
            return f"Column “<bdi>{_text(name)}</bdi>” "
        return "Whole record " if problem.row else "Whole file "

    def _facts(self, problem: Problem) -> dict[str, str]:
        """What is wrong, unless it is just the rule, what was expected, and what to do."""
        wrong = self.guide.plainly(problem)
        return {
            "What is wrong": "" if wrong == self.guide.meaning(problem) else wrong,
            "Expected": self.guide.expected(problem),
            "What to do": self.guide.advice(problem),
        }

    def _article(self, problem: Problem, facts: dict[str, str]) -> str:
        """One problem: its place, its line with the cell marked, and what holds for it alone."""
        place = self.places.get(problem)
        line = place.line if place else problem.line
        named = [f"Line {line:,}"] if line else []
        named += [f"<bdi>{_text(problem.record_id)}</bdi>"] if problem.record_id else []
        head = f"<h4>{' · '.join(named)}</h4>" if named else ""
        content = f"{head}{_line(problem, place)}{_list(facts)}"
        return f"<article>{content}</article>" if content else ""


def _list(facts: dict[str, str]) -> str:
    """Facts under their names, those without text left out."""
    rows = "".join(
        f'<dt>{name}</dt><dd dir="auto">{_text(text)}</dd>' for name, text in facts.items() if text
    )
    return f"<dl>{rows}</dl>" if rows else ""


def _contents(files: Sequence[tuple[str, Sequence[Problem]]]) -> str:
    """Links to the files, where there are several."""
    if len(files) < 2:
        return ""
    links: Iterable[str] = (
        f'<li><a href="#file-{number}">{_text(path)}</a> '
        f"{guide.number(len(problems), 'problem')}</li>"
        for number, (path, problems) in enumerate(files)
    )
    return f"<nav><ul>{''.join(links)}</ul></nav>"


def _line(problem: Problem, place: places.Place | None) -> str:
    """The line with its cell marked; the value alone where the line cannot be read."""
    if place is None or not place.text.strip("\r\n"):
        value = _text(problem.value or "")
        return f'<pre><mark dir="auto">{value}</mark></pre>' if value else ""
    before, marked, after = places.excerpt(place, WIDTH)
    before, marked, after = _cells(before), escape(marked), _cells(after)
    if place.start is None:
        return f"<pre>{before}</pre>"
    empty = "" if marked else ' class="empty" title="empty cell"'
    return f'<pre>{before}<mark dir="auto"{empty}>{marked}</mark>{after}</pre>'


def _cells(line: str) -> str:
    """A line of CSV in which no cell in another script turns its neighbours round."""
    return OTHER_SCRIPT.sub(r"<bdi>\g<0></bdi>", escape(line))


def _text(text: str) -> str:
    text = places.visible(text)
    return escape(text if len(text) <= LONGEST else text[:LONGEST] + "…")
