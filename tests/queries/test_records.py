"""One record with all that hangs on it, and the timeline."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pandas as pd
import pytest

import idlib_data as idl
from idlib_data.dataset import Dataset, open
from idlib_data.errors import NotFoundError
from tests.mini import make_mini, put

ROOT = Path(__file__).resolve().parents[2]
JULY = "pat-m4-2020-07-14"


@pytest.fixture(scope="module")
def shipped() -> Dataset:
    return open(ROOT)


def test_the_july_patrol_brings_its_cells_and_claims(shipped: Dataset) -> None:
    found = idl.record(JULY, package=shipped)
    assert (found.table, found.record_id) == ("patrols", JULY)
    assert tuple(found.fields) == shipped.schema("patrols").names
    assert found.fields["sequence"] == 21
    assert found.fields["date"] == datetime.date(2020, 7, 14)
    pd.testing.assert_frame_equal(found.claims, idl.evidence(JULY, package=shipped))
    assert set(found.claims["record_id"]) == {JULY}


def test_the_july_patrol_brings_its_events_and_actors(shipped: Dataset) -> None:
    links = idl.record(JULY, package=shipped).links
    events = shipped.arrow("events").to_pylist()
    assert links["events"] == [event for event in events if event["patrol_id"] == JULY]
    days = {event["event_id"]: event["date_start"] for event in links["events"]}
    assert days["evt-2020-07-14-attack-ariha"] == datetime.date(2020, 7, 14)
    actors = {row["actor_id"] for row in links["patrol_actors"]}
    assert {"act-ru-forces", "act-tr-forces"} <= actors
    assert {row["patrol_id"] for row in links["patrol_actors"]} == {JULY}
    # The ledger has its own place, and tables that name nothing here are left out.
    assert "claims" not in links
    assert all(rows for rows in links.values())


def test_a_record_is_linked_once_even_where_two_columns_name_it(tmp_path: Path) -> None:
    folder = make_mini(tmp_path / "package")
    put(folder, "patrols", "pat-loop", planned_start_location_id="loc-trumba")
    put(folder, "patrols", "pat-loop", planned_end_location_id="loc-trumba")
    links = idl.record("loc-trumba", package=folder).links
    assert [row["patrol_id"] for row in links["patrols"]] == ["pat-loop"]


def test_an_actor_is_linked_to_those_under_it(shipped: Dataset) -> None:
    links = idl.record("act-turkey", package=shipped).links
    assert "act-tr-mod" in [row["actor_id"] for row in links["actors"]]


def test_an_assessment_is_linked_to_what_it_is_about(tmp_path: Path) -> None:
    folder = make_mini(tmp_path / "package")
    put(folder, "assessments", "asm-own", about_record_id=JULY, author_actor_id="act-russia")
    links = idl.record(JULY, package=folder).links
    assert [row["assessment_id"] for row in links["assessments"]] == ["asm-own"]


def test_an_unknown_record_suggests_the_nearest(shipped: Dataset) -> None:
    with pytest.raises(NotFoundError) as caught:
        idl.record("pat-m4-2020-07-15", package=shipped)
    assert "there is no record 'pat-m4-2020-07-15'; did you mean" in str(caught.value)
    assert JULY in str(caught.value)


def test_a_record_becomes_plain_json(shipped: Dataset) -> None:
    plain = idl.record(JULY, package=shipped).to_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert plain["fields"]["date"] == "2020-07-14"
    assert plain["fields"]["note"] is None or isinstance(plain["fields"]["note"], str)
    events = {event["event_id"]: event for event in plain["links"]["events"]}
    assert events["evt-2020-07-14-attack-ariha"]["date_start"] == "2020-07-14"
    assert events["evt-2020-07-14-attack-ariha"]["date_end"] is None
    days = {claim["published_date"] for claim in plain["claims"]}
    assert None in days
    assert "2020-07-14" in days


def test_the_timeline_holds_every_dated_record_in_order(shipped: Dataset) -> None:
    line = idl.timeline(package=shipped)
    dated = {
        row[key]
        for table, key, day in (
            ("agreements", "agreement_id", "signed_date"),
            ("patrols", "patrol_id", "date"),
            ("events", "event_id", "date_start"),
        )
        for row in shipped.arrow(table).to_pylist()
        if row[day] is not None
    }
    assert set(line["record_id"]) == dated
    assert len(line) == len(dated)
    places = list(zip(line["date"], line["table"], line["record_id"], strict=True))
    assert places == sorted(places)
    assert line.index.tolist() == list(range(len(line)))


def test_a_row_of_the_timeline_says_what_it_is(shipped: Dataset) -> None:
    line = idl.timeline(package=shipped)
    assert line.columns.tolist() == ["date", "date_end", "table", "record_id", "kind", "title"]
    assert [str(dtype) for dtype in line.dtypes] == ["datetime64[us]"] * 2 + ["str"] * 4
    row = line.set_index("record_id").loc[JULY]
    assert str(row["date"])[:10] == "2020-07-14"
    assert (row["table"], row["title"]) == ("patrols", "m4-joint patrol no. 21")
    assert row["kind"] == shipped.load("patrols").set_index("patrol_id").loc[JULY, "outcome"]
    assert pd.isna(row["date_end"])
    signed = line.set_index("record_id").loc["agr-moscow-2020-03-05"]
    agreement = shipped.load("agreements").set_index("agreement_id").loc["agr-moscow-2020-03-05"]
    assert (signed["kind"], signed["title"]) == (agreement["kind"], agreement["name"])


def test_a_patrol_without_number_or_outcome_has_a_plain_title(tmp_path: Path) -> None:
    folder = make_mini(tmp_path / "package")
    put(folder, "patrols", "pat-own", series="m4-turkish", date="2020-01-02")
    row = idl.timeline(package=folder).set_index("record_id").loc["pat-own"]
    assert row["title"] == "m4-turkish patrol"
    assert pd.isna(row["kind"])


def test_the_timeline_keeps_to_a_span(tmp_path: Path) -> None:
    folder = make_mini(tmp_path / "package")
    put(folder, "events", "evt-own", event_type="protest", date_start="2019-03-01")
    put(folder, "events", "evt-own", date_end="2019-03-31", title="Sit-in")
    put(folder, "patrols", "pat-own", series="m4-turkish", date="2019-03-15")
    line = idl.timeline(since="2019-03-20", until="2019-03-25", package=folder)
    assert line["record_id"].tolist() == ["evt-own"]
    assert str(line["date_end"].iloc[0])[:10] == "2019-03-31"
    none = idl.timeline(since="2031-01-01", package=folder)
    assert len(none) == 0
    assert none.dtypes.to_dict() == line.dtypes.to_dict()
