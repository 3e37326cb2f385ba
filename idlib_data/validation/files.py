"""Layer 2, checks: the form of each file, which ``idlib-data fmt`` repairs.

Each rule is told once per table, at the first record that breaks it: the one remedy mends the whole
file. The bytes are read line by line, so a large file takes no memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from idlib_data.validation.reading import BOM, ROW
from idlib_data.validation.rules import Rule

if TYPE_CHECKING:
    import pyarrow as pa

    from idlib_data.schema import TableSchema
    from idlib_data.validation.report import Problem
    from idlib_data.validation.workspace import Workspace


def _rule(id: str, meaning: str) -> Rule:
    return Rule(id, "checks", meaning, "Run idlib-data fmt.")


RULES = (
    _rule("csv-bom", "No file starts with a byte order mark."),
    _rule("csv-line-ends", "Lines end in LF alone, not in CRLF or CR."),
    _rule("csv-final-newline", "The last line of a file ends like all others."),
    _rule("csv-quoting", "Double quotes stand around cells that need them, and nowhere else."),
    _rule("csv-order", "The records of a table are sorted by their primary key."),
)
_BY_ID = {rule.id: rule for rule in RULES}

SOUND = re.compile(
    rb'(?:[^"\r]*+(?<![^,])"[^",]*+(?:,|"")[^"]*+(?:""[^"]*+)*+"(?=[,\n]|\Z))*+[^"\r]*+'
)
"""A line that holds whole records in canonical form: nearly all lines, told apart at once."""
TOKEN = re.compile(rb'(?<![^,\r\n])"(?P<text>[^"]*+(?:""[^"]*+)*+)(?P<end>"?)|["\r]')
"""A cell in quotes, up to their end or that of the line; any other quote; a carriage return."""
REST = re.compile(rb'(?P<text>[^"]*+(?:""[^"]*+)*+)(?P<end>"?)')
"""What a line holds of a cell in quotes that began on a line before."""
NEEDS_QUOTES = re.compile(rb'[",\r\n]')
AFTER_CELL = (b"", b",", b"\r", b"\n")


def check(workspace: Workspace) -> Iterator[Problem]:
    """The offences of the files against their canonical form."""
    for table, schema in workspace.dataset.schemas.items():
        try:
            with workspace.texts[table].path.open("rb") as file:
                found = scan(file)
        except OSError:  # named by layer 1
            continue
        for rule, (row, message) in found.items():
            yield workspace.problem(_BY_ID[rule], table, row, None, None, message)
        yield from _order(workspace, schema)


def scan(lines: Iterable[bytes]) -> dict[str, tuple[int, str]]:
    """Rule -> record number and message, of the first offence of a file against each rule.

    Args:
        lines: The file, split after each LF.
    """
    found: dict[str, tuple[int, str]] = {}
    row, inside, line = 1, False, b"\n"
    for number, line in enumerate(lines):
        if number == 0 and line.startswith(BOM):
            found["csv-bom"] = 1, "the file starts with a byte order mark"
            line = line.removeprefix(BOM)
        if "csv-line-ends" in found and line.endswith(b"\r\n"):
            line = line[:-2] + b"\n"
        odd = b'"' in line or b"\r" in line
        if inside or (odd and not SOUND.fullmatch(line)):
            row, inside = _scan_line(line, row, inside, found)
        row += not inside
    if inside:
        found.setdefault("csv-quoting", (row, "the quotes of a cell are never closed"))
    if not line.endswith((b"\n", b"\r")):
        found["csv-final-newline"] = row - (not inside), "the last line has no line end"
    return found


def _scan_line(
    line: bytes, row: int, inside: bool, found: dict[str, tuple[int, str]]
) -> tuple[int, bool]:
    """Look through a line; returns record number and whether a cell in quotes is open at its end.

    Args:
        line: The line.
        row: Number of the record that it belongs to.
        inside: Whether it starts within a cell in quotes.
        found: Where first offences are put down.
    """
    start = 0
    if inside and (rest := REST.match(line)):
        if not rest["end"]:
            return row, True
        start = rest.end()
        if line[start : start + 1] not in AFTER_CELL:
            found.setdefault("csv-quoting", (row, "text follows where the quotes are closed"))
    for token in TOKEN.finditer(line, start):
        if token[0] == b"\r":
            what = "CRLF" if line[token.end() : token.end() + 1] == b"\n" else "CR"
            found.setdefault("csv-line-ends", (row, f"the line ends in {what}"))
            row += what == "CR"
        elif token["text"] is None:
            found.setdefault("csv-quoting", (row, "a quote stands in a cell without quotes"))
        elif not token["end"]:
            return row, True
        elif line[token.end() : token.end() + 1] not in AFTER_CELL:
            found.setdefault("csv-quoting", (row, "text follows where the quotes are closed"))
        elif not NEEDS_QUOTES.search(token["text"]):
            found.setdefault("csv-quoting", (row, "a cell stands in quotes without need"))
    return row, False


def _order(workspace: Workspace, schema: TableSchema) -> Iterator[Problem]:
    """The first record whose key is below that of the record before it."""
    import pyarrow.compute as pc

    text = workspace.texts[schema.name]
    keyed = text.cells[ROW].is_valid()
    for name in schema.primary_key:
        keyed = pc.and_(keyed, text.column(name).is_valid())
    rows = text.cells[ROW].filter(keyed)
    keys = [text.column(name).filter(keyed) for name in schema.primary_key]
    if not keys or len(rows) < 2:
        return
    at = pc.index(_is_below(keys), True).as_py()
    if at >= 0:
        before, key = (" ".join(column[at + i].as_py() for column in keys) for i in (0, 1))
        message = f"{key} stands after {before}"
        rule, row = _BY_ID["csv-order"], rows[at + 1].as_py()
        yield workspace.problem(rule, schema.name, row, schema.key, key, message)


def _is_below(keys: list[pa.ChunkedArray]) -> pa.ChunkedArray:
    """Whether each record but the first has a key below that of the record before it.

    Arrow compares the bytes of texts, whose order in UTF-8 is that of the code points.
    """
    import pyarrow.compute as pc

    below = None
    for column in reversed(keys):
        before, after = column.slice(0, len(column) - 1), column.slice(1)
        less = pc.less(after, before)
        if below is not None:
            less = pc.or_(less, pc.and_(pc.equal(after, before), below))
        below = less
    return below
