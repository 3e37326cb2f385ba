"""Retired ids: what became of a record, and which one is found in its place."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from click.testing import CliRunner

import idlib_data as idl
from idlib_data.cli import main
from idlib_data.dataset import Dataset, Found
from idlib_data.errors import NotFoundError, RetiredError, RetiredIdWarning
from idlib_data.tombstones import by_id, follow
from tests.mini import make_mini, make_package, put, text_columns

ARIHA = "evt-2020-07-14-attack-ariha"
BLAST = "evt-2020-07-14-blast"
WAY = (
    f"{BLAST} was merged into evt-2020-07-14-explosion in 0.1.0 (Both tell of one attack.); "
    f"evt-2020-07-14-explosion was merged into {ARIHA} in 0.1.0"
)


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    return make_mini(tmp_path / "mini")


def stone(retired: str, successor: str | None, reason: str = "merged") -> dict[str, str | None]:
    return {
        "retired_id": retired,
        "successor_id": successor,
        "reason": reason,
        "version": "1.1.0",
        "note": None,
    }


def test_a_retired_id_leads_to_the_last_of_its_successors() -> None:
    way = "a was merged into b in 1.1.0; b was split into c in 1.1.0"
    assert follow("a", by_id([stone("a", "b"), stone("b", "c", "split")])) == ("c", way)
    assert follow("c", {}) == ("c", "")


@pytest.mark.parametrize(
    ("stones", "message"),
    [
        ([stone("a", None, "withdrawn")], "a was withdrawn in 1.1.0"),
        (
            [stone("a", "b", "split"), stone("a", "c", "split")],
            "a was split into b, c in 1.1.0; ask for one of these",
        ),
        (
            [stone("a", "b"), stone("b", "a")],
            "a was merged into b in 1.1.0; b was merged into a in 1.1.0; this leads round in a "
            "circle",
        ),
    ],
)
def test_an_id_that_no_one_record_stands_for_is_an_error(
    stones: list[dict[str, str | None]], message: str
) -> None:
    with pytest.raises(RetiredError) as raised:
        follow("a", by_id(stones))
    assert str(raised.value) == message


def test_a_living_record_is_found_without_a_note(mini: Path) -> None:
    assert Dataset(mini).find(ARIHA) == Found("events", ARIHA, None)


def test_a_retired_record_is_found_with_a_note_and_a_warning(mini: Path) -> None:
    dataset = Dataset(mini)
    with pytest.warns(RetiredIdWarning) as told:
        assert dataset.find(BLAST) == Found("events", ARIHA, WAY)
    assert [str(warning.message) for warning in told] == [WAY]
    with pytest.warns(RetiredIdWarning):
        assert dataset.table_of(BLAST) == "events"


def test_a_withdrawn_record_is_not_found_and_it_is_told_why(mini: Path) -> None:
    with pytest.raises(NotFoundError) as raised:
        Dataset(mini).find("pst-tr-00")
    assert str(raised.value) == "pst-tr-00 was withdrawn in 0.1.0 (No source tells of this post.)"


def test_a_successor_that_is_no_record_is_not_found(mini: Path) -> None:
    cells = {"retired_id": "pst-tr-08", "successor_id": "pst-tr-80", "reason": "merged"}
    put(mini, "tombstones", "tmb-x", **cells, table_name="posts", version="0.1.0")
    with pytest.raises(NotFoundError, match="there is no record 'pst-tr-80'"):
        Dataset(mini).find("pst-tr-08")


def test_a_package_without_the_table_or_its_columns_retires_nothing(tmp_path: Path) -> None:
    schema = {"fields": text_columns("retired_id"), "primaryKey": "retired_id"}
    package = make_package(tmp_path / "own", tombstones=(schema, "retired_id\na\n"))
    assert Dataset(package).tombstones == {}


def test_record_and_evidence_follow_a_retired_id(mini: Path) -> None:
    with pytest.warns(RetiredIdWarning):
        found = idl.record(BLAST, package=mini)
    assert (found.table, found.record_id, found.note) == ("events", ARIHA, WAY)
    assert found.to_dict()["note"] == WAY
    assert found.fields["event_id"] == ARIHA
    assert [row["event_actor_id"] for row in found.links["event_actors"]] == [
        "inv-2020-07-14-russian-side"
    ]
    assert idl.record(ARIHA, package=mini).note is None
    with pytest.warns(RetiredIdWarning):
        claims = idl.evidence(BLAST, "patrol_id", package=mini)
    assert claims["claim_id"].tolist() == [f"clm-{ARIHA}-004"]


def test_filters_follow_a_retired_id(mini: Path) -> None:
    for retired, successor in (("pat-old", "pat-m4-2020-07-14"), ("act-old", "act-russia")):
        cells = {"retired_id": retired, "successor_id": successor, "reason": "merged"}
        put(mini, "tombstones", f"tmb-{retired}", **cells, table_name="x", version="0.1.0")
    dataset = Dataset(mini)
    with pytest.warns(RetiredIdWarning, match="pat-old was merged into pat-m4-2020-07-14"):
        assert idl.events(patrol="pat-old", package=dataset)["event_id"].tolist() == [ARIHA]
    with pytest.warns(RetiredIdWarning, match="act-old was merged into act-russia"):
        attacked = idl.events(event_type="attack", actor="act-old", package=dataset)
    assert attacked["event_id"].tolist() == [ARIHA]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # What stands for it now is no patrol, so there is none of that id.
        with pytest.raises(NotFoundError, match="no record of patrols"):
            idl.events(patrol="act-old", package=dataset)


def test_the_commands_tell_of_a_retired_id_beside_their_output(mini: Path) -> None:
    for command in (["record", BLAST], ["evidence", BLAST]):
        result = CliRunner().invoke(main, [*command, "--package", str(mini), "--format", "csv"])
        assert result.exit_code == 0
        assert result.stderr == f"Note: {WAY}\n"
        assert f"clm-{ARIHA}-001" in result.stdout
    result = CliRunner().invoke(main, ["record", "pst-tr-00", "--package", str(mini)])
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: pst-tr-00 was withdrawn in 0.1.0")
