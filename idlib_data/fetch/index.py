"""The index: a JSON file that lists the published releases of a data package."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from idlib_data.errors import NotFoundError, ReleaseError, shortened
from idlib_data.fetch.options import Options

INDEX = "index.json"
ENVIRONMENT_VARIABLE = "IDLIB_DATA_INDEX"
FORMAT = 1
MAX_INDEX = 16 * 1024**2
"""Bytes of an index above which it is refused."""
MAX_ARCHIVE = 4 * 1024**3
"""Bytes of an archive above which it is refused."""

_VERSION = re.compile(r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,99}[A-Za-z0-9_-])?")
_HASH = re.compile(r"[0-9a-f]{64}")
_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True)
class Entry:
    """One release as the index lists it.

    Attributes:
        version: Its version, which is its tag.
        date: The day it was released, ``YYYY-MM-DD``; may be empty.
        step: ``first``, ``major``, ``minor`` or ``patch``; may be empty.
        url: Where its archive is: a URL, or the path of a file.
        sha256: Hash of the archive.
        bytes: Size of the archive.
        schema: Hash over all its schema files, see `verify.schema_hash`; may be empty.
        sums: Hash of the file ``SHA256SUMS`` in the archive; may be empty.
    """

    version: str
    date: str
    step: str
    url: str
    sha256: str
    bytes: int
    schema: str
    sums: str


@dataclass(frozen=True)
class Index:
    """The releases of one data package, by version.

    Attributes:
        location: The URL or path it was read from.
        name: Name of the data package.
        entries: The releases, the oldest version first.
    """

    location: str
    name: str
    entries: tuple[Entry, ...]

    def entry(self, version: str) -> Entry:
        """The release of that version.

        Raises:
            NotFoundError: It is not listed.
        """
        for entry in self.entries:
            if entry.version == version:
                return entry
        known = [entry.version for entry in self.entries]
        raise NotFoundError(f"release in {self.location} of version", version, known)


def is_version(text: str) -> bool:
    """Whether a text is a version ``MAJOR.MINOR.PATCH``, and so may be the tag of a release."""
    return _VERSION.fullmatch(text) is not None


def numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version, by which releases are put in order."""
    return tuple(int(part) for part in version.split("."))


def is_url(location: str) -> bool:
    """Whether a location is a URL and no path."""
    return "://" in location


def known(given: str | None = None, said: str | None = None) -> str | None:
    """Where the index is, None if nothing says it, see `whereabouts`."""
    return given or os.environ.get(ENVIRONMENT_VARIABLE) or said or None


def whereabouts(given: str | None = None, said: str | None = None) -> str:
    """Where the index is: as told, else as the environment says, else as the package says.

    Raises:
        ReleaseError: Nothing says where.
    """
    location = known(given, said)
    if location is None:
        raise ReleaseError(
            f"no index of releases is known: give its URL, file or folder with --index, or set "
            f"{ENVIRONMENT_VARIABLE} to it"
        )
    return location


def read_index(location: str, options: Options | None = None) -> Index:
    """Read an index.

    Args:
        location: URL or path of the JSON file, or of the folder that holds it as ``index.json``.
        options: Time-outs, tries, redirects and the like.

    Raises:
        ReleaseError: It is not there, cannot be read, or is no index.
    """
    from idlib_data.fetch.download import read

    options = options or Options()
    place = _file(location)
    content = read(place, MAX_INDEX, options)
    try:
        return _parsed(place, json.loads(content.decode("utf-8")))
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        raise ReleaseError(f"{place}: is no index of releases: {error}") from error


def _file(location: str) -> str:
    """The location of the JSON file, where that of its folder may have been given."""
    if is_url(location):
        try:
            address = urlsplit(location)
            fit = address.scheme in ("http", "https") and bool(address.hostname)
        except ValueError:
            fit = False
        if not fit or _CONTROL.search(location):
            message = f"{shortened(location)}: is no address of the form http(s)://host/path"
            raise ReleaseError(message)
        if address.path.endswith(".json"):
            return location
        return address._replace(path=address.path.rstrip("/") + "/" + INDEX).geturl()
    path = Path(location)
    # Asked through os.path, which says no to names that no file can have.
    return str(path / INDEX if os.path.isdir(path) else path)


def _parsed(place: str, content: Any) -> Index:
    """The index in a JSON document; a ValueError says what is wrong with it."""
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f"it has no 'format': {FORMAT}; a newer idlib-data may be able to read it")
    name, releases = _text(content, "name", _NAME), content.get("releases")
    if not isinstance(releases, list):
        raise ValueError("'releases' is not a list")
    entries = sorted(
        (_entry(place, name, release) for release in releases), key=lambda e: numbers(e.version)
    )
    for one, other in pairwise(entries):
        if one.version == other.version:
            raise ValueError(f"it lists {one.version} twice")
    return Index(place, name, tuple(entries))


def _entry(place: str, name: str, release: Any) -> Entry:
    if not isinstance(release, dict) or not isinstance(release.get("archive"), dict):
        raise ValueError(f"a release is not described: {shortened(release)}")
    archive = release["archive"]
    size = archive.get("bytes")
    if not isinstance(size, int) or isinstance(size, bool) or not 0 < size <= MAX_ARCHIVE:
        raise ValueError(f"'bytes' is no size up to {MAX_ARCHIVE >> 30} GiB: {shortened(size)}")
    return Entry(
        version=_text(release, "version", _VERSION),
        date=_text(release, "date", re.compile(r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2})?"), ""),
        step=_text(release, "step", re.compile(r"(?:first|major|minor|patch)?"), ""),
        url=_absolute(place, _text(archive, "url", re.compile(r".{1,2000}"))),
        sha256=_text(archive, "sha256", _HASH),
        bytes=size,
        schema=_text(release, "schema", re.compile(rf"(?:{_HASH.pattern})?"), ""),
        sums=_text(release, "sums", re.compile(rf"(?:{_HASH.pattern})?"), ""),
    )


def _text(content: Mapping[str, Any], key: str, form: re.Pattern[str], default: str = "\0") -> str:
    value = content.get(key, default)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise ValueError(f"{key!r} is not what it must be: {shortened(value)}")
    return value


def _absolute(place: str, url: str) -> str:
    """The location of an archive, which the index may give relative to itself."""
    if _CONTROL.search(url):
        raise ValueError(f"'url' has a space or a control character: {shortened(url)}")
    if is_url(url) or is_url(place):
        url = urljoin(place, url) if is_url(place) else url
        address = urlsplit(url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ValueError(f"'url' is no address of the form http(s)://host/path: {url}")
        return url
    from urllib.parse import unquote

    return str(Path(place).parent / unquote(url))
