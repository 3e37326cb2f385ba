"""Zip archives of unknown origin: what is refused of them, and how they are unpacked."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from idlib_data.errors import ReleaseError

if TYPE_CHECKING:
    import zipfile

MAX_BYTES = 4 * 1024**3
"""Size of the content of an archive above which it is refused."""
MAX_FILES = 10_000
MAX_RATIO = 200
"""Times that the content may be larger than the archive; text of tables comes to 10 to 30."""
CHUNK = 256 * 1024


def is_inside(path: str) -> bool:
    """Whether a path of an archive or descriptor leads below its root, on any system."""
    pure = PurePosixPath(path)
    strange = any(sign in path for sign in ("\\", ":", "\0"))
    return bool(path) and not (pure.is_absolute() or ".." in pure.parts or strange)


def fault(
    archive: zipfile.ZipFile, *, max_bytes: int = MAX_BYTES, max_files: int = MAX_FILES
) -> str | None:
    """What makes an archive unsafe to unpack, in words; None where nothing does."""
    members = archive.infolist()
    names = [member.filename for member in members]
    if len(members) > max_files or sum(member.file_size for member in members) > max_bytes:
        return f"is larger than {max_files} files or {max_bytes >> 30} GiB"
    for member in members:
        kind = stat.S_IFMT(member.external_attr >> 16)
        if not is_inside(member.filename):
            return f"{member.filename!r} leads out of the archive"
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            return f"{member.filename!r} is a link or no plain file"
    if len(set(names)) < len(names):
        return "holds two files of the same name"
    return None


def _fault_of_release(archive: zipfile.ZipFile, size: int, top: str) -> str | None:
    """What makes the archive of a release unsafe or no such archive; None where nothing does."""
    found = fault(archive)
    if found:
        return found
    members = [member for member in archive.infolist() if not member.is_dir()]
    if sum(member.file_size for member in members) > MAX_RATIO * size:
        return f"its content is more than {MAX_RATIO} times as large as the archive"
    folded = set()
    for member in members:
        if member.flag_bits & 0x1:
            return f"{member.filename!r} is encrypted"
        if any(ord(sign) < 32 for sign in member.filename):
            return f"{member.filename!r} has a control character"
        if not member.filename.startswith(f"{top}/"):
            return f"{member.filename!r} does not lie in the folder {top}"
        # File systems that fold case or accents would write one over the other.
        folded.add(unicodedata.normalize("NFC", member.filename).casefold())
    if len(folded) < len(members):
        return "holds two files whose names some systems take for one"
    return None


@contextmanager
def release_archive(path: Path, top: str) -> Iterator[zipfile.ZipFile]:
    """Open the archive of a release, once it is sure that it may be unpacked.

    Args:
        path: The archive.
        top: Name of the only folder at its top.

    Raises:
        ReleaseError: It cannot be read or is not safe to unpack; so do damaged members later.
    """
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(path) as archive:
            found = _fault_of_release(archive, path.stat().st_size, top)
            if found:
                raise ReleaseError(f"{path.name}: {found}")
            yield archive
    # What zipfile raises about a way of packing it does not know is a NotImplementedError.
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as error:
        raise ReleaseError(f"{path.name}: is no zip archive that can be read: {error}") from error


def unpack(path: Path, into: Path, top: str) -> Path:
    """Unpack the archive of a release into a new folder.

    Args:
        path: The archive.
        into: Folder to be made for its content.
        top: Name of the only folder at its top.

    Returns:
        The unpacked top folder.

    Raises:
        ReleaseError: It cannot be read or is not safe to unpack.
        OSError: The files cannot be written.
    """
    into.mkdir()
    (into / top).mkdir()
    with release_archive(path, top) as archive:
        for member in archive.infolist():
            target = into / member.filename
            if member.is_dir():
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as content, target.open("xb") as file:
                _copy(content, file)
    return into / top


def _copy(content: IO[bytes], file: IO[bytes]) -> None:
    while chunk := content.read(CHUNK):
        file.write(chunk)
    file.flush()
    # The rename must not be on the disk before the content is.
    os.fsync(file.fileno())
