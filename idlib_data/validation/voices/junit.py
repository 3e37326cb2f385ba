"""JUnit XML, the format in which build servers read tests: a suite per table, a case per rule."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

from idlib_data.validation.report import Problem, Report
from idlib_data.validation.rules import Rule
from idlib_data.validation.voices import guide, places

PACKAGE = "datapackage"
"""Name of the suite on the package as a whole."""
NOT_JUDGED = "not judged, since the package cannot be read"

Element = ElementTree.Element


def render(report: Report, root: Path | None = None) -> str:
    """The report as test suites; warnings are output of a case that passes."""
    advisor, found = guide.Guide(root), places.find(report.problems, root)
    suites = ElementTree.Element("testsuites", name=report.name or "package")
    broken = any(problem.rule == "package-error" for problem in report.problems)
    of_table: dict[str | None, dict[str, list[Problem]]] = {None: {}}
    of_table |= {table: {} for table in report.tables}
    for problem in report.problems:
        of_table.setdefault(problem.table, {}).setdefault(problem.rule, []).append(problem)
    for table, problems in of_table.items():
        suite = ElementTree.SubElement(suites, "testsuite", name=table or PACKAGE)
        judged = [rule.id for rule in advisor.rules.values() if _judges(rule, table)]
        for rule in dict.fromkeys([*judged, *problems]):
            here = problems.get(rule, [])
            case = _case(rule, table, here, advisor, found)
            if broken and not here:
                ElementTree.SubElement(case, "skipped", message=NOT_JUDGED)
            suite.append(case)
        _count(suite, [suite])
    _count(suites, list(suites))
    ElementTree.indent(suites)
    text = ElementTree.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _judges(rule: Rule, table: str | None) -> bool:
    """Whether a table without a problem has passed a rule."""
    if rule.layer in ("history", "archive") or (table is None) != (rule.id == "package-error"):
        return False
    tables = {column.partition(".")[0] for column in rule.needs}
    return not tables or table in tables


def _case(
    rule: str,
    table: str | None,
    problems: list[Problem],
    advisor: guide.Guide,
    found: dict[Problem, places.Place],
) -> Element:
    """One rule on one table, with all that offends it."""
    case = ElementTree.Element("testcase", name=rule, classname=table or PACKAGE)
    errors = [problem for problem in problems if problem.severity == "error"]
    warnings = [problem for problem in problems if problem.severity == "warning"]
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        message = places.visible(advisor.wrong(errors[0])) + more
        failure = ElementTree.SubElement(case, "failure", type=rule, message=message)
        failure.text = "\n".join(_lines(errors, advisor, found))
    if warnings:
        output = ElementTree.SubElement(case, "system-out")
        output.text = "\n".join(_lines(warnings, advisor, found))
    return case


def _lines(
    problems: Iterable[Problem], advisor: guide.Guide, found: dict[Problem, places.Place]
) -> Iterable[str]:
    for problem in problems:
        place = found.get(problem)
        numbers = (place.line, place.column) if place else (problem.line,)
        address = ":".join(str(part) for part in (problem.path, *numbers) if part)
        named = " ".join(name for name in (address, problem.record_id, problem.field) if name)
        said = f"{named}: {advisor.wrong(problem)} {advisor.advice(problem)}"
        # No text of XML 1.0 may hold control characters, however they are escaped.
        yield places.visible(said)


def _count(element: Element, suites: list[Element]) -> None:
    """Write the numbers of cases, failures and skipped ones that suites hold onto an element."""
    cases = [case for suite in suites for case in suite.iter("testcase")]
    element.set("tests", str(len(cases)))
    element.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    element.set("errors", "0")
    if element.tag == "testsuite":
        element.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))
