"""Validation in layers: structure, checks, links, evidence, history; one run reports everything.

Nothing here is imported by others but `validate`, `rules`, and the classes of the report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from idlib_data.dataset import Dataset, PathLike, locate
from idlib_data.errors import PackageError
from idlib_data.validation.report import Kept, Problem, Report, in_order

# At run time too: a first import after this would put the module in the place of `rules` below.
from idlib_data.validation.rules import Rule

__all__ = ["Problem", "Report", "rules", "validate"]

Progress = Callable[[str, int, int], None]
STEPS = ("tables", "structure", "checks", "files", "links", "domain", "evidence", "history")
"""What a validation goes through, in this order; progress is told by these names.

The last is there only where there is an earlier state to compare with.
"""


def validate(
    package: PathLike | Dataset | None = None,
    *,
    against: PathLike | Dataset | None = None,
    progress: Progress | None = None,
) -> Report:
    """Check a data package, by every rule in one run; never raises on bad data, never writes.

    Args:
        package: A folder or an opened dataset, see `idlib_data.open`.
        against: An earlier state to compare with, by the rules of history: a folder, an opened
            dataset, a release as zip archive, or a revision of the git repository that holds the
            package.
        progress: Called before each step with its name, the number of steps done, and of all.

    Returns:
        A report; ``.valid`` says whether there is an error.

    Raises:
        PackageError: There is no data package at that place at all, or none to compare with.
    """
    from idlib_data.validation.base import opened

    root = package.root if isinstance(package, Dataset) else locate(package)[0]
    if against is None:
        return _validate(root, None, _beginner(progress, STEPS[:-1]))
    with opened(against, root) as base:
        return _validate(root, base, _beginner(progress, STEPS))


def _validate(root: Path, base: Dataset | None, begin: Callable[[str], None]) -> Report:
    from idlib_data.validation import checks, domain, evidence, files, history, links, structure
    from idlib_data.validation.workspace import Workspace

    try:
        begin("tables")
        dataset = Dataset(root)
        assert dataset.schemas is not None  # read here, where a broken one can be told
        workspace = Workspace(dataset)
    except PackageError as error:
        return Report("", "", problems=(structure.package_error(str(error)),))
    begin("structure")
    kept = Kept()
    kept.add(structure.check(workspace))
    if "package-error" not in kept.found:
        begin("checks")
        kept.add(_unjudged(checks.check(workspace, domain.row_checks()), kept.problems))
        for name, layer in zip(STEPS[3:-1], (files, links, domain, evidence), strict=True):
            begin(name)
            kept.add(layer.check(workspace))
        if base is not None:
            begin("history")
            kept.add(history.check(workspace, base))
    counts = {table: text.cells.num_rows for table, text in workspace.texts.items()}
    order = list(dataset.tables)
    found = in_order(kept.problems, order)
    return Report(dataset.name, dataset.version, counts, found, kept.more)


def _unjudged(checked: Iterable[Problem], before: list[Problem]) -> Iterator[Problem]:
    """What the checks find beside the judge of structure, whose word on a cell is the last."""
    found = {(p.rule, p.table, p.row, p.field) for p in before}
    judged = {(p.table, p.row, p.field) for p in before}
    for problem in checked:
        place = (problem.table, problem.row, problem.field)
        again = problem.rule in ("type-error", "constraint-error") and place in judged
        if not again and (problem.rule, *place) not in found:
            yield problem


def _beginner(progress: Progress | None, steps: tuple[str, ...]) -> Callable[[str], None]:
    """What tells that a step begins, if anybody listens."""

    def begin(step: str) -> None:
        if progress is not None:
            progress(step, steps.index(step), len(steps))

    return begin


def rules() -> tuple[Rule, ...]:
    """All rules, by layer."""
    from idlib_data.validation import (
        archive,
        checks,
        domain,
        evidence,
        files,
        history,
        links,
        structure,
        tombstones,
    )

    layers = ("structure", "checks", "links", "evidence", "history", "archive")
    modules = (structure, files, checks, links, tombstones, domain, evidence, history, archive)
    all_rules = [rule for module in modules for rule in module.RULES]
    return tuple(sorted(all_rules, key=lambda rule: layers.index(rule.layer)))
