"""Damage that only the rules about Idlib can tell: patrols, events, places and their sources."""

from __future__ import annotations

import random

from benchmarks.mutants.model import Mutant, Place, Tables, edit_cell, edit_rows, insert, kind
from benchmarks.mutants.records import pick, put


@kind("precision-wrong")
def _precision(tables: Tables, chance: random.Random) -> Mutant | None:
    row, record = pick(tables, "events", chance, "date_precision")
    spans = {"day": ["week", "month", "year", "range"], "range": ["day", "year"]}
    value = chance.choice(spans.get(record["date_precision"], ["day"]))
    return edit_cell(tables, "precision-wrong", Place("events", row, "date_precision"), value)


@kind("outcome-detail")
def _outcome_detail(tables: Tables, chance: random.Random) -> Mutant | None:
    row, record = pick(tables, "patrols", chance, "outcome")
    value = chance.choice([o for o in ("completed", "refused") if o != record["outcome"]])
    return edit_cell(tables, "outcome-detail", Place("patrols", row, "outcome"), value)


@kind("patrol-before-agreement")
def _patrol_early(tables: Tables, chance: random.Random) -> Mutant | None:
    row, _ = pick(tables, "patrols", chance, "date", "agreement_id")
    return edit_cell(tables, "patrol-before-agreement", Place("patrols", row, "date"), "2016-05-01")


@kind("sequence-swapped")
def _sequence(tables: Tables, chance: random.Random) -> Mutant | None:
    row, record = pick(tables, "patrols", chance, "sequence", series="m4-joint")
    other, second = pick(tables, "patrols", chance, "sequence", series="m4-joint")
    if row == other:
        return None
    rows = tables.copy("patrols")
    put(tables, rows, "patrols", row, sequence=second["sequence"])
    put(tables, rows, "patrols", other, sequence=record["sequence"])
    places = Place("patrols", row, "sequence"), Place("patrols", other, "sequence")
    return edit_rows(tables, "sequence-swapped", {"patrols": rows}, *places)


@kind("sequence-repeated")
def _sequence_repeated(tables: Tables, chance: random.Random) -> Mutant | None:
    row, _ = pick(tables, "patrols", chance, "sequence", series="m4-joint")
    other, second = pick(tables, "patrols", chance, "sequence", series="m4-joint")
    also = Place("patrols", other, "sequence")
    place = Place("patrols", row, "sequence")
    return edit_cell(tables, "sequence-repeated", place, second["sequence"], also)


@kind("attacked-without-event")
def _attack_of_other_type(tables: Tables, chance: random.Random) -> Mutant | None:
    row, record = pick(tables, "events", chance, "patrol_id", event_type="attack")
    patrol = tables.ids("patrols").index(record["patrol_id"]) + 2
    also = Place("patrols", patrol, "outcome")
    place = Place("events", row, "event_type")
    return edit_cell(tables, "attacked-without-event", place, "operation", also)


@kind("attack-on-patrol-not-attacked")
def _attack_elsewhere(tables: Tables, chance: random.Random) -> Mutant | None:
    row, _ = pick(tables, "events", chance, "patrol_id", event_type="attack")
    _, patrol = pick(tables, "patrols", chance, outcome="completed")
    place = Place("events", row, "patrol_id")
    return edit_cell(tables, "attack-on-patrol-not-attacked", place, patrol["patrol_id"])


@kind("role-of-other-type")
def _role(tables: Tables, chance: random.Random) -> Mutant | None:
    unfit = {
        "attack": ["speaker", "host", "escort", "counterpart"],
        "statement": ["perpetrator", "target", "host", "escort"],
        "talks": ["perpetrator", "target", "speaker", "accused"],
        "call": ["perpetrator", "target", "speaker", "accused"],
        "deployment": ["perpetrator", "target", "speaker", "host"],
    }
    types = {record["event_id"]: record["event_type"] for _, record in tables.records("events")}
    rows = [n for n, r in tables.records("event_actors") if types[r["event_id"]] in unfit]
    row = chance.choice(rows)
    type_ = types[tables.value("event_actors", row, "event_id")]
    place = Place("event_actors", row, "role")
    return edit_cell(tables, "role-of-other-type", place, chance.choice(unfit[type_]))


@kind("deadline-before-signing")
def _deadline(tables: Tables, chance: random.Random) -> Mutant | None:
    row, _ = pick(tables, "provisions", chance, "deadline_date")
    place = Place("provisions", row, "deadline_date")
    return edit_cell(tables, "deadline-before-signing", place, "2016-05-01")


@kind("event-told-twice")
def _event_twice(tables: Tables, chance: random.Random) -> Mutant:
    rows = {table: tables.copy(table) for table in ("events", "event_actors", "claims")}
    row, event = pick(tables, "events", chance, "date_start", "location_id")
    copies = {event["event_id"]: event["event_id"] + "-bis"}
    place = Place(
        "events",
        insert(tables, "events", rows["events"], {**event, "event_id": event["event_id"] + "-bis"}),
    )
    for _, actor in tables.records("event_actors"):
        if actor["event_id"] == event["event_id"]:
            copies[actor["event_actor_id"]] = actor["event_actor_id"] + "-bis"
            copy = {key: copies.get(value, value) for key, value in actor.items()}
            insert(tables, "event_actors", rows["event_actors"], copy)
    for _, claim in tables.records("claims"):
        if claim["record_id"] in copies:
            copy = {**claim, "claim_id": claim["claim_id"] + "-bis"}
            insert(
                tables, "claims", rows["claims"], {**copy, "record_id": copies[claim["record_id"]]}
            )
    return edit_rows(tables, "event-told-twice", rows, place, Place("events", row))


@kind("point-swapped")
def _point(tables: Tables, chance: random.Random) -> Mutant:
    row, record = pick(tables, "locations", chance, "latitude")
    rows = tables.copy("locations")
    swapped = {"latitude": record["longitude"], "longitude": record["latitude"]}
    put(tables, rows, "locations", row, **swapped)
    places = (Place("locations", row, name) for name in swapped)
    return edit_rows(tables, "point-swapped", {"locations": rows}, *places)


@kind("point-elsewhere")
def _point_elsewhere(tables: Tables, chance: random.Random) -> Mutant | None:
    row, record = pick(tables, "locations", chance, "latitude", country="SY")
    value = "1" + record["latitude"][1:]
    return edit_cell(tables, "point-elsewhere", Place("locations", row, "latitude"), value)


@kind("source-before-the-day")
def _told_early(tables: Tables, chance: random.Random) -> Mutant:
    # All sources of a record were published before the day on which it happened.
    table, column = chance.choice([("events", "date_start"), ("patrols", "date")])
    row, record = pick(tables, table, chance, column)
    key = record[tables.schema(table).key or ""]
    told = {c["source_id"] for _, c in tables.records("claims") if c["record_id"] == key}
    rows = tables.copy("sources")
    for number, source in tables.records("sources"):
        if source["source_id"] in told:
            put(tables, rows, "sources", number, published_date="2015-03-01")
    places = Place(table, row, column), Place("sources")
    return edit_rows(tables, "source-before-the-day", {"sources": rows}, *places, what=key)
