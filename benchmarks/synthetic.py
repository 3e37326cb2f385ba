"""Large packages for the benchmarks: the shipped tables, with many more events and claims.

Every synthetic event has two claims, that it exists and on which day; a share of the rows is
damaged in one of several ways, evenly and at known places, so that a run can be checked and not
only timed.
"""

from __future__ import annotations

import csv
import random
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parent.parent
FIRST_DAY = date(2018, 1, 1)
DAYS = 1461

Row = dict[str, str]


def _set(column: str, value: str) -> Callable[[Row], None]:
    return lambda row: row.update({column: value})


DAMAGE: dict[str, Callable[[Row], None]] = {
    "type-error": _set("date_start", "2020-02-30"),
    "constraint-error": _set("weapon", "trebuchet"),
    "foreign-key": _set("location_id", "loc-nowhere"),
    "canonical-value": _set("quantity", "05"),
    "dates-in-order": lambda row: row.update(
        date_end="2017-01-01", date_precision="range", date_start="2020-01-01"
    ),
    "cell-without-evidence": _set("weapon", "mine"),
    "cell-differs-from-claim": _set("date_start", "2016-12-24"),
    "text-whitespace": _set("title", "Two  spaces"),
}
"""Rule that must catch the damage -> what is done to the event."""


def make(
    folder: Path, events: int, *, claims: bool = True, share: float = 0.001, seed: int = 1
) -> dict[str, int]:
    """Write a package with so many more events, and twice as many more claims.

    Args:
        folder: Where to write it; made anew.
        events: Number of synthetic events.
        claims: Write the claims too; without them only the structure of the package is sound.
        share: Share of them that is damaged.
        seed: Seed of the damage and of the days.

    Returns:
        Rule -> number of events damaged so that the rule must catch them.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for part in ("data", "schemas"):
        shutil.copytree(ROOT / part, folder / part)
    shutil.copy(ROOT / "datapackage.json", folder)
    chance = random.Random(seed)
    kinds = list(DAMAGE)
    damaged = {
        number: kinds[position % len(kinds)]
        for position, number in enumerate(chance.sample(range(events), int(events * share)))
    }
    with (
        (folder / "data/events.csv").open("a", encoding="utf-8", newline="") as event_file,
        (folder / "data/claims.csv").open("a", encoding="utf-8", newline="") as claim_file,
    ):
        event_writer = _writer(folder, "events", event_file)
        claim_writer = _writer(folder, "claims", claim_file)
        for number in range(events):
            row = _event(number, chance)
            told = _claims(row) if claims else []
            if number in damaged:
                DAMAGE[damaged[number]](row)
            event_writer.writerow(row)
            claim_writer.writerows(told)
    return {kind: list(damaged.values()).count(kind) for kind in kinds}


def _writer(folder: Path, table: str, file: IO[str]) -> csv.DictWriter[str]:
    with (folder / f"data/{table}.csv").open(encoding="utf-8", newline="") as existing:
        header = next(csv.reader(existing))
    return csv.DictWriter(file, header, lineterminator="\n")


def _event(number: int, chance: random.Random) -> Row:
    day = FIRST_DAY + timedelta(days=chance.randrange(DAYS))
    return {
        "event_id": f"evt-synthetic-{number:08d}",
        "event_type": "statement",
        "title": f"Synthetic statement number {number}",
        "date_start": day.isoformat(),
        "date_precision": "day",
        "note": "A row made for measuring, with some words in it.",
    }


def _claims(event: Row) -> list[Row]:
    claim = {
        "record_id": event["event_id"],
        "source_id": "src-geonames",
        "status": "accepted",
    }
    first = {**claim, "claim_id": f"clm-{event['event_id']}-001"}
    second = {**claim, "claim_id": f"clm-{event['event_id']}-002"}
    return [first, {**second, "field": "date_start", "value": event["date_start"]}]
