"""How a download is to be done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[int, int], None]
"""Told the bytes that have come and those that are to come."""


@dataclass(frozen=True)
class Options:
    """How a download is to be done.

    Attributes:
        timeout: Seconds to wait for a connection, and for each further part of an answer.
        retries: Times that a failed request is tried again.
        backoff: Seconds before the second try again; each further one waits twice as long.
        allow_redirects: Follow a server that sends on to another host.
        patience: Seconds to wait for another process that fetches into the same cache.
        progress: Told how far the download is.
    """

    timeout: float = 30.0
    retries: int = 4
    backoff: float = 0.5
    allow_redirects: bool = False
    patience: float = 600.0
    progress: Progress | None = None
