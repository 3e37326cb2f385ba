"""Tiny releases of the form that a build writes, made by hand so that they can be made wrong."""

from __future__ import annotations

import hashlib
import json
import random
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

NAME = "own"
TEXT = "thing_id,colour\nfirst,red\n"
NOISE = random.Random(7).randbytes(200_000)
"""What does not get smaller when packed, so that a download takes several pieces."""


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def release_files(version: str = "1.0.0", text: str = TEXT, **manifest: Any) -> dict[str, bytes]:
    """The files of a release by path; further arguments go into the manifest."""
    names = text.partition("\n")[0].split(",")
    fields = [{"name": name, "type": "string"} for name in names]
    schema = {"fields": fields, "primaryKey": names[0]}
    table = text.encode()
    resource = {
        "name": "things",
        "type": "table",
        "path": "data/things.csv",
        "schema": "schemas/things.json",
        "hash": f"sha256:{sha256(table)}",
        "bytes": len(table),
    }
    descriptor = {"name": NAME, "version": version, "resources": [resource]}
    files = {
        "data/things.csv": table,
        "datapackage.json": json.dumps(descriptor).encode(),
        "parquet/things.parquet": NOISE,
        "schemas/things.json": json.dumps(schema).encode(),
    }
    about = {"name": NAME, "version": version, "date": "2026-12-01", "step": "first"} | manifest
    return listed(files, **about)


def listed(files: Mapping[str, bytes], **manifest: Any) -> dict[str, bytes]:
    """Files with the two lists of them."""
    said = {path: {"sha256": sha256(c), "bytes": len(c)} for path, c in files.items()}
    full = {"format": 1, **manifest, "files": said}
    made = {**files, "manifest.json": json.dumps(full).encode()}
    made["SHA256SUMS"] = sums(made)
    return made


def sums(files: Mapping[str, bytes]) -> bytes:
    return "".join(f"{sha256(files[path])}  {path}\n" for path in sorted(files)).encode()


def packed(path: Path, files: Mapping[str, bytes]) -> Path:
    """An archive of files below the folder that it is named after."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(files):
            member = zipfile.ZipInfo(f"{path.stem}/{name}")
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, files[name])
    return path


def make_release(
    out: Path, version: str = "1.0.0", files: Mapping[str, bytes] | None = None
) -> Path:
    """A built release: archive, its sum, loose files; gives the archive."""
    files = release_files(version) if files is None else files
    top = f"{NAME}-{version}"
    archive = packed(out / f"{top}.zip", files)
    (out / "SHA256SUMS").write_bytes(sums({archive.name: archive.read_bytes()}))
    for name, content in files.items():
        (out / top / name).parent.mkdir(parents=True, exist_ok=True)
        (out / top / name).write_bytes(content)
    return archive


def index_text(*archives: Path, folder: Path, **changes: Any) -> bytes:
    """An index as written by hand, over archives that may be broken; changes go into each entry."""
    releases = []
    for path in archives:
        content = path.read_bytes()
        archive = {
            "url": path.relative_to(folder).as_posix(),
            "sha256": sha256(content),
            "bytes": len(content),
        }
        archive |= {key: changes[key] for key in archive if key in changes}
        releases.append({"version": path.stem.rpartition("-")[2], "archive": archive})
    return json.dumps({"format": 1, "name": NAME, "releases": releases}).encode()
