"""The folder a release is built in: whole or not there, whatever happens to the build."""

from __future__ import annotations

import errno
import signal
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from idlib_data.errors import ReleaseError
from idlib_data.release import archive
from idlib_data.release.build import build
from idlib_data.release.place import workplace
from tests.release.helpers import DAY, content, make_source, run

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="no such locks or signals on Windows")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_folder_takes_its_place_at_the_end(tmp_path: Path) -> None:
    with workplace(tmp_path / "new" / "out") as folder:
        (folder / "a").write_text("1")
        assert not (tmp_path / "new" / "out").exists()
    assert names(tmp_path / "new") == ["out"]
    assert (tmp_path / "new" / "out" / "a").read_text() == "1"


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with workplace(tmp_path / "out") as folder:
        (folder / "a").write_text("1")
    assert names(tmp_path / "out") == ["a"]


def test_an_error_leaves_nothing_not_even_the_folders_above(tmp_path: Path) -> None:
    def fail() -> None:
        with workplace(tmp_path / "x" / "y" / "out") as folder:
            (folder / "a").write_text("1")
            raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"):
        fail()
    assert names(tmp_path) == []


def test_a_folder_with_something_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("1")
    with pytest.raises(ReleaseError, match="is not empty"), workplace(tmp_path / "out"):
        pytest.fail("not to be entered")
    assert names(tmp_path) == ["out"]
    assert names(tmp_path / "out") == ["mine"]


def test_a_file_in_the_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("1")
    with pytest.raises(ReleaseError, match="is no folder"), workplace(tmp_path / "out"):
        pytest.fail("not to be entered")
    with pytest.raises(ReleaseError), workplace(tmp_path / "out" / "below"):
        pytest.fail("not to be entered")
    assert (tmp_path / "out").read_text() == "1"


def test_of_two_builds_the_second_to_end_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"

    def both() -> None:
        with workplace(out) as late:
            (late / "a").write_text("late")
            with workplace(out) as first:
                (first / "a").write_text("first")

    with pytest.raises(ReleaseError, match="is not empty"):
        both()
    assert (out / "a").read_text() == "first"
    assert names(tmp_path) == ["out"]


@POSIX
def test_what_killed_builds_left_is_cleared_and_live_ones_are_not(tmp_path: Path) -> None:
    dead, other = tmp_path / ".out.abcdefgh.part", tmp_path / ".out.1.abcdefgh.part"
    for folder in (dead, other):
        folder.mkdir()
        (folder / "a").write_text("1")
    out = ExitStack()
    alive = out.enter_context(workplace(tmp_path / "out"))
    assert not dead.exists()
    with workplace(tmp_path / "out") as second:
        (second / "a").write_text("2")
        assert alive.is_dir()
    with pytest.raises(ReleaseError):
        out.close()
    assert names(tmp_path) == [other.name, "out"]


def test_a_full_disk_leaves_nothing_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "x.zip")

    monkeypatch.setattr(archive, "write", full)
    source = make_source(tmp_path / "package")
    with pytest.raises(ReleaseError, match=r"No space left on device"):
        build(source, out=tmp_path / "dist" / "out", day=DAY)
    assert names(tmp_path) == ["package"]


@POSIX
def test_a_file_that_may_not_grow_ends_the_build_with_2(tmp_path: Path) -> None:
    source = make_source(tmp_path / "package")
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))\n"
        "from idlib_data.cli import main\n"
        f"main(['release', 'build', 'package', '--out', 'out', '--date', '{DAY}'])"
    )
    done = run("-c", code, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    assert names(tmp_path) == [source.name]


KILLED = """
import os, signal, sys
left, place = int(sys.argv[1]), os.path.realpath(sys.argv[2])

def hook(event, arguments):
    # What a build does to files in its place, counted; no clock is needed to stop in the middle.
    global left
    if event in ('open', 'os.mkdir', 'os.rename', 'os.chmod', 'sqlite3.connect', 'os.remove'):
        if any(isinstance(a, (str, os.PathLike)) and str(a).startswith(place) for a in arguments):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(hook)
from idlib_data.cli import main
main(['release', 'build', 'package', '--out', sys.argv[2] + '/out', '--date', sys.argv[3]])
"""


@POSIX
def test_a_build_killed_anywhere_leaves_the_place_free_or_whole(tmp_path: Path) -> None:
    make_source(tmp_path / "package")
    whole = content(build(tmp_path / "package", out=tmp_path / "whole", day=DAY).folder)
    dist = tmp_path / "dist"
    killed = 0
    for left in (1, 40, 200, 450, 700, 100_000):
        done = run("-c", KILLED, str(left), dist, DAY, cwd=tmp_path)
        if done.returncode == -signal.SIGKILL:
            killed += 1
            assert not (dist / "out").exists() or content(dist / "out") == whole
        else:
            assert (done.returncode, done.stderr) == (0, "")
    # The last one was left alone, and cleared away what the others left.
    assert killed >= 4
    assert names(dist) == ["out"]
    assert content(dist / "out") == whole
