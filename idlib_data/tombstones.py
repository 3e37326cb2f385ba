"""Ids that are no more: what became of their records, and which record stands for each now.

A package tells it in a table ``tombstones``: one row per id that was withdrawn or merged, and one
row per part of a record that was split. A successor may have been retired itself later on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from idlib_data.errors import RetiredError

TABLE = "tombstones"
COLUMNS = ("retired_id", "reason", "successor_id", "version", "note")
"""What the table needs to have, so that ids can be followed."""


@dataclass(frozen=True)
class Tombstone:
    """What became of one record, or of one part of it.

    Attributes:
        retired_id: The id that it had.
        reason: ``withdrawn``, ``merged`` or ``split``.
        successor_id: Id of the record that stands for it, None where there is none.
        version: Version of the data in which it went.
        note: Why it went, None where nothing is said.
    """

    retired_id: str
    reason: str
    successor_id: str | None
    version: str
    note: str | None

    def __str__(self) -> str:
        return told([self])


Tombstones = Mapping[str, tuple[Tombstone, ...]]
"""Retired id -> its tombstones, of which only a record that was split has several."""


def by_id(rows: Iterable[Mapping[str, Any]]) -> Tombstones:
    """The tombstones of a table, given as its rows; those without an id are left out."""
    found: dict[str, tuple[Tombstone, ...]] = {}
    for row in rows:
        stone = Tombstone(*(row[name] for name in COLUMNS))
        if stone.retired_id:
            found[stone.retired_id] = (*found.get(stone.retired_id, ()), stone)
    return found


def told(stones: Iterable[Tombstone]) -> str:
    """What became of a record, in words: ``merged into evt-b in 1.1.0 (its note)``."""
    stones = tuple(stones)
    into = ", ".join(dict.fromkeys(stone.successor_id or "nothing" for stone in stones))
    first, notes = stones[0], dict.fromkeys(stone.note for stone in stones if stone.note)
    where = f" into {into}" if any(stone.successor_id for stone in stones) else ""
    why = f" ({'; '.join(notes)})" if notes else ""
    return f"{first.reason}{where} in {first.version}{why}"


def follow(record_id: str, tombstones: Tombstones) -> tuple[str, str]:
    """The id that a retired one leads to, which has no tombstone, and the way there in words.

    Raises:
        RetiredError: The record was withdrawn, or split into several, or its successors lead round
            in a circle; so says the message.
    """
    steps, current, seen = [], record_id, {record_id}
    while current in tombstones:
        stones = tombstones[current]
        steps.append(f"{current} was {told(stones)}")
        successors = {stone.successor_id for stone in stones if stone.successor_id}
        way = "; ".join(steps)
        if len(successors) != 1:
            raise RetiredError(f"{way}; ask for one of these" if successors else way)
        (current,) = successors
        if current in seen:
            raise RetiredError(f"{way}; this leads round in a circle")
        seen.add(current)
    return current, "; ".join(steps)
