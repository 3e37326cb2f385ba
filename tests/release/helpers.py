"""What the tests of releases share: small packages, builds as processes, folders compared."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.mini import CHECKOUT, make_mini

DAY = "2026-11-24"


def make_source(folder: Path, version: str = "1.0.0") -> Path:
    """The mini package with a version and the documents of the checkout."""
    make_mini(folder)
    for name in ("LICENSE", "README.md", "CITATION.cff"):
        shutil.copy(CHECKOUT / name, folder)
    set_version(folder, version)
    return folder


def set_version(folder: Path, version: str) -> None:
    change_descriptor(folder, version=version)


def change_descriptor(folder: Path, **properties: Any) -> None:
    """Set properties of the descriptor; None takes one away."""
    path = folder / "datapackage.json"
    descriptor = json.loads(path.read_text("utf-8")) | properties
    descriptor = {name: value for name, value in descriptor.items() if value is not None}
    path.write_text(json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n", "utf-8")


def content(folder: Path) -> dict[str, bytes]:
    """The bytes of every file below a folder, by path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def run(
    *arguments: str | Path, cwd: Path, python: str = sys.executable, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a Python with the package on its path."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if name not in ("IDLIB_DATA_PACKAGE", "SOURCE_DATE_EPOCH")
    }
    return subprocess.run(
        [python, *map(str, arguments)],
        cwd=cwd,
        env={**clean, "PYTHONPATH": str(CHECKOUT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)
