"""The contract of the report as JSON, letters of every script as they are."""

from __future__ import annotations

import json
from pathlib import Path

from idlib_data.validation.report import Report


def render(report: Report, root: Path | None = None) -> str:
    """The report as a JSON object."""
    return json.dumps(report.to_dict(), ensure_ascii=False, indent=2) + "\n"
