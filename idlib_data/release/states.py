"""What a name stands for when two states of the data are compared."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from idlib_data.dataset import DESCRIPTOR, Dataset, PathLike, locate
from idlib_data.errors import IdlibDataError, PackageError
from idlib_data.validation.base import opened
from idlib_data.validation.versions import parse


@contextmanager
def both(
    old: PathLike | Dataset, new: PathLike | Dataset, root: PathLike | None = None
) -> Iterator[tuple[Dataset, Dataset]]:
    """Open two states of a package, for as long as the context lasts.

    Args:
        old: An opened dataset, or the name of a state: a folder, a release as zip archive, the
            version of a published release, or a revision of a git repository.
        new: The same.
        root: Folder of the package whose repository has the revisions. Without it the one of the
            two that is a folder, else the working folder, else the package in use.

    Raises:
        PackageError: A name stands for nothing that can be read.
        ReleaseError: It is the version of a release that cannot be had.
    """
    home = Path(root) if root is not None else _home(old, new)
    with state(old, home) as before, state(new, home) as after:
        yield before, after


@contextmanager
def state(name: PathLike | Dataset, root: Path | None) -> Iterator[Dataset]:
    """Open one state of a package, see `both`.

    A version is taken for a revision only where its release cannot be had: what was published goes
    before what a repository calls so.
    """
    home, why, found = root or locate()[0], "", name
    if not isinstance(name, Dataset) and not _exists(name) and parse(os.fspath(name)):
        try:
            found = released(os.fspath(name), home)
        except IdlibDataError as error:
            why = f", and no release that can be had: {error}"
    with ExitStack() as stack:
        try:
            dataset = stack.enter_context(opened(found, home))
        except PackageError as error:
            raise PackageError(f"{error}{why}") from error
        yield dataset


def released(version: str, home: Path) -> Path:
    """The folder of a published release, which is fetched if it is not in the cache.

    Raises:
        ReleaseError: It cannot be fetched, or nothing says where releases are listed.
        NotFoundError: It is not listed.
    """
    from idlib_data.fetch import obtain

    said = Dataset(home).descriptor.get("releases")
    return obtain(version, said=said if isinstance(said, str) else None)


def _home(*names: PathLike | Dataset) -> Path | None:
    """The first folder of a package among these, and the working folder; None if none is one."""
    for name in (*names, "."):
        path = name.root if isinstance(name, Dataset) else Path(name)
        folder = path.parent if path.name == DESCRIPTOR else path
        try:
            if (folder / DESCRIPTOR).is_file():
                return folder
        except (OSError, ValueError):  # a name that no file system would take
            continue
    try:
        return locate()[0]
    except PackageError:
        return None


def _exists(name: PathLike) -> bool:
    try:
        return Path(name).exists()
    except (OSError, ValueError):
        return False
