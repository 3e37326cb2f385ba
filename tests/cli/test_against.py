"""``idlib-data validate --against``."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from idlib_data.cli import main
from tests.mini import make_mini


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    return make_mini(tmp_path / "mini")


@pytest.fixture
def release(mini: Path, tmp_path: Path) -> Path:
    """The mini package as it is before the tests change it, as an archive."""
    path = tmp_path / "release.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(mini.rglob("*")):
            archive.write(file, f"idlib-data/{file.relative_to(mini).as_posix()}")
    return path


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(main, ["validate", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_an_unchanged_package_is_valid_against_its_release(mini: Path, release: Path) -> None:
    result = run(mini, "--against", release, "--format", "json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout)["problems"] == []


def test_a_changed_id_is_reported_where_it_stands(mini: Path, release: Path) -> None:
    for name in ("posts", "claims"):
        path = mini / "data" / f"{name}.csv"
        path.write_text(path.read_text("utf-8").replace("pst-tr-01", "pst-tr-02"), "utf-8")
    result = run(mini, "--against", release, "--format", "json")
    assert result.exit_code == 1
    problems = json.loads(result.stdout)["problems"]
    [changed] = [p for p in problems if p["rule"] == "id-changed" and p["table"] == "posts"]
    assert (changed["row"], changed["line"], changed["record_id"]) == (2, 2, "pst-tr-02")
    assert {p["rule"] for p in problems} == {"id-changed", "version-step"}


@pytest.mark.parametrize("voice", ["text", "markdown", "html", "csv", "github", "sarif", "junit"])
def test_every_voice_tells_of_a_record_without_a_row(mini: Path, release: Path, voice: str) -> None:
    path = mini / "data/posts.csv"
    path.write_text(path.read_text("utf-8").partition("\n")[0] + "\n", "utf-8")
    result = run(mini, "--against", release, "--format", voice)
    assert result.exit_code == 1
    # Markdown escapes the hyphens.
    assert "pst-tr-01 is gone" in result.stdout.replace("\\", "")
    if voice == "junit":
        cases = {c.get("name") for c in ElementTree.fromstring(result.stdout).iter("testcase")}
        assert "id-vanished" in cases
        assert "id-reused" not in cases


@pytest.mark.parametrize("base", ["nowhere", "--all"])
def test_a_base_that_is_none_ends_with_exit_code_2(mini: Path, base: str) -> None:
    result = run(mini, "--against", base)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"Error: {base}") or result.stderr.startswith(
        f"Error: '{base}'"
    )
