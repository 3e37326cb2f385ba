"""Damage to bytes, lines, headers and rows of a file."""

from __future__ import annotations

import random
from collections.abc import Callable

from benchmarks.mutants.model import (
    Mutant,
    Place,
    Rows,
    Tables,
    edit_rows,
    kind,
    to_csv,
)

BOM = b"\xef\xbb\xbf"


def _bytes(name: str, damage: Callable[[bytes], bytes]) -> None:
    """A kind that damages the bytes of one whole file."""

    @kind(name)
    def make(tables: Tables, chance: random.Random) -> Mutant | None:
        table = chance.choice(list(tables.texts))
        content = damage(tables.texts[table])
        if content == tables.texts[table]:
            return None
        return Mutant(name, {tables.path(table): content}, (Place(table),), what=f"{table}: {name}")


_bytes("file-bom", lambda content: BOM + content)
_bytes("file-crlf", lambda content: content.replace(b"\n", b"\r\n"))
_bytes("file-cr", lambda content: content.replace(b"\n", b"\r"))
_bytes("file-utf16", lambda content: content.decode().encode("utf-16"))
_bytes("file-latin1", lambda content: content.decode().encode("cp1252", "replace"))
_bytes("file-no-final-newline", lambda content: content[:-1])
_bytes("file-empty", lambda content: b"")
_bytes("file-semicolons", lambda content: content.replace(b",", b";"))
_bytes("file-tabs", lambda content: content.replace(b",", b"\t"))
_bytes("file-header-lost", lambda content: content.partition(b"\n")[2])
_bytes("file-all-quoted", lambda content: b'"' + content[:-1].replace(b",", b'","') + b'"\n')


@kind("file-records-lost")
def _records_lost(tables: Tables, chance: random.Random) -> Mutant:
    table = chance.choice(list(tables.texts))
    rows, gone = tables.rows[table][:1], frozenset(tables.ids(table))
    return edit_rows(tables, "file-records-lost", {table: rows}, names=gone, what=table)


