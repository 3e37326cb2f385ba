"""A real HTTP server on the loopback that can be told to misbehave."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ETAG = '"one"'
PATIENCE = 60.0
"""Seconds after which what never ends is given up, so that a broken test ends."""


@dataclass
class Site:
    """What a server holds, how it behaves, and what it was asked.

    Attributes:
        files: Content by path.
        script: Behaviour of the next requests for a path, in turn; afterwards it is `plain`.
        always: Behaviour of every request for a path that the script does not tell.
        asked: Path and the Range header of each request.
        ended: Set when the test is over, so that what waits goes on.
    """

    files: dict[str, bytes]
    script: dict[str, list[Behaviour]] = field(default_factory=dict)
    always: dict[str, Behaviour] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


class Handler(BaseHTTPRequestHandler):
    """Answers as the site's script says."""

    site: Site
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.site.asked.append((self.path, self.headers.get("Range")))
        content = self.site.files.get(self.path)
        self.close_connection = True
        turns = self.site.script.get(self.path)
        behave = turns.pop(0) if turns else self.site.always.get(self.path, plain)
        if content is None and behave is plain:
            behave = status(404)
        with suppress(BrokenPipeError, ConnectionResetError):
            behave(self, content or b"")

    def head(self, code: int, length: int | None, **headers: str) -> None:
        self.send_response(code)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        pass


Behaviour = Callable[[Handler, bytes], None]


def plain(handler: Handler, content: bytes) -> None:
    handler.head(200, len(content))
    handler.wfile.write(content)


def status(code: int) -> Behaviour:
    def behave(handler: Handler, content: bytes) -> None:
        handler.head(code, 4, Retry_After="86400")
        handler.wfile.write(b"sent")

    return behave


def redirect(to: str, code: int = 302) -> Behaviour:
    return lambda handler, content: handler.head(code, 0, Location=to)


def cut(after: int) -> Behaviour:
    """Promise all, send some, and hang up; a cut before byte 0 leaves out the head as well."""

    def behave(handler: Handler, content: bytes) -> None:
        if after >= 0:
            handler.head(200, len(content), ETag=ETAG)
            handler.wfile.write(content[:after])

    return behave


def sent(content: bytes, length: int | None = None, **headers: str) -> Behaviour:
    """Send other content than the file, or tell another length."""

    def behave(handler: Handler, _: bytes) -> None:
        handler.head(200, length, **headers)
        handler.wfile.write(content)

    return behave


def silent(after: int = -1) -> Behaviour:
    """Send some and then nothing more, without hanging up."""

    def behave(handler: Handler, content: bytes) -> None:
        if after >= 0:
            handler.head(200, len(content))
            handler.wfile.write(content[:after])
        handler.site.ended.wait(PATIENCE)

    return behave


def able(handler: Handler, content: bytes) -> None:
    """Send the part that is asked for, of the content that is known by its tag."""
    wish = handler.headers.get("Range")
    if wish is None or handler.headers.get("If-Range") != ETAG:
        handler.head(200, len(content), ETag=ETAG)
        handler.wfile.write(content)
        return
    start = int(wish.removeprefix("bytes=").removesuffix("-"))
    said = f"bytes {start}-{len(content) - 1}/{len(content)}"
    handler.head(206, len(content) - start, ETag=ETAG, Content_Range=said)
    handler.wfile.write(content[start:])


@contextmanager
def serving(files: dict[str, bytes], host: str = "127.0.0.1") -> Iterator[Site]:
    """A site that is served as long as the context lasts."""
    site = Site(files)
    handler = type("Own", (Handler,), {"site": site})
    server = ThreadingHTTPServer((host, 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    site.url = f"http://{host}:{server.server_address[1]}/"
    try:
        yield site
    finally:
        site.ended.set()
        server.shutdown()
        thread.join()
        server.server_close()
