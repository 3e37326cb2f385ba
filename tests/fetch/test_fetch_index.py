"""The index of releases: found, read with suspicion, written the same each time."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from idlib_data.errors import NotFoundError, ReleaseError
from idlib_data.fetch.index import is_version, read_index, whereabouts
from idlib_data.fetch.listing import write_index
from idlib_data.fetch.options import Options
from tests.fetch.releases import NAME, make_release, release_files, sha256
from tests.fetch.server import serving

OPTIONS = Options(retries=0, backoff=0.0)
HASH = "0" * 64


def entry(version: str = "1.0.0", **changes: Any) -> dict[str, Any]:
    archive = {"url": f"{version}.zip", "sha256": HASH, "bytes": 5} | changes.pop("archive", {})
    return {"version": version, "archive": archive} | changes


def index(*releases: Any, **changes: Any) -> dict[str, Any]:
    return {"format": 1, "name": NAME, "releases": list(releases)} | changes


def put(folder: Path, content: object) -> Path:
    path = folder / "index.json"
    path.write_text(json.dumps(content), "utf-8")
    return path


def refused(folder: Path, content: object) -> str:
    path = put(folder, content)
    with pytest.raises(ReleaseError) as caught:
        read_index(str(path), OPTIONS)
    message = str(caught.value)
    assert message.startswith(f"{path}: is no index of releases: ")
    assert message.isprintable()
    return message


@pytest.mark.parametrize("text", ["1.0.0", "0.1.0", "2026.12.0", "10.20.30"])
def test_a_version_has_three_numbers(text: str) -> None:
    assert is_version(text)


@pytest.mark.parametrize(
    "text",
    ["", "1", "1.0", "v1.0.0", "1.0.0.0", "1.0.0-rc1", "01.0.0", "../1.0.0", "1.0.0\n", "١.0.0"],
)
def test_anything_else_is_no_version(text: str) -> None:
    assert not is_version(text)


def test_the_index_is_where_it_is_told_then_the_environment_then_the_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("IDLIB_DATA_INDEX", "environment")
    assert whereabouts("told", "said") == "told"
    assert whereabouts(None, "said") == "environment"
    monkeypatch.delenv("IDLIB_DATA_INDEX")
    assert whereabouts(None, "said") == "said"
    with pytest.raises(ReleaseError, match="give its URL, file or folder with --index, or set"):
        whereabouts(None, None)


def test_a_folder_stands_for_its_index(tmp_path: Path) -> None:
    path = put(tmp_path, index(entry()))
    assert read_index(str(tmp_path), OPTIONS) == read_index(str(path), OPTIONS)


def test_an_address_stands_for_the_index_below_it(tmp_path: Path) -> None:
    content = put(tmp_path, index(entry())).read_bytes()
    with serving({"/a/index.json": content, "/other.json": content}) as site:
        for address in ("a", "a/", "a/index.json", "other.json"):
            found = read_index(f"{site.url}{address}", OPTIONS)
            assert found.entries[0].version == "1.0.0"
        assert found.entries[0].url == f"{site.url}1.0.0.zip"
        assert site.paths() == ["/a/index.json"] * 3 + ["/other.json"]


def test_releases_are_put_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    path = put(tmp_path, index(entry("1.10.0"), entry("1.9.0"), entry("0.10.1")))
    found = read_index(str(path), OPTIONS)
    assert [e.version for e in found.entries] == ["0.10.1", "1.9.0", "1.10.0"]


def test_what_is_not_listed_is_refused_with_what_is(tmp_path: Path) -> None:
    found = read_index(str(put(tmp_path, index(entry("1.0.0"), entry("1.1.0")))), OPTIONS)
    assert found.entry("1.1.0").version == "1.1.0"
    with pytest.raises(NotFoundError, match=r"did you mean 1\.0\.0"):
        found.entry("1.0.1")


def test_an_archive_may_be_anywhere(tmp_path: Path) -> None:
    far = "https://example.org/a.zip"
    for url, expected in ((far, far), ("a%20b/c.zip", str(tmp_path / "a b" / "c.zip"))):
        path = put(tmp_path, index(entry(archive={"url": url})))
        assert read_index(str(path), OPTIONS).entries[0].url == expected


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([], "has no 'format': 1"),
        (index(format=2), "a newer idlib-data may be able to read it"),
        (index(name="../x"), "'name' is not what it must be"),
        (index(name=None), "'name' is not"),
        (index(releases={}), "'releases' is not a list"),
        (index(1), "a release is not described: 1"),
        (index({"version": "1.0.0"}), "a release is not described"),
        (index(entry("../1.0.0")), "'version' is not"),
        (index(entry("1.0.0"), entry("1.0.0")), "it lists 1.0.0 twice"),
        (index(entry(date="\x1b[2J")), "'date' is not"),
        (index(entry(step="huge")), "'step' is not"),
        (index(entry(schema="x")), "'schema' is not"),
        (index(entry(archive={"sha256": "A" * 64})), "'sha256' is not"),
        (index(entry(archive={"bytes": True})), "'bytes' is no size up to 4 GiB"),
        (index(entry(archive={"bytes": 0})), "'bytes' is no size"),
        (index(entry(archive={"bytes": 5 * 1024**3})), "'bytes' is no size"),
        (index(entry(archive={"bytes": "5"})), "'bytes' is no size"),
        (index(entry(archive={"url": ""})), "'url' is not"),
        (index(entry(archive={"url": "a b"})), "has a space or a control character"),
        (index(entry(archive={"url": "a\x1bb"})), "has a space or a control character"),
        (index(entry(archive={"url": "file:///etc/passwd"})), "no address of the form http"),
        (index(entry(archive={"url": "http://"})), "no address of the form http"),
    ],
)
def test_what_is_no_index_is_refused_in_one_line(
    tmp_path: Path, content: object, said: str
) -> None:
    assert said in refused(tmp_path, content)


def test_an_index_of_a_server_names_no_files_of_this_computer() -> None:
    content = json.dumps(index(entry(archive={"url": "file:///etc/passwd"}))).encode()
    with (
        serving({"/index.json": content}) as site,
        pytest.raises(ReleaseError, match="no address of the form http"),
    ):
        read_index(site.url, OPTIONS)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000, b"1" * 5000])
def test_what_is_no_json_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "index.json"
    path.write_bytes(content)
    with pytest.raises(ReleaseError, match="is no index of releases"):
        read_index(str(path), OPTIONS)


@pytest.mark.parametrize(
    "location",
    ["ftp://host/x", "http://", "file:///x", "http://[::1", "http://a b/", "http://a/\x1b"],
)
def test_an_address_of_another_kind_is_refused(location: str) -> None:
    with pytest.raises(ReleaseError, match="is no address of the form http"):
        read_index(location, OPTIONS)


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("x" * 5000, "cannot be read: File name too long"),
        ("a\0b", "cannot be read: embedded null byte"),
        ("http://127.0.0.1:x/", "Failed to parse: '127.0.0.1:x' is not a valid host or port"),
        ("http://127.0.0.1:99999/", "Failed to parse"),
        ("http://a..b/", "Failed to parse"),
        (f"http://{'a' * 300}.invalid/", "Failed to parse"),
        ("http://127.0.0.1:1/", "the server cannot be reached"),
    ],
)
def test_a_place_that_cannot_be_is_refused_in_one_line(location: str, said: str) -> None:
    with pytest.raises(ReleaseError) as caught:
        read_index(location, OPTIONS)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 6000


def test_a_missing_index_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=r"index\.json: cannot be read: No such file"):
        read_index(str(tmp_path / "index.json"), OPTIONS)
    with serving({}) as site, pytest.raises(ReleaseError, match="answers 404"):
        read_index(site.url, OPTIONS)


def test_an_index_is_written_over_all_built_releases(tmp_path: Path) -> None:
    for version in ("1.10.0", "1.9.0"):
        make_release(tmp_path / version, version)
    path, versions = write_index(tmp_path)
    assert (path, versions) == (tmp_path / "index.json", ["1.9.0", "1.10.0"])
    archive = (tmp_path / "1.9.0" / "own-1.9.0.zip").read_bytes()
    files = release_files("1.9.0")
    schemas = f"{sha256(files['schemas/things.json'])}  schemas/things.json\n".encode()
    assert json.loads(path.read_text("utf-8"))["releases"][0] == {
        "version": "1.9.0",
        "date": "2026-12-01",
        "step": "first",
        "archive": {
            "url": "1.9.0/own-1.9.0.zip",
            "sha256": sha256(archive),
            "bytes": len(archive),
        },
        "schema": sha256(schemas),
        "sums": sha256(files["SHA256SUMS"]),
    }
    found = read_index(str(tmp_path), OPTIONS)
    assert [e.version for e in found.entries] == versions


def test_an_index_is_the_same_wherever_and_whenever_it_is_written(tmp_path: Path) -> None:
    make_release(tmp_path / "one" / "1.0.0", "1.0.0")
    make_release(tmp_path / "one" / "1.1.0", "1.1.0")
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    texts = [write_index(tmp_path / name)[0].read_bytes() for name in ("one", "two", "one")]
    assert len(set(texts)) == 1


def test_hidden_folders_and_other_archives_are_left_out(tmp_path: Path) -> None:
    make_release(tmp_path / "1.0.0")
    make_release(tmp_path / ".old", "0.9.0")
    (tmp_path / "photos.zip").write_bytes(b"x")
    assert write_index(tmp_path)[1] == ["1.0.0"]


def test_no_index_is_written_over_what_is_not_whole(tmp_path: Path) -> None:
    def refused() -> str:
        with pytest.raises(ReleaseError) as caught:
            write_index(tmp_path)
        assert not list(tmp_path.glob("*index.json*"))
        return str(caught.value)

    assert "holds no archive of a release" in refused()
    archive = make_release(tmp_path / "1.0.0")
    again = make_release(tmp_path / "copy")
    assert "are both version 1.0.0" in refused()
    shutil.rmtree(again.parent)
    (archive.parent / "SHA256SUMS").write_text(f"{HASH}  {archive.name}\n")
    assert "is no whole release: has not the hash that the SHA256SUMS beside it" in refused()
    shutil.rmtree(archive.parent)
    wrong = make_release(tmp_path / "1.1.0", "1.1.0", release_files("1.0.0"))
    assert f"{wrong}: is release own-1.0.0" in refused()
