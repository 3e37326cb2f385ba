"""``idlib-data validate`` with its voices, its file and its bar."""

from __future__ import annotations

import json
import os
import pty
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from idlib_data import validation
from idlib_data.cli import main, validate
from idlib_data.validation import voices
from tests.mini import make_mini, put


def run(*args: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["validate", *map(str, args)])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    root = make_mini(tmp_path / "mini")
    put(root, "patrols", "pat-m4-2020-07-14", sequence="twenty-first")
    return root


def test_a_report_is_text_unless_told_otherwise(broken: Path) -> None:
    code, out, err = run(broken)
    assert code == 1
    assert "error type-error: " in out
    assert out.splitlines()[-1].startswith("idlib-data ")
    assert "\x1b" not in out
    assert err == ""


@pytest.mark.parametrize("voice", voices.VOICES)
def test_each_voice_is_a_format(voice: str, tmp_path: Path) -> None:
    code, out, err = run(make_mini(tmp_path / "mini"), "--format", voice)
    assert (code, err) == (0, "")
    assert out == voices.render(validation.validate(tmp_path / "mini"), voice, tmp_path / "mini")


def test_a_table_is_no_format_of_a_report(broken: Path) -> None:
    code, out, err = run(broken, "--format", "table")
    assert (code, out) == (2, "")
    assert "'table' is not one of" in err


def test_out_takes_the_report_and_leaves_nothing_else(broken: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    file = tmp_path / "out" / "report.json"
    file.write_text("old and longer than the new one" * 1000)
    code, out, _ = run(broken, "--format", "json", "--out", file)
    assert (code, out) == (1, "")
    assert json.loads(file.read_text("utf-8"))["valid"] is False
    assert list(file.parent.iterdir()) == [file]


def test_out_keeps_the_old_file_when_it_cannot_be_replaced(
    broken: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "out").mkdir()
    file = tmp_path / "out" / "report.html"
    file.write_text("old")
    monkeypatch.setattr(os, "replace", fail)
    code, _, err = run(broken, "--format", "html", "--out", file)
    assert code == 2
    assert "No space left on device" in err
    assert [path.read_text() for path in file.parent.iterdir()] == ["old"]


def test_out_into_a_folder_that_is_not_there_is_told(broken: Path, tmp_path: Path) -> None:
    code, _, err = run(broken, "--out", tmp_path / "none" / "report.txt")
    assert code == 2
    assert "report.txt" in err


def test_out_follows_a_link_and_replaces_no_device(broken: Path, tmp_path: Path) -> None:
    link, target = tmp_path / "link.txt", tmp_path / "target.txt"
    target.write_text("old")
    link.symlink_to(target)
    run(broken, "--out", link)
    assert link.is_symlink()
    assert "not valid" in target.read_text("utf-8")
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    run(broken, "--out", fifo)
    assert fifo.is_fifo()
    assert b"not valid" in os.read(reader, 1 << 20)
    os.close(reader)


def test_no_bar_is_made_where_there_is_no_terminal() -> None:
    with validate.progress_bar() as progress:
        assert progress is None


class Immediately:
    """A timer whose time is over when it starts."""

    def __init__(self, _: float, function: Callable[[], None]) -> None:
        self.function = function

    def start(self) -> None:
        self.function()

    def cancel(self) -> None:
        """Too late."""

    def join(self) -> None:
        """Nothing is left to wait for."""


class Never(Immediately):
    """A timer that is cancelled before its time is over."""

    def start(self) -> None:
        """Wait."""


@pytest.mark.parametrize("timer", [Immediately, Never])
def test_a_bar_shows_on_a_terminal_when_it_takes_long(
    timer: type[Immediately], monkeypatch: pytest.MonkeyPatch
) -> None:
    master, slave = pty.openpty()
    terminal = os.fdopen(slave, "w")
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr("threading.Timer", timer)
    monkeypatch.setenv("TERM", "xterm")
    with validate.progress_bar() as progress:
        assert progress is not None
        progress("links", 3, 7)
    terminal.write("end")
    terminal.flush()
    seen = b""
    while not seen.endswith(b"end"):  # a terminal hands out what is written piece by piece
        seen += os.read(master, 1 << 16)
    written = seen.decode()
    terminal.close()
    os.close(master)
    if timer is Never:
        assert written == "end"
    else:
        assert "validating: links" in written
        # It is wiped away: the cursor goes back and the line is erased.
        assert written.endswith("\x1b[2Kend")
