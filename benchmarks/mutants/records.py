"""Damage to what cells and records of any package say of one another: order and links."""

from __future__ import annotations

import random

from benchmarks.mutants.model import (
    Mutant,
    Place,
    Rows,
    Tables,
    edit_cell,
    edit_rows,
    insert,
    kind,
)


def pick(
    tables: Tables, table: str, chance: random.Random, *filled: str, **values: str
) -> tuple[int, dict[str, str]]:
    """A record by chance, of those with these columns filled and these values."""
    found = [
        (number, record)
        for number, record in tables.records(table)
        if all(record[name] for name in filled)
        and all(record[name] == value for name, value in values.items())
    ]
    return chance.choice(found)


def put(tables: Tables, rows: Rows, table: str, row: int, **values: str) -> None:
    """Write cells of one record."""
    for name, value in values.items():
        rows[row - 1][tables.at(table, name)] = value


@kind("dates-swapped")
def _dates_swapped(tables: Tables, chance: random.Random) -> Mutant:
    pairs = [
        (schema.name, field.name, other, number, record)
        for schema in tables.dataset.schemas.values()
        for field in schema.fields
        for other in field.at_least
        if field.type == "date"
        for number, record in tables.records(schema.name)
        if record[field.name] and record[other] and record[field.name] != record[other]
    ]
    table, later, earlier, row, record = chance.choice(pairs)
    rows = tables.copy(table)
    put(tables, rows, table, row, **{later: record[earlier], earlier: record[later]})
    places = Place(table, row, later), Place(table, row, earlier)
    return edit_rows(tables, "dates-swapped", {table: rows}, *places)


@kind("low-above-best")
def _bounds(tables: Tables, chance: random.Random) -> Mutant | None:
    what = chance.choice(["killed", "injured"])
    row, record = pick(tables, "event_actors", chance, f"{what}_best")
    place = Place("event_actors", row, f"{what}_low")
    also = Place("event_actors", row, f"{what}_best")
    value = str(int(record[f"{what}_best"]) + 1)
    return edit_cell(tables, "low-above-best", place, value, also)


@kind("cell-without-its-other")
def _requires(tables: Tables, chance: random.Random) -> Mutant | None:
    found = [
        (Place(table, number, other), Place(table, number, field.name))
        for table in tables.rows
        for field in tables.schema(table).fields
        for other in field.requires
        for number, record in tables.records(table)
        if record[field.name]
    ]
    table = chance.choice(sorted({place.table for place, _ in found}))
    place, also = chance.choice([pair for pair in found if pair[0].table == table])
    return edit_cell(tables, "cell-without-its-other", place, "", also)


@kind("source-orphaned")
def _orphan(tables: Tables, chance: random.Random) -> Mutant:
    rows = tables.copy("sources")
    _, record = pick(tables, "sources", chance)
    name = record["source_id"] + "-bis"
    row = insert(tables, "sources", rows, {**record, "source_id": name})
    return edit_rows(tables, "source-orphaned", {"sources": rows}, Place("sources", row))


@kind("parent-cycle")
def _parents(tables: Tables, chance: random.Random) -> Mutant | None:
    _, child = pick(tables, "actors", chance, "parent_actor_id")
    parent = tables.ids("actors").index(child["parent_actor_id"]) + 2
    also = Place("actors", tables.ids("actors").index(child["actor_id"]) + 2, "parent_actor_id")
    place = Place("actors", parent, "parent_actor_id")
    return edit_cell(tables, "parent-cycle", place, child["actor_id"], also)


@kind("agreement-link-cycle")
def _link_turned(tables: Tables, chance: random.Random) -> Mutant:
    rows = tables.copy("agreement_links")
    _, link = pick(tables, "agreement_links", chance)
    ends = link["from_agreement_id"], link["to_agreement_id"]
    turned = {
        "agreement_link_id": link["agreement_link_id"] + "-back",
        "from_agreement_id": ends[1],
        "to_agreement_id": ends[0],
        "relation": link["relation"],
    }
    row = insert(tables, "agreement_links", rows, turned)
    claims = tables.copy("claims")
    _, claim = pick(tables, "claims", chance, record_id=link["agreement_link_id"])
    copy = {**claim, "claim_id": claim["claim_id"] + "-bis"}
    insert(tables, "claims", claims, {**copy, "record_id": turned["agreement_link_id"]})
    changed = {"agreement_links": rows, "claims": claims}
    names = ("from_agreement_id", "to_agreement_id")
    places = (Place("agreement_links", row, name) for name in names)
    return edit_rows(tables, "agreement-link-cycle", changed, *places)


@kind("link-to-itself")
def _link_to_itself(tables: Tables, chance: random.Random) -> Mutant | None:
    row, link = pick(tables, "agreement_links", chance)
    names = ("from_agreement_id", "to_agreement_id")
    place, also = (Place("agreement_links", row, name) for name in names)
    return edit_cell(tables, "link-to-itself", place, link["to_agreement_id"], also)


@kind("record-dropped")
def _record_dropped(tables: Tables, chance: random.Random) -> Mutant:
    table = chance.choice([t for t in tables.rows if t not in ("claims", "event_types")])
    rows = tables.copy(table)
    row, record = pick(tables, table, chance)
    del rows[row - 1]
    gone = frozenset({record[tables.schema(table).key or ""]})
    return edit_rows(tables, "record-dropped", {table: rows}, names=gone, what=str(gone))
