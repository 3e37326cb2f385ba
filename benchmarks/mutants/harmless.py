"""Edits that a careful contributor makes, of which a validator must not complain."""

from __future__ import annotations

import random

from benchmarks.mutants.ledger import plausible
from benchmarks.mutants.model import HARMLESS, Mutant, Place, Tables, edit_cell, edit_rows, insert
from benchmarks.mutants.model import kind as _kind
from benchmarks.mutants.records import pick

NOTES = (
    'The paper writes "as planned", which is all it says; no hour is given.',
    "Read in the Turkish original: Türk Silahlı Kuvvetleri, İdlib – güvenlik koridoru.",  # noqa: RUF001
    "جريدة محلية تقول الأمر نفسه في عددها التالي.",
    "Seen on 3 May 2021 at 50 % of its first length; 2 + 2 = 4 vehicles, by the count of others.",
    "First line of the article, not the caption.",
)
ALIASES = ("Türkiye’nin öncüsü", "الاسم الآخر", "Имя другое", "Other name")  # noqa: RUF001
NEW_SOURCE = "src-zz-2021-01-01-added"


def _claim(tables: Tables, chance: random.Random, **values: str) -> dict[str, str]:
    """A sound new claim with an id and, if none is given, a source that is cited already."""
    claim = {"claim_id": f"clm-zz-added-{chance.randrange(10**6)}", "status": "accepted"}
    return {**claim, "source_id": chance.choice(tables.ids("sources")), **values}


def _with_claim(
    tables: Tables, chance: random.Random, name: str, table: str, record: dict[str, str]
) -> Mutant:
    """A new record and the claim that it exists."""
    rows, claims = tables.copy(table), tables.copy("claims")
    insert(tables, table, rows, record)
    record_id = record[tables.schema(table).key or ""]
    insert(tables, "claims", claims, _claim(tables, chance, record_id=record_id))
    return edit_rows(tables, name, {table: rows, "claims": claims}, what=record_id)


@_kind("note-added-to-claim", HARMLESS)
def _note_added(tables: Tables, chance: random.Random) -> Mutant | None:
    row, _ = pick(tables, "claims", chance, note="")
    place = Place("claims", row, "note")
    return edit_cell(tables, "note-added-to-claim", place, chance.choice(NOTES))


@_kind("note-corrected", HARMLESS)
def _note_corrected(tables: Tables, chance: random.Random) -> Mutant | None:
    place = chance.choice(tables.filled(lambda schema, column: column.name == "note"))
    return edit_cell(tables, "note-corrected", place, chance.choice(NOTES))


@_kind("title-reworded", HARMLESS)
def _reworded(tables: Tables, chance: random.Random) -> Mutant | None:
    place = chance.choice(
        tables.filled(lambda schema, column: column.name in ("title", "summary", "definition"))
    )
    old = tables.value(place.table, *place.cell)
    return edit_cell(tables, "title-reworded", place, old.rstrip(".") + ', or "nearly so"')


@_kind("locator-added", HARMLESS)
def _locator_added(tables: Tables, chance: random.Random) -> Mutant | None:
    row, _ = pick(tables, "claims", chance, locator="")
    return edit_cell(
        tables, "locator-added", Place("claims", row, "locator"), f"p{chance.randrange(1, 30)}"
    )


@_kind("alias-with-claim", HARMLESS)
def _alias(tables: Tables, chance: random.Random) -> Mutant:
    table, owner = chance.choice([("actor_aliases", "actor"), ("location_aliases", "location")])
    key = tables.schema(table).key or ""
    prefix = tables.ids(table)[0].partition("-")[0]
    record = {
        key: f"{prefix}-zz-added-{chance.randrange(10**6)}",
        f"{owner}_id": chance.choice(tables.ids(f"{owner}s")),
        "alias": chance.choice(ALIASES),
        "language": chance.choice(["tr", "ar", "ru", "en"]),
    }
    return _with_claim(tables, chance, "alias-with-claim", table, record)


@_kind("actor-with-claim", HARMLESS)
def _actor(tables: Tables, chance: random.Random) -> Mutant:
    _, like = pick(tables, "actors", chance, kind=chance.choice(["agency", "armed-group", "state"]))
    record = {"actor_id": "act-zz-added", "name": "Added", "kind": like["kind"]}
    return _with_claim(
        tables, chance, "actor-with-claim", "actors", {**record, "side": like["side"]}
    )


@_kind("further-claim", HARMLESS)
def _further(tables: Tables, chance: random.Random) -> Mutant:
    _, claim = pick(tables, "claims", chance, status="accepted")
    cited = {
        other["source_id"]
        for _, other in tables.records("claims")
        if other["record_id"] == claim["record_id"]
    }
    free = [source for source in tables.ids("sources") if source not in cited]
    values = {name: claim[name] for name in ("record_id", "field", "value")}
    claims = tables.copy("claims")
    insert(
        tables, "claims", claims, _claim(tables, chance, source_id=chance.choice(free), **values)
    )
    return edit_rows(tables, "further-claim", {"claims": claims}, what=claim["claim_id"])


@_kind("conflicting-claim", HARMLESS)
def _conflict(tables: Tables, chance: random.Random) -> Mutant:
    place = chance.choice(tables.filled(lambda schema, column: column.evidence == "required"))
    row, name = place.cell
    claims = tables.copy("claims")
    claim = _claim(
        tables,
        chance,
        record_id=tables.value(place.table, row, tables.schema(place.table).key or ""),
        field=name,
        value=plausible(tables, place, chance),
        status=chance.choice(["conflict", "rejected"]),
        note=chance.choice(NOTES),
    )
    insert(tables, "claims", claims, claim)
    return edit_rows(tables, "conflicting-claim", {"claims": claims}, what=str(claim))


@_kind("source-with-claim", HARMLESS)
def _source(tables: Tables, chance: random.Random) -> Mutant:
    sources, claims = tables.copy("sources"), tables.copy("claims")
    _, like = pick(tables, "sources", chance)
    insert(tables, "sources", sources, {**like, "source_id": NEW_SOURCE, "text_sha256": ""})
    _, claim = pick(tables, "claims", chance, status="accepted")
    values = {name: claim[name] for name in ("record_id", "field", "value")}
    insert(tables, "claims", claims, _claim(tables, chance, source_id=NEW_SOURCE, **values))
    return edit_rows(tables, "source-with-claim", {"sources": sources, "claims": claims})


@_kind("cell-and-claim-filled", HARMLESS)
def _filled(tables: Tables, chance: random.Random) -> Mutant | None:
    rows, claims = tables.copy("locations"), tables.copy("claims")
    row, record = pick(tables, "locations", chance, name_ar="")
    rows[row - 1][tables.at("locations", "name_ar")] = "اسم المكان"
    values = {"record_id": record["location_id"], "field": "name_ar", "value": "اسم المكان"}
    insert(tables, "claims", claims, _claim(tables, chance, **values))
    return edit_rows(tables, "cell-and-claim-filled", {"locations": rows, "claims": claims})
