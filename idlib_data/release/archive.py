"""The archive of a release: a zip file whose bytes follow from the files in it alone."""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path

from idlib_data.release.layout import files

TIME = (1980, 1, 1, 0, 0, 0)
"""The time of every member, the earliest that the format knows."""
MODE = stat.S_IFREG | 0o644
LEVEL = 9
UNIX = 3


def write(folder: Path, top: str, archive: Path) -> None:
    """Write the files of a folder into a zip archive, sorted, below one top folder.

    Args:
        folder: The folder.
        top: Name of the folder in the archive.
        archive: File to write.

    Raises:
        OSError: A file cannot be read, or the archive cannot be written.
    """
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as zipped:
        for name in files(folder):
            member = zipfile.ZipInfo(f"{top}/{name}", TIME)
            member.create_system = UNIX
            member.external_attr = MODE << 16
            # As a whole: a member that is written piece by piece takes no level on Python 3.11.
            zipped.writestr(member, (folder / name).read_bytes(), zipfile.ZIP_DEFLATED, LEVEL)


def writer() -> str:
    """The version of the library on which the bytes depend."""
    return zlib.ZLIB_RUNTIME_VERSION
