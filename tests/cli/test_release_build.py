"""``idlib-data release build``: what it prints and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from idlib_data.cli import main
from tests.mini import put
from tests.release.helpers import DAY, make_source


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return make_source(tmp_path / "package")


def build(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["release", "build", *map(str, arguments)])


def test_what_was_built_is_printed_with_sums_and_sizes(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = build(source, "--out", out, "--date", DAY)
    assert result.exit_code == 0, result.output
    first, *lines = result.stdout.splitlines()
    assert first == f"idlib-data 1.0.0 of {DAY}, first release, in {out}"
    found = {name: (digest, int(size)) for digest, size, name in map(str.split, lines)}
    archive = out / "idlib-data-1.0.0.zip"
    sums = (out / "SHA256SUMS").read_text().split()
    assert found["idlib-data-1.0.0.zip"] == (sums[0], archive.stat().st_size)
    assert len(found) == sum(path.is_file() for path in out.rglob("*"))


def test_the_default_is_a_folder_called_as_the_version(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(source)
    result = build(".", "--date", DAY)
    assert result.exit_code == 0, result.output
    assert (source / "dist" / "1.0.0" / "idlib-data-1.0.0.zip").is_file()


def test_invalid_data_are_reported_and_end_with_1(source: Path, tmp_path: Path) -> None:
    put(source, "patrols", "pat-m4-2020-07-14", sequence="many")
    result = build(source, "--out", tmp_path / "out", "--date", DAY)
    assert result.exit_code == 1
    assert "many" in result.stdout
    assert "nothing was built" in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_place_that_is_taken_ends_with_2_and_one_line(source: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("1")
    result = build(source, "--out", tmp_path / "out", "--date", DAY)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"Error: {tmp_path / 'out'}: is not empty")
    assert result.stderr.count("\n") == 1


def test_a_folder_without_a_package_ends_with_2(tmp_path: Path) -> None:
    result = build(tmp_path, "--date", DAY)
    assert result.exit_code == 2
    assert "no datapackage.json there" in result.stderr
