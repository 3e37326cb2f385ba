"""What the voices for people have in common: records with their cells, counts, the version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from idlib_data.release.differences import Count, Difference, Line, State
from idlib_data.validation.voices.guide import number

KINDS = {"changed": "changed", "removed": "gone", "added": "added"}
"""Kind of change -> its word, in the order in which the kinds are told."""


@dataclass(frozen=True)
class Told:
    """One record that differs, with its lines."""

    table: str
    record_id: str
    lines: tuple[Line, ...]

    @property
    def whole(self) -> Line | None:
        """The line on the record as such, None where the record is in both states."""
        return next((line for line in self.lines if line.field is None), None)

    @property
    def cells(self) -> tuple[Line, ...]:
        """The lines on its cells."""
        return tuple(line for line in self.lines if line.field is not None)


def per_table(difference: Difference, limit: int | None) -> Iterator[tuple[str, list[Told], int]]:
    """Each table that differs, its first records, and how many more there are."""
    for table, of_table in groupby(difference, key=lambda line: line.table):
        records, more = list[Told](), 0
        for record_id, lines in groupby(of_table, key=lambda line: line.record_id):
            if limit is None or len(records) < limit:
                records.append(Told(table, record_id, tuple(lines)))
            else:
                more += 1
        yield table, records, more


def counted(count: Count) -> str:
    """How many records of a table differ: ``3 changed (4 cells), 2 added``."""
    parts = []
    for kind, word in KINDS.items():
        if many := getattr(count, kind):
            cells = f" ({number(count.cells, 'cell')})" if kind == "changed" else ""
            parts.append(f"{many:,} {word}{cells}")
    return ", ".join(parts)


def heading(old: State, new: State) -> str:
    """The two states: name, versions, and how they were asked for."""
    name = new.name or old.name or "package"
    versions = f"{old.version or '(no version)'} -> {new.version or '(no version)'}"
    return f"{name} {versions} ({old.given} -> {new.given})"


def version(difference: Difference) -> str:
    """What the changes demand of the version, in one sentence."""
    demand = difference.demand
    if demand.step == "none":
        return "No change of the data: the version may stay."
    least = f", to {demand.least} at least" if demand.least else ""
    if demand.enough and demand.least:
        return f"A {demand.step} step of the version{least}; {demand.version} is enough."
    now = demand.version or "missing"
    return f"A {demand.step} step of the version{least}; the version is {now}."


def shown(value: str | None) -> str:
    """A cell, or that it is empty."""
    return "(empty)" if value is None else value
