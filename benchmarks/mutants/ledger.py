"""Damage to the ledger, and the silent edit: another plausible value in a factual cell."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta

from benchmarks.mutants.model import (
    Mutant,
    Place,
    Tables,
    edit_cell,
    edit_rows,
    insert,
    kind,
)
from benchmarks.mutants.records import pick, put
from idlib_data.schema import Field, TableSchema


def plausible(tables: Tables, place: Place, chance: random.Random) -> str:
    """Another value that the cell could hold as well, by type, code list and keys."""
    row, name = place.cell
    schema = tables.schema(place.table)
    column = schema.field(name)
    old = tables.value(place.table, row, name)
    if column.enum:
        return chance.choice([code for code in column.enum if code != old])
    if target := schema.target(name):
        return chance.choice([id for id in tables.ids(target) if id != old])
    if column.type == "date":
        days = chance.choice([-365, -30, -7, -1, 1, 7, 30, 365])
        return (date.fromisoformat(old) + timedelta(days)).isoformat()
    if column.type == "integer":
        return str(int(old) + 1)
    if column.type == "number":
        return str(round(float(old) + 0.11, 5))
    others = {record[name] for _, record in tables.records(place.table)} - {old, ""}
    return chance.choice(sorted(others)) if others else old + " II"


def claimed(schema: TableSchema, column: Field) -> bool:
    """Columns with the duty of evidence."""
    return column.evidence == "required"


@kind("silent-edit")
def _silent(tables: Tables, chance: random.Random) -> Mutant | None:
    place = chance.choice(tables.filled(claimed))
    return edit_cell(tables, "silent-edit", place, plausible(tables, place, chance))


@kind("silent-fill")
def _fill(tables: Tables, chance: random.Random) -> Mutant | None:
    filled = set(tables.filled(claimed))
    empty = [
        Place(place.table, row, place.field)
        for place in filled
        for row, _ in tables.records(place.table)
        if Place(place.table, row, place.field) not in filled
    ]
    place = chance.choice(sorted(set(empty), key=str))
    assert place.field
    taken = sorted({r[place.field] for _, r in tables.records(place.table)} - {""})
    return edit_cell(tables, "silent-fill", place, chance.choice(taken))


@kind("silent-emptying")
def _empty(tables: Tables, chance: random.Random) -> Mutant | None:
    return edit_cell(tables, "silent-emptying", chance.choice(tables.filled(claimed)), "")


def alone(tables: Tables) -> list[int]:
    """Accepted claims that are the only accepted ones on their cell or record."""
    rows = defaultdict(list)
    for row, claim in tables.records("claims"):
        if claim["status"] == "accepted":
            rows[claim["record_id"], claim["field"]].append(row)
    return [found[0] for found in rows.values() if len(found) == 1]


def _owner(tables: Tables, claim: dict[str, str]) -> Place:
    """The cell, or the record, that a claim is about."""
    for table in tables.rows:
        if claim["record_id"] in (ids := tables.ids(table)):
            return Place(table, ids.index(claim["record_id"]) + 2, claim["field"] or None)
    raise LookupError(claim["record_id"])


@kind("claim-dropped")
def _claim_dropped(tables: Tables, chance: random.Random) -> Mutant:
    row = chance.choice(alone(tables))
    rows = tables.copy("claims")
    claim = dict(zip(rows[0], rows.pop(row - 1), strict=True))
    place = _owner(tables, claim)
    return edit_rows(tables, "claim-dropped", {"claims": rows}, place, what=claim["claim_id"])


@kind("claim-value-changed")
def _claim_value(tables: Tables, chance: random.Random) -> Mutant | None:
    row, claim = pick(tables, "claims", chance, "value", status="accepted")
    owner = _owner(tables, claim)
    place = Place("claims", row, "value")
    return edit_cell(tables, "claim-value-changed", place, plausible(tables, owner, chance), owner)


@kind("claim-value-unreadable")
def _claim_value_unfit(tables: Tables, chance: random.Random) -> Mutant | None:
    row, claim = pick(tables, "claims", chance, "value")
    column = tables.schema(_owner(tables, claim).table).field(claim["field"])
    target = tables.schema(_owner(tables, claim).table).target(claim["field"])
    if column.type == "string" and not (column.enum or target):
        return None
    place = Place("claims", row, "value")
    return edit_cell(tables, "claim-value-unreadable", place, "about two or three")


@kind("claim-status-flipped")
def _status(tables: Tables, chance: random.Random) -> Mutant | None:
    row, claim = pick(tables, "claims", chance, "field")
    others = ["conflict", "superseded"] if claim["status"] == "accepted" else ["accepted"]
    place = Place("claims", row, "status")
    also = Place("claims", row, "value"), _owner(tables, claim), Place("claims", row, "note")
    return edit_cell(tables, "claim-status-flipped", place, chance.choice(others), *also)


@kind("claim-of-record-rejected")
def _record_rejected(tables: Tables, chance: random.Random) -> Mutant | None:
    row = chance.choice(alone(tables))
    claim = dict(next(record for n, record in tables.records("claims") if n == row))
    also = _owner(tables, claim), Place("claims", row, "note")
    place = Place("claims", row, "status")
    return edit_cell(tables, "claim-of-record-rejected", place, "rejected", *also)


@kind("claim-note-dropped")
def _note(tables: Tables, chance: random.Random) -> Mutant | None:
    status = chance.choice(["conflict", "superseded"])
    row, _ = pick(tables, "claims", chance, "note", status=status)
    return edit_cell(tables, "claim-note-dropped", Place("claims", row, "note"), "")


@kind("claim-locator-dropped")
def _locator(tables: Tables, chance: random.Random) -> Mutant | None:
    found = [row for row, c in tables.records("claims") if c["locator"] and c["passage_sha256"]]
    if not found:
        return None
    row = chance.choice(found)
    also = Place("claims", row, "passage_sha256")
    return edit_cell(tables, "claim-locator-dropped", Place("claims", row, "locator"), "", also)


@kind("claim-field-unknown")
def _field(tables: Tables, chance: random.Random) -> Mutant | None:
    row, _ = pick(tables, "claims", chance, "field")
    place = Place("claims", row, "field")
    return edit_cell(tables, "claim-field-unknown", place, chance.choice(["colour", "note"]))


@kind("claim-of-other-field")
def _other_field(tables: Tables, chance: random.Random) -> Mutant | None:
    row, claim = pick(tables, "claims", chance, "field", status="accepted")
    owner = _owner(tables, claim)
    columns = [f.name for f in tables.schema(owner.table).fields if f.evidence == "required"]
    place = Place("claims", row, "field")
    value = chance.choice(columns)
    also = owner, Place(owner.table, owner.row, value), Place("claims", row, "value")
    return edit_cell(tables, "claim-of-other-field", place, value, *also)


@kind("claim-of-other-record")
def _other_record(tables: Tables, chance: random.Random) -> Mutant | None:
    row = chance.choice(alone(tables))
    claim = dict(next(record for n, record in tables.records("claims") if n == row))
    owner = _owner(tables, claim)
    place = Place("claims", row, "record_id")
    other = chance.choice(tables.ids(owner.table))
    return edit_cell(tables, "claim-of-other-record", place, other, owner)


@kind("claim-on-source")
def _on_source(tables: Tables, chance: random.Random) -> Mutant | None:
    row, claim = pick(tables, "claims", chance)
    other = chance.choice([claim["source_id"], claim["claim_id"]])
    return edit_cell(tables, "claim-on-source", Place("claims", row, "record_id"), other)


@kind("claim-repeated")
def _repeated(tables: Tables, chance: random.Random) -> Mutant:
    rows = tables.copy("claims")
    row, claim = pick(tables, "claims", chance)
    new = insert(tables, "claims", rows, {**claim, "claim_id": claim["claim_id"] + "-bis"})
    places = Place("claims", row), Place("claims", new)
    return edit_rows(tables, "claim-repeated", {"claims": rows}, *places)


@kind("claims-records-renamed")
def _renamed(tables: Tables, chance: random.Random) -> Mutant:
    rows = tables.copy("claims")
    _, claim = pick(tables, "claims", chance)
    old, new = claim["record_id"], claim["record_id"] + "-0"
    places = [_owner(tables, {**claim, "field": ""})]
    for row, other in tables.records("claims"):
        if other["record_id"] == old:
            put(tables, rows, "claims", row, record_id=new)
            places.append(Place("claims", row, "record_id"))
    return edit_rows(tables, "claims-records-renamed", {"claims": rows}, *places)


@kind("reference-renamed")
def _reference_renamed(tables: Tables, chance: random.Random) -> Mutant:
    # The id changes wherever one table points to it, as a find-and-replace in one file does.
    cells = tables.filled(lambda schema, column: schema.target(column.name) is not None)
    place = chance.choice(cells)
    row, name = place.cell
    old = tables.value(place.table, row, name)
    rows = tables.copy(place.table)
    for number, record in tables.records(place.table):
        if record[name] == old:
            put(tables, rows, place.table, number, **{name: old + "-0"})
    return edit_rows(tables, "reference-renamed", {place.table: rows}, place)
