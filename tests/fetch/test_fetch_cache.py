"""The cache: a release comes into it whole, and what was left behind goes away."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from filelock import FileLock

from idlib_data.errors import ReleaseError
from idlib_data.fetch.cache import Cache


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path)


def fill(folder: Path, text: str = "{}") -> Path:
    folder.mkdir(parents=True)
    (folder / "datapackage.json").write_text(text)
    return folder


def place(cache: Cache, version: str, text: str = "{}") -> Path:
    with cache.work() as work:
        return cache.place(fill(work / "content", text), version)


def held(cache: Cache) -> list[str]:
    """What is in the cache, but for the file that processes lock."""
    return sorted(path.name for path in cache.root.iterdir() if path.name != ".lock")


def test_the_cache_is_where_the_environment_says_else_where_the_platform_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDLIB_DATA_CACHE", str(tmp_path))
    assert Cache().path("1.0.0") == tmp_path / "releases" / "1.0.0"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IDLIB_DATA_CACHE", "below")
    assert Cache().path("1.0.0") == tmp_path / "below" / "releases" / "1.0.0"
    monkeypatch.delenv("IDLIB_DATA_CACHE")
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name, **_: tmp_path / name)
    assert Cache().path("1.0.0") == tmp_path / "idlib-data" / "releases" / "1.0.0"


def test_looking_makes_nothing(cache: Cache) -> None:
    assert cache.find("1.0.0") is None
    assert cache.versions() == []
    assert not cache.root.exists()


def test_what_was_placed_is_found_and_nothing_else_is_left(cache: Cache) -> None:
    for version in ("1.10.0", "1.9.0"):
        assert place(cache, version) == cache.find(version)
    assert cache.versions() == ["1.9.0", "1.10.0"]
    assert held(cache) == ["1.10.0", "1.9.0"]


@pytest.mark.parametrize("version", ["..", "../1.0.0", "1.0", ".work", ""])
def test_only_versions_have_a_place(cache: Cache, version: str) -> None:
    with pytest.raises(ReleaseError, match="is no version of the form"):
        cache.path(version)


def test_a_new_copy_takes_the_place_of_the_old(cache: Cache) -> None:
    place(cache, "1.0.0", "old")
    assert (place(cache, "1.0.0", "new") / "datapackage.json").read_text() == "new"
    assert held(cache) == ["1.0.0"]


def test_work_that_fails_leaves_nothing(cache: Cache) -> None:
    place(cache, "1.0.0", "old")
    with pytest.raises(ZeroDivisionError), cache.work() as work:
        fill(work / f"content{1 // len(cache.versions()[1:])}")
    assert held(cache) == ["1.0.0"]


def test_what_a_killed_process_left_is_cleared_by_the_next(cache: Cache) -> None:
    fill(cache.root / ".work" / "content")
    with cache.work() as work:
        assert list(work.iterdir()) == []
    assert held(cache) == []


def test_what_a_killed_process_left_is_cleared_without_work_to_do(cache: Cache) -> None:
    fill(cache.root / ".work" / "content")
    with FileLock(cache.root / ".lock"):
        cache.clear()
        assert held(cache) == [".work"]
    cache.clear()
    assert held(cache) == []


def test_a_copy_put_aside_by_a_killed_process_is_put_back_when_it_is_looked_for(
    cache: Cache,
) -> None:
    fill(cache.root / ".aside" / "1.0.0", "old")
    fill(cache.root / ".work" / "content", "new")
    found = cache.find("1.0.0")
    assert found is not None
    assert (found / "datapackage.json").read_text() == "old"
    assert held(cache) == ["1.0.0"]


def test_a_copy_put_aside_whose_successor_came_is_removed(cache: Cache) -> None:
    fill(cache.root / ".aside" / "1.0.0", "old")
    fill(cache.root / "1.0.0", "new")
    with cache.work():
        pass
    found = cache.find("1.0.0")
    assert found is not None
    assert (found / "datapackage.json").read_text() == "new"
    assert held(cache) == ["1.0.0"]


def test_another_process_is_waited_for_but_not_for_ever(cache: Cache) -> None:
    cache.root.mkdir(parents=True)
    # A lock of the same file that another part of the program opened, as a process would.
    with (
        FileLock(cache.root / ".lock"),
        pytest.raises(ReleaseError, match=r"another process has been fetching for 0\.01 s"),
        cache.work(patience=0.01),
    ):
        pass


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = r"Not a directory; IDLIB_DATA_CACHE can name another"
    with pytest.raises(ReleaseError, match=said), Cache(tmp_path / "file").work():
        pass


def test_an_error_of_the_disk_is_told_in_one_line(cache: Cache) -> None:
    said = r"cannot be written: No space left on device; IDLIB"
    with pytest.raises(ReleaseError, match=said), cache.work():
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert held(cache) == []
