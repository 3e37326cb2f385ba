"""Patterns matched in bounded time, whatever a schema asks for.

Python's engine tries one way after another, for some patterns more ways than there are seconds:
``(a+)+$`` doubles them with each letter of the text. So it gets only texts that are short enough
for the pattern; longer ones are matched by RE2, whose time grows with the text alone. What RE2 does
not know either (lookaround, references back) does not match a longer text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from re import _constants as kinds  # type: ignore[attr-defined]  # no public
from re import _parser  # type: ignore[attr-defined]  # way to a parsed pattern
from typing import Any

STEPS = 10**6
"""About how many ways to match one text may be tried."""
SHORTEST = 16
"""Length of text at which also a pattern that doubles the ways keeps within it."""
MANY = 10
"""Repetitions up to this number are taken for a handful of characters."""
REPEATS = (kinds.MAX_REPEAT, kinds.MIN_REPEAT, kinds.POSSESSIVE_REPEAT)


def matching(texts: Iterable[str], pattern: str) -> list[str]:
    """The texts that the whole pattern matches, as frictionless anchors it; none if it is none."""
    try:
        compiled = re.compile(f"^{pattern}$")
    except (re.error, OverflowError, RecursionError):
        return []
    texts, limit = list(texts), longest(pattern)
    long = [text for text in texts if len(text) > limit]
    good = set(_matching_linearly(long, pattern)) if long else set()
    return [t for t in texts if (t in good if len(t) > limit else compiled.match(t))]


def fits(text: str, pattern: str) -> bool:
    """Whether the pattern, with or without anchors, matches the text and all of it."""
    bare = pattern.removeprefix("^").removesuffix("$")
    return not text.endswith("\n") and bool(matching([text], f"(?:{bare})"))


@lru_cache(maxsize=1024)
def longest(pattern: str) -> int:
    """The length of the longest text that Python's engine is to match with a pattern."""
    try:
        tree = list(_parser.parse(pattern))
    except (re.error, OverflowError, RecursionError):
        return SHORTEST
    items = list(_items(tree))
    if any(_doubles(body) for body in _bodies(tree)):
        # Each further choice, within or beside the others, multiplies the ways once more.
        return SHORTEST // max(1, sum(_is_choice(item) for item in items) - 1)
    return int(STEPS ** (1 / max(1, sum(_is_wide(item) for item in items))))


def _matching_linearly(texts: list[str], pattern: str) -> list[str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    array = pa.array(texts, pa.large_string())
    try:
        return list(array.filter(pc.match_substring_regex(array, f"^(?:{pattern})$")).to_pylist())
    except pa.ArrowInvalid:
        return []


def _items(tree: Iterable[Any]) -> Iterator[Any]:
    """All parts of a parsed pattern, those within others too."""
    for item in tree:
        yield item
        for part in _parts(item[1]):
            yield from _items(part)


def _parts(argument: Any) -> Iterator[Any]:
    """The patterns within what an operator is given."""
    if isinstance(argument, _parser.SubPattern):
        yield argument
    elif isinstance(argument, tuple | list):
        for part in argument:
            yield from _parts(part)


def _bodies(tree: Iterable[Any]) -> Iterator[list[Any]]:
    """What is repeated, freed from groups around it."""
    for operator, argument in _items(tree):
        if operator in REPEATS and argument[1] > 1:
            body = list(argument[2])
            while len(body) == 1 and body[0][0] is kinds.SUBPATTERN:
                body = list(body[0][1][-1])
            yield body


def _doubles(body: list[Any]) -> bool:
    """Whether a text may be shared out among repetitions of this in more than one way.

    Not where it holds no choice; nor where it starts with a character that nothing else in it can
    match, and holds but one choice, as in ``-[a-z]+``.
    """
    items = list(_items(body))
    choices = sum(_is_choice(item) for item in items)
    if not choices:
        return False
    operator, first = body[0]
    return (
        choices > 1
        or operator is not kinds.LITERAL
        or any(_may_match(item, first) for item in _items(body[1:]))
    )


def _is_variable(item: Any) -> bool:
    return item[0] in REPEATS and item[1][0] != item[1][1]


def _is_choice(item: Any) -> bool:
    return item[0] is kinds.BRANCH or _is_variable(item)


def _is_wide(item: Any) -> bool:
    return _is_variable(item) and item[1][1] > MANY


def _may_match(item: Any, code: int) -> bool:
    """Whether a part that is a single character may be this one; in doubt it may."""
    operator, argument = item
    if operator in (*REPEATS, kinds.SUBPATTERN):
        return False  # what they hold is looked at by itself
    if operator is kinds.LITERAL:
        return bool(argument == code)
    if operator is kinds.IN:
        return any(
            not (kind is kinds.LITERAL and value != code)
            and not (kind is kinds.RANGE and not value[0] <= code <= value[1])
            for kind, value in argument
        )
    return True
