"""What a mutant is, the tables it is made from, and the registry of kinds."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from idlib_data.dataset import Dataset
from idlib_data.schema import Field, TableSchema

Rows = list[list[str]]


@dataclass(frozen=True)
class Place:
    """Where a mutant is damaged; what is None is not to be named.

    Attributes:
        table: Table.
        row: Record number, the header being 1; None where the damage is that of a whole file.
        field: Column; None where the damage is that of a whole row.
    """

    table: str
    row: int | None = None
    field: str | None = None

    @property
    def cell(self) -> tuple[int, str]:
        """Row and column, of a place that is a cell.

        Raises:
            ValueError: It is a row or a table.
        """
        if self.row is None or self.field is None:
            raise ValueError(f"{self} is no cell")
        return self.row, self.field


@dataclass(frozen=True)
class Mutant:
    """One edit of the package.

    Attributes:
        kind: Name of its kind.
        files: Path -> bytes of each file that it changes.
        places: Where a problem should point; one of them is enough, since a fault that lies
            between two cells can be told at either.
        names: Ids that a problem may give as its value instead, where the damaged row is gone.
        what: What was done.
    """

    kind: str
    files: dict[str, bytes]
    places: tuple[Place, ...] = ()
    names: frozenset[str] = frozenset()
    what: str = ""


@dataclass
class Tables:
    """The sound package: its tables as rows of text, the header first."""

    dataset: Dataset
    texts: dict[str, bytes] = field(default_factory=dict)
    rows: dict[str, Rows] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Path) -> Tables:
        """Read all tables of a package."""
        tables = cls(Dataset(root))
        for table in tables.dataset.tables:
            content = tables.dataset.path(table).read_bytes()
            tables.texts[table] = content
            tables.rows[table] = list(csv.reader(io.StringIO(content.decode(), newline="")))
            assert to_csv(tables.rows[table]) == content, f"{table} is not canonical"
            # An empty table has no row to be damaged.
            if len(tables.rows[table]) == 1:
                del tables.rows[table]
        return tables

    def schema(self, table: str) -> TableSchema:
        """Schema of a table."""
        return self.dataset.schemas[table]

    def path(self, table: str) -> str:
        """File of a table, relative to the package."""
        return self.dataset.relative_path(table)

    def copy(self, table: str) -> Rows:
        """The rows of a table, to be changed."""
        return [list(row) for row in self.rows[table]]

    def at(self, table: str, name: str) -> int:
        """Position of a column."""
        return self.rows[table][0].index(name)

    def value(self, table: str, row: int, name: str) -> str:
        """A cell, by record number."""
        return self.rows[table][row - 1][self.at(table, name)]

    def records(self, table: str) -> Iterator[tuple[int, dict[str, str]]]:
        """The records with their numbers."""
        header = self.rows[table][0]
        for number, row in enumerate(self.rows[table][1:], start=2):
            yield number, dict(zip(header, row, strict=True))

    def ids(self, table: str) -> list[str]:
        """The keys of a table."""
        return [record[self.schema(table).key or ""] for _, record in self.records(table)]

    def filled(self, test: Callable[[TableSchema, Field], bool]) -> list[Place]:
        """The filled cells of the columns for which the test is true."""
        return [
            Place(table, number, column.name)
            for table in self.rows
            for column in self.schema(table).fields
            if test(self.schema(table), column)
            for number, record in self.records(table)
            if record[column.name]
        ]


def to_csv(rows: Rows) -> bytes:
    """Rows in the canonical form of the package."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


Maker = Callable[[Tables, random.Random], "Mutant | None"]
"""Makes a mutant, or None where by chance there is nothing to damage."""

HARMFUL: dict[str, Maker] = {}
"""Kinds that a validator has to catch."""
UNSEEN: dict[str, Maker] = {}
"""Kinds that nothing in the package itself contradicts: told by a comparison with a base only."""
HARMLESS: dict[str, Maker] = {}
"""Kinds that a validator must not complain of."""


def kind(name: str, registry: dict[str, Maker] = HARMFUL) -> Callable[[Maker], Maker]:
    """Enter a function in a registry under a name."""

    def enter(maker: Maker) -> Maker:
        assert name not in registry
        registry[name] = maker
        return maker

    return enter


def edit_cell(tables: Tables, kind: str, place: Place, value: str, *also: Place) -> Mutant | None:
    """The mutant with another value in one cell, or None where that is the value already.

    Args:
        tables: The sound package.
        kind: Name of the kind.
        place: The cell.
        value: Its new text.
        also: Further places where the fault may be told.
    """
    row, name = place.cell
    old = tables.value(place.table, row, name)
    if old == value:
        return None
    rows = tables.copy(place.table)
    rows[row - 1][tables.at(place.table, name)] = value
    what = f"{place.table}:{row}:{name}: {old!r} -> {value!r}"
    files = {tables.path(place.table): to_csv(rows)}
    return Mutant(kind, files, (place, *also), what=what)


def edit_rows(
    tables: Tables,
    kind: str,
    changed: dict[str, Rows],
    *places: Place,
    names: frozenset[str] = frozenset(),
    what: str = "",
) -> Mutant:
    """The mutant with other rows in some tables, which are written canonically."""
    files = {tables.path(table): to_csv(rows) for table, rows in changed.items()}
    return Mutant(kind, files, places, names, what or kind)


def insert(tables: Tables, table: str, rows: Rows, record: dict[str, str]) -> int:
    """Put a record where its key belongs; returns its record number."""
    header = rows[0]
    row = [record.get(name, "") for name in header]
    rows.append(row)
    key = header.index(tables.schema(table).key or header[0])
    rows[1:] = sorted(rows[1:], key=lambda cells: cells[key])
    return rows.index(row) + 1
