"""Where everything lies in a release, and the forms in which its own files are written."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from idlib_data.dataset import Dataset
from idlib_data.errors import ReleaseError, shortened

FORMAT = 1
"""Version of the form of a release, as its manifest states it."""
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
CODEBOOK = "codebook.md"
CHANGES_CSV = "CHANGES.csv"
CHANGES_MD = "CHANGES.md"
CITATION = "CITATION.cff"
DATACITE = "datacite.json"
CROISSANT = "croissant.json"
DOCUMENTS = ("LICENSE", "README.md")
"""What is taken from the package as it is, where the package has it."""
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,99}[A-Za-z0-9_-])?")
"""A name that is a file name on every system, and nothing else."""


@dataclass(frozen=True)
class Layout:
    """The paths of a release, all but `archive` and `top` relative to its top folder.

    Attributes:
        name: Name of the package.
        version: Version of the release.
    """

    name: str
    version: str

    @classmethod
    def of(cls, dataset: Dataset) -> Layout:
        """The layout of a package's release.

        Raises:
            ReleaseError: A name or the version cannot be part of a file name.
        """
        named = {"name": dataset.name, "version": dataset.version}
        named |= {f"name of table {number}": name for number, name in enumerate(dataset.tables, 1)}
        for what, name in named.items():
            if not _NAME.fullmatch(name):
                raise ReleaseError(
                    f"{dataset.root}: the {what}, {shortened(name)}, has to be of letters without "
                    "accents, digits, and . _ - between them, for files are called by it"
                )
        return cls(dataset.name, dataset.version)

    @property
    def top(self) -> str:
        """The one top folder of the archive, which stands beside it as well."""
        return f"{self.name}-{self.version}"

    @property
    def archive(self) -> str:
        """The archive."""
        return f"{self.top}.zip"

    @property
    def database(self) -> str:
        """The SQLite file."""
        return f"{self.name}.sqlite"

    @staticmethod
    def data(table: str) -> str:
        """The CSV file of a table."""
        return f"data/{table}.csv"

    @staticmethod
    def schema(table: str) -> str:
        """The Table Schema of a table."""
        return f"schemas/{table}.json"

    @staticmethod
    def parquet(table: str) -> str:
        """The Parquet file of a table."""
        return f"parquet/{table}.parquet"


def files(folder: Path) -> list[str]:
    """The files below a folder, by path, sorted by code point."""
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(found)


def sha256(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sums(folder: Path, names: Iterable[str]) -> str:
    """The sums of files as ``sha256sum -c`` reads them."""
    return "".join(f"{sha256(folder / name)}  {name}\n" for name in sorted(names))


def put(folder: Path, name: str, text: str) -> None:
    """Write text into a file of a release: UTF-8, lines ending in LF."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.replace("\r\n", "\n").encode())


def put_json(folder: Path, name: str, content: Any) -> None:
    """Write JSON into a file of a release, keys in the order they have."""
    put(folder, name, json.dumps(content, ensure_ascii=False, indent=2) + "\n")
