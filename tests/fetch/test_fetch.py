"""Fetching releases from a server, through all that can go wrong, and opening them."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import idlib_data as idl
from idlib_data.errors import NotFoundError, PackageError, ReleaseError
from idlib_data.fetch import Options, obtain
from idlib_data.fetch import unpack as unpacking
from tests.fetch.releases import (
    index_text,
    make_release,
    packed,
    release_files,
)
from tests.fetch.server import Handler, Site, cut, plain, redirect, sent, serving, silent, status

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = Options(timeout=5.0, retries=1, backoff=0.0)
ARCHIVE = "/1.0.0/own-1.0.0.zip"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the releases in a cache that is empty."""
    monkeypatch.setenv("IDLIB_DATA_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("IDLIB_DATA_INDEX", raising=False)
    return tmp_path / "cache" / "releases"


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A folder with two releases and their index."""
    folder = tmp_path / "published"
    first = make_release(folder / "1.0.0", "1.0.0")
    text = "thing_id,colour,size\nfirst,blue,3\n"
    second = make_release(folder / "1.1.0", "1.1.0", release_files("1.1.0", text))
    (folder / "index.json").write_bytes(index_text(first, second, folder=folder))
    return folder


def content(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {f"/{p.relative_to(folder).as_posix()}": p.read_bytes() for p in paths}


@pytest.fixture
def site(published: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The releases on a server, which the environment names."""
    with serving(content(published)) as site:
        monkeypatch.setenv("IDLIB_DATA_INDEX", site.url)
        yield site


def held(cache: Path) -> list[str]:
    """What is in the cache, but for the file that processes lock."""
    return sorted(path.name for path in cache.glob("*") if path.name != ".lock")


def refused(cache: Path, options: Options = OPTIONS) -> str:
    before = held(cache)
    with pytest.raises(ReleaseError) as caught:
        obtain("1.0.0", options=options)
    assert held(cache) == before
    assert str(caught.value).isprintable()
    return str(caught.value)


def fetched(cache: Path, options: Options = OPTIONS) -> None:
    """Fetch without a fault, and see that the copy is whole."""
    folder = obtain("1.0.0", options=options)
    assert folder == cache / "1.0.0"
    assert content(folder) == {f"/{name}": c for name, c in release_files("1.0.0").items()}
    assert held(cache) == ["1.0.0"]


def program(*arguments: str, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "idlib_data", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def test_a_release_is_fetched_once_and_then_taken_from_the_cache(site: Site, cache: Path) -> None:
    fetched(cache)
    assert site.paths() == ["/index.json", ARCHIVE]
    fetched(cache)
    assert len(site.asked) == 2


def test_a_release_comes_from_a_folder_as_well(published: Path, cache: Path) -> None:
    assert obtain("1.1.0", index=str(published), options=OPTIONS) == cache / "1.1.0"
    assert obtain("1.0.0", said=str(published), options=OPTIONS) == cache / "1.0.0"
    assert held(cache) == ["1.0.0", "1.1.0"]


def test_a_release_is_fetched_anew_where_that_is_forced(site: Site, cache: Path) -> None:
    fetched(cache)
    (cache / "1.0.0" / "data/things.csv").write_text("spoilt")
    obtain("1.0.0", force=True, options=OPTIONS)
    fetched(cache)
    assert site.paths() == ["/index.json", ARCHIVE] * 2


def test_a_forced_fetch_that_fails_keeps_the_old_copy(site: Site, cache: Path) -> None:
    fetched(cache)
    site.always[ARCHIVE] = cut(1000)
    with pytest.raises(ReleaseError, match="the connection was cut"):
        obtain("1.0.0", force=True, options=OPTIONS)
    fetched(cache)


def test_what_is_not_published_is_refused(site: Site, cache: Path) -> None:
    with pytest.raises(NotFoundError, match=r"known are|did you mean"):
        obtain("9.0.0", options=OPTIONS)
    for version in ("latest", "..", "1.0"):
        with pytest.raises(ReleaseError, match="is no version of the form"):
            obtain(version, options=OPTIONS)


@pytest.mark.parametrize(
    ("behave", "said"),
    [
        (cut(-1), "the connection was cut"),
        (cut(0), "the connection was cut"),
        (cut(100), "the connection was cut"),
        (sent(b"x", 1), "has 1 bytes, but must have"),
        (status(404), "the server answers 404 (Not Found)"),
        (status(500), "the server answers 500"),
        (status(503), "the server answers 503"),
        (silent(), "does not answer within"),
        (silent(100), "does not answer within"),
        (redirect("http://127.0.0.2:1/a"), "sends on to another host"),
    ],
    ids=["head", "0", "100", "length", "404", "500", "503", "silent", "stalled", "elsewhere"],
)
@pytest.mark.parametrize("path", [ARCHIVE, "/index.json"], ids=["archive", "index"])
def test_a_faulty_server_leaves_nothing_and_the_next_fetch_succeeds(
    site: Site, cache: Path, behave: Any, said: str, path: str
) -> None:
    site.always[path] = behave
    seconds = 0.1 if "does not answer" in said else 20.0
    message = refused(cache, Options(timeout=seconds, retries=1, backoff=0.0))
    assert said in message or (path == "/index.json" and "is no index" in message)
    site.always.clear()
    fetched(cache)


@pytest.mark.parametrize("after", random.Random(5).sample(range(200_000), 8))
def test_a_connection_cut_at_any_byte_is_survived(site: Site, cache: Path, after: int) -> None:
    site.script[ARCHIVE] = [cut(after)]
    fetched(cache)


def with_archive(site: Site, folder: Path, path: Path, **changes: Any) -> None:
    """Serve another archive in the place of 1.0.0, which the index lists as it is."""
    site.files[ARCHIVE] = path.read_bytes()
    assert path.name == "own-1.0.0.zip"
    text = index_text(path, folder=path.parent, url=ARCHIVE[1:], **changes)
    site.files["/index.json"] = text


def test_a_tampered_archive_is_refused(site: Site, cache: Path) -> None:
    whole = site.files[ARCHIVE]
    site.files[ARCHIVE] = whole[:5000] + b"tampered" + whole[5008:]
    assert "is not the file that the index lists: its sha256 is" in refused(cache)
    site.files[ARCHIVE] = whole
    fetched(cache)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"../../outside": b"x"}, "leads out of the archive"),
        ({"zeros": b"0" * 100_000_000}, "200 times as large as the archive"),
        ({"more": b"x"}, "'more' is not listed in SHA256SUMS; 1 more faults"),
        ({"data/things.csv": b"x"}, "data/things.csv has not the hash that SHA256SUMS says"),
        ({"manifest.json": b"{}"}, "manifest.json has not the hash"),
    ],
    ids=["climbing", "bomb", "additional", "changed", "manifest"],
)
def test_an_archive_with_the_right_hash_is_still_not_trusted(
    site: Site, cache: Path, tmp_path: Path, files: dict[str, bytes], said: str
) -> None:
    path = packed(tmp_path / "bad" / "own-1.0.0.zip", release_files() | files)
    with_archive(site, tmp_path, path)
    assert said in refused(cache)
    assert not list(tmp_path.rglob("outside"))


