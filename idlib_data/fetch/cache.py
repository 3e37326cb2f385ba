"""The folder in which fetched releases are kept, one folder per version.

A release comes into it by one rename, so it is there whole or not at all. All that is unfinished
lies in one folder, used by one process at a time; what a killed one left there, the next clears.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from idlib_data.errors import ReleaseError
from idlib_data.fetch.index import is_version, numbers

ENVIRONMENT_VARIABLE = "IDLIB_DATA_CACHE"
DESCRIPTOR = "datapackage.json"
PATIENCE = 600.0
"""Seconds to wait for another process that fetches."""


class Cache:
    """The fetched releases.

    Args:
        root: The folder; without it the one named by ``IDLIB_DATA_CACHE``, else the one that the
            platform has for the caches of programs.
    """

    def __init__(self, root: Path | None = None) -> None:
        self.root = (root or _root()) / "releases"
        self._work = self.root / ".work"
        self._lock = self.root / ".lock"
        self._aside = self.root / ".aside"

    def path(self, version: str) -> Path:
        """Where the release of that version is, or would be."""
        if not is_version(version):
            raise ReleaseError(f"{version!r} is no version of the form MAJOR.MINOR.PATCH")
        return self.root / version

    def find(self, version: str) -> Path | None:
        """The folder of a fetched release; None if it was not fetched."""
        path = self.path(version)
        if not path.is_dir() and (self._aside / version).is_dir():
            # A process is just putting another copy in its place, or was killed while it did.
            with self.work():
                pass
        return path if (path / DESCRIPTOR).is_file() else None

    def versions(self) -> list[str]:
        """The versions that were fetched, the oldest first."""
        try:
            names = [path.name for path in self.root.iterdir()]
        except OSError:
            return []
        return sorted((name for name in names if is_version(name)), key=numbers)

    @contextmanager
    def work(self, patience: float = PATIENCE) -> Iterator[Path]:
        """An empty folder to work in, which no other process uses as long as the context lasts.

        Raises:
            ReleaseError: The cache cannot be written, or another process does not come to an end.
        """
        from filelock import FileLock, Timeout

        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with FileLock(self._lock, timeout=patience):
                self._tidy()
                self._work.mkdir()
                try:
                    yield self._work
                finally:
                    self._tidy()
        except Timeout as error:
            message = f"{self.root}: another process has been fetching for {patience:g} s"
            raise ReleaseError(message) from error
        except OSError as error:
            why = error.strerror or str(error)
            raise ReleaseError(
                f"the cache {self.root} cannot be written: {why}; {ENVIRONMENT_VARIABLE} can name "
                "another folder"
            ) from error

    def clear(self) -> None:
        """Remove what a killed process left, unless another one is at work just now."""
        from filelock import FileLock, Timeout

        if self._work.exists() or self._aside.exists():
            try:
                with FileLock(self._lock, timeout=0):
                    self._tidy()
            except (Timeout, OSError):
                return  # whoever works there, or can write there, will do it

    def place(self, folder: Path, version: str) -> Path:
        """Put a whole release, which lies in the folder to work in, in its place."""
        path, aside = self.path(version), self._aside / version
        if path.exists():
            # No system can swap two folders at once; `_tidy` undoes what is half done.
            aside.parent.mkdir(exist_ok=True)
            os.rename(path, aside)
        os.rename(folder, path)
        return path

    def _tidy(self) -> None:
        """Put back what was put aside for a copy that never came, and remove the rest."""
        if self._aside.is_dir():
            for old in self._aside.iterdir():
                if not (self.root / old.name).exists():
                    os.rename(old, self.root / old.name)
            # From here on it is no release any more, should the removal be cut short.
            _remove(self._work)
            os.rename(self._aside, self._work)
        _remove(self._work)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _root() -> Path:
    if named := os.environ.get(ENVIRONMENT_VARIABLE):
        return Path(named).absolute()
    from platformdirs import user_cache_path

    return user_cache_path("idlib-data", appauthor=False)
