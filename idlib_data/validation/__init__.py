"""Validation in layers: structure, checks, links, evidence. One run reports everything.

Nothing here is imported by others but `validate`, `rules`, and the classes of the report.
"""

from __future__ import annotations

from collections.abc import Callable

from idlib_data.dataset import Dataset, PathLike, locate
from idlib_data.errors import PackageError
from idlib_data.validation.report import Problem, Report, in_order

# At run time too: a first import after this would put the module in the place of `rules` below.
from idlib_data.validation.rules import Rule

__all__ = ["Problem", "Report", "rules", "validate"]

Progress = Callable[[str, int, int], None]
STEPS = ("tables", "structure", "checks", "files", "links", "domain", "evidence")
"""What a validation goes through, in this order; progress is told by these names."""


def validate(
    package: PathLike | Dataset | None = None, *, progress: Progress | None = None
) -> Report:
    """Check a data package, by every rule in one run; never raises on bad data, never writes.

    Args:
        package: A folder or an opened dataset, see `idlib_data.open`.
        progress: Called before each step with its name, the number of steps done, and of all.

    Returns:
        A report; ``.valid`` says whether there is an error.

    Raises:
        PackageError: There is no data package at that place at all.
    """
    from idlib_data.validation import checks, domain, evidence, files, links, structure
    from idlib_data.validation.workspace import Workspace

    begin = _beginner(progress)
    root = package.root if isinstance(package, Dataset) else locate(package)[0]
    try:
        begin("tables")
        dataset = Dataset(root)
        assert dataset.schemas is not None  # read here, where a broken one can be told
        workspace = Workspace(dataset)
    except PackageError as error:
        return Report("", "", problems=(structure.package_error(str(error)),))
    begin("structure")
    problems = [*structure.check(workspace)]
    if not any(problem.rule == "package-error" for problem in problems):
        found = {(p.rule, p.table, p.row, p.field) for p in problems}
        judged = {(p.table, p.row, p.field) for p in problems}
        begin("checks")
        for problem in checks.check(workspace, domain.row_checks()):
            # What frictionless has judged it has judged: pandera only adds what it did not see.
            place = (problem.table, problem.row, problem.field)
            again = problem.rule in ("type-error", "constraint-error") and place in judged
            if not again and (problem.rule, *place) not in found:
                problems.append(problem)
        for name, layer in zip(STEPS[3:], (files, links, domain, evidence), strict=True):
            begin(name)
            problems += layer.check(workspace)
    counts = {table: text.cells.num_rows for table, text in workspace.texts.items()}
    order = list(dataset.tables)
    return Report(dataset.name, dataset.version, counts, in_order(problems, order))


def _beginner(progress: Progress | None) -> Callable[[str], None]:
    """What tells that a step begins, if anybody listens."""

    def begin(step: str) -> None:
        if progress is not None:
            progress(step, STEPS.index(step), len(STEPS))

    return begin


def rules() -> tuple[Rule, ...]:
    """All rules, by layer."""
    from idlib_data.validation import archive, checks, domain, evidence, files, links, structure

    layers = ("structure", "checks", "links", "evidence", "archive")
    all_rules = [
        rule
        for module in (structure, files, checks, links, domain, evidence, archive)
        for rule in module.RULES
    ]
    return tuple(sorted(all_rules, key=lambda rule: layers.index(rule.layer)))
