"""What a problem leaves to be said: what was expected, what to do, how many there are of it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from idlib_data.errors import IdlibDataError
from idlib_data.schema import Field, TableSchema
from idlib_data.validation import rules
from idlib_data.validation.report import Problem, Report
from idlib_data.validation.rules import Rule

FEW = 12
"""Number of codes up to which all of a list are told."""
OF_FORM = {
    "type-error",
    "constraint-error",
    "canonical-value",
    "foreign-key",
    "missing-cell",
    "record-reference",
}
"""Rules on the form of a cell, of which the schema says what is expected."""
SUGGESTS = "Did you mean "
TYPES = {
    "integer": "a whole number",
    "number": "a number",
    "date": "a date",
    "boolean": "true or false",
}

Group = tuple[str, str | None, str | None]


class Guide:
    """The rules and the schemas of a package, asked about single problems.

    Attributes:
        rules: All rules by id.
        schemas: The schemas by table; empty where the package or its schemas cannot be read.
    """

    def __init__(self, root: Path | None) -> None:
        self.rules: dict[str, Rule] = {rule.id: rule for rule in rules()}
        self.schemas: dict[str, TableSchema] = _schemas(root)

    def column(self, problem: Problem) -> Field | None:
        """What the schema says of the column at fault."""
        schema = self.schemas.get(problem.table or "")
        known = schema is not None and problem.field in schema.names
        return schema.field(problem.field or "") if schema and known else None

    def wrong(self, problem: Problem) -> str:
        """What is wrong, at least what the rule demands."""
        return problem.message or self.meaning(problem)

    def plainly(self, problem: Problem) -> str:
        """What is wrong, without the terms of the Data Package standard where there are words."""
        column, value = self.column(problem), problem.value
        if column is None or value is None:
            return self.wrong(problem)
        target = self.schemas[problem.table or ""].target(column.name)
        if problem.rule == "foreign-key" and target:
            return f"The table {target} has no record “{value}”."
        if problem.rule == "type-error" and column.type in TYPES:
            return f"“{value}” is not {TYPES[column.type]}."
        if problem.rule == "constraint-error" and column.enum and value not in column.enum:
            return f"“{value}” is none of the codes."
        return self.wrong(problem)

    def meaning(self, problem: Problem) -> str:
        """What the broken rule demands."""
        rule = self.rules.get(problem.rule)
        return rule.meaning if rule else ""

    def expected(self, problem: Problem) -> str:
        """What should stand in the cell by its schema, if the rule is on the form of cells."""
        column = self.column(problem)
        if column is None or problem.rule not in OF_FORM:
            return ""
        return describe(column, self.schemas[problem.table or ""].target(column.name))

    def advice(self, problem: Problem) -> str:
        """What to do, the nearest right value first if there is one."""
        rule = self.rules.get(problem.rule)
        if rule and problem.hint.startswith(SUGGESTS):
            return f"{problem.hint} {rule.hint}"
        return problem.hint or (rule.hint if rule else "")


def describe(column: Field, target: str | None = None) -> str:
    """What a cell of a column may hold, in words."""
    such_as = "" if column.example is None else f", such as {_example(column)}"
    if target:
        return f"an id of the table {target}{such_as}"
    if column.references:
        return f"an id of a record of any table{such_as}"
    if column.enum:
        codes = ", ".join(column.enum[:FEW])
        many = len(column.enum) > FEW
        return f"one of {len(column.enum)} codes: {codes}, …" if many else f"one of: {codes}"
    words = [TYPES.get(column.type, "text")]
    if column.minimum is not None:
        words.append(f"at least {column.minimum}")
    if column.maximum is not None:
        words.append(f"at most {column.maximum}")
    if column.max_length is not None:
        words.append(f"at most {column.max_length} characters")
    if column.required:
        words.append("never empty")
    pattern = f", pattern {column.pattern}" if column.pattern else ""
    return ", ".join(words) + such_as + pattern


def group(problem: Problem) -> Group:
    """What makes problems alike: rule and column."""
    return problem.rule, problem.table, problem.field


def number(count: int, noun: str) -> str:
    """A count with its noun: ``1 error``, ``2 errors``."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def verdict(report: Report) -> str:
    """The outcome in one line."""
    errors = sum(problem.severity == "error" for problem in report.problems)
    name = " ".join(part for part in (report.name or "package", report.version) if part)
    return (
        f"{name}: {'valid' if report.valid else 'not valid'}; "
        f"{number(sum(report.tables.values()), 'record')} in "
        f"{number(len(report.tables), 'table')}, {number(errors, 'error')}, "
        f"{number(len(report.problems) - errors, 'warning')}"
    )


def per_rule(report: Report) -> list[tuple[str, int]]:
    """Each broken rule with the number of its problems, the most frequent first."""
    return Counter(problem.rule for problem in report.problems).most_common()


def _example(column: Field) -> str:
    return str(column.example).lower() if column.type == "boolean" else str(column.example)


def _schemas(root: Path | None) -> dict[str, TableSchema]:
    from idlib_data.dataset import Dataset

    try:
        return Dataset(root).schemas if root is not None else {}
    except IdlibDataError:
        return {}
