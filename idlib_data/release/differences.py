"""How two states of the data differ: by id, cell by cell, with what explains each change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from idlib_data.dataset import Dataset, PathLike
from idlib_data.tombstones import Tombstones, told

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from idlib_data.release.steps import Demand

ChangeKind = Literal["added", "removed", "changed"]
COLUMNS = ("table", "record_id", "field", "old", "new", "change", "why")
"""The columns of a difference as a table."""
BATCH = 10_000


@dataclass(frozen=True)
class Cause:
    """A claim that explains a change.

    Attributes:
        claim_id: Its id.
        change: ``new``, ``changed`` (its status or what it says) or ``gone``.
        status: Its status, in the old state if it is gone.
        was: Its status in the old state, if it is changed.
        value: What it says, None about a record as such.
        source_id: The source.
        attributed_to: Who says it in the source, None where the source speaks for itself.
        note: Its note.
    """

    claim_id: str
    change: Literal["new", "changed", "gone"]
    status: str | None
    was: str | None
    value: str | None
    source_id: str | None
    attributed_to: str | None
    note: str | None

    def __str__(self) -> str:
        status = self.status or "no status"
        if self.change == "changed" and self.was != self.status:
            status = f"{self.was} -> {status}"
        said = [text for text in (self.value, self.source_id, self.attributed_to) if text]
        return f"{self.claim_id} ({self.change}, {status}{': ' if said else ''}{', '.join(said)})"


@dataclass(frozen=True)
class Line:
    """One difference.

    Attributes:
        table: The table.
        record_id: The record; cells of a key of several columns are joined by a slash.
        field: The column, None for a record as such, which came or went.
        old: The cell as it was written, None where it was empty.
        new: The cell as it is written, None where it is empty.
        change: ``changed``: a cell of a record that both states have; ``added``, ``removed``: a
            record that only one has.
        causes: The claims that explain it, accepted ones first.
        fate: What became of a removed record, by its tombstone.
    """

    table: str
    record_id: str
    field: str | None
    old: str | None
    new: str | None
    change: ChangeKind
    causes: tuple[Cause, ...] = ()
    fate: str | None = None

    @property
    def why(self) -> str:
        """What explains it, in one line; empty where nothing does."""
        return "; ".join([*([self.fate] if self.fate else []), *map(str, self.causes)])

    def to_dict(self) -> dict[str, Any]:
        """The difference in JSON types."""
        plain = {name: getattr(self, name) for name in COLUMNS[:-1]}
        return {**plain, "fate": self.fate, "claims": [vars(cause).copy() for cause in self.causes]}


@dataclass(frozen=True)
class Count:
    """How many records of a table were ``added``, ``removed`` and ``changed``, and ``cells``."""

    added: int = 0
    removed: int = 0
    changed: int = 0
    cells: int = 0


@dataclass(frozen=True)
class State:
    """One of the two states: as it was asked for, the name of the package and its version."""

    given: str
    name: str
    version: str


class Difference:
    """How two states of the data differ.

    Attributes:
        old: The old state.
        new: The new state.
        demand: The step of the version that the changes demand, with the reasons.
        counts: Table -> how many of its records differ, for the tables with any.
    """

    def __init__(
        self, old: State, new: State, demand: Demand, cells: pa.Table, tombstones: Tombstones
    ) -> None:
        self.old, self.new, self.demand = old, new, demand
        self._cells, self._tombstones = cells, tombstones
        self.counts = _counted(cells)

    def __repr__(self) -> str:
        lines = self._cells.num_rows
        return f"Difference({self.old.given!r}, {self.new.given!r}, {lines} lines)"

    @property
    def same(self) -> bool:
        """Whether nothing differs, neither in the tables nor in what their columns may hold."""
        return not self.demand.reasons and self._cells.num_rows == 0

    def __len__(self) -> int:
        return int(self._cells.num_rows)

    def __iter__(self) -> Iterator[Line]:
        """The differences by table, then changed, removed and added records, by id and column."""
        for batch in self._cells.to_batches(BATCH):
            for row in batch.to_pylist():
                causes = tuple(Cause(**claim) for claim in row.pop("claims") or ())
                gone = row["change"] == "removed" and row["field"] is None
                stones = self._tombstones.get(row["record_id"]) if gone else None
                yield Line(**row, causes=causes, fate=told(stones) if stones else None)

    def frame(self) -> pd.DataFrame:
        """The differences as a frame.

        Returns:
            One row per difference, in the order of iteration: ``table``, ``record_id``, ``field``
            (null for a record as such), ``old``, ``new``, ``change`` and ``why`` (null where
            nothing explains it), all of them ``str``.
        """
        import pandas as pd

        columns = self._cells.select(list(COLUMNS[:-1])).to_pydict()
        columns["why"] = [line.why or None for line in self]
        return pd.DataFrame(columns, columns=list(COLUMNS), dtype="str")

    def to_dict(self) -> dict[str, Any]:
        """The whole difference in JSON types."""
        return {
            "same": self.same,
            "old": vars(self.old).copy(),
            "new": vars(self.new).copy(),
            "version": self.demand.to_dict(),
            "tables": {table: vars(count).copy() for table, count in self.counts.items()},
            "changes": [line.to_dict() for line in self],
        }


def diff(
    old: PathLike | Dataset,
    new: PathLike | Dataset,
    *,
    whole: bool = False,
    root: PathLike | None = None,
) -> Difference:
    """Compare two states of the data, record by record and cell by cell, as they are written.

    Args:
        old: An opened dataset, or the name of a state: a folder with a ``datapackage.json``, a
            release as zip archive, the version of a published release, or a revision of a git
            repository.
        new: The same.
        whole: List also the filled cells of records that came or went, not only the records.
        root: Folder of the package whose git repository has the revisions. Without it the one of
            the two that is a folder, else the working folder, else the package in use.

    Returns:
        What differs, and the step of the version that follows. A cell that both states have is
        explained by the claims on it that are new, gone or changed; a new record by its claims; a
        record that is gone by its tombstone.

    Raises:
        PackageError: A name stands for nothing that can be read, or a file lacks its key.
    """
    from idlib_data.release.states import both

    given = [str(state.root if isinstance(state, Dataset) else state) for state in (old, new)]
    with both(old, new, root) as (before, after):
        return between(before, after, whole=whole, given=(given[0], given[1]))


def between(
    old: Dataset, new: Dataset, *, whole: bool = False, given: tuple[str, str] | None = None
) -> Difference:
    """Compare two opened states, see `diff`."""
    from idlib_data.release import cells, steps

    comparison = cells.compared(old, new)
    demand = steps.of(comparison)
    found = cells.changes(comparison, whole=whole)
    names = given or (str(old.root), str(new.root))
    before, after = (
        State(name, state.name, state.version)
        for name, state in zip(names, (old, new), strict=True)
    )
    return Difference(before, after, demand, found, new.tombstones)


def _counted(cells: pa.Table) -> dict[str, Count]:
    """Table -> its counts, in the order of the tables."""
    import pyarrow.compute as pc

    of_cells = cells.filter(pc.is_valid(cells["field"]))
    of_cells = of_cells.filter(pc.equal(of_cells["change"], "changed"))
    of_records = cells.filter(pc.is_null(cells["field"]))
    found: dict[str, dict[str, int]] = {
        table: {} for table in pc.unique(cells["table"]).to_pylist()
    }
    grouped = of_cells.group_by("table").aggregate(
        [("record_id", "count_distinct"), ("record_id", "count")]
    )
    for row in grouped.to_pylist():
        found[row["table"]] |= {
            "changed": row["record_id_count_distinct"],
            "cells": row["record_id_count"],
        }
    for row in of_records.group_by(["table", "change"]).aggregate([([], "count_all")]).to_pylist():
        found[row["table"]][row["change"]] = row["count_all"]
    return {table: Count(**counts) for table, counts in found.items()}
