"""What validation finds: one Problem per fault, one Report per package."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Problem:
    """One fault, with the place where it stands.

    Attributes:
        rule: Stable id of the rule that it breaks.
        severity: ``error`` makes the package invalid, ``warning`` does not.
        table: Name of the table, or None where the package as a whole is at fault.
        path: File, relative to the package.
        row: Record number in the file, the header being 1.
        line: Physical line of the file where that record starts.
        field: Column.
        record_id: Key of the record.
        value: The offending text.
        message: What is wrong.
        hint: What to do about it.
    """

    rule: str
    severity: Severity
    message: str
    table: str | None = None
    path: str | None = None
    row: int | None = None
    line: int | None = None
    field: str | None = None
    record_id: str | None = None
    value: str | None = None
    hint: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The problem in the order of the report's contract."""
        order = [
            "rule",
            "severity",
            "table",
            "path",
            "row",
            "line",
            "field",
            "record_id",
            "value",
            "message",
            "hint",
        ]
        values = asdict(self)
        return {name: values[name] for name in order}


@dataclass(frozen=True)
class Report:
    """The outcome of a validation.

    Attributes:
        name: Name of the package, empty where the descriptor cannot be read.
        version: Version of the package.
        tables: Table -> number of its records.
        problems: What was found, in the order of tables, rows and columns.
        more: Rule -> number of further problems that were counted and not kept.
    """

    name: str
    version: str
    tables: dict[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    more: dict[str, int] = field(default_factory=dict)

    @property
    def valid(self) -> bool:
        """Whether there is no error; warnings do not count."""
        return not any(problem.severity == "error" for problem in self.problems)

    def to_dict(self) -> dict[str, Any]:
        """The report in JSON types."""
        told = {
            "valid": self.valid,
            "package": {"name": self.name, "version": self.version},
            "tables": self.tables,
            "problems": [problem.to_dict() for problem in self.problems],
        }
        return {**told, "more": self.more} if self.more else told


MAX_PER_RULE = 10_000
"""Problems of one rule that are kept; the rest is counted, so that memory stays bounded."""


class Kept:
    """Problems as they are found, of each rule no more than `MAX_PER_RULE`."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.found: Counter[str] = Counter()

    def add(self, problems: Iterable[Problem]) -> None:
        """Keep problems, or count them where their rule has enough."""
        for problem in problems:
            self.found[problem.rule] += 1
            if self.found[problem.rule] <= MAX_PER_RULE:
                self.problems.append(problem)

    @property
    def more(self) -> dict[str, int]:
        """Rule -> number of its problems that were not kept."""
        over = {rule: count - MAX_PER_RULE for rule, count in self.found.items()}
        return {rule: count for rule, count in sorted(over.items()) if count > 0}


def in_order(problems: Iterable[Problem], tables: list[str]) -> tuple[Problem, ...]:
    """Each problem once, by table, row, column and rule."""
    position = {table: number for number, table in enumerate(tables)}
    unique = dict.fromkeys(problems)
    return tuple(
        sorted(
            unique,
            key=lambda p: (
                position.get(p.table or "", -1),
                p.row or 0,
                p.field or "",
                p.rule,
                p.message,
            ),
        )
    )
