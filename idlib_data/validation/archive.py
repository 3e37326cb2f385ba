"""Claims against an archive of texts, as problems of the same kind as every other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idlib_data.dataset import Dataset, PathLike, open
from idlib_data.ledger import PassageCheck, verify_archive
from idlib_data.validation.report import Report, in_order
from idlib_data.validation.rules import Rule
from idlib_data.validation.workspace import Workspace

if TYPE_CHECKING:
    from idlib_data.validation.report import Problem

RULES = (
    Rule(
        "archive-text",
        "archive",
        "The archive holds the text of each source whose passages are hashed.",
        "Add the text to the archive, or correct text_sha256 of the source.",
    ),
    Rule(
        "archive-locator",
        "archive",
        "The text has the paragraph that the claim's locator names.",
        "Count the non-empty lines of the text from 1 and correct the locator.",
    ),
    Rule(
        "archive-passage",
        "archive",
        "The passage in the text has the hash that the claim states.",
        "Compare locator and passage: one of them is wrong, or the text was changed.",
    ),
)
_OF_OUTCOME = {"no-text": RULES[0], "no-paragraph": RULES[1], "mismatch": RULES[2]}


def check(archive: PathLike, *, package: PathLike | Dataset | None = None) -> Report:
    """Verify every claim that has a passage hash against a folder of texts.

    Returns:
        A report whose one table is ``claims``, with the number of claims that were looked up.

    Raises:
        PackageError: The folder of texts, or the package, cannot be read.
    """
    dataset = open(package)
    workspace = Workspace(dataset)
    checks = verify_archive(archive, package=dataset)
    text = workspace.texts["claims"]
    rows = dict(zip(text.column("claim_id").to_pylist(), text.rows, strict=True))
    problems = [
        _problem(workspace, check, rows[check.claim_id])
        for check in checks
        if check.outcome != "verified"
    ]
    order = list(dataset.tables)
    return Report(dataset.name, dataset.version, {"claims": len(checks)}, in_order(problems, order))


def _problem(workspace: Workspace, check: PassageCheck, row: int) -> Problem:
    rule = _OF_OUTCOME[check.outcome]
    field, value, message = {
        "no-text": (
            "source_id",
            check.source_id,
            f"no text in the archive has the hash of {check.source_id}",
        ),
        "no-paragraph": (
            "locator",
            check.locator,
            f"{check.file} has no paragraph {check.locator}",
        ),
        "mismatch": (
            "passage_sha256",
            workspace.texts["claims"].cell(row, "passage_sha256"),
            f"paragraph {check.locator} of {check.file} has another hash",
        ),
    }[check.outcome]
    return workspace.problem(rule, "claims", row, field, value, message)
