"""What a rule is, and how a rule written as a query finds its offenders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from idlib_data.validation.report import Problem, Severity

if TYPE_CHECKING:
    from idlib_data.validation.workspace import Workspace

Layer = Literal["structure", "checks", "links", "evidence", "history", "archive"]


@dataclass(frozen=True)
class Rule:
    """One rule of the validator.

    Attributes:
        id: Stable name that reports carry.
        layer: Layer of validation it belongs to.
        meaning: What it demands, in one line.
        hint: What to do about an offence.
        severity: ``error`` or ``warning``.
        needs: Columns, as ``table.column``, without which the rule has nothing to judge.
        sql: Query over the tables of a `Workspace` that returns the offending cells:
            ``table_name``, ``row`` (record number), ``field``, ``value`` and ``message``.
    """

    id: str
    layer: Layer
    meaning: str
    hint: str
    severity: Severity = "error"
    needs: tuple[str, ...] = ()
    sql: str = ""


def columns(*tables: str) -> tuple[str, ...]:
    """Columns for `Rule.needs`, from texts like ``"patrols: date sequence"``."""
    named = [text.partition(":") for text in tables]
    return tuple(f"{table}.{column}" for table, _, names in named for column in names.split())


def run(rule: Rule, workspace: Workspace, sql: str | None = None) -> Iterator[Problem]:
    """The offences against a rule that is written as a query.

    Args:
        rule: The rule.
        workspace: The tables.
        sql: The query, where it is made from the schemas and not written in the rule.
    """
    if not all(workspace.has_column(column) for column in rule.needs):
        return
    for table, row, field, value, message in workspace.rows(sql or rule.sql):
        yield workspace.problem(rule, table, row, field, value, message)
