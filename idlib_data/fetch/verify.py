"""Whether a release is what its own sums and the index say: every file, no more and no fewer.

Three lists describe the files of a release: ``SHA256SUMS``, ``manifest.json`` and the resources of
``datapackage.json``. Each is compared with the files themselves, so none is trusted for another.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from idlib_data.errors import ReleaseError, shortened
from idlib_data.fetch.index import Entry, Index
from idlib_data.fetch.unpack import release_archive

DESCRIPTOR, MANIFEST, SUMS = "datapackage.json", "manifest.json", "SHA256SUMS"
MAX_LIST = 64 * 1024**2
"""Bytes of a list of files above which it is refused."""
CHUNK = 256 * 1024
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


@dataclass(frozen=True)
class Sum:
    """Hash and size of a file."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class Content:
    """What a release holds, read once.

    Attributes:
        sums: Hash and size of each file by its path.
        lists: Content of the files that list others, by their path.
        strange: Paths of what is no plain file.
    """

    sums: Mapping[str, Sum]
    lists: Mapping[str, bytes]
    strange: tuple[str, ...] = ()

    def document(self, path: str) -> dict[str, Any]:
        """A JSON file as an object; an empty one where it is missing or no JSON."""
        try:
            found = json.loads(self.lists.get(path, b"").decode("utf-8"))
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


def content_of_folder(folder: Path) -> Content:
    """Read the files of a release in a folder.

    Raises:
        ReleaseError: A file cannot be read.
    """
    sums, lists, strange = {}, {}, []
    try:
        for path in sorted(_paths(folder)):
            file = folder / path
            if file.is_symlink() or not file.is_file():
                strange.append(path)
                continue
            with file.open("rb") as opened:
                sums[path], lists[path] = _read(opened, path)
    except OSError as error:
        raise ReleaseError(f"{error.filename}: cannot be read: {error.strerror}") from error
    return Content(sums, {p: c for p, c in lists.items() if c}, tuple(strange))


def content_of_archive(path: Path, top: str) -> Content:
    """Read the files of a release in its archive, whose only top folder is `top`.

    Raises:
        ReleaseError: It cannot be read or would not be safe to unpack.
    """
    sums, lists = {}, {}
    try:
        with release_archive(path, top) as archive:
            for member in archive.infolist():
                if not member.is_dir():
                    name = member.filename.removeprefix(f"{top}/")
                    with archive.open(member) as opened:
                        sums[name], lists[name] = _read(opened, name)
    except OSError as error:
        raise ReleaseError(f"{path}: cannot be read: {error.strerror}") from error
    return Content(sums, {p: c for p, c in lists.items() if c})


def _paths(folder: Path) -> Iterator[str]:
    def stop(error: OSError) -> None:
        raise error

    for place, folders, files in os.walk(folder, onerror=stop):
        links = [name for name in folders if os.path.islink(os.path.join(place, name))]
        for name in files + links:
            yield Path(place, name).relative_to(folder).as_posix()


def _read(file: IO[bytes], path: str) -> tuple[Sum, bytes]:
    """Sum of a file, and its content if it lists others."""
    digest, size, kept = hashlib.sha256(), 0, b""
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        if path in (DESCRIPTOR, MANIFEST, SUMS) and size <= MAX_LIST:
            kept += chunk
    return Sum(digest.hexdigest(), size), kept