def test_another_release_than_the_index_says_is_refused(
    site: Site, cache: Path, tmp_path: Path
) -> None:
    path = packed(tmp_path / "bad" / "own-1.0.0.zip", release_files("1.1.0"))
    with_archive(site, tmp_path, path)
    assert "is version '1.1.0', but the index says 1.0.0" in refused(cache)


def test_a_full_disk_leaves_nothing(
    site: Site, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(unpacking, "_copy", full)
    assert "cannot be written: No space left on device; IDLIB_DATA_CACHE can" in refused(cache)
    monkeypatch.undo()
    monkeypatch.setenv("IDLIB_DATA_CACHE", str(cache.parent))
    monkeypatch.setenv("IDLIB_DATA_INDEX", site.url)
    fetched(cache)


@pytest.mark.parametrize("most", [0, 1000, 150_000, 200_050])
def test_a_disk_with_room_for_part_of_it_leaves_nothing(site: Site, cache: Path, most: int) -> None:
    # The system itself refuses to let a file grow beyond that size.
    code = (
        "import resource, sys; from idlib_data.cli import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2); main()"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", code, str(most), "release", "fetch", "1.0.0"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"Error: the cache {cache} cannot be written: File too large; IDLIB_DATA_CACHE can name "
        "another folder\n"
    )
    assert held(cache) == []
    fetched(cache)


@pytest.mark.parametrize("after", [0, 1, 65_536, 150_000])
def test_a_fetch_killed_within_the_download_leaves_nothing_that_is_opened(
    site: Site, cache: Path, after: int
) -> None:
    reached = threading.Event()

    def behave(handler: Handler, content: bytes) -> None:
        handler.head(200, len(content))
        handler.wfile.write(content[:after])
        reached.set()
        handler.site.ended.wait(60)

    site.script[ARCHIVE] = [behave]
    with program("release", "fetch", "1.0.0") as process:
        assert reached.wait(60)
        process.kill()
        assert process.wait() == -signal.SIGKILL
    assert ".work" in held(cache)
    assert "1.0.0" not in held(cache)
    fetched(cache)


@pytest.mark.parametrize("old", [False, True], ids=["nothing", "old"])
def test_a_fetch_killed_at_fifty_moments_leaves_the_old_state_or_the_new_one(
    site: Site, cache: Path, tmp_path: Path, old: bool
) -> None:
    before = "-"
    if old:
        files = release_files(date="2020-01-01")
        make_release(tmp_path / "old", "1.0.0", files)
        before = str(tmp_path / "old" / "own-1.0.0")
    arguments = (site.url, str(cache.parent), before, "11", "50")
    done = subprocess.run(
        [sys.executable, "-m", "tests.fetch.killer", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    moments = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(moments) == 50
    first, new = "2020-01-01" if old else None, "2026-12-01"
    for moment in moments:
        # A moment that never came, for the pieces of a download differ, is one after the end.
        assert moment["code"] == -signal.SIGKILL or moment["left"]["date"] == new, moment
        assert moment["left"]["date"] in (first, new), moment
        assert moment["left"]["faults"] == [], moment
        assert moment["again"] == 0, moment
        assert moment["then"] == {"date": new, "faults": [], "names": ["1.0.0"]}, moment
    # The moments reach from the download to the time after the rename.
    assert {moment["left"]["date"] for moment in moments} == {first, new}
    # And they are not all in one place.
    assert len({moment["call"] for moment in moments}) > 5


def test_two_processes_at_once_end_with_one_good_copy(site: Site, cache: Path) -> None:
    both = threading.Event()

    def index(handler: Handler, content: bytes) -> None:
        plain(handler, content)
        if site.paths().count("/index.json") == 2:
            both.set()

    def archive(handler: Handler, content: bytes) -> None:
        # The first waits with the lock in its hand until the second has come as well.
        assert both.wait(60)
        plain(handler, content)

    site.always = {"/index.json": index, ARCHIVE: archive}
    with program("release", "fetch", "1.0.0") as one, program("release", "fetch", "1.0.0") as two:
        ends = [process.communicate() for process in (one, two)]
    assert [one.returncode, two.returncode] == [0, 0]
    assert ends == [(f"{cache / '1.0.0'}\n", "")] * 2
    assert site.paths().count(ARCHIVE) == 1
    fetched(cache)


def test_two_forced_fetches_at_once_end_with_one_good_copy(site: Site, cache: Path) -> None:
    arguments = ("release", "fetch", "1.0.0", "--force")
    with program(*arguments) as one, program(*arguments) as two:
        ends = [process.communicate() for process in (one, two)]
    assert ends == [(f"{cache / '1.0.0'}\n", "")] * 2
    fetched(cache)


def test_a_tag_opens_the_release_with_the_schema_it_was_published_with(
    site: Site, cache: Path
) -> None:
    old, new = idl.open("1.0.0"), idl.open("1.1.0")
    assert (old.version, new.version) == ("1.0.0", "1.1.0")
    assert old.origin == new.origin == "release"
    assert old.schema("things").names == ("thing_id", "colour")
    assert new.schema("things").names == ("thing_id", "colour", "size")
    assert old.load("things")["colour"].tolist() == ["red"]
    assert new.load("things")["colour"].tolist() == ["blue"]


def test_an_opened_release_needs_no_server_any_more(published: Path, cache: Path) -> None:
    with serving(content(published)) as gone:
        obtain("1.0.0", index=gone.url, options=OPTIONS)
    assert idl.load("things", package="1.0.0")["thing_id"].tolist() == ["first"]


def test_a_folder_goes_before_a_release_of_its_name(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (published / "1.1.0" / "own-1.1.0").rename(tmp_path / "1.0.0")
    assert idl.open("1.0.0").version == "1.1.0"
    assert idl.open("1.0.0").origin == "argument"


def test_a_path_object_is_never_a_tag(site: Site) -> None:
    with pytest.raises(PackageError, match=r"1\.0\.0: no datapackage\.json there"):
        idl.open(Path("1.0.0"))
    assert site.asked == []


def test_the_environment_may_name_a_release(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDLIB_DATA_PACKAGE", "1.1.0")
    assert (idl.open().version, idl.open().origin) == ("1.1.0", "release")


def test_the_package_in_use_may_say_where_its_releases_are(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("IDLIB_DATA_INDEX")
    with pytest.raises(ReleaseError, match="no index of releases is known"):
        idl.open("1.0.0")
    (tmp_path / "use").mkdir()
    descriptor = {"name": "own", "resources": [], "releases": site.url}
    (tmp_path / "use" / "datapackage.json").write_text(json.dumps(descriptor))
    monkeypatch.setenv("IDLIB_DATA_PACKAGE", str(tmp_path / "use"))
    assert idl.open("1.0.0").version == "1.0.0"
