"""Verifying a release: each file is what each list says, no more and no fewer."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from idlib_data.errors import NotFoundError, ReleaseError
from idlib_data.fetch.check import verify
from idlib_data.fetch.index import Index, read_index
from idlib_data.fetch.listing import write_index
from tests.fetch.releases import make_release, release_files, sums


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """The folder of a built release."""
    return make_release(tmp_path / "1.0.0").parent


@pytest.fixture
def loose(built: Path) -> Path:
    return built / "own-1.0.0"


@pytest.fixture
def index(built: Path) -> Index:
    write_index(built.parent)
    return read_index(str(built.parent))


def changed(folder: Path, path: str, change: Callable[[Any], None]) -> None:
    """Change a JSON file, and the sums of the files with it, as one who tampers would."""
    content = json.loads((folder / path).read_text("utf-8"))
    change(content)
    (folder / path).write_text(json.dumps(content), "utf-8")
    summed(folder)


def summed(folder: Path) -> None:
    files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    files.pop("SHA256SUMS", None)
    (folder / "SHA256SUMS").write_bytes(sums({n: p.read_bytes() for n, p in files.items()}))


def faults(place: Path, index: Index | None = None) -> list[str]:
    return list(verify(place, index).faults)


def test_a_release_is_whole_as_folder_archive_and_both(built: Path, loose: Path) -> None:
    for place in (built, loose, built / "own-1.0.0.zip"):
        found = verify(place)
        assert found.valid
        assert (found.name, found.version, found.files, found.index) == ("own", "1.0.0", 6, "")


def test_a_release_is_as_the_index_says(built: Path, loose: Path, index: Index) -> None:
    for place in (built, loose, built / "own-1.0.0.zip"):
        found = verify(place, index)
        assert found.valid
        assert found.index == index.location


def test_a_changed_file_differs_from_every_list(loose: Path) -> None:
    (loose / "data/things.csv").write_text("thing_id,colour\nfirst,blu\n", "utf-8")
    assert faults(loose) == [
        "data/things.csv has not the hash that SHA256SUMS says",
        "data/things.csv has not the hash that manifest.json says",
        "data/things.csv has not the hash and size that datapackage.json says",
    ]


def test_a_changed_file_with_new_sums_differs_from_manifest_and_descriptor(loose: Path) -> None:
    (loose / "data/things.csv").write_text("thing_id,colour\n", "utf-8")
    summed(loose)
    assert faults(loose) == [
        "data/things.csv has not the hash that manifest.json says",
        "data/things.csv has not the size that manifest.json says",
        "data/things.csv has not the hash and size that datapackage.json says",
    ]


def test_missing_and_additional_files_are_named(loose: Path) -> None:
    (loose / "parquet/things.parquet").unlink()
    (loose / "more.txt").write_text("x")
    assert faults(loose) == [
        "'parquet/things.parquet', a file that SHA256SUMS lists, is missing",
        "'more.txt' is not listed in SHA256SUMS",
        "'parquet/things.parquet', a file that manifest.json lists, is missing",
        "'more.txt' is not listed in manifest.json",
    ]


@pytest.mark.parametrize("name", ["SHA256SUMS", "manifest.json"])
def test_a_missing_list_is_named(loose: Path, name: str) -> None:
    (loose / name).unlink()
    assert f"{name} is missing" in faults(loose)


def test_links_and_pipes_are_named_and_not_read(loose: Path) -> None:
    (loose / "link").symlink_to("/etc/passwd")
    (loose / "folder").symlink_to(loose / "data")
    os.mkfifo(loose / "pipe")
    assert faults(loose) == [
        f"{name!r} is a link or no plain file" for name in ("folder", "link", "pipe")
    ]


@pytest.mark.parametrize(
    "text", ["x", "0" * 64 + " a\n", "0" * 63 + "  a\n", ("0" * 64 + "  a\n") * 2, "\ufffd"]
)
def test_sums_of_another_form_are_named(loose: Path, text: str) -> None:
    (loose / "SHA256SUMS").write_text(text, "utf-8")
    assert faults(loose)[0] == "SHA256SUMS is not written as sha256sum does"


def resource(descriptor: Any) -> Any:
    return descriptor["resources"][0]


@pytest.mark.parametrize(
    ("path", "change", "said"),
    [
        ("manifest.json", lambda m: m.update(format=2), "no manifest of a form that is known"),
        ("manifest.json", lambda m: m.update(files=[]), "no manifest of a form that is known"),
        ("manifest.json", lambda m: m.update(version="2.0.0"), "differ in version"),
        ("manifest.json", lambda m: m["files"].update(x={}), "'x', a file that manifest.json"),
        ("manifest.json", lambda m: m["files"].popitem(), "is not listed in manifest.json"),
        ("manifest.json", lambda m: m["files"]["data/things.csv"].update(bytes=1), "the size that"),
        ("datapackage.json", lambda d: d.update(name="other"), "differ in name"),
        ("datapackage.json", lambda d: d.update(resources=0), "is no data package"),
        ("datapackage.json", lambda d: resource(d).pop("hash"), "the hash and size that data"),
        ("datapackage.json", lambda d: resource(d).update(bytes=1), "the hash and size that data"),
        ("datapackage.json", lambda d: resource(d).update(path="../x"), "'../x', a file that"),
        ("datapackage.json", lambda d: resource(d).update(path=[1]), "[1], a file that"),
        ("datapackage.json", lambda d: resource(d).update(schema="x.json"), "'x.json', a file"),
        ("datapackage.json", lambda d: d["resources"].append(1), "None, a file that"),
    ],
)
def test_a_list_that_was_changed_together_with_the_sums_is_found_out(
    loose: Path, path: str, change: Callable[[Any], None], said: str
) -> None:
    changed(loose, path, change)
    found = faults(loose)
    assert any(said in fault for fault in found), found
    assert all(fault.isprintable() for fault in found)


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000])
@pytest.mark.parametrize("path", ["manifest.json", "datapackage.json"])
def test_a_list_that_is_no_object_is_a_fault(loose: Path, path: str, text: str) -> None:
    (loose / path).write_text(text, "utf-8")
    assert faults(loose)


def test_the_sum_beside_an_archive_is_compared(built: Path) -> None:
    archive = built / "own-1.0.0.zip"
    (built / "SHA256SUMS").write_text("0" * 64 + f"  {archive.name}\n")
    assert faults(archive) == ["has not the hash that the SHA256SUMS beside it says"]
    (built / "SHA256SUMS").write_text("0" * 64 + "  other.zip\n")
    assert faults(archive) == ["is not listed in the SHA256SUMS beside it"]
    (built / "SHA256SUMS").write_text("x")
    assert faults(archive) == ["SHA256SUMS beside it is not written as sha256sum does"]
    (built / "SHA256SUMS").unlink()
    assert faults(archive) == []
    assert faults(built) == ["SHA256SUMS of the archive is missing"]


def test_archive_and_loose_files_must_be_the_same(built: Path, loose: Path) -> None:
    for name, content in release_files(text="thing_id,colour\nother,red\n").items():
        (loose / name).write_bytes(content)
    (loose / "link").symlink_to("data")
    assert faults(loose) == ["'link' is a link or no plain file"]
    assert "data/things.csv is not the same in the archive and in own-1.0.0" in faults(built)
    assert "'link' is a link or no plain file" in faults(built)


def test_another_release_under_the_same_version_differs_from_the_index(
    built: Path, index: Index
) -> None:
    other = release_files(text="thing_id\nother\n", date="2027-01-01", step="major")
    make_release(built, "1.0.0", other)
    assert faults(built) == []
    assert faults(built, index) == [
        "has the date '2027-01-01', but the index says 2026-12-01",
        "has the step 'major', but the index says first",
        "has other schemas than the index says",
        "has another SHA256SUMS than the index says",
        "is not the archive that the index lists: hash or size differ",
    ]
    assert len(faults(built / "own-1.0.0", index)) == 4


def test_an_index_of_another_package_or_without_the_version_is_no_match(
    loose: Path, index: Index
) -> None:
    assert faults(loose, replace(index, name="other")) == [
        "is name 'own', but the index says other"
    ]
    with pytest.raises(NotFoundError, match="there is no release in"):
        verify(loose, replace(index, entries=()))


def test_an_index_that_says_less_is_compared_as_far_as_it_goes(loose: Path, index: Index) -> None:
    bare = replace(index.entries[0], date="", step="", schema="", sums="")
    assert faults(loose, replace(index, entries=(bare,))) == []


def test_what_is_no_release_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDLIB_DATA_CACHE", str(tmp_path / "cache"))
    (tmp_path / "package").mkdir()
    (tmp_path / "package/datapackage.json").write_text("{}")
    (tmp_path / "text.zip").write_text("x")
    (tmp_path / "own-1.0.0.zip").write_text("x")
    for place, said in (
        ("package", "it has neither SHA256SUMS nor manifest.json"),
        ("text.zip", "is no archive of a release, which is NAME-VERSION.zip"),
        ("own-1.0.0.zip", "is no zip archive that can be read"),
        ("nowhere", "is no release: neither an archive"),
        ("x" * 5000, "is no release: neither an archive"),
        (".", "is no zip archive that can be read"),
    ):
        with pytest.raises(ReleaseError, match=said):
            verify(tmp_path / place)
    with pytest.raises(ReleaseError, match=r"2\.0\.0: is not in the cache; 'release fetch'"):
        verify("2.0.0")