def file_sum(path: Path) -> Sum:
    """Hash and size of one file.

    Raises:
        ReleaseError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            return _read(file, "")[0]
    except OSError as error:
        raise ReleaseError(f"{path}: cannot be read: {error.strerror}") from error


def schema_hash(sums: Mapping[str, Sum]) -> str:
    """One hash over all schema files: of the lines that ``sha256sum schemas/*.json`` prints."""
    schemas = sorted(p for p in sums if p.startswith("schemas/") and p.endswith(".json"))
    lines = "".join(f"{sums[path].sha256}  {path}\n" for path in schemas)
    return hashlib.sha256(lines.encode()).hexdigest()


def parsed_sums(content: bytes) -> dict[str, str] | None:
    """Hash by path of a file ``SHA256SUMS``; None where it is not written as it must be."""
    found: dict[str, str] = {}
    for line in content.decode("utf-8", errors="replace").splitlines():
        match = _LINE.fullmatch(line)
        if match is None or match[2] in found:
            return None
        found[match[2]] = match[1]
    return found


def faults_of_folder(folder: Path, index: Index, entry: Entry) -> list[str]:
    """What is wrong with an unpacked release that an index lists, each in one line."""
    content = content_of_folder(folder)
    return [*faults(content), *faults_against(content, index, entry)]


def faults(content: Content) -> list[str]:
    """What is wrong with a release by its own lists, each in one line."""
    found = [f"{path!r} is a link or no plain file" for path in content.strange]
    return [*found, *_by_sums(content), *_by_manifest(content), *_by_descriptor(content)]


def _by_sums(content: Content) -> Iterator[str]:
    if SUMS not in content.sums:
        yield f"{SUMS} is missing"
        return
    listed = parsed_sums(content.lists.get(SUMS, b""))
    if listed is None:
        yield f"{SUMS} is not written as sha256sum does"
        return
    yield from _differences(listed, content, {SUMS}, SUMS)


def _by_manifest(content: Content) -> Iterator[str]:
    if MANIFEST not in content.sums:
        yield f"{MANIFEST} is missing"
        return
    manifest = content.document(MANIFEST)
    files = manifest.get("files")
    if manifest.get("format") != 1 or not isinstance(files, dict):
        yield f"{MANIFEST} is no manifest of a form that is known"
        return
    listed = {path: file.get("sha256") for path, file in files.items() if isinstance(file, dict)}
    yield from _differences(listed, content, {SUMS, MANIFEST}, MANIFEST)
    for path in sorted(listed.keys() & content.sums.keys()):
        if files[path].get("bytes") != content.sums[path].bytes:
            yield f"{path} has not the size that {MANIFEST} says"


def _by_descriptor(content: Content) -> Iterator[str]:
    descriptor, manifest = content.document(DESCRIPTOR), content.document(MANIFEST)
    resources = descriptor.get("resources")
    if not isinstance(resources, list):
        yield f"{DESCRIPTOR} is missing or is no data package"
        return
    for key in ("name", "version"):
        if descriptor.get(key) != manifest.get(key):
            yield f"{DESCRIPTOR} and {MANIFEST} differ in {key}"
    for resource in resources:
        path = resource.get("path") if isinstance(resource, dict) else None
        known = content.sums.get(path) if isinstance(path, str) else None
        if known is None:
            yield f"{shortened(path)}, a file that {DESCRIPTOR} names, is missing"
            continue
        said = (resource.get("hash"), resource.get("bytes"))
        if said != (f"sha256:{known.sha256}", known.bytes):
            yield f"{path} has not the hash and size that {DESCRIPTOR} says"
        schema = resource.get("schema")
        if isinstance(schema, str) and schema not in content.sums:
            yield f"{shortened(schema)}, a file that {DESCRIPTOR} names, is missing"


def _differences(
    listed: Mapping[str, object], content: Content, apart: set[str], where: str
) -> Iterator[str]:
    """Where a list of files and the files themselves differ; some files it never lists."""
    present = content.sums.keys() - apart
    for path in sorted(listed.keys() - present):
        yield f"{shortened(path)}, a file that {where} lists, is missing"
    for path in sorted(present - listed.keys()):
        yield f"{shortened(path)} is not listed in {where}"
    for path in sorted(present & listed.keys()):
        if listed[path] != content.sums[path].sha256:
            yield f"{path} has not the hash that {where} says"


def faults_against(content: Content, index: Index, entry: Entry) -> list[str]:
    """Where the files of a release and what an index says of it differ, each in one line."""
    manifest, found = content.document(MANIFEST), []
    for key, said in (("name", index.name), ("version", entry.version)):
        if manifest.get(key) != said:
            found.append(f"is {key} {shortened(manifest.get(key))}, but the index says {said}")
    for key, said in (("date", entry.date), ("step", entry.step)):
        if said and manifest.get(key) != said:
            found.append(f"has the {key} {shortened(manifest.get(key))}, but the index says {said}")
    if entry.schema and schema_hash(content.sums) != entry.schema:
        found.append("has other schemas than the index says")
    sums = content.sums.get(SUMS)
    if entry.sums and sums and sums.sha256 != entry.sums:
        found.append(f"has another {SUMS} than the index says")
    return found
