"""The problems as CSV, one record each."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from idlib_data.validation.report import Problem, Report


def render(report: Report, root: Path | None = None) -> str:
    """A header, and per problem what the JSON of the report says of it."""
    text = io.StringIO(newline="")
    names = list(Problem("", "error", "").to_dict())
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(problem.to_dict() for problem in report.problems)
    return text.getvalue()
