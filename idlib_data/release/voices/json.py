"""The difference as JSON, for programs."""

from __future__ import annotations

import json

from idlib_data.release.differences import Difference


def render(difference: Difference) -> str:
    """All that is known of the difference, see `Difference.to_dict`."""
    return json.dumps(difference.to_dict(), ensure_ascii=False, indent=2) + "\n"
