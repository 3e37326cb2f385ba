"""The commands over disagreement: disputes, independence, perspective."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from idlib_data.cli import main
from idlib_data.dataset import Dataset
from idlib_data.ledger import disputes
from idlib_data.perspectives import independence
from tests.mini import claim, make_mini, put

ROOT = Path(__file__).resolve().parents[2]
JULY = "pat-m4-2020-07-14"


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    return make_mini(tmp_path / "mini")


def good(*arguments: str, package: Path) -> str:
    result = CliRunner().invoke(main, [*arguments, "--package", str(package)])
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def records(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_disputes_are_those_of_the_library() -> None:
    found = records(good("disputes", package=ROOT))
    whole = disputes(ROOT)
    assert list(found[0]) == whole.columns.tolist()
    assert [row["record_id"] for row in found] == whole["record_id"].tolist()


def test_disputes_of_one_table_or_record(mini: Path) -> None:
    said = {"status": "conflict", "note": "Told otherwise.", "attributed_to": "act-russia"}
    claim(mini, "evt-2020-07-14-attack-ariha", "date_start", "2020-07-15", **said)
    assert len(records(good("disputes", package=mini))) == 2
    (row,) = records(good("disputes", "--table", "patrols", package=mini))
    assert row == {
        "table": "patrols",
        "record_id": JULY,
        "field": "sequence",
        "accepted_value": "21",
        "accepted_by": "Example Review; act-tr-mod",
        "other_values": "20",
        "other_by": "20: act-ru-mod",
        "accepted_origins": "2",
        "other_origins": "1",
    }
    assert records(good("disputes", "--record", JULY, package=mini)) == [row]
    assert records(good("disputes", "--record", JULY, "--table", "events", package=mini)) == []
    page = good("disputes", "--record", "loc-ariha", "--format", "table", package=mini)
    assert page == "disputes: nothing found\n"


def test_independence_counts_pages_and_origins(mini: Path) -> None:
    put(mini, "actors", "act-centre", name="Centre", kind="body", parent_actor_id="act-ru-mod")
    said = {"status": "conflict", "note": "One behind.", "attributed_to": "act-centre"}
    claim(mini, JULY, "sequence", "20", **said)
    text = good("independence", JULY, "sequence", package=mini)
    assert text == (
        "table,record_id,field,value,status,pages,origins,who\n"
        f"patrols,{JULY},sequence,21,accepted,2,2,Example Review; act-tr-mod\n"
        f"patrols,{JULY},sequence,20,conflict,2,1,act-ru-mod\n"
    )
    told = json.loads(good("independence", JULY, "sequence", "--format", "json", package=mini))
    assert [(row["pages"], row["origins"]) for row in told] == [(2, 2), (2, 1)]
    assert f"{JULY} sequence" in good(
        "independence", JULY, "sequence", "--format", "table", package=mini
    )


def test_independence_of_one_table(mini: Path) -> None:
    found = records(good("independence", "--table", "patrols", package=mini))
    whole = independence(package=mini)
    assert {row["table"] for row in found} == {"patrols"}
    assert len(found) == (whole["table"] == "patrols").sum() > 0
    assert records(good("independence", JULY, "--table", "events", package=mini)) == []


@pytest.mark.parametrize(("actor", "number"), [("act-ru-mod", "20"), ("act-tr-mod", "21")])
def test_a_perspective_shows_a_table_with_the_actors_own_values(actor: str, number: str) -> None:
    text = good("perspective", actor, "--table", "patrols", package=ROOT)
    found = {row["patrol_id"]: row for row in records(text)}
    assert found[JULY]["sequence"] == number
    assert found[JULY]["date"] == "2020-07-14"
    page = good("perspective", actor, "--table", "patrols", "--format", "table", package=ROOT)
    assert f"patrols, told by {actor}" in page


def test_a_perspective_without_a_table_says_how_much_of_each_is_told(mini: Path) -> None:
    found = {row["table"]: row for row in records(good("perspective", "act-ru-mod", package=mini))}
    claimed = {t for t, s in Dataset(mini).schemas.items() if s.evidence != "none"}
    assert set(found) == claimed
    assert found["patrols"] == {
        "table": "patrols",
        "records_told": "1",
        "records": "3",
        "cells_told": "1",
    }
    assert found["events"]["cells_told"] == "3"
    assert found["posts"]["records_told"] == "0"
    page = good("perspective", "act-ru-mod", "--format", "table", package=mini)
    assert "told by act-ru-mod" in page