@kind("file-truncated")
def _truncated(tables: Tables, chance: random.Random) -> Mutant:
    table = chance.choice(list(tables.texts))
    content = tables.texts[table]
    cut = content[: chance.randrange(len(content) // 2, len(content) - 1)]
    return Mutant("file-truncated", {tables.path(table): cut}, (Place(table),), what=table)


@kind("descriptor-damaged")
def _descriptor(tables: Tables, chance: random.Random) -> Mutant:
    content = (tables.dataset.root / "datapackage.json").read_bytes()
    at = chance.choice([i for i, byte in enumerate(content) if byte in b'{}[]:,"'])
    damaged = content[:at] + b"\x00" + content[at + 1 :]
    return Mutant("descriptor-damaged", {"datapackage.json": damaged}, what=f"byte {at}")


@kind("descriptor-wrong-path")
def _wrong_path(tables: Tables, chance: random.Random) -> Mutant:
    content = (tables.dataset.root / "datapackage.json").read_bytes()
    table = chance.choice(list(tables.texts))
    path = tables.path(table).encode()
    damaged = content.replace(b'"' + path + b'"', b'"' + path[:-5] + b'.csv"')
    assert damaged != content
    return Mutant("descriptor-wrong-path", {"datapackage.json": damaged}, (Place(table),))


def _lines(name: str, damage: Callable[[list[bytes], int], None]) -> None:
    """A kind that damages the bytes of one record; every record of the package is one line."""

    @kind(name)
    def make(tables: Tables, chance: random.Random) -> Mutant | None:
        table = chance.choice(list(tables.rows))
        lines = tables.texts[table].splitlines(keepends=True)
        row = chance.randrange(2, len(lines) + 1)
        if len(lines) != len(tables.rows[table]):
            return None
        damage(lines, row - 1)
        content = b"".join(lines)
        what = f"{table}:{row}: {name}"
        return Mutant(name, {tables.path(table): content}, (Place(table, row),), what=what)


def _replace(lines: list[bytes], at: int, line: bytes) -> None:
    lines[at] = line


def _middle(line: bytes, byte: bytes) -> bytes:
    half = line.index(b",") // 2
    return line[:half] + byte + line[half:]


_lines("byte-not-utf8", lambda lines, at: _replace(lines, at, _middle(lines[at], b"\xe9")))
_lines("byte-nul", lambda lines, at: _replace(lines, at, _middle(lines[at], b"\x00")))
_lines("byte-bell", lambda lines, at: _replace(lines, at, _middle(lines[at], b"\x07")))
_lines("line-crlf", lambda lines, at: _replace(lines, at, lines[at][:-1] + b"\r\n"))
_lines("line-blank", lambda lines, at: lines.insert(at, b"\n"))
_lines("line-of-commas", lambda lines, at: lines.insert(at, b"," * lines[0].count(b",") + b"\n"))
_lines("line-broken", lambda lines, at: _replace(lines, at, _middle(lines[at], b"\n")))
_lines("line-comment", lambda lines, at: lines.insert(at, b"# checked\n"))
_lines("line-header-again", lambda lines, at: lines.insert(at, lines[0]))
_lines("line-ends-in-comma", lambda lines, at: _replace(lines, at, lines[at][:-1] + b",\n"))
_lines("quote-opened", lambda lines, at: _replace(lines, at, b'"' + lines[at]))
_lines("quote-inside", lambda lines, at: _replace(lines, at, _middle(lines[at], b'"')))
_lines(
    "quote-needless",
    lambda lines, at: _replace(lines, at, b'"' + lines[at].replace(b",", b'",', 1)),
)


def _records(name: str, damage: Callable[[Rows, int, random.Random], bool]) -> None:
    """A kind that damages one record as a row of cells; false where there is nothing to do."""

    @kind(name)
    def make(tables: Tables, chance: random.Random) -> Mutant | None:
        table = chance.choice(list(tables.rows))
        rows = tables.copy(table)
        row = chance.randrange(2, len(rows))
        if not damage(rows, row - 1, chance):
            return None
        places = (Place(table, row), Place(table, row + 1))
        return edit_rows(tables, name, {table: rows}, *places, what=f"{table}:{row}: {name}")


def _drop_cell(rows: Rows, at: int, chance: random.Random) -> bool:
    del rows[at][chance.randrange(len(rows[at]))]
    return True


def _more_cell(rows: Rows, at: int, chance: random.Random) -> bool:
    rows[at].insert(chance.randrange(len(rows[at]) + 1), chance.choice(["", "x"]))
    return True


def _twice(rows: Rows, at: int, chance: random.Random) -> bool:
    rows.insert(at, rows[at])
    return True


def _swap(rows: Rows, at: int, chance: random.Random) -> bool:
    rows[at], rows[at + 1] = rows[at + 1], rows[at]
    return True


def _glue(rows: Rows, at: int, chance: random.Random) -> bool:
    rows[at] += rows.pop(at + 1)
    return True


_records("row-cell-dropped", _drop_cell)
_records("row-cell-added", _more_cell)
_records("row-twice", _twice)
_records("row-order", _swap)
_records("rows-on-one-line", _glue)


def _headers(name: str, damage: Callable[[list[str], int], bool]) -> None:
    """A kind that damages the header of one table."""

    @kind(name)
    def make(tables: Tables, chance: random.Random) -> Mutant | None:
        table = chance.choice(list(tables.rows))
        rows = tables.copy(table)
        if not damage(rows[0], chance.randrange(len(rows[0]) - 1)):
            return None
        content = to_csv(rows)
        return Mutant(name, {tables.path(table): content}, (Place(table),), what=table)


def _set(header: list[str], at: int, label: str) -> bool:
    header[at] = label
    return True


def _swap_labels(header: list[str], at: int) -> bool:
    header[at], header[at + 1] = header[at + 1], header[at]
    return True


_headers("header-renamed", lambda header, at: _set(header, at, header[at] + "s"))
_headers("header-capitals", lambda header, at: _set(header, at, header[at].upper()))
_headers("header-space", lambda header, at: _set(header, at, header[at] + " "))
_headers("header-blank", lambda header, at: _set(header, at, ""))
_headers("header-twice", lambda header, at: _set(header, at, header[at + 1]))
_headers("header-swapped", _swap_labels)


@kind("column-dropped")
def _column_dropped(tables: Tables, chance: random.Random) -> Mutant:
    table = chance.choice(list(tables.rows))
    at = chance.randrange(len(tables.rows[table][0]))
    rows = [row[:at] + row[at + 1 :] for row in tables.rows[table]]
    return edit_rows(tables, "column-dropped", {table: rows}, Place(table))


@kind("column-added")
def _column_added(tables: Tables, chance: random.Random) -> Mutant:
    table = chance.choice(list(tables.rows))
    rows = [[*row, "" if number else "remark"] for number, row in enumerate(tables.rows[table])]
    return edit_rows(tables, "column-added", {table: rows}, Place(table))


@kind("columns-moved")
def _columns_moved(tables: Tables, chance: random.Random) -> Mutant:
    table = chance.choice(list(tables.rows))
    at = chance.randrange(len(tables.rows[table][0]) - 1)
    rows = [[*row[:at], row[at + 1], row[at], *row[at + 2 :]] for row in tables.rows[table]]
    return edit_rows(tables, "columns-moved", {table: rows}, Place(table))
