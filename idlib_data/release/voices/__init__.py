"""How states of the data differ, told to different listeners: people, programs, reviewers.

Each voice is a module with one function ``render`` from a `Difference` to text. Nothing here prints
or writes.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from idlib_data.release.differences import Difference

NAMES = ("text", "json", "csv", "markdown")
LIMIT = 20
"""Records of each table that are told to people, unless they want more."""


def render(difference: Difference, voice: str, *, limit: int | None = LIMIT) -> str:
    """The difference in one voice.

    Args:
        difference: How the states differ.
        voice: One of `NAMES`.
        limit: How many records of each table are told in ``text`` and ``markdown``; None for all.
            The other voices always tell all.
    """
    module = import_module(f"{__name__}.{voice}")
    if voice in ("text", "markdown"):
        text = module.render(difference, limit)
    else:
        text = module.render(difference)
    assert isinstance(text, str)
    return text
