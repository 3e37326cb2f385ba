"""Damage that nothing in the package contradicts: only a comparison with a base tells it."""

from __future__ import annotations

import random

from benchmarks.mutants.ledger import alone, claimed, plausible
from benchmarks.mutants.model import UNSEEN, Mutant, Place, Tables, edit_cell, edit_rows, kind
from benchmarks.mutants.records import pick, put


@kind("silent-edit-unclaimed", UNSEEN)
def _silent_unclaimed(tables: Tables, chance: random.Random) -> Mutant | None:
    cells = tables.filled(
        lambda schema, column: (
            column.evidence == "none"
            and schema.name != "claims"
            and column.name != schema.key
            and (bool(column.enum) or schema.target(column.name) is not None)
        )
    )
    place = chance.choice(cells)
    return edit_cell(tables, "silent-edit-unclaimed", place, plausible(tables, place, chance))


@kind("claim-moved-to-other-source", UNSEEN)
def _other_source(tables: Tables, chance: random.Random) -> Mutant | None:
    row, _ = pick(tables, "claims", chance)
    place = Place("claims", row, "source_id")
    other = chance.choice(tables.ids("sources"))
    return edit_cell(tables, "claim-moved-to-other-source", place, other)


@kind("claim-and-cell-changed", UNSEEN)
def _both(tables: Tables, chance: random.Random) -> Mutant | None:
    place = chance.choice(tables.filled(claimed))
    row, name = place.cell
    value = plausible(tables, place, chance)
    rows, claims = tables.copy(place.table), tables.copy("claims")
    put(tables, rows, place.table, row, **{name: value})
    key = tables.value(place.table, row, tables.schema(place.table).key or "")
    for number, claim in tables.records("claims"):
        if (claim["record_id"], claim["field"], claim["status"]) == (key, name, "accepted"):
            put(tables, claims, "claims", number, value=value)
    return edit_rows(tables, "claim-and-cell-changed", {place.table: rows, "claims": claims}, place)


@kind("claim-of-several-dropped", UNSEEN)
def _one_of_several(tables: Tables, chance: random.Random) -> Mutant:
    single = set(alone(tables))
    row = chance.choice([row for row, _ in tables.records("claims") if row not in single])
    rows = tables.copy("claims")
    del rows[row - 1]
    return edit_rows(tables, "claim-of-several-dropped", {"claims": rows}, Place("claims", row))
