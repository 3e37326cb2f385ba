"""Writing an index over the built releases in a folder."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from idlib_data.errors import ReleaseError
from idlib_data.fetch.check import ARCHIVE, verify
from idlib_data.fetch.index import FORMAT, INDEX, numbers
from idlib_data.fetch.verify import (
    MANIFEST,
    SUMS,
    content_of_archive,
    file_sum,
    schema_hash,
)


def write_index(folder: Path) -> tuple[Path, list[str]]:
    """Write ``index.json`` into a folder over all built releases in it; the same ones, same bytes.

    Args:
        folder: Folder that holds archives ``NAME-VERSION.zip`` at any depth.

    Returns:
        The file, and the versions in it, the oldest first.

    Raises:
        ReleaseError: There are no releases, one is broken, two have one version, they belong to
            different data packages, or the file cannot be written.
    """
    try:
        archives = sorted(_archives(folder))
    except OSError as error:
        raise ReleaseError(f"{error.filename}: cannot be read: {error.strerror}") from error
    if not archives:
        raise ReleaseError(f"{folder}: holds no archive of a release, NAME-VERSION.zip")
    found: dict[str, tuple[Path, dict[str, Any]]] = {}
    names = set()
    for path in archives:
        name, release = _described(path, folder)
        version = release["version"]
        if version in found:
            raise ReleaseError(f"{path} and {found[version][0]} are both version {version}")
        found[version] = (path, release)
        names.add(name)
    if len(names) > 1:
        raise ReleaseError(f"{folder}: holds releases of several packages: {sorted(names)}")
    versions = sorted(found, key=numbers)
    releases = [found[version][1] for version in versions]
    text = json.dumps({"format": FORMAT, "name": names.pop(), "releases": releases}, indent=2)
    return _written(folder / INDEX, f"{text}\n"), versions


def _archives(folder: Path) -> Iterator[Path]:
    """The archives below a folder, without what is hidden."""
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(place, name) for name in files if ARCHIVE.fullmatch(name))


def _described(path: Path, folder: Path) -> tuple[str, dict[str, Any]]:
    """Name of the package and entry of one archive, which must be whole."""
    result = verify(path)
    if result.faults:
        raise ReleaseError(f"{path}: is no whole release: {result.faults[0]}")
    if f"{result.name}-{result.version}" != path.stem:
        raise ReleaseError(f"{path}: is release {result.name}-{result.version}")
    content = content_of_archive(path, path.stem)
    manifest, own = content.document(MANIFEST), file_sum(path)
    return result.name, {
        "version": result.version,
        "date": manifest.get("date"),
        "step": manifest.get("step"),
        "archive": {
            "url": quote(path.relative_to(folder).as_posix()),
            "sha256": own.sha256,
            "bytes": own.bytes,
        },
        "schema": schema_hash(content.sums),
        "sums": content.sums[SUMS].sha256,
    }


def _written(path: Path, text: str) -> Path:
    """Put text into a file, which holds the old content until all of the new is written."""
    ready = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        ready.write_text(text, encoding="utf-8", newline="")
        os.replace(ready, path)
    except OSError as error:
        raise ReleaseError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        ready.unlink(missing_ok=True)
    return path
