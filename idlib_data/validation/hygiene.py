"""How a cell is written: the marks of text that was copied, converted or typed amiss."""

from __future__ import annotations

import re
import unicodedata

from idlib_data.patterns import fits
from idlib_data.validation.rules import Rule


def _rule(id: str, meaning: str, hint: str) -> Rule:
    return Rule(id, "checks", meaning, hint)


RULES = (
    _rule(
        "text-whitespace",
        "No cell starts or ends with white space, or holds two spaces, a tab or a line break.",
        "Take the stray white space away.",
    ),
    _rule(
        "text-invisible",
        "No cell holds control, zero-width or text-direction characters.",
        "Type the text anew: it was copied with characters that cannot be seen.",
    ),
    _rule(
        "text-formula",
        "No cell starts with a character that makes a spreadsheet run it (=, +, -, @).",
        "Word the text so that it starts with a letter or digit.",
    ),
    _rule(
        "text-not-nfc",
        "Text is in Unicode NFC, so that equal words are equal bytes.",
        "Save the text in NFC: type the accented letters anew.",
    ),
    _rule(
        "text-encoding",
        "No cell shows the traces of a wrong encoding: Ã¼ for ü, or ? in the place of a letter.",
        "Copy the text anew from its source, and save the file as UTF-8.",
    ),
    _rule(
        "text-mixed-scripts",
        "No word mixes Latin letters with Greek or Cyrillic ones that look like them.",
        "Type the word anew, on one keyboard.",
    ),
    _rule(
        "canonical-value",
        "Dates, numbers and the like are written in their one canonical form.",
        "Write 2020-03-05, 5, 35.8 or true: no other digits, signs, zeros or separators.",
    ),
)

# Spaces of another width are told too: they look like the plain one, and no search finds them.
WHITESPACE = re.compile(
    r"^\s|\s$|\s\s|[\t\r\n\v\f\u0085\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
)
INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e0fff]"
)
FORMULA = re.compile(r"^(?:[=@\t\r]|[+\-](?!\d+(?:\.\d+)?$))")
LOST = re.compile("[\ufffd\ue000-\uf8ff]|[^\\W\\d_][?][^\\W\\d_]|(?<!\\S)[?][^\\W\\d_?]|[?]{3}")
MIXED = re.compile("[A-Za-z\xc0-\u024f][\u0370-\u052f]|[\u0370-\u052f][A-Za-z\xc0-\u024f]")
ODD = r"^[\s=@+-]|\s$|\s\s|[^\x20-\x7e]|\?[^\s]"
"""Texts that may offend a rule of hygiene, in the syntax of RE2."""


def faults(text: str, lexical: str | None) -> list[str]:
    """The rules of hygiene that a text offends.

    Args:
        text: The text of a cell.
        lexical: Pattern of the one canonical form, if the column has one.
    """
    verdicts = {
        "text-whitespace": WHITESPACE.search(text),
        "text-invisible": INVISIBLE.search(text),
        "text-formula": FORMULA.search(text),
        "text-not-nfc": not unicodedata.is_normalized("NFC", text),
        "text-encoding": _badly_encoded(text),
        "text-mixed-scripts": MIXED.search(text),
        "canonical-value": lexical and not fits(text, lexical),
    }
    return [name for name, offended in verdicts.items() if offended]


def _badly_encoded(text: str) -> bool:
    """Whether letters were lost, or the text was read in a wrong encoding and saved again."""
    if LOST.search(text) and "://" not in text:
        return True
    try:
        return not text.isascii() and text.encode("cp1252").decode() != text
    except UnicodeError:
        return False
