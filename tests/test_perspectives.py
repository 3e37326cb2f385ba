"""Independence of what is told, and the tables as one voice tells them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import idlib_data as idl
from idlib_data.dataset import Dataset, open
from idlib_data.errors import NotFoundError, PackageError
from idlib_data.ledger import disputes
from idlib_data.perspectives import independence, perspective
from tests.mini import claim, edit, make_mini, make_package, put, text_columns

ROOT = Path(__file__).resolve().parents[1]
JULY = "pat-m4-2020-07-14"
MARCH = "pat-m4-2020-03-15"
DAILY = "src-daily-2020-07-14-blast"
SIDE = "inv-2020-07-14-turkish-side"


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    return make_mini(tmp_path / "mini")


def centre(package: Path) -> str:
    """Add a body under the Russian ministry."""
    put(package, "actors", "act-centre", name="Centre", kind="body", parent_actor_id="act-ru-mod")
    return "act-centre"


def against(package: Path, record_id: str, field: str = "", value: str = "", **cells: str) -> None:
    claim(package, record_id, field, value, **({"source_id": DAILY, "status": "conflict"} | cells))


def row(package: Path, actor: str, record_id: str, table: str = "patrols") -> dict[str, Any]:
    """The cells of one record as an actor tells them, null as None."""
    frame = perspective(actor, table, package=package)[table].set_index(f"{table[:-1]}_id")
    cells = frame.astype(object).loc[record_id]
    return {name: None if pd.isna(value) else value for name, value in cells.items()}


def ids(package: Path, actor: str, table: str = "patrols") -> list[str]:
    return list(perspective(actor, table, package=package)[table].iloc[:, 0])


def test_every_version_of_a_cell_has_its_pages_and_independent_origins(mini: Path) -> None:
    against(mini, JULY, "sequence", "20", attributed_to=centre(mini))
    against(mini, JULY, "sequence", "20", source_id="src-gazete-2020-07-14-patrol",
            attributed_to="act-institute")  # fmt: skip
    against(mini, JULY, "sequence", "22", attributed_to="act-russia", status="rejected")
    assert independence(JULY, "sequence", package=mini).to_dict("records") == [
        {
            "table": "patrols",
            "record_id": JULY,
            "field": "sequence",
            "value": value,
            "status": status,
            "pages": pages,
            "origins": origins,
            "who": who,
        }
        for value, status, pages, origins, who in [
            ("21", "accepted", 2, 2, "Example Review; act-tr-mod"),
            ("20", "conflict", 2, 2, "act-institute; act-ru-mod"),
            ("22", "rejected", 1, 1, "act-russia"),
        ]
    ]


def test_independence_goes_by_record_and_field_with_the_existence_first(mini: Path) -> None:
    against(mini, JULY, attributed_to="act-russia")
    found = independence(JULY, package=mini)
    assert found["field"].fillna("").tolist() == ["", "", "date", "outcome", *["sequence"] * 2]
    assert found["status"].tolist()[:2] == ["accepted", "conflict"]
    assert found["value"].isna().tolist()[:2] == [True, True]
    assert found["who"].tolist()[:2] == ["Example Review; act-tr-mod", "act-russia"]
    every = independence(package=mini)
    assert every["record_id"].is_monotonic_increasing
    assert every.groupby(["record_id", "field", "value", "status"], dropna=False).ngroups == len(
        every
    )


def test_independence_of_a_column_holds_it_in_every_table(mini: Path) -> None:
    found = independence(field="location_id", package=mini)
    assert set(found["field"]) == {"location_id"}
    assert found.groupby("table").size().to_dict() == {"events": 3, "posts": 1}


def test_independence_is_typed_also_where_nothing_is_claimed(mini: Path) -> None:
    for frame in (independence(package=mini), independence(JULY, "route_km", package=mini)):
        assert [str(dtype) for dtype in frame.dtypes] == ["str"] * 5 + ["Int64"] * 2 + ["str"]
    assert independence(JULY, "route_km", package=mini).empty


def test_independence_of_what_does_not_exist_is_refused(mini: Path) -> None:
    with pytest.raises(NotFoundError, match=f"no record 'pat-m4-2020-07-41'; did you mean {JULY}"):
        independence("pat-m4-2020-07-41", package=mini)
    with pytest.raises(NotFoundError, match="no column 'sequenc'; did you mean sequence"):
        independence(JULY, "sequenc", package=mini)
    with pytest.raises(NotFoundError, match="no column 'weapon'"):
        independence(JULY, "weapon", package=mini)
    with pytest.raises(NotFoundError, match="no column 'weapn'; did you mean weapon"):
        independence(field="weapn", package=mini)


def test_the_shipped_counts_of_the_july_patrol_have_few_origins_and_many_pages() -> None:
    found = independence(JULY, "sequence", package=ROOT).set_index("value")
    assert found.loc["21", "status"] == "accepted"
    assert found.loc["20", "who"] == "act-ru-mod; act-russia"
    assert found.loc["20", "pages"] > found.loc["20", "origins"] == 2
    assert "act-akar" not in found.loc["21", "who"]


def test_the_shipped_versions_cover_the_ledger_and_agree_with_the_disputes() -> None:
    found = independence(package=ROOT)
    claims = open(ROOT).load("claims")
    keys = ["record_id", "field", "value", "status"]
    assert len(found) == len(claims[keys].drop_duplicates())
    assert found["table"].notna().all()
    assert (found["who"].str.count("; ") + 1 == found["origins"]).all()
    accepted = found[found["status"] == "accepted"].fillna({"field": ""})
    told = accepted.set_index(["record_id", "field"])["origins"]
    for dispute in disputes(ROOT).fillna({"field": ""}).to_dict("records"):
        cell = (dispute["record_id"], dispute["field"])
        assert told.get(cell, 0) == dispute["accepted_origins"], cell


def test_each_side_has_its_own_count_of_the_july_patrol() -> None:
    assert row(ROOT, "act-ru-centre", JULY)["sequence"] == 20
    assert row(ROOT, "act-tr-mod", JULY)["sequence"] == 21


def test_each_side_has_its_own_casualties_of_the_july_patrol() -> None:
    for actor, injured in (("act-tr-mod", 0), ("act-ru-mod", 1), ("act-ru-centre", 1)):
        frame = perspective(actor, "event_actors", package=ROOT)["event_actors"]
        assert frame.set_index("event_actor_id").loc[SIDE, "injured_best"] == injured


def test_a_shipped_attack_is_missing_where_it_is_denied() -> None:
    # The group denies that its man was killed; the record says that he was.
    assert "evt-2020-08-17-drone-strike-attacker" not in ids(ROOT, "act-khattab", "events")
    assert "evt-2020-04-08-protest-nayrab" not in ids(ROOT, "act-tr-mod", "events")


@pytest.mark.parametrize("actor", ["act-tr-mod", "act-airwars"])
def test_a_perspective_has_every_table_with_the_columns_and_types_of_load(actor: str) -> None:
    told = perspective(actor, package=ROOT)
    dataset = open(ROOT)
    assert tuple(told) == dataset.tables
    for table, frame in told.items():
        whole = dataset.load(table)
        assert frame.dtypes.to_dict() == whole.dtypes.to_dict()
        assert frame.columns.tolist() == whole.columns.tolist()
        assert frame.index.tolist() == list(range(len(frame)))


def test_no_shipped_cell_is_put_into_anyones_mouth() -> None:
    claims = open(ROOT).load("claims").merge(open(ROOT).load("sources"), on="source_id")
    speaker = claims["attributed_to"].fillna(claims["relays"])
    said = claims[speaker.isin(["act-tr-mod", "act-akar"]) & claims["field"].notna()]
    cells = set(zip(said["record_id"], said["field"], said["value"], strict=True))
    frame = perspective("act-tr-mod", "patrols", package=ROOT)["patrols"].set_index("patrol_id")
    for field in open(ROOT).schema("patrols").fields:
        if field.evidence == "required" and field.type == "string":
            for record, value in frame[field.name].dropna().items():
                assert (record, field.name, value) in cells


def test_a_cell_holds_the_accepted_claim_and_is_null_where_the_actor_is_silent(mini: Path) -> None:
    put(mini, "patrols", JULY, route_km="30")
    claim(mini, JULY, "route_km", "30")
    told = row(mini, "act-tr-mod", JULY)
    # The date stands in a page that passes on the ministry as a whole.
    assert (told["sequence"], told["date"]) == (21, pd.Timestamp("2020-07-14"))
    assert told["route_km"] is None


def test_the_coders_own_words_are_kept(mini: Path) -> None:
    put(mini, "patrols", JULY, note="A remark.")
    told = row(mini, "act-tr-mod", JULY)
    assert (told["series"], told["note"]) == ("m4-joint", "A remark.")


def test_a_conflicting_claim_is_the_value_of_who_makes_it(mini: Path) -> None:
    assert row(mini, "act-ru-mod", JULY)["sequence"] == 20
    assert row(mini, "act-russia", JULY)["sequence"] == 20
    assert JULY not in ids(mini, "act-institute")


def test_the_accepted_claim_goes_before_the_conflicting_one(mini: Path) -> None:
    against(mini, JULY, "sequence", "19", attributed_to="act-tr-mod")
    assert row(mini, "act-tr-mod", JULY)["sequence"] == 21


def test_two_values_that_stay_open_leave_the_cell_null_and_the_record_in(mini: Path) -> None:
    against(mini, JULY, "sequence", "19", attributed_to=centre(mini))
    assert row(mini, "act-ru-mod", JULY)["sequence"] is None
    assert row(mini, "act-centre", JULY)["sequence"] == 19


def test_one_value_told_twice_is_no_contradiction(mini: Path) -> None:
    against(mini, JULY, "sequence", "20", attributed_to=centre(mini))
    assert row(mini, "act-ru-mod", JULY)["sequence"] == 20


@pytest.mark.parametrize(("status", "kept"), [("superseded", True), ("rejected", False)])
def test_what_is_superseded_or_rejected_fills_no_cell(mini: Path, status: str, kept: bool) -> None:
    against(mini, MARCH, "sequence", "2", attributed_to="act-russia", status=status)
    assert (MARCH in ids(mini, "act-russia")) == kept
    if kept:
        assert row(mini, "act-russia", MARCH)["sequence"] is None


def test_a_rejected_claim_does_not_make_a_value_undecided(mini: Path) -> None:
    against(mini, JULY, "sequence", "2", attributed_to="act-ru-mod", status="rejected")
    assert row(mini, "act-ru-mod", JULY)["sequence"] == 20


def test_a_record_that_is_only_stated_is_kept_with_empty_cells(mini: Path) -> None:
    claim(mini, MARCH, attributed_to="act-institute")
    told = row(mini, "act-institute", MARCH)
    assert (told["sequence"], told["date"], told["series"]) == (None, None, "m4-joint")
    assert ids(mini, "act-institute") == [MARCH]


def test_a_record_that_is_denied_is_left_out_whatever_is_said_of_it(mini: Path) -> None:
    against(mini, JULY, attributed_to="act-ru-mod")
    assert JULY not in ids(mini, "act-ru-mod")
    assert JULY in ids(mini, "act-tr-mod")


def test_a_record_that_one_organ_denies_and_another_states_stays(mini: Path) -> None:
    against(mini, JULY, attributed_to=centre(mini))
    claim(mini, JULY, attributed_to="act-ru-mod")
    assert JULY in ids(mini, "act-russia")
    assert JULY not in ids(mini, "act-centre")


def test_an_organ_does_not_say_what_the_body_above_it_says(mini: Path) -> None:
    assert JULY not in ids(mini, centre(mini))


def test_an_unnamed_person_does_not_speak_for_the_state_above(mini: Path) -> None:
    put(
        mini,
        "actors",
        "act-source",
        name="Unnamed",
        kind="person-unnamed",
        parent_actor_id="act-tr-mod",
    )
    claim(mini, MARCH, attributed_to="act-source")
    assert ids(mini, "act-turkey") == [JULY]
    assert ids(mini, "act-source") == [MARCH]


def test_a_publisher_has_a_perspective_under_its_name(mini: Path) -> None:
    assert MARCH in ids(mini, "Example Review")
    assert row(mini, "Example Review", MARCH)["sequence"] == 1
    # One that is an actor has it under both.
    assert ids(mini, "Ministry of National Defence of Turkey") == ids(mini, "act-tr-mod")


def test_tables_whose_records_need_no_evidence_come_whole(mini: Path) -> None:
    told = perspective("act-tr-mod", package=mini)
    dataset = Dataset(mini)
    for table in ("sources", "event_types", "claims"):
        pd.testing.assert_frame_equal(told[table], dataset.load(table))


def test_values_of_every_type_come_as_load_gives_them(mini: Path) -> None:
    put(mini, "patrols", JULY, start_time="11:00")
    claim(mini, JULY, "start_time", "11:00", attributed_to="act-tr-mod")
    against(mini, JULY, "route_km", "28.5", attributed_to="act-tr-mod")
    told = row(mini, "act-tr-mod", JULY)
    assert (told["start_time"], told["route_km"], told["outcome"]) == ("11:00", 28.5, "attacked")
    frame = perspective("act-tr-mod", package=mini)["patrols"]
    assert frame.dtypes.to_dict() == Dataset(mini).load("patrols").dtypes.to_dict()


def test_a_perspective_of_some_tables_holds_these(mini: Path) -> None:
    assert list(perspective("act-russia", ["events", "patrols"], package=mini)) == [
        "events",
        "patrols",
    ]
    assert list(perspective("act-russia", "events", package=mini)) == ["events"]
    assert perspective("act-russia", [], package=mini) == {}


def test_an_actor_who_says_nothing_has_empty_typed_tables(mini: Path) -> None:
    frame = perspective("act-institute", "patrols", package=mini)["patrols"]
    assert len(frame) == 0
    assert frame.dtypes.to_dict() == Dataset(mini).load("patrols").dtypes.to_dict()


def test_an_unknown_actor_or_table_is_refused_with_near_names(mini: Path) -> None:
    with pytest.raises(NotFoundError, match="no actor 'act-rusia'; did you mean act-russia"):
        perspective("act-rusia", package=mini)
    with pytest.raises(NotFoundError, match="no table 'patrol'; did you mean patrols"):
        perspective("act-russia", ["patrol"], package=mini)


def test_a_value_of_the_wrong_type_is_an_error_in_words(mini: Path) -> None:
    edit(mini, "data/claims.csv", "sequence,20,", "sequence,many,")
    with pytest.raises(PackageError, match=r"claims.csv: a claim on sequence is no integer: "):
        perspective("act-ru-mod", package=mini)
    edit(mini, "data/claims.csv", "sequence,many,", "sequence,20,")
    against(mini, JULY, "outcome", "vanished", attributed_to="act-russia")
    with pytest.raises(PackageError, match="table patrols has the unknown outcome 'vanished'"):
        perspective("act-russia", package=mini)


def test_a_package_without_actors_has_perspectives_of_its_origins(tmp_path: Path) -> None:
    things = {
        "fields": [
            {"name": "thing_id", "type": "string"},
            {"name": "size", "type": "integer", "evidence": "required"},
        ],
        "primaryKey": "thing_id",
        "evidence": "required",
    }
    columns = ("claim_id", "record_id", "field", "value", "source_id", "attributed_to", "status")
    claims = {"fields": text_columns(*columns), "primaryKey": "claim_id"}
    facts = ("source_id", "title", "publisher", "published_date", "url", "relays")
    package = make_package(
        tmp_path / "own",
        things=(things, "thing_id,size\nt-1,4\nt-2,9\n"),
        sources=(
            {"fields": text_columns(*facts), "primaryKey": "source_id"},
            ",".join(facts) + "\nsrc-1,A title,Daily,,,\n",
        ),
        claims=(
            claims,
            ",".join(columns) + "\n"
            "clm-1,t-1,size,4,src-1,,accepted\nclm-2,t-1,size,5,src-1,act-b,conflict\n",
        ),
    )
    assert perspective("act-b", package=package)["things"].to_dict("records") == [
        {"thing_id": "t-1", "size": 5}
    ]
    assert perspective("Daily", "things", package=package)["things"]["size"].tolist() == [4]
    assert independence(package=package)["who"].tolist() == ["Daily", "act-b"]
    with pytest.raises(NotFoundError, match="no actor 'act-c'; did you mean act-b"):
        perspective("act-c", package=package)


def test_the_public_names_are_the_functions_and_not_modules() -> None:
    assert idl.independence is independence
    assert idl.perspective is perspective
    assert callable(idl.disputes)
