"""What step of the version a change demands: major, minor or patch."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Step = Literal["patch", "minor", "major"]
Version = tuple[int, int, int]
STEPS: tuple[Step, ...] = ("patch", "minor", "major")
"""The steps, the least first."""
_NUMBER = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})")


@dataclass(frozen=True)
class Change:
    """One way in which a package differs from an earlier state.

    Attributes:
        step: The step of the version that it demands.
        table: The table that differs.
        what: The difference in words.
    """

    step: Step
    table: str
    what: str


def parse(version: str) -> Version | None:
    """The numbers of a version MAJOR.MINOR.PATCH; None where it is not written so."""
    found = _NUMBER.fullmatch(version)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def demanded(changes: Iterable[Change]) -> Step | None:
    """The greatest step that any of the changes demands; None where nothing has changed."""
    return max((change.step for change in changes), key=STEPS.index, default=None)


def least(base: Version, step: Step) -> Version:
    """The smallest version that goes a step beyond another.

    While MAJOR is 0 nothing is promised yet: a major change asks for a minor step, any other for
    a patch step.
    """
    major, minor, patch = base
    if major == 0:
        step = "minor" if step == "major" else "patch"
    if step == "major":
        return (major + 1, 0, 0)
    return (major, minor + 1, 0) if step == "minor" else (major, minor, patch + 1)


def written(version: Version) -> str:
    """A version as text."""
    return ".".join(str(number) for number in version)
