"""Requests to HTTP servers: proxies, redirects, tries again, and errors in one line."""

from __future__ import annotations

from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

from idlib_data.errors import ReleaseError, shortened
from idlib_data.fetch.options import Options

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

REDIRECTS = (301, 302, 303, 307, 308)
MOST_REDIRECTS = 5
AGAIN = (500, 502, 503, 504)
"""Answers after which the request is tried again."""
LONGEST_PAUSE = 30.0
PORTS = {"http": 80, "https": 443}
# What is hashed must be what the server holds, so it is not to be packed on the way.
HEADERS = {"User-Agent": "idlib-data", "Accept-Encoding": "identity"}


class Client:
    """The requests for one file, which share the tries that are allowed."""

    def __init__(self, options: Options) -> None:
        from urllib3.util import Retry

        self.options = options
        self._managers: dict[str, PoolManager] = {}
        self._retry = Retry(
            total=options.retries,
            backoff_factor=options.backoff,
            backoff_max=LONGEST_PAUSE,
            status_forcelist=AGAIN,
            raise_on_status=False,
            # A server may name hours; the own pace is kept instead.
            respect_retry_after_header=False,
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for manager in self._managers.values():
            manager.clear()

    def get(self, url: str, headers: dict[str, str]) -> BaseHTTPResponse:
        """Ask for a file; the answer may be of any status, and its content is still to be read.

        Raises:
            ReleaseError: No answer came however often it was tried, or it leads elsewhere.
        """
        place = url
        for _ in range(MOST_REDIRECTS + 1):
            response = self._ask(place, headers)
            if response.status not in REDIRECTS:
                return response
            response.close()
            place = self._next(place, response.headers.get("Location", ""))
        raise ReleaseError(f"{url}: the server sends on more than {MOST_REDIRECTS} times")

    def again(self, url: str, error: Exception) -> None:
        """Wait before another try, after an answer that broke off.

        Raises:
            ReleaseError: It was tried often enough.
        """
        from urllib3.exceptions import MaxRetryError, ProtocolError

        try:
            # In the library's eyes only these may be tried again.
            broken = ProtocolError(str(error))
            self._retry = self._retry.increment("GET", url, error=broken)
        except MaxRetryError:
            raise ReleaseError(f"{url}: {self._in_words(error)}") from error
        self._retry.sleep()

    def _ask(self, url: str, headers: dict[str, str]) -> BaseHTTPResponse:
        from urllib3 import Timeout
        from urllib3.exceptions import HTTPError, MaxRetryError

        seconds = self.options.timeout
        try:
            response = self._manager(url).request(
                "GET",
                url,
                headers=HEADERS | headers,
                preload_content=False,
                decode_content=False,
                redirect=False,
                retries=self._retry,
                timeout=Timeout(connect=seconds, read=seconds),
            )
        except (HTTPError, ValueError) as error:
            reason = error.reason if isinstance(error, MaxRetryError) else error
            raise ReleaseError(f"{url}: {self._in_words(reason)}") from error
        self._retry = response.retries or self._retry
        return response

    def _manager(self, url: str) -> PoolManager:
        """The connections for an address: through the proxy of the system, where it has one."""
        from urllib3 import PoolManager, ProxyManager

        address = urlsplit(url)
        proxy = getproxies().get(address.scheme, "")
        if proxy and proxy_bypass(address.hostname or ""):
            proxy = ""
        if proxy not in self._managers:
            self._managers[proxy] = ProxyManager(proxy) if proxy else PoolManager()
        return self._managers[proxy]

    def _next(self, url: str, to: str) -> str:
        """The address that a server sends on to, if it may be followed."""
        unreadable = ReleaseError(f"{url}: the server sends on to no address that can be read")
        try:
            target = urljoin(url, to)
            here, there = urlsplit(url), urlsplit(target)
            same = _is_same(here, there)
        except ValueError:
            raise unreadable from None
        if not to or there.scheme not in PORTS or not there.hostname:
            raise unreadable
        if here.scheme == "https" and there.scheme == "http":
            raise ReleaseError(f"{url}: the server sends on to {shortened(target)}, unencrypted")
        if not same and not self.options.allow_redirects:
            raise ReleaseError(
                f"{url}: the server sends on to another host, {shortened(target)}; "
                "--allow-redirects lets it"
            )
        return target

    def _in_words(self, error: Exception | None) -> str:
        """What went wrong on the way, in a few words."""
        from urllib3 import exceptions

        if isinstance(error, exceptions.NameResolutionError):
            return "there is no host of that name"
        if isinstance(error, exceptions.NewConnectionError):
            return "the server cannot be reached"
        # After the two above, which the library counts among them.
        if isinstance(error, exceptions.TimeoutError):
            return f"the server does not answer within {self.options.timeout:g} s"
        if isinstance(error, exceptions.SSLError):
            return f"the server cannot prove who it is: {error}"
        if isinstance(error, exceptions.ProxyError):
            return f"the proxy cannot be reached: {error}"
        if isinstance(error, exceptions.IncompleteRead | exceptions.ProtocolError):
            text = str(error)
            plain = text if text.isprintable() and text[:1].islower() else ""
            return plain or "the connection was cut"
        text = str(error)
        return text if text.isprintable() and len(text) < 200 else shortened(text)


def phrase(status: int) -> str:
    """The status of an answer in words; those of the server itself may hold anything."""
    try:
        return f"{status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return str(status)


def _is_same(here: SplitResult, there: SplitResult) -> bool:
    """Whether two addresses have one host and port, or differ but in that one is encrypted."""
    if here.hostname != there.hostname:
        return False
    ports = [address.port or PORTS.get(address.scheme) for address in (here, there)]
    return ports[0] == ports[1] or (here.scheme != there.scheme and ports == [80, 443])
