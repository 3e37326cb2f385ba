"""Damage to the text of one cell: hygiene, numbers, dates, codes, keys, references."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable

from benchmarks.mutants.model import Mutant, Place, Tables, edit_cell, edit_rows, kind
from idlib_data.schema import Field, TableSchema

Column = Callable[[TableSchema, Field], bool]
Change = Callable[[str, random.Random], str]

OTHER_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\xad\u200e\u200f\u061c\u180e"
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
CONTROL = "\x01\x07\x08\x1b\x7f\x85\x9f"
EXOTIC = "\u00a0\u2009\u3000\u034f\u115f\u3164\ufe0f\U000e0041\ufffd\ue000"
"""Spaces that are no spaces, marks without width, and what a broken encoding leaves behind."""
LOOKALIKES = str.maketrans("aeopcx", "аеорсх")  # noqa: RUF001
"""Latin letters -> the Cyrillic ones that look like them."""


def text(schema: TableSchema, column: Field) -> bool:
    """Free text: what no pattern, code list or key holds in check."""
    bound = column.enum or column.pattern or column.references or schema.target(column.name)
    return column.type == "string" and not bound


def named(*names: str) -> Column:
    """Columns of these names."""
    return lambda schema, column: column.name in names


def _number(schema: TableSchema, column: Field) -> bool:
    return column.type in ("integer", "number")


def _integer(schema: TableSchema, column: Field) -> bool:
    return column.type == "integer"


def _decimal(schema: TableSchema, column: Field) -> bool:
    return column.type == "number"


def _date(schema: TableSchema, column: Field) -> bool:
    return column.type == "date"


def _code(schema: TableSchema, column: Field) -> bool:
    return bool(column.enum)


def _reference(schema: TableSchema, column: Field) -> bool:
    return schema.target(column.name) is not None or column.references == "any"


def _key(schema: TableSchema, column: Field) -> bool:
    return column.name == schema.key


def _required(schema: TableSchema, column: Field) -> bool:
    return column.required


def _cells(name: str, column: Column, change: Change) -> None:
    """A kind that changes the text of one filled cell."""

    @kind(name)
    def make(tables: Tables, chance: random.Random) -> Mutant | None:
        # By table first, or nearly all mutants would be of the ledger.
        cells = tables.filled(column)
        table = chance.choice(sorted({place.table for place in cells}))
        place = chance.choice([place for place in cells if place.table == table])
        old = tables.value(table, *place.cell)
        return edit_cell(tables, name, place, change(old, chance))


def _inside(characters: str) -> Change:
    def change(old: str, chance: random.Random) -> str:
        at = chance.randrange(len(old) + 1)
        return old[:at] + chance.choice(characters) + old[at:]

    return change


def _date_parts(old: str, template: str) -> str:
    year, month, day = old.split("-")
    return template.format(y=year, m=month, d=day, mm=int(month), dd=int(day))


def _double_encoded(old: str, chance: random.Random) -> str:
    try:
        return old.encode().decode("cp1252")
    except UnicodeDecodeError:
        return old


_cells("space-before", text, lambda old, _: " " + old)
_cells("space-after", text, lambda old, _: old + " ")
_cells("space-doubled", text, lambda old, _: old.replace(" ", "  ", 1))
_cells("space-tab", text, lambda old, _: old.replace(" ", "\t", 1))
_cells("space-line-break", text, lambda old, _: old.replace(" ", "\n", 1))
_cells("space-no-break-end", text, lambda old, _: old + "\xa0")
_cells("space-before-code", _code, lambda old, _: " " + old)
_cells("character-invisible", text, _inside(INVISIBLE))
_cells("character-bidirectional", text, _inside(BIDI))
_cells("character-control", text, _inside(CONTROL))
_cells("character-exotic", text, _inside(EXOTIC))
_cells("character-invisible-in-id", _reference, _inside(INVISIBLE))
_cells("text-not-nfc", text, lambda old, _: unicodedata.normalize("NFD", old))
_cells("text-double-encoded", text, _double_encoded)
_cells("text-lookalikes", named("name", "title"), lambda old, _: old.translate(LOOKALIKES))
_cells("text-too-long", text, lambda old, _: (old + " more of it") * 100)
_cells("formula", text, lambda old, chance: chance.choice("=+-@") + old)
_cells("formula-call", text, lambda old, _: f'=HYPERLINK("https://example.org","{old}")')
_cells("number-zero-before", _number, lambda old, _: "0" + old)
_cells("number-plus", _number, lambda old, _: "+" + old)
_cells("number-zero-after", _decimal, lambda old, _: old + ("0" if "." in old else ".0"))
_cells("number-decimal-comma", _decimal, lambda old, _: old.replace(".", ","))
_cells("number-fraction", _integer, lambda old, _: old + ".0")
_cells("number-exponent", _number, lambda old, _: old + "e0")
_cells("number-thousands", _number, lambda old, _: "1,000")
_cells("number-other-digits", _number, lambda old, _: old.translate(OTHER_DIGITS))
_cells("number-word", _number, lambda old, _: "several")
_cells("number-nan", _number, lambda old, chance: chance.choice(["NaN", "INF", "-INF", "NULL"]))
_cells("number-negative", _integer, lambda old, _: "-" + old if old != "0" else "-1")
_cells("number-out-of-range", _decimal, lambda old, _: "9" + old.lstrip("-"))
_cells("date-impossible", _date, lambda old, _: old[:5] + "02-30")
_cells("date-dotted", _date, lambda old, _: _date_parts(old, "{d}.{m}.{y}"))
_cells("date-slashes", _date, lambda old, _: _date_parts(old, "{y}/{m}/{d}"))
_cells("date-american", _date, lambda old, _: _date_parts(old, "{m}/{d}/{y}"))
_cells("date-short", _date, lambda old, _: _date_parts(old, "{y}-{mm}-{dd} ").strip())
_cells("date-with-time", _date, lambda old, _: old + "T00:00:00")
_cells("date-month-only", _date, lambda old, _: old[:7])
_cells("date-other-digits", _date, lambda old, _: old.translate(OTHER_DIGITS))
_cells("date-century", _date, lambda old, _: "00" + old[2:])
_cells("date-serial-number", _date, lambda old, _: "44026")
_cells("code-unknown", _code, lambda old, _: old + "-other")
_cells("code-capitals", _code, lambda old, _: old.swapcase())
_cells("code-of-no-value", _code, lambda old, chance: chance.choice(["n/a", "NA", "-", "unknown"]))
_cells("reference-unknown", _reference, lambda old, chance: old[:-1] + chance.choice("xyz") + "q")
_cells("reference-capitals", _reference, lambda old, _: old.upper())
_cells("reference-cut", _reference, lambda old, _: old[:4])
_cells("key-pattern", _key, lambda old, _: old.replace("-", "_"))
_cells("key-empty", _key, lambda old, _: "")
_cells("required-empty", _required, lambda old, _: "")
_cells("url-broken", named("url"), lambda old, _: old.partition("://")[2])
_cells("url-space", named("url"), lambda old, _: old + " and more")
_cells("checksum-broken", named("passage_sha256"), lambda old, _: old[:-1])


@kind("text-letters-lost")
def _letters_lost(tables: Tables, chance: random.Random) -> Mutant | None:
    # What a file saved in a small code page leaves of its letters.
    place = chance.choice(tables.filled(text))
    old = tables.value(place.table, *place.cell)
    new = "".join("?" if letter.isalpha() and letter > "\x7f" else letter for letter in old)
    return edit_cell(tables, "text-letters-lost", place, new)


@kind("key-of-another")
def _key_of_another(tables: Tables, chance: random.Random) -> Mutant | None:
    table = chance.choice([table for table in tables.rows if len(tables.rows[table]) > 3])
    key = tables.schema(table).key or ""
    ids = tables.ids(table)
    row = chance.randrange(2, len(ids) + 2)
    other = chance.choice(ids)
    also = Place(table, ids.index(other) + 2, key)
    return edit_cell(tables, "key-of-another", Place(table, row, key), other, also)


@kind("key-changed")
def _key_changed(tables: Tables, chance: random.Random) -> Mutant | None:
    claimed = [table for table in tables.rows if tables.schema(table).evidence == "required"]
    table = chance.choice(claimed)
    key = tables.schema(table).key or ""
    row = chance.randrange(2, len(tables.rows[table]) + 1)
    place, old = Place(table, row), tables.value(table, row, key)
    rows = tables.copy(table)
    rows[row - 1][tables.at(table, key)] = old + "-0"
    return edit_rows(tables, "key-changed", {table: rows}, place, names=frozenset({old}), what=old)


@kind("key-of-another-table")
def _key_of_another_table(tables: Tables, chance: random.Random) -> Mutant | None:
    table, other = chance.sample(list(tables.rows), 2)
    key = tables.schema(table).key or ""
    place = Place(table, chance.randrange(2, len(tables.rows[table]) + 1), key)
    return edit_cell(tables, "key-of-another-table", place, chance.choice(tables.ids(other)))


@kind("reference-of-another-table")
def _reference_of_another_table(tables: Tables, chance: random.Random) -> Mutant | None:
    cells = tables.filled(lambda schema, column: schema.target(column.name) is not None)
    place = chance.choice(cells)
    target = tables.schema(place.table).target(place.field or "")
    other = chance.choice([table for table in tables.rows if table != target])
    return edit_cell(tables, "reference-of-another-table", place, chance.choice(tables.ids(other)))
