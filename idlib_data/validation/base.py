"""The state that a package is compared with: a folder, a release archive, or a git revision.

Of an archive or a revision no more is unpacked than the descriptor and the files that it names, and
into a folder that goes away afterwards.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from idlib_data.dataset import DESCRIPTOR, Dataset, PathLike, locate
from idlib_data.errors import PackageError
from idlib_data.fetch import unpack

if TYPE_CHECKING:
    import zipfile

MAX_BYTES = unpack.MAX_BYTES
MAX_FILES = unpack.MAX_FILES
SECONDS = 120
"""Time after which git is given up."""
ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
"""What would turn git to another repository than the one that holds the package."""

Fetch = Callable[[str, IO[bytes]], bool]
"""Writes the file of that path into the open file; False where there is none."""


@contextmanager
def opened(against: PathLike | Dataset, root: Path) -> Iterator[Dataset]:
    """Open the state to compare with, for as long as the context lasts.

    Args:
        against: An opened dataset; a folder with a ``datapackage.json``, or that file; a zip
            archive that has one at its root or in its only top folder; or a revision of the git
            repository that holds the package.
        root: Folder of the package that is compared.

    Raises:
        PackageError: It is none of these, cannot be read, or is not safe to unpack.
    """
    if isinstance(against, Dataset):
        yield against
        return
    name = os.fspath(against)
    if not name or "\0" in name:
        raise PackageError(f"{name!r} names nothing to compare with")
    path = Path(name)
    if _is_file(path / DESCRIPTOR) or (path.name == DESCRIPTOR and _is_file(path)):
        yield _whole(Dataset(locate(path)[0]), name)
        return
    with tempfile.TemporaryDirectory(prefix="idlib-data-") as folder:
        if _is_file(path):
            _unpack(path, Path(folder))
        else:
            _check_out(name, root, Path(folder))
        yield _whole(Dataset(Path(folder)), name)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that no file system would take may still be a revision
        return False


def _whole(dataset: Dataset, name: str) -> Dataset:
    """The dataset, once it is sure that each table has its file."""
    for table in dataset.schemas:
        if not dataset.path(table).is_file():
            raise PackageError(f"{name}: the file of table {table} is missing")
    return dataset


def _gather(fetch: Fetch, folder: Path, name: str) -> None:
    """Put a descriptor and the files it names into a folder."""
    if not _put(fetch, folder, DESCRIPTOR):
        raise PackageError(f"{name}: holds no {DESCRIPTOR}")
    dataset = Dataset(folder)
    for table, resource in dataset.resources.items():
        schema = resource.get("schema")
        for path in [dataset.relative_path(table), *([schema] if isinstance(schema, str) else [])]:
            if not unpack.is_inside(path):
                raise PackageError(f"{name}: {path!r} leads out of the package")
            if not (folder / path).exists() and not _put(fetch, folder, path):
                raise PackageError(f"{name}: {path}, a file of table {table}, is missing")


def _put(fetch: Fetch, folder: Path, path: str) -> bool:
    target = folder / path
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            found = fetch(PurePosixPath(path).as_posix(), file)
        if not found:
            target.unlink()
    except OSError as error:
        raise PackageError(f"{path!r} cannot be unpacked: {error.strerror or error}") from error
    return found


def _unpack(path: Path, folder: Path) -> None:
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(path) as archive:
            top = _top(archive, path)

            def fetch(name: str, file: IO[bytes]) -> bool:
                import shutil

                try:
                    member = archive.getinfo(top + name)
                except KeyError:
                    return False
                with archive.open(member) as content:
                    shutil.copyfileobj(content, file)
                return True

            _gather(fetch, folder, str(path))
    # What zipfile raises about an encrypted member is a plain RuntimeError.
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise PackageError(f"{path}: is no zip archive that can be read: {error}") from error


def _top(archive: zipfile.ZipFile, path: Path) -> str:
    """What stands before the paths of the package in an archive, which is checked as a whole."""
    why = unpack.fault(archive, max_bytes=MAX_BYTES, max_files=MAX_FILES)
    if why:
        raise PackageError(f"{path}: {why}")
    names = archive.namelist()
    tops = {name.removesuffix(DESCRIPTOR) for name in names if name.endswith(f"/{DESCRIPTOR}")}
    tops = {top for top in tops if top.count("/") == 1}
    if DESCRIPTOR in names or len(tops) != 1:
        return ""
    return tops.pop()


def _check_out(revision: str, root: Path, folder: Path) -> None:
    """Put the package as it was in a revision into a folder."""
    if revision.startswith("-"):
        raise PackageError(f"{revision!r} is no revision: it begins with a hyphen")
    code, prefix, why = _git(root, "rev-parse", "--show-prefix")
    if code:
        raise PackageError(
            f"{revision}: is no package or archive, and no revision: {root} lies in no git "
            f"repository that can be read ({why})"
        )
    code, commit, _ = _git(root, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    if code:
        raise PackageError(
            f"{revision}: is no package or archive, nor a revision of the repository of {root}; "
            "a shallow clone lacks the older ones"
        )

    def fetch(path: str, file: IO[bytes]) -> bool:
        return not _git(root, "cat-file", "blob", f"{commit}:{prefix}{path}", into=file)[0]

    _gather(fetch, folder, f"{revision}, {prefix or 'top folder'}")


def _git(root: Path, *arguments: str, into: IO[bytes] | None = None) -> tuple[int, str, str]:
    """Exit code, output and first line of the complaint of one call of git."""
    environment = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    environment |= {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=into or subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        raise PackageError("git is not there: a revision cannot be read without it") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PackageError(f"git could not be run: {error}") from error
    output = (done.stdout or b"").decode("utf-8", errors="surrogateescape").removesuffix("\n")
    complaint = done.stderr.decode("utf-8", errors="replace").strip().partition("\n")[0]
    return done.returncode, output, complaint
