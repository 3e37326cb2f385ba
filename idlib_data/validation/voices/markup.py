"""Text within Markdown: nothing in it is taken for markup, a link or a mention."""

from __future__ import annotations

import re

from idlib_data.validation.voices import places

LONGEST = 300
"""Characters of a cell or message, above which it is cut."""
SPECIAL = re.compile(r"[\\`*_{}\[\]()#+!|~$-]")


def code(text: str) -> str:
    """Text as it stands: nothing in it is markup, a link or a mention."""
    text = _short(text)
    ticks = "`" * (max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
    space = " " if text[:1] in "` " or text[-1:] in "` " else ""
    # In a table even code is cut at a bar, unless a backslash stands before it.
    return f"{ticks}{space}{text or ' '}{space}{ticks}".replace("|", "\\|")


def prose(text: str) -> str:
    """Text in which nothing is markup, and nobody is mentioned."""
    text = _short(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return SPECIAL.sub(r"\\\g<0>", text).replace("@", "@<!-- -->")


def _short(text: str) -> str:
    text = places.visible(text)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
