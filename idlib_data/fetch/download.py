"""Getting a file from an HTTP server or a folder: whole and as promised, or not at all.

What comes is never trusted to be complete: it is counted and hashed while it is written, and a cut
connection is taken up again where it broke, if the server can do that for the same content.
"""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import IO, TYPE_CHECKING

from idlib_data.errors import ReleaseError
from idlib_data.fetch.index import is_url
from idlib_data.fetch.options import Options, Progress

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

    from idlib_data.fetch.http import Client

CHUNK = 64 * 1024
SLOWEST = 1024
"""Bytes that must come within each time-out, so that a trickle does not go on for ever."""
_RANGE = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)")


def read(location: str, limit: int, options: Options) -> bytes:
    """The content of a small file at a URL or path.

    Raises:
        ReleaseError: It cannot be read, or is larger than the limit.
    """
    content = io.BytesIO()
    _bring(location, _Sink(content, limit), options)
    return content.getvalue()


def download(location: str, target: Path, size: int, sha256: str, options: Options) -> None:
    """Bring a file from a URL or path, and see that it is the one that was promised.

    Args:
        location: URL, or path of a file.
        target: File to write, which is not trusted before this function has ended well.
        size: The bytes that it must have.
        sha256: The hash that it must have.
        options: Time-outs, tries, redirects and the like.

    Raises:
        ReleaseError: It cannot be brought, or has another size or hash.
        OSError: The target cannot be written.
    """
    with target.open("wb") as file:
        sink = _Sink(file, size, exact=True, progress=options.progress)
        _bring(location, sink, options)
        if sink.digest() != sha256 and sink.pieces > 1:
            # The pieces may be of two different files; one further try tells.
            sink.restart()
            _bring(location, sink, options)
    if sink.digest() != sha256:
        raise ReleaseError(
            f"{location}: is not the file that the index lists: its sha256 is {sink.digest()} and "
            f"should be {sha256}"
        )


@dataclass
class _Sink:
    """What has come of a file, and what is known about the rest.

    Attributes:
        file: Where it is written.
        limit: Most bytes, or the very number of bytes.
        exact: Whether the limit is the very number of bytes.
        came: Bytes that have come.
        pieces: Requests that the content was put together from.
        validator: The server's mark of this very content, if it gives one.
    """

    file: IO[bytes]
    limit: int
    exact: bool = False
    progress: Progress | None = None
    came: int = 0
    pieces: int = 0
    validator: str = ""
    _hash: hashlib._Hash = field(default_factory=hashlib.sha256)

    def restart(self) -> None:
        self.file.seek(0)
        self.file.truncate()
        self.came = self.pieces = 0
        self.validator = ""
        self._hash = hashlib.sha256()

    def promise(self, length: int | None, location: str) -> None:
        """Refuse at once what will be too long, or too short."""
        if length is None:
            return
        total = self.came + length
        if total > self.limit or (self.exact and total < self.limit):
            what = "must have" if self.exact else "may have at most"
            raise ReleaseError(f"{location}: has {total} bytes, but {what} {self.limit}")

    def write(self, chunk: bytes, location: str) -> None:
        self.came += len(chunk)
        if self.came > self.limit:
            what = "must have" if self.exact else "may have at most"
            raise ReleaseError(f"{location}: has more bytes than the {self.limit} it {what}")
        self.file.write(chunk)
        self._hash.update(chunk)
        if self.progress:
            self.progress(self.came, self.limit)

    def digest(self) -> str:
        return self._hash.hexdigest()


def _bring(location: str, sink: _Sink, options: Options) -> None:
    if is_url(location):
        _from_server(location, sink, options)
    else:
        _from_folder(location, sink)
    if sink.exact and sink.came < sink.limit:
        raise ReleaseError(f"{location}: has {sink.came} bytes, but must have {sink.limit}")


def _from_folder(location: str, sink: _Sink) -> None:
    path = Path(location)
    try:
        if path.exists() and not path.is_file():  # a pipe would make us wait
            raise ReleaseError(f"{location}: is no ordinary file")
        file = path.open("rb")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise ReleaseError(f"{location}: cannot be read: {why}") from error
    sink.pieces += 1
    with file:
        while chunk := file.read(CHUNK):
            sink.write(chunk, location)


def _from_server(location: str, sink: _Sink, options: Options) -> None:
    from idlib_data.fetch.http import Client

    with Client(options) as client:
        while not _piece(client, location, sink, options):
            pass


def _piece(client: Client, location: str, sink: _Sink, options: Options) -> bool:
    """One request: begins the content or takes it up where it broke; whether it is whole then."""
    from urllib3.exceptions import HTTPError, ProtocolError

    response = client.get(location, _wish(sink))
    try:
        length = _begin(response, sink, location)
        end = sink.limit if sink.exact else sink.came + length if length is not None else None
        _receive(response, sink, location, options)
        if end is None or sink.came >= end:
            return True
        raise ProtocolError("the connection was cut")
    except HTTPError as error:
        client.again(location, error)
        return False
    finally:
        response.close()


def _wish(sink: _Sink) -> dict[str, str]:
    """The headers that ask for what is missing, if the server gave a mark to compare with."""
    if sink.came and not sink.validator:
        sink.restart()
    if not sink.came:
        return {}
    return {"Range": f"bytes={sink.came}-", "If-Range": sink.validator}


def _begin(response: BaseHTTPResponse, sink: _Sink, location: str) -> int | None:
    """Look at the head of an answer; gives the bytes that are to come, if it says so."""
    from urllib3.exceptions import ProtocolError

    from idlib_data.fetch.http import phrase

    part = _RANGE.match(response.headers.get("Content-Range", ""))
    if sink.came and (response.status == 416 or (response.status == 206 and part is None)):
        sink.restart()
        raise ProtocolError("the server cannot go on where the connection was cut")
    if sink.came and response.status == 206 and part and int(part[1]) == sink.came:
        pass
    elif response.status == 200:
        sink.restart()
        mark = response.headers.get("ETag", "")
        # A weak mark does not promise the same bytes.
        weak = not mark or mark.startswith("W/")
        sink.validator = response.headers.get("Last-Modified", "") if weak else mark
    else:
        raise ReleaseError(f"{location}: the server answers {phrase(response.status)}")
    sink.pieces += 1
    said = response.headers.get("Content-Length", "")
    length = int(said) if said.isascii() and said.isdigit() and len(said) < 20 else None
    sink.promise(length, location)
    return length


def _receive(response: BaseHTTPResponse, sink: _Sink, location: str, options: Options) -> None:
    """Write what comes until the answer ends; a urllib3 error says that it was cut or stalled."""
    from urllib3.exceptions import ProtocolError

    since, before = monotonic(), sink.came
    # read1 hands on what is there; read would wait for a whole chunk, however slowly it comes.
    while chunk := response.read1(CHUNK, decode_content=False):
        sink.write(chunk, location)
        if monotonic() - since > options.timeout:
            if sink.came - before < SLOWEST:
                raise ProtocolError(f"fewer than {SLOWEST} bytes came in {options.timeout:g} s")
            since, before = monotonic(), sink.came
