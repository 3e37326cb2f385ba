"""The rules for readers: each with the pieces of files that break it, and the page of all of them.

The page ``docs/rules.md`` is `page` written into a file, so what it says stands in the tables of
rules and of examples only.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePosixPath

from idlib_data.dataset import HERE
from idlib_data.validation import rules
from idlib_data.validation.examples import EXAMPLES, Example
from idlib_data.validation.rules import Rule
from idlib_data.validation.voices.places import visible


@dataclass(frozen=True)
class Piece:
    """A piece of a file, broken and mended, in letters that all can be seen.

    Attributes:
        path: The file.
        why: What is wrong, in one sentence.
        columns: Names of the columns that the piece covers, as a header; empty where the piece is
            not of whole cells of one record, or is the header itself.
        broken: The piece with the fault.
        mended: The piece as it should be.
    """

    path: str
    why: str
    columns: str
    broken: str
    mended: str


def pieces(rule: Rule) -> tuple[Piece, ...]:
    """The examples of a rule; none where it takes more than an edit of a package to break it."""
    return tuple(_piece(example) for example in EXAMPLES if example.rule == rule.id)


def query(rule: Rule) -> str:
    """The query of a rule without the indentation it has in the code; empty if it has none."""
    text = rule.sql.strip("\n").rstrip()
    margin = len(text) - len(text.lstrip(" "))
    return re.sub(rf"^ {{0,{margin}}}", "", text, flags=re.MULTILINE)


def page() -> str:
    """The page of all rules, as Markdown."""
    parts = [INTRODUCTION]
    for layer, of_layer in groupby(rules(), key=lambda rule: rule.layer):
        parts.append(f"## {layer.capitalize()}\n")
        for rule in of_layer:
            parts += _section(rule)
    return "\n".join(parts)


INTRODUCTION = """\
# The rules of the validator

<!-- Generated from the tables of rules and examples by scripts/generate_rules.py; not edited. -->

What `idlib-data validate` checks, layer by layer. An error makes a package invalid, a warning does
not. `idlib-data rules` lists the rules, and `idlib-data rules RULE` explains one, with its query
where it is written as one. How to run the checks is told in [validating.md](validating.md).

An example is a piece of a file: with `-` as it breaks the rule, with `+` as it should be, and above
both the columns, where that helps. What cannot be seen is written out: `↵` is the end of a line,
`␍` what Windows puts before it, `<U+FEFF>` a character by its number, `\\xfc` a byte that is no
UTF-8.
"""


def _section(rule: Rule) -> Iterator[str]:
    """The part of the page on one rule, each paragraph ending in a line break."""
    yield f"### {rule.id}\n"
    yield f"{_plain(rule.meaning)}\n"
    yield f"**{rule.severity.capitalize()}.** What to do: {_plain(rule.hint)}\n"
    for piece in pieces(rule):
        yield f"`{piece.path}`: {_plain(piece.why)}\n"
        columns = f"  {piece.columns}\n" if piece.columns else ""
        yield f"```diff\n{columns}- {piece.broken}\n+ {piece.mended}\n```\n"


def _plain(text: str) -> str:
    """Text in which Markdown finds no markup."""
    return re.sub(r"[\\`*_\[\]<>]", r"\\\g<0>", text)


def _piece(example: Example) -> Piece:
    return Piece(
        example.path,
        example.why,
        _columns(example),
        _seen(example.broken) or "(nothing)",
        _seen(example.mended),
    )


def _seen(text: str | bytes) -> str:
    """Text with what cannot be seen written out: bytes, controls, and accents set apart."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "backslashreplace")
    shown = visible(text)
    if unicodedata.is_normalized("NFC", shown):
        return shown
    return "".join(f"<U+{ord(c):04X}>" if unicodedata.combining(c) else c for c in shown)


def _columns(example: Example) -> str:
    """The header over a piece, found by the one cell that differs and the name of its column."""
    edited = example.edited or (example.field if f"/{example.table}." in example.path else None)
    if edited is None or example.row == 1 or isinstance(example.broken, bytes):
        return ""
    mended, broken = example.mended.split(","), example.broken.split(",")
    differing = [
        at for at, pair in enumerate(zip(mended, broken, strict=False)) if len({*pair}) > 1
    ]
    names = _names(example.path)
    if len(mended) != len(broken) or len(differing) != 1 or edited not in names:
        return ""
    first = names.index(edited) - differing[0]
    if first < 0:
        return ""
    over = names[first : first + len(mended)]
    for edge in (0, -1):  # a piece that ends in a comma stops short of the next cell
        if not (mended[edge] or broken[edge]):
            over[edge] = ""
    return ",".join(over)


def _names(path: str) -> list[str]:
    """The columns of a file of the data that came with the program."""
    for root in (HERE / "_bundle", HERE.parent):
        schema = root / "schemas" / f"{PurePosixPath(path).stem}.json"
        if schema.is_file():
            return [field["name"] for field in json.loads(schema.read_text("utf-8"))["fields"]]
    return []
