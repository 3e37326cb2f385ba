"""A report told to different listeners: people, programs, the services that show checks.

Each voice is a module with one function ``render`` from a report to text. What more than one of
them needs is in `places` (where in a file a problem stands) and in `guide` (what was expected, what
to do). Nothing here prints or writes.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from idlib_data.validation.report import Report

NAMES = ("text", "json", "csv", "github", "sarif", "junit", "markdown", "html")
VOICES = {name: f"{__name__}.{name}" for name in NAMES}
"""Name of a voice -> its module."""


def render(report: Report, voice: str, root: Path | None = None) -> str:
    """The report in one voice.

    Args:
        report: What validation found.
        voice: One of `VOICES`.
        root: Folder of the package, from which lines and schemas are read; without it the voices
            that quote them do without.
    """
    text = import_module(VOICES[voice]).render(report, root)
    assert isinstance(text, str)
    return text
