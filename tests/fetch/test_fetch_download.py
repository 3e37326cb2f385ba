"""Downloads from a server that misbehaves: whole and as promised, or an error of one line."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from idlib_data.errors import ReleaseError
from idlib_data.fetch import download as module
from idlib_data.fetch import http
from idlib_data.fetch.download import download, read
from idlib_data.fetch.options import Options
from tests.fetch.releases import NOISE, sha256
from tests.fetch.server import Site, able, cut, plain, redirect, sent, serving, silent, status

OPTIONS = Options(timeout=5.0, retries=2, backoff=0.0)
SHORT = Options(timeout=0.05, retries=1, backoff=0.0)
LAST = len(NOISE) - 1


@pytest.fixture
def site() -> Iterator[Site]:
    with serving({"/file": NOISE, "/small.json": b"{}"}) as site:
        yield site


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "target"


def bring(site: Site, target: Path, options: Options = OPTIONS, path: str = "file") -> bytes:
    download(f"{site.url}{path}", target, len(NOISE), sha256(NOISE), options)
    return target.read_bytes()


def refused(site: Site, target: Path, options: Options = OPTIONS) -> str:
    with pytest.raises(ReleaseError) as caught:
        bring(site, target, options)
    message = str(caught.value)
    assert message.startswith(f"{site.url}file: ")
    assert message.isprintable()
    return message.removeprefix(f"{site.url}file: ")


def test_a_file_comes_as_it_is(site: Site, target: Path) -> None:
    assert bring(site, target) == NOISE
    assert site.asked == [("/file", None)]


def test_progress_is_told_up_to_the_end(site: Site, target: Path) -> None:
    told: list[tuple[int, int]] = []
    options = Options(progress=lambda done, total: told.append((done, total)))
    bring(site, target, options)
    assert told == sorted(told)
    assert told[-1] == (len(NOISE), len(NOISE))


@pytest.mark.parametrize("after", [-1, 0, 1, 65_535, 65_536, 65_537, 100_000, LAST])
def test_a_cut_connection_is_taken_up_where_it_broke(site: Site, target: Path, after: int) -> None:
    site.script["/file"] = [cut(after), able]
    assert bring(site, target) == NOISE
    assert site.asked == [("/file", None), ("/file", f"bytes={after}-" if after > 0 else None)]


def test_a_connection_that_is_cut_again_and_again_is_taken_up_each_time(
    site: Site, target: Path
) -> None:
    def short(handler: Any, content: bytes) -> None:
        start = int((handler.headers.get("Range") or "bytes=0-")[6:-1])
        said = f"bytes {start}-{len(content) - 1}/{len(content)}"
        handler.head(206, len(content) - start, ETag='"one"', Content_Range=said)
        handler.wfile.write(content[start : start + 1000])

    site.script["/file"] = [cut(1000), short, able]
    assert bring(site, target) == NOISE
    assert [wish for _, wish in site.asked] == [None, "bytes=1000-", "bytes=2000-"]


@pytest.mark.parametrize("after", [0, 1, 100_000, LAST])
def test_a_server_that_cannot_go_on_sends_all_again(site: Site, target: Path, after: int) -> None:
    site.script["/file"] = [cut(after), plain]
    assert bring(site, target) == NOISE


def test_without_a_mark_of_the_content_all_is_asked_for_again(site: Site, target: Path) -> None:
    site.script["/file"] = [sent(NOISE[:500], len(NOISE)), able]
    assert bring(site, target) == NOISE
    assert site.asked == [("/file", None), ("/file", None)]


def test_a_weak_mark_is_none(site: Site, target: Path) -> None:
    site.script["/file"] = [sent(NOISE[:500], len(NOISE), ETag='W/"one"'), able]
    assert bring(site, target) == NOISE
    assert site.asked == [("/file", None), ("/file", None)]


@pytest.mark.parametrize("code", [206, 416])
def test_a_server_that_answers_a_range_wrongly_is_asked_for_all(
    site: Site, target: Path, code: int
) -> None:
    site.script["/file"] = [cut(500), status(code), plain]
    assert bring(site, target) == NOISE
    assert [wish for _, wish in site.asked] == [None, "bytes=500-", None]


def test_pieces_of_two_files_are_fetched_once_more(site: Site, target: Path) -> None:
    def other(handler: Any, content: bytes) -> None:
        head = {"ETag": '"one"', "Content_Range": f"bytes 500-{LAST}/{len(content)}"}
        handler.head(206, len(content) - 500, **head)
        handler.wfile.write(b"x" * (len(content) - 500))

    site.script["/file"] = [cut(500), other, plain]
    assert bring(site, target) == NOISE


@pytest.mark.parametrize("after", [-1, 0, 1, 100_000, LAST])
def test_a_connection_that_is_always_cut_is_given_up(site: Site, target: Path, after: int) -> None:
    site.always["/file"] = cut(after)
    assert "the connection was cut" in refused(site, target)
    assert len(site.asked) == 1 + OPTIONS.retries


@pytest.mark.parametrize("length", [1, LAST, LAST + 2])
def test_a_wrong_length_is_refused_before_anything_is_written(
    site: Site, target: Path, length: int
) -> None:
    site.always["/file"] = sent(NOISE, length)
    said = refused(site, target)
    assert said == f"has {length} bytes, but must have {len(NOISE)}"
    assert target.read_bytes() == b""
    assert len(site.asked) == 1


def test_more_bytes_than_promised_are_not_written(site: Site, target: Path) -> None:
    site.always["/file"] = sent(NOISE + b"x")
    assert refused(site, target) == f"has more bytes than the {len(NOISE)} it must have"
    assert target.stat().st_size <= len(NOISE)


def test_fewer_bytes_without_a_length_are_a_cut(site: Site, target: Path) -> None:
    site.always["/file"] = sent(NOISE[:-1])
    assert "the connection was cut" in refused(site, target)


def test_a_wrong_hash_is_refused(site: Site, target: Path) -> None:
    wrong = b"x" + NOISE[1:]
    site.always["/file"] = sent(wrong, len(wrong))
    said = refused(site, target)
    assert said.startswith("is not the file that the index lists")
    assert sha256(wrong) in said
    assert sha256(NOISE) in said
    assert len(site.asked) == 1


def test_a_missing_file_is_named_at_once(site: Site, target: Path) -> None:
    site.always["/file"] = status(404)
    assert refused(site, target) == "the server answers 404 (Not Found)"
    assert len(site.asked) == 1


def test_an_unknown_status_is_named_by_its_number(site: Site, target: Path) -> None:
    site.always["/file"] = status(499)
    assert refused(site, target) == "the server answers 499"


@pytest.mark.parametrize("code", [500, 502, 503, 504])
def test_a_server_in_trouble_is_asked_again(site: Site, target: Path, code: int) -> None:
    site.script["/file"] = [status(code), status(code)]
    assert bring(site, target) == NOISE
    assert len(site.asked) == 3


def test_a_server_that_stays_in_trouble_is_given_up(site: Site, target: Path) -> None:
    # It also names a day to wait, which is not waited.
    site.always["/file"] = status(503)
    assert refused(site, target) == "the server answers 503 (Service Unavailable)"
    assert len(site.asked) == 1 + OPTIONS.retries


def test_tries_are_counted_over_all_sorts_of_failures(site: Site, target: Path) -> None:
    site.script["/file"] = [status(503), cut(10), cut(10), plain]
    assert "the connection was cut" in refused(site, target)
    assert len(site.asked) == 1 + OPTIONS.retries


@pytest.mark.parametrize("after", [-1, 0, 1000])
def test_a_server_that_falls_silent_is_given_up(site: Site, target: Path, after: int) -> None:
    site.always["/file"] = silent(after)
    assert refused(site, target, SHORT) == "the server does not answer within 0.05 s"
    assert len(site.asked) <= 1 + SHORT.retries


def test_a_server_that_falls_silent_once_is_asked_again(site: Site, target: Path) -> None:
    site.script["/file"] = [silent(), silent(1000)]
    options = Options(timeout=0.5, retries=2, backoff=0.0)
    assert bring(site, target, options) == NOISE


def test_a_trickle_is_given_up(site: Site, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Every look at the clock finds a minute gone.
    clock = iter(range(0, 10**9, 60))
    monkeypatch.setattr(module, "monotonic", lambda: next(clock))
    monkeypatch.setattr(module, "CHUNK", 100)
    assert "fewer than 1024 bytes came in 5 s" in refused(site, target)


def test_a_server_that_is_not_there_is_named(target: Path) -> None:
    with serving({}) as gone:
        pass
    assert refused(gone, target) == "the server cannot be reached"


def test_what_is_no_http_is_named(site: Site, target: Path) -> None:
    def babble(handler: Any, content: bytes) -> None:
        handler.wfile.write(b"\x1b[31mhello\r\n\r\n")

    site.always["/file"] = babble
    assert "\x1b" not in refused(site, target)


def test_a_redirect_on_the_same_host_is_followed(site: Site, target: Path) -> None:
    site.always["/old"] = redirect("/file")
    site.files["/old"] = b""
    assert bring(site, target, path="old") == NOISE
    assert site.paths() == ["/old", "/file"]


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_host_is_refused_unless_allowed(
    site: Site, target: Path, code: int
) -> None:
    with serving({"/file": NOISE}) as other:
        site.always["/file"] = redirect(f"{other.url}file", code)
        said = refused(site, target)
        assert said.startswith(f"the server sends on to another host, '{other.url}file'")
        assert "--allow-redirects" in said
        assert other.asked == []
        allowed = Options(retries=0, allow_redirects=True)
        assert bring(site, target, allowed) == NOISE
        assert other.paths() == ["/file"]


@pytest.mark.parametrize(
    "to", ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://:80/", "http://[", ""]
)
def test_a_redirect_to_no_web_address_is_refused(site: Site, target: Path, to: str) -> None:
    site.always["/file"] = redirect(to)
    allowed = Options(retries=0, allow_redirects=True)
    assert refused(site, target, allowed) == "the server sends on to no address that can be read"


def test_a_circle_of_redirects_ends(site: Site, target: Path) -> None:
    site.always["/file"] = redirect("/file")
    assert refused(site, target) == "the server sends on more than 5 times"
    assert len(site.asked) == 6


def test_a_redirect_never_leaves_encryption() -> None:
    client = http.Client(Options(allow_redirects=True))
    with pytest.raises(ReleaseError, match="unencrypted"):
        client._next("https://example.org/a", "http://example.org/a")
    plain_options = http.Client(Options())
    assert plain_options._next("http://example.org/a", "https://example.org/b") == (
        "https://example.org/b"
    )
    with pytest.raises(ReleaseError, match="another host"):
        plain_options._next("https://example.org/a", "https://example.org:444/a")


def test_a_proxy_of_the_system_is_used(
    site: Site, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", site.url)
    monkeypatch.setenv("no_proxy", "")
    site.files["http://example.invalid/file"] = NOISE
    download("http://example.invalid/file", target, len(NOISE), sha256(NOISE), OPTIONS)
    assert target.read_bytes() == NOISE
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    assert bring(site, target) == NOISE


def test_a_small_file_is_read_up_to_its_limit(site: Site) -> None:
    assert read(f"{site.url}small.json", 2, OPTIONS) == b"{}"
    for behave in (plain, sent(b"{}")):
        site.always["/small.json"] = behave
        with pytest.raises(ReleaseError, match=r"small.json: has (2|more) bytes"):
            read(f"{site.url}small.json", 1, OPTIONS)


def test_a_small_file_is_never_read_in_part(site: Site) -> None:
    site.always["/small.json"] = cut(1)
    with pytest.raises(ReleaseError, match="the connection was cut"):
        read(f"{site.url}small.json", 100, OPTIONS)


def test_a_file_of_a_folder_comes_as_it_is(tmp_path: Path, target: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(NOISE)
    download(str(source), target, len(NOISE), sha256(NOISE), OPTIONS)
    assert target.read_bytes() == NOISE


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (NOISE[:-1], f"has {LAST} bytes, but must have"),
        (NOISE + b"x", "has more bytes than"),
        (b"x" + NOISE[1:], "is not the file that the index lists"),
    ],
    ids=["shorter", "longer", "other"],
)
def test_a_file_of_a_folder_that_is_another_is_refused(
    tmp_path: Path, target: Path, content: bytes, said: str
) -> None:
    source = tmp_path / "source"
    source.write_bytes(content)
    with pytest.raises(ReleaseError, match=said):
        download(str(source), target, len(NOISE), sha256(NOISE), OPTIONS)


def test_what_is_no_file_of_a_folder_is_refused(tmp_path: Path, target: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, said in (("pipe", "no ordinary file"), ("none", "No such file"), ("a\0b", "null")):
        with pytest.raises(ReleaseError, match=said):
            read(str(tmp_path / name), 10, OPTIONS)


def test_a_full_disk_is_no_fault_of_the_network(site: Site) -> None:
    class Full(io.BytesIO):
        def write(self, content: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        module._bring(f"{site.url}file", module._Sink(Full(), len(NOISE), exact=True), OPTIONS)
    assert len(site.asked) == 1
