"""The difference as CSV, one line per cell or record."""

from __future__ import annotations

import csv
import io

from idlib_data.release.differences import COLUMNS, Difference


def render(difference: Difference) -> str:
    """A header, and per difference what a frame of it says; what is not there is empty."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([getattr(line, name) for name in COLUMNS] for line in difference)
    return text.getvalue()
