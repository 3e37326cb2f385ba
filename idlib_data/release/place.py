"""The folder in which a release is built: a hidden neighbour of OUT that becomes OUT at the end.

Whatever ends a build, OUT is as it was or holds the whole release. What a killed build has left
behind is cleared away by the next one for the same OUT; that it is killed and not at work is told
by a lock, which the system takes off with the process. Where the system has no such locks, nothing
is cleared.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from idlib_data.errors import ReleaseError

try:
    import fcntl
except ImportError:  # not there on Windows
    fcntl = None  # type: ignore[assignment]  # asked for before each use


@contextmanager
def workplace(out: Path) -> Iterator[Path]:
    """A new folder to build in; it takes the place of OUT when the context ends without an error.

    Args:
        out: Folder that is to hold the release: not there yet, or empty.

    Raises:
        ReleaseError: It is neither, or the file system refuses.
    """
    try:
        out = out.resolve()
        check_free(out)
        made = _make_parents(out)
    except OSError as error:
        raise ReleaseError(_told(out, error)) from error
    done = False
    folder, lock = None, None
    try:
        folder, lock = _take(out)
        yield folder
        _open_up(folder)
        check_free(out)
        if os.name == "nt" and out.exists():  # elsewhere an empty folder is replaced
            out.rmdir()
        folder.replace(out)
        done = True
    except OSError as error:
        raise ReleaseError(_told(out, error)) from error
    finally:
        if lock is not None:
            os.close(lock)
        if not done:
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)
            for parent in made:
                with suppress(OSError):  # somebody else has put something there
                    parent.rmdir()


def check_free(out: Path) -> None:
    """Refuse a folder that a release would not have for itself.

    Raises:
        ReleaseError: It is a file, or a folder that is not empty.
        OSError: It cannot be read.
    """
    if out.is_dir():
        if any(out.iterdir()):
            raise ReleaseError(f"{out}: is not empty; take away what is there, or give another")
    elif os.path.lexists(out):
        raise ReleaseError(f"{out}: is no folder")


def _make_parents(out: Path) -> list[Path]:
    """Make the folders above; those that were not there, the lowest first."""
    missing = [parent for parent in out.parents if not parent.exists()]
    out.parent.mkdir(parents=True, exist_ok=True)
    return missing


def _take(out: Path) -> tuple[Path, int | None]:
    """Clear what killed builds have left, and make a folder under a lock."""
    # Held while others could see the new folder without its lock.
    above = _locked(out.parent, wait=True)
    try:
        ours = re.compile(rf"\.{re.escape(out.name)}\.[a-z0-9_]{{8}}\.part")
        for old in out.parent.iterdir():
            if ours.fullmatch(old.name) and (lock := _locked(old, wait=False)) is not None:
                shutil.rmtree(old, ignore_errors=True)
                os.close(lock)
        folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".part", dir=out.parent))
        return folder, _locked(folder, wait=False)
    finally:
        if above is not None:
            os.close(above)


def _locked(folder: Path, *, wait: bool) -> int | None:
    """A lock on a folder, to be closed; None where another has it or there is no such thing."""
    if fcntl is None:
        return None
    number = None
    try:
        number = os.open(folder, os.O_RDONLY)
        fcntl.flock(number, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        if number is not None:
            os.close(number)
        return None
    return number


def _open_up(folder: Path) -> None:
    """Let everybody read, whatever the user's mask says: a release is made to be given away."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _told(out: Path, error: OSError) -> str:
    return f"{out}: cannot be built: {error.strerror or error} ({error.filename or 'no file'})"
