"""``release list | fetch | verify | index``: output, exit codes, and errors of one line."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from idlib_data.cli import main
from tests.fetch.releases import make_release, release_files
from tests.fetch.server import serving, silent

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the releases in a cache that is empty."""
    monkeypatch.setenv("IDLIB_DATA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("IDLIB_DATA_PACKAGE", str(ROOT))
    monkeypatch.delenv("IDLIB_DATA_INDEX", raising=False)
    return tmp_path / "cache" / "releases"


@pytest.fixture
def published(tmp_path: Path) -> Path:
    folder = tmp_path / "published"
    make_release(folder / "1.0.0", "1.0.0")
    files = release_files("1.1.0", date="2027-01-02", step="minor")
    make_release(folder / "1.1.0", "1.1.0", files)
    assert good("release", "index", str(folder)).stderr == (
        f"{folder / 'index.json'}: lists 1.0.0, 1.1.0\n"
    )
    return folder


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def good(*arguments: str) -> Result:
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    return result


def refused(*arguments: str) -> str:
    """The one line of a call that ends with exit code 2 and prints nothing else."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    return result.stderr.removeprefix("Error: ").rstrip("\n")


def test_the_group_names_its_commands() -> None:
    text = good("release", "--help").stdout
    for name in ("list", "fetch", "verify", "index"):
        assert f"\n  {name} " in text
        assert "Example:" in good("release", name, "--help").stdout


def test_the_list_tells_what_is_published_and_what_was_fetched(published: Path) -> None:
    good("release", "fetch", "1.0.0", "--index", str(published))
    text = good("release", "list", "--index", str(published), "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(r["version"], r["date"], r["step"], r["fetched"]) for r in rows] == [
        ("1.0.0", "2026-12-01", "first", "true"),
        ("1.1.0", "2027-01-02", "minor", "false"),
    ]
    table = good("release", "list", "--index", str(published), "--format", "table").stdout
    assert "2 rows" in table
    rows = json.loads(good("release", "list", "--index", str(published), "--format", "json").stdout)
    assert [row["fetched"] for row in rows] == [True, False]


def test_what_was_fetched_is_listed_without_an_index(published: Path, cache: Path) -> None:
    assert good("release", "list", "--cached", "--format", "json").stdout == "[]\n"
    good("release", "fetch", "1.1.0", "--index", str(published))
    assert json.loads(good("release", "list", "--cached", "--format", "json").stdout) == [
        {"version": "1.1.0", "folder": str(cache / "1.1.0")}
    ]


def test_fetch_prints_the_folder_and_nothing_else(published: Path, cache: Path) -> None:
    for _ in range(2):
        result = good("release", "fetch", "1.0.0", "--index", str(published))
        assert (result.stdout, result.stderr) == (f"{cache / '1.0.0'}\n", "")
    (cache / "1.0.0" / "LICENSE").write_text("x")
    good("release", "fetch", "1.0.0", "--index", str(published), "--force")
    assert not (cache / "1.0.0" / "LICENSE").exists()


@pytest.mark.parametrize("command", [["list"], ["fetch", "1.0.0"]])
def test_without_an_index_it_is_said_how_to_give_one(command: list[str]) -> None:
    assert refused("release", *command) == (
        "no index of releases is known: give its URL, file or folder with --index, or set "
        "IDLIB_DATA_INDEX to it"
    )


def test_faults_of_the_environment_are_one_line_and_exit_code_2(
    published: Path, tmp_path: Path
) -> None:
    index = ("--index", str(published))
    assert "there is no release in" in refused("release", "fetch", "3.0.0", *index)
    assert "is no version of the form" in refused("release", "fetch", "latest", *index)
    assert "cannot be read: No such file" in refused("release", "list", "--index", "nowhere")
    assert "is not in the cache" in refused("release", "verify", "1.0.0", *index)
    assert "is no release" in refused("release", "verify", str(tmp_path), *index)
    assert "holds no archive" in refused("release", "index", str(tmp_path / "none"))
    with serving({}) as site:
        site.always["/index.json"] = silent()
        said = refused(
            "release", "list", "--index", site.url, "--timeout", "0.05", "--retries", "0"
        )
    assert said.endswith("index.json: the server does not answer within 0.05 s")


def test_verify_tells_what_was_compared(published: Path) -> None:
    text = good("release", "verify", str(published / "1.0.0")).stdout
    assert text == (
        "own 1.0.0, 6 files, as its sums say (compared with its own sums, no index is known)\n"
    )
    good("release", "fetch", "1.0.0", "--index", str(published))
    text = good("release", "verify", "1.0.0", "--index", str(published)).stdout
    assert f"(compared with its own sums and {published / 'index.json'})" in text


def test_verify_ends_with_1_and_a_line_per_fault(published: Path, cache: Path) -> None:
    good("release", "fetch", "1.0.0", "--index", str(published))
    (cache / "1.0.0" / "data/things.csv").write_text("x")
    result = run("release", "verify", "1.0.0")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == (f"{cache / '1.0.0'}: data/things.csv has not the hash that SHA256SUMS says")
    assert len(lines) == 4
    assert result.stderr == (
        "own 1.0.0, 6 files, faults: 4 (compared with its own sums, no index is known)\n"
    )


def test_every_command_takes_a_tag_as_its_package(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDLIB_DATA_INDEX", str(published))
    about = json.loads(good("info", "--package", "1.1.0", "--format", "json").stdout)
    assert (about["version"], about["found"]) == ("1.1.0", "release")
    text = good("query", "select colour from things", "--package", "1.0.0", "--format", "csv")
    assert text.stdout == "colour\nred\n"


def test_a_bar_is_shown_on_a_terminal_only(published: Path) -> None:
    command = [sys.executable, "-m", "idlib_data", "release", "fetch", "1.0.0"]
    environment = os.environ | {"IDLIB_DATA_INDEX": str(published), "TERM": "xterm"}
    ours, theirs = pty.openpty()
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=theirs, check=True
    )
    os.close(theirs)
    assert b"fetching 1.0.0" in os.read(ours, 100_000)
    os.close(ours)
    assert done.stdout.endswith(b"1.0.0\n")
