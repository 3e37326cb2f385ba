"""Layer 1, structure: bytes, header, rows, types, constraints, keys, as frictionless judges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from idlib_data.dataset import DESCRIPTOR
from idlib_data.validation.report import Problem
from idlib_data.validation.rules import Rule

if TYPE_CHECKING:
    from idlib_data.validation.workspace import Workspace


def _rule(id: str, meaning: str, hint: str) -> Rule:
    return Rule(id, "structure", meaning, hint)


RULES = (
    _rule(
        "package-error",
        "The descriptor and the schemas can be read and follow the Data Package standard.",
        "Mend datapackage.json or the schema it names.",
    ),
    _rule(
        "file-error",
        "The file of each table is there and can be read as UTF-8 CSV.",
        "Put the file back, or save it as CSV in UTF-8.",
    ),
    _rule(
        "blank-label",
        "Each column has a name in the header.",
        "Write the column's name, or take the empty column away.",
    ),
    _rule(
        "duplicate-label",
        "No column name stands twice in the header.",
        "Take one of the two columns away.",
    ),
    _rule(
        "missing-label",
        "Each column of the schema stands in the header.",
        "Put the column back; an empty one is fine where nothing is reported.",
    ),
    _rule(
        "extra-label",
        "No column stands in the header that the schema does not know.",
        "Take the column away, or describe it in the schema first.",
    ),
    _rule(
        "incorrect-label",
        "The columns stand in the order of the schema, under its names.",
        "Write the header exactly as in the schema.",
    ),
    _rule("blank-row", "No row is empty.", "Delete the empty line."),
    _rule(
        "missing-cell",
        "No row has fewer cells than the header.",
        "Count the commas: an empty cell still needs its comma.",
    ),
    _rule(
        "extra-cell",
        "No row has more cells than the header.",
        "Put text that holds a comma between double quotes.",
    ),
    _rule(
        "type-error", "Each cell can be read as its column's type.", "Write the value as the type."
    ),
    _rule(
        "constraint-error",
        "Each cell keeps its column's constraints.",
        "Write a value that the constraint allows, or leave the cell empty if nothing is reported.",
    ),
    _rule(
        "primary-key",
        "Each record has a key of its own.",
        "Give the newer record another id; ids are never reused.",
    ),
    _rule(
        "foreign-key",
        "Each id that points to a table is a record of that table.",
        "Correct the id, or add the record it names.",
    ),
)
BY_ID = {rule.id: rule for rule in RULES}


def check(workspace: Workspace, *, screened: bool = True) -> Iterator[Problem]:
    """The faults of structure, as frictionless judges them.

    Args:
        workspace: The tables.
        screened: Let frictionless judge only the rows that are not provably right; else all.
    """
    from idlib_data.validation import judge, plain, screen

    dataset = workspace.dataset
    if not screened or not plain.is_plain(dataset):
        yield from judge.whole(workspace)
        return
    found = {table: screen.suspects(dataset, workspace.texts, table) for table in dataset.tables}
    if any(rows is None for rows in found.values()):
        yield from judge.whole(workspace)
        return
    for table, rows in found.items():
        if rows:
            yield from judge.rows(workspace, table, rows)


def package_error(message: str) -> Problem:
    """A problem of the package as a whole."""
    rule = BY_ID["package-error"]
    return Problem(rule.id, rule.severity, message, path=DESCRIPTOR, hint=rule.hint)
