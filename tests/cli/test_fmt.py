"""``idlib-data fmt``: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from idlib_data.cli import main
from idlib_data.dataset import Dataset

CHECKOUT = Path(__file__).parents[2]
CANONICAL = b"id,note\na,1\nb,2\n"
UNSORTED = b"id,note\r\nb,2\r\na,1\r\n"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Two tables, of which the first is not canonical."""
    fields = [{"name": "id", "type": "string"}, {"name": "note", "type": "string"}]
    schema = {"fields": fields, "primaryKey": "id"}
    resources = [{"name": n, "path": f"{n}.csv", "schema": schema} for n in ("odd", "fine")]
    (tmp_path / "datapackage.json").write_text(json.dumps({"resources": resources}))
    (tmp_path / "odd.csv").write_bytes(UNSORTED)
    (tmp_path / "fine.csv").write_bytes(CANONICAL)
    return tmp_path


def fmt(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["fmt", *map(str, arguments)])


def test_the_changed_files_are_written_and_named(package: Path) -> None:
    result = fmt(package)
    assert result.output.splitlines() == ["odd.csv", "1 of 2 files rewritten"]
    assert result.exit_code == 0
    assert (package / "odd.csv").read_bytes() == CANONICAL
    again = fmt("--package", package)
    assert (again.output, again.exit_code) == ("0 of 2 files rewritten\n", 0)


def test_a_check_names_the_files_writes_nothing_and_exits_with_1(package: Path) -> None:
    result = fmt(package, "--check")
    assert result.output.splitlines() == ["odd.csv", "1 of 2 files would be rewritten"]
    assert result.exit_code == 1
    assert (package / "odd.csv").read_bytes() == UNSORTED


def test_a_check_of_a_canonical_package_exits_with_0(package: Path) -> None:
    (package / "odd.csv").write_bytes(CANONICAL)
    result = fmt("--check", "--package", package)
    assert (result.output, result.exit_code) == ("0 of 2 files would be rewritten\n", 0)


@pytest.mark.parametrize("arguments", [(), ("--check",)])
def test_a_file_that_cannot_be_read_is_named_and_nothing_is_written(
    package: Path, arguments: tuple[str, ...]
) -> None:
    (package / "fine.csv").write_bytes(b"id,note\na,1\nb\n")
    result = fmt(package, *arguments)
    assert result.output.splitlines() == [
        "Error: fine.csv, line 3: 1 cells under 2 columns; "
        "count the commas: an empty cell still needs its comma",
        "no file was changed",
    ]
    assert result.exit_code == 2
    assert (package / "odd.csv").read_bytes() == UNSORTED


def test_a_folder_without_a_package_is_an_error_of_the_call(tmp_path: Path) -> None:
    result = fmt(tmp_path)
    assert result.output == f"Error: {tmp_path}: no datapackage.json there\n"
    assert result.exit_code == 2


def test_the_folder_is_given_only_once(package: Path) -> None:
    result = fmt(package, "--package", package)
    assert "give the folder once: as PATH or as --package" in result.output
    assert result.exit_code == 2
    assert (package / "odd.csv").read_bytes() == UNSORTED


def test_without_a_folder_the_data_in_use_are_formatted(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDLIB_DATA_PACKAGE", str(package))
    assert fmt().output.splitlines() == ["odd.csv", "1 of 2 files rewritten"]


def test_the_data_of_the_checkout_are_canonical() -> None:
    result = fmt(CHECKOUT, "--check")
    tables = len(Dataset(CHECKOUT).tables)
    assert (result.output, result.exit_code) == (f"0 of {tables} files would be rewritten\n", 0)


def test_the_shipped_data_come_back_byte_by_byte_from_another_form(tmp_path: Path) -> None:
    for part in ("data", "schemas"):
        shutil.copytree(CHECKOUT / part, tmp_path / part)
    shutil.copy(CHECKOUT / "datapackage.json", tmp_path)
    paths = sorted((tmp_path / "data").glob("*.csv"))
    shipped = {path: path.read_bytes() for path in paths}
    for path in paths:
        path.write_bytes(b"\xef\xbb\xbf" + shipped[path].replace(b"\n", b"\r\n"))
    result = fmt(tmp_path)
    assert result.exit_code == 0
    assert {path: path.read_bytes() for path in paths} == shipped


def test_the_help_names_the_command_and_its_example() -> None:
    assert "fmt" in main.list_commands(click.Context(main))
    assert "idlib-data fmt . --check" in fmt("--help").output
