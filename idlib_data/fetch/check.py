"""Verifying a release wherever it lies: a folder, an archive, a built pair of both, the cache."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from idlib_data.errors import ReleaseError
from idlib_data.fetch.cache import Cache
from idlib_data.fetch.index import Index, is_version
from idlib_data.fetch.verify import (
    DESCRIPTOR,
    MANIFEST,
    SUMS,
    Content,
    content_of_archive,
    content_of_folder,
    faults,
    faults_against,
    file_sum,
    parsed_sums,
)

ARCHIVE = re.compile(r"(?P<top>(?P<name>.+)-(?P<version>[0-9]+\.[0-9]+\.[0-9]+))\.zip")
"""Name of the file of an archive; its only top folder is named like it."""


@dataclass(frozen=True)
class Verification:
    """What came of verifying one release.

    Attributes:
        place: What was verified.
        name: Name of the data package, as the release says it.
        version: Its version, likewise.
        files: Number of files that were compared.
        index: The index that it was compared with; empty if none is known.
        faults: What is wrong, each in one line.
    """

    place: Path
    name: str
    version: str
    files: int
    index: str
    faults: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def verify(place: str | Path, index: Index | None = None) -> Verification:
    """Compare a release with its own sums and, if one is known, with an index.

    Args:
        place: Folder of a release, its archive, the folder that holds both, or the version of a
            release in the cache.
        index: The index to compare with as well.

    Raises:
        ReleaseError: There is no release at that place, or it cannot be read.
        NotFoundError: The index does not list it.
    """
    path = Path(place)
    # Asked through os.path, which says no to names that no file can have.
    if is_version(str(place)) and not os.path.exists(path):
        found = Cache().find(str(place))
        if found is None:
            raise ReleaseError(f"{place}: is not in the cache; 'release fetch' gets it")
        return _folder(found, index, str(place))
    if os.path.isfile(path):
        return _archive(path, index)
    if os.path.isfile(path / DESCRIPTOR):
        return _folder(path, index)
    inside = sorted(path.glob("*.zip")) if os.path.isdir(path) else []
    archives = [p for p in inside if ARCHIVE.fullmatch(p.name)]
    if len(archives) == 1:
        return _built(archives[0], index)
    raise ReleaseError(
        f"{place}: is no release: neither an archive, nor a folder with a {DESCRIPTOR} or with one "
        "archive"
    )


def _folder(path: Path, index: Index | None, version: str = "") -> Verification:
    content = content_of_folder(path)
    if SUMS not in content.sums and MANIFEST not in content.sums:
        raise ReleaseError(f"{path}: is no release: it has neither {SUMS} nor {MANIFEST}")
    found = faults(content)
    said = str(content.document(MANIFEST).get("version", ""))
    if version and said != version:
        found.append(f"is version {said!r} in the place of {version}")
    return _result(path, content, index, found)


def _archive(path: Path, index: Index | None) -> Verification:
    """Verify an archive, and the file with its sum if that lies beside it."""
    content = content_of_archive(path, _named(path)["top"])
    return _result(path, content, index, [*_by_outer_sums(path), *faults(content)], archive=True)


def _built(path: Path, index: Index | None) -> Verification:
    """Verify an archive and the loose files beside it, which must be the same."""
    packed = _archive(path, index)
    loose = path.with_suffix("").parent / _named(path)["top"]
    extra = []
    if not path.with_name(SUMS).is_file():
        extra.append(f"{SUMS} of the archive is missing")
    if loose.is_dir():
        content = content_of_folder(loose)
        inner = content_of_archive(path, loose.name)
        extra += [f"{path!r} is a link or no plain file" for path in content.strange]
        for name in sorted(content.sums.keys() | inner.sums.keys()):
            if content.sums.get(name) != inner.sums.get(name):
                extra.append(f"{name} is not the same in the archive and in {loose.name}")
    found = (*packed.faults, *extra)
    return Verification(path.parent, packed.name, packed.version, packed.files, packed.index, found)


def _named(path: Path) -> re.Match[str]:
    match = ARCHIVE.fullmatch(path.name)
    if match is None:
        raise ReleaseError(f"{path}: is no archive of a release, which is NAME-VERSION.zip")
    return match


def _by_outer_sums(path: Path) -> list[str]:
    """Faults of an archive by the ``SHA256SUMS`` beside it, if there is one that lists it."""
    beside = path.with_name(SUMS)
    if not beside.is_file():
        return []
    try:
        listed = parsed_sums(beside.read_bytes())
    except OSError as error:
        raise ReleaseError(f"{beside}: cannot be read: {error.strerror}") from error
    if listed is None:
        return [f"{SUMS} beside it is not written as sha256sum does"]
    if path.name not in listed:
        return [f"is not listed in the {SUMS} beside it"]
    differs = listed[path.name] != file_sum(path).sha256
    return [f"has not the hash that the {SUMS} beside it says"] if differs else []


def _result(
    path: Path, content: Content, index: Index | None, found: list[str], *, archive: bool = False
) -> Verification:
    manifest = content.document(MANIFEST)
    name, version = (str(manifest.get(key, "")) for key in ("name", "version"))
    if index is not None:
        entry = index.entry(version)
        found = [*found, *faults_against(content, index, entry)]
        if archive:
            own = file_sum(path)
            if (own.sha256, own.bytes) != (entry.sha256, entry.bytes):
                found.append("is not the archive that the index lists: hash or size differ")
    location = index.location if index else ""
    return Verification(path, name, version, len(content.sums), location, tuple(found))
