"""The step of the version that the changes between two states demand, with the reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from idlib_data.dataset import Dataset, PathLike
from idlib_data.validation.versions import STEPS, Change, demanded, least, parse, written

if TYPE_CHECKING:
    from idlib_data.validation.comparison import Comparison

StepName = Literal["major", "minor", "patch", "none"]


@dataclass(frozen=True)
class Demand:
    """What the version has to become.

    Attributes:
        step: The greatest step that a change demands: ``major`` (a table, a column or an id goes,
            or what a column may hold becomes less), ``minor`` (rows, columns or ids come),
            ``patch`` (values are corrected) or ``none``.
        reasons: The changes, each with its own step, those of the greatest step first.
        base: Version of the old state.
        version: Version of the new state.
        least: The smallest version that is enough; None where nothing is demanded, or where the
            version of the old state is not written MAJOR.MINOR.PATCH. Before 1.0.0, where nothing
            is promised yet, each step counts as the one below it.
    """

    step: StepName
    reasons: tuple[Change, ...]
    base: str
    version: str
    least: str | None

    @property
    def enough(self) -> bool:
        """Whether the version of the new state is at least what is demanded."""
        floor, version = parse(self.least or self.base), parse(self.version)
        return version is not None and (floor is None or version >= floor)

    def to_dict(self) -> dict[str, Any]:
        """The demand in JSON types."""
        reasons = [{"step": r.step, "table": r.table, "what": r.what} for r in self.reasons]
        return {
            "step": self.step,
            "least": self.least,
            "enough": self.enough,
            "reasons": reasons,
        }


def step(
    old: PathLike | Dataset, new: PathLike | Dataset, *, root: PathLike | None = None
) -> Demand:
    """The step that the version of one state has to go beyond that of an earlier one.

    Args:
        old: The earlier state, see `idlib_data.diff`.
        new: The new state.
        root: Folder of the package whose repository has the revisions.

    Raises:
        PackageError: One of them cannot be read, or has a table whose file lacks its key.
    """
    from idlib_data.release.cells import compared
    from idlib_data.release.states import both

    with both(old, new, root) as (before, after):
        return of(compared(before, after))


def of(comparison: Comparison) -> Demand:
    """The demand of two states that are compared already."""
    from idlib_data.validation.changes import changes

    reasons = tuple(sorted(changes(comparison), key=lambda c: STEPS.index(c.step), reverse=True))
    most = demanded(reasons)
    base, version = comparison.base.dataset.version, comparison.new.dataset.version
    was = parse(base)
    floor = written(least(was, most)) if was and most else None
    return Demand(most or "none", reasons, base, version, floor)
