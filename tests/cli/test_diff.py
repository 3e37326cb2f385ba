"""``idlib-data diff``: what it prints, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from idlib_data.cli import main
from tests.mini import make_mini, put


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return make_mini(tmp_path / "old")


@pytest.fixture
def new(tmp_path: Path) -> Path:
    package = make_mini(tmp_path / "new")
    put(package, "patrols", "pat-m4-2020-07-14", sequence="20")
    return package


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["diff", *map(str, arguments)])


def test_it_prints_text_and_ends_well_though_the_states_differ(old: Path, new: Path) -> None:
    result = run(old, new)
    assert result.exit_code == 0
    assert "      sequence: 21 -> 20" in result.stdout.splitlines()


def test_the_exit_code_tells_of_a_difference_only_if_asked_to(old: Path, new: Path) -> None:
    assert run(old, new, "--exit-code").exit_code == 1
    assert run(old, old, "--exit-code").exit_code == 0


def test_the_other_forms_are_those_of_the_voices(old: Path, new: Path) -> None:
    told = json.loads(run(old, new, "--format", "json").stdout)
    assert [change["new"] for change in told["changes"]] == ["20"]
    assert run(old, new, "--format", "csv").stdout.splitlines()[1:] == [
        "patrols,pat-m4-2020-07-14,sequence,21,20,changed,"
    ]
    assert run(old, new, "--format", "markdown").stdout.startswith("### idlib")


def test_cells_and_all_widen_what_is_told(old: Path, new: Path) -> None:
    for number in range(30):
        put(new, "posts", f"pst-tr-1{number:02}", name="Other")
    short = run(old, new).stdout
    assert "pst-tr-129" not in short
    assert "name: Other" not in short
    full = run(old, new, "--all", "--cells").stdout
    assert "pst-tr-129" in full
    assert "name: Other" in full


def test_a_state_that_cannot_be_read_ends_with_2(old: Path) -> None:
    result = run(old, "no-such-state", "--package", old)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no-such-state: is no package or archive" in result.stderr
