"""``idlib-data cite`` and ``idlib-data --version``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from idlib_data import __version__
from idlib_data.cli import main
from idlib_data.release.citation import cite
from tests.mini import CHECKOUT, make_mini
from tests.release.helpers import change_descriptor

EVENT = "evt-2020-07-14-attack-ariha"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = make_mini(tmp_path / "mini")
    change_descriptor(folder, version="7.0.0")
    return folder


def run(*arguments: str, **environment: str | None) -> Result:
    clean = {"IDLIB_DATA_PACKAGE": None, "IDLIB_DATA_INDEX": None}
    return CliRunner(env=clean | environment).invoke(main, list(arguments))


@pytest.mark.parametrize("form", ["text", "bibtex", "csl", "apa"])
def test_every_form_is_printed_as_the_function_gives_it(form: str, package: Path) -> None:
    options = ["--sources", "--record", EVENT, "--record", "agr-sochi-2018-09-17"]
    result = run("cite", "--format", form, *options, "--package", str(package))
    records = [EVENT, "agr-sochi-2018-09-17"]
    told = cite(form, sources=True, records=records, package=package)  # type: ignore[arg-type]  # any word
    assert (result.exit_code, result.stdout, result.stderr) == (0, told, "")


def test_without_options_the_data_alone_are_cited_in_one_line(package: Path) -> None:
    result = run("cite", IDLIB_DATA_PACKAGE=str(package))
    (line,) = result.stdout.splitlines()
    assert "version 7.0.0" in line


def test_all_sources_are_told_where_no_record_is_named(package: Path) -> None:
    result = run("cite", "--format", "csl", "--sources", "--package", str(package))
    assert [item["type"] for item in json.loads(result.stdout)] == ["dataset", *["webpage"] * 3]


def test_records_without_sources_are_refused(package: Path) -> None:
    result = run("cite", "--record", EVENT, "--package", str(package))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "needs --sources" in result.stderr


def test_an_unknown_record_is_refused_with_a_near_one(package: Path) -> None:
    result = run("cite", "--sources", "--record", EVENT + "h", "--package", str(package))
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"did you mean {EVENT}" in result.stderr


def test_the_version_is_one_line_where_the_own_data_are_in_use() -> None:
    for environment in ({}, {"IDLIB_DATA_PACKAGE": str(CHECKOUT)}):
        result = run("--version", **environment)
        assert (result.exit_code, result.output) == (0, f"idlib-data {__version__}\n")


def test_the_version_tells_which_other_data_are_in_use_and_where(package: Path) -> None:
    result = run("--version", IDLIB_DATA_PACKAGE=str(package))
    assert (result.exit_code, result.output) == (
        0,
        f"idlib-data {__version__}\n"
        f"data in use: idlib-data 7.0.0 in {package} (IDLIB_DATA_PACKAGE)\n",
    )


def test_the_version_tells_of_a_release_and_fetches_none(tmp_path: Path) -> None:
    chosen = {"IDLIB_DATA_PACKAGE": "3.2.1", "IDLIB_DATA_CACHE": str(tmp_path / "cache")}
    told = run("--version", **chosen)
    assert (told.exit_code, told.output.splitlines()[1]) == (
        0,
        "data in use: release 3.2.1, not fetched yet (IDLIB_DATA_PACKAGE)",
    )
    assert not (tmp_path / "cache").exists()
    (tmp_path / "cache" / "releases").mkdir(parents=True)
    kept = make_mini(tmp_path / "cache" / "releases" / "3.2.1")
    change_descriptor(kept, version="3.2.1")
    told = run("--version", **chosen)
    assert told.output.splitlines()[1] == (
        f"data in use: idlib-data 3.2.1 in {kept} (IDLIB_DATA_PACKAGE)"
    )


def test_the_version_is_told_also_where_the_data_are_missing(tmp_path: Path) -> None:
    result = run("--version", IDLIB_DATA_PACKAGE=str(tmp_path))
    assert (result.exit_code, result.stdout) == (2, f"idlib-data {__version__}\n")
    assert "no datapackage.json there" in result.stderr
