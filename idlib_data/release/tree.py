"""Whether the files of a package are as git has them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from idlib_data.errors import ReleaseError
from idlib_data.validation.base import ELSEWHERE, SECONDS


def uncommitted(root: Path) -> list[str]:
    """The files below a folder that git does not have as they are; nothing outside a repository.

    Files that git is told to ignore do not count.

    Raises:
        ReleaseError: The folder is in a repository that cannot be read.
    """
    if not any((folder / ".git").exists() for folder in (root.resolve(), *root.resolve().parents)):
        return []
    environment = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    environment |= {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    call = ["git", "-C", str(root), "status", "--porcelain=v1", "-z", "--no-renames", "--", "."]
    try:
        done = subprocess.run(
            call, env=environment, capture_output=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ReleaseError(f"git could not be run, to see what is committed: {error}") from error
    if done.returncode:
        why = done.stderr.decode("utf-8", errors="replace").strip().partition("\n")[0]
        raise ReleaseError(f"{root}: git cannot say what is committed: {why}")
    entries = done.stdout.decode("utf-8", errors="replace").split("\0")
    return [entry[3:] for entry in entries if entry]
