"""Filters over the tables: each narrows, all must hold, and what cannot exist is refused."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import idlib_data as idl
from idlib_data.dataset import Dataset, open
from idlib_data.errors import IdlibDataError, NotFoundError
from idlib_data.queries.filters import select, with_children
from tests.mini import make_mini, put, write_records

ROOT = Path(__file__).resolve().parents[2]
ACTORS = {
    "act-land": "",
    "act-ministry": "act-land",
    "act-unit": "act-ministry",
    "act-other": "",
}
EVENTS = {
    # A span that covers the whole of March, one day in the middle, one after it, one undated.
    "evt-march": ("protest", "2020-03-01", "2020-03-31", "act-unit"),
    "evt-middle": ("attack", "2020-03-15", "", "act-other"),
    "evt-later": ("attack", "2020-05-01", "2020-05-02", "act-land"),
    "evt-undated": ("attack", "", "", "act-ministry"),
}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Four actors, three of them in one line, and four events."""
    folder = make_mini(tmp_path_factory.mktemp("filters") / "package")
    for table in ("actors", "events", "event_actors", "patrols", "patrol_actors"):
        path = folder / "data" / f"{table}.csv"
        write_records(path, path.read_text("utf-8").partition("\n")[0].split(","), [])
    for actor, parent in ACTORS.items():
        put(folder, "actors", actor, name=actor, kind="state", side="turkey")
        put(folder, "actors", actor, parent_actor_id=parent)
    for code in ("attack", "protest"):
        put(folder, "event_types", code, label=code, definition=code)
    for event, (kind, start, end, actor) in EVENTS.items():
        put(folder, "events", event, event_type=kind, date_start=start, date_end=end, title=event)
        put(folder, "event_actors", f"inv-{event}", event_id=event, actor_id=actor)
    put(folder, "events", "evt-middle", weapon="mine", location_id="loc-ariha")
    put(folder, "patrols", "pat-a", series="m4-joint", sequence="7", date="2020-03-15")
    put(folder, "patrols", "pat-b", series="m4-turkish", sequence="1", date="2020-03-16")
    put(folder, "patrol_actors", "pac-a", patrol_id="pat-a", actor_id="act-unit")
    return open(folder)


def ids(frame: object) -> list[str]:
    assert isinstance(frame, pd.DataFrame)
    return [str(value) for value in frame.iloc[:, 0]]


def test_without_filters_every_row_comes_in_file_order(package: Dataset) -> None:
    assert ids(idl.events(package=package)) == list(EVENTS)


def test_filters_combine_with_and(package: Dataset) -> None:
    assert ids(idl.events(event_type="attack", package=package)) == [
        "evt-middle",
        "evt-later",
        "evt-undated",
    ]
    found = idl.events(event_type="attack", since="2020-04-01", package=package)
    assert ids(found) == ["evt-later"]
    found = idl.events(event_type="attack", actor="act-other", weapon="mine", package=package)
    assert ids(found) == ["evt-middle"]
    assert ids(idl.events(event_type="protest", weapon="mine", package=package)) == []
    found = idl.events(location="loc-ariha", patrol=None, package=package)
    assert ids(found) == ["evt-middle"]


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        ("2020-03-10", None, ["evt-march", "evt-middle", "evt-later"]),
        ("2020-03-31", None, ["evt-march", "evt-later"]),
        ("2020-04-01", None, ["evt-later"]),
        ("2020-05-02", None, ["evt-later"]),
        ("2020-05-03", None, []),
        (None, "2020-02-29", []),
        (None, "2020-03-01", ["evt-march"]),
        (None, "2020-03-15", ["evt-march", "evt-middle"]),
        ("2020-03-20", "2020-03-25", ["evt-march"]),
        ("2020-03-15", "2020-03-15", ["evt-march", "evt-middle"]),
    ],
)
def test_a_span_is_found_by_any_of_its_days(
    package: Dataset, since: str | None, until: str | None, found: list[str]
) -> None:
    assert ids(idl.events(since=since, until=until, package=package)) == found


def test_a_day_may_be_given_as_text_date_or_moment(package: Dataset) -> None:
    for day in (
        "2020-04-01",
        datetime.date(2020, 4, 1),
        datetime.datetime(2020, 4, 1, 23, 59),
        pd.Timestamp("2020-04-01 12:00"),
    ):
        assert ids(idl.events(since=day, package=package)) == ["evt-later"]


@pytest.mark.parametrize("day", ["yesterday", "2020-02-30", "14.07.2020", "", "20200301"])
def test_what_is_no_day_is_refused(package: Dataset, day: str) -> None:
    with pytest.raises(IdlibDataError, match="is not a day; write it as 2020-03-05"):
        idl.events(since=day, package=package)


def test_an_actor_stands_for_all_that_are_under_it(package: Dataset) -> None:
    assert with_children(package, "act-land") == ["act-land", "act-ministry", "act-unit"]
    assert with_children(package, "act-unit") == ["act-unit"]
    assert ids(idl.events(actor="act-land", package=package)) == [
        "evt-march",
        "evt-later",
        "evt-undated",
    ]
    assert ids(idl.events(actor="act-unit", package=package)) == ["evt-march"]
    assert ids(idl.patrols(actor="act-land", package=package)) == ["pat-a"]
    assert ids(idl.patrols(actor="act-other", package=package)) == []


def test_actors_in_a_circle_do_not_make_the_search_endless(
    package: Dataset, tmp_path: Path
) -> None:
    import shutil

    folder = shutil.copytree(package.root, tmp_path / "circle")
    put(folder, "actors", "act-land", parent_actor_id="act-unit")
    assert len(with_children(open(folder), "act-unit")) == 3


def test_a_table_that_actors_do_not_take_part_in_refuses_the_filter(package: Dataset) -> None:
    # An empty answer would say that there are none; that nothing was filtered would be as wrong.
    with pytest.raises(IdlibDataError):
        select("locations", actor="act-land", package=package)


def test_a_table_without_days_refuses_a_span(package: Dataset) -> None:
    with pytest.raises(IdlibDataError):
        select("event_actors", since="2020-01-01", package=package)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda p: idl.events(event_type="atack", package=p), "record of event_types 'atack'"),
        (lambda p: idl.events(weapon="mines", package=p), "code of events.weapon 'mines'"),
        (lambda p: idl.events(actor="act-lend", package=p), "actor 'act-lend'"),
        (lambda p: idl.events(location="loc-arihaa", package=p), "record of locations"),
        (lambda p: idl.patrols(series="m4-join", package=p), "code of patrols.series"),
        (lambda p: idl.actors(parent="act-lan", package=p), "record of actors 'act-lan'"),
        (lambda p: idl.sources(language="english", package=p), "code of sources.language"),
        (lambda p: select("event", package=p), "table 'event'"),
        (lambda p: select("events", equal={"weapons": "x"}, package=p), "column of events"),
    ],
)
def test_what_can_never_match_is_refused(
    package: Dataset, ask: Callable[[Dataset], object], said: str
) -> None:
    with pytest.raises(NotFoundError) as caught:
        ask(package)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("ask", "near"),
    [
        (lambda p: idl.events(event_type="atack", package=p), "did you mean attack?"),
        (lambda p: idl.events(weapon="mines", package=p), "did you mean mine?"),
        (lambda p: idl.events(actor="act-lend", package=p), "did you mean act-land"),
        (lambda p: select("event", package=p), "did you mean events"),
    ],
)
def test_a_near_miss_gets_a_suggestion(
    package: Dataset, ask: Callable[[Dataset], object], near: str
) -> None:
    with pytest.raises(NotFoundError) as caught:
        ask(package)
    assert near in str(caught.value)


@pytest.mark.parametrize(
    ("column", "value", "found"),
    [
        ("sequence", "7", ["pat-a"]),
        ("sequence", "8", []),
        ("date", "2020-03-16", ["pat-b"]),
        ("patrol_id", "pat-b", ["pat-b"]),
    ],
)
def test_a_column_of_any_type_is_compared_as_the_file_writes_it(
    package: Dataset, column: str, value: str, found: list[str]
) -> None:
    assert ids(select("patrols", equal={column: value}, package=package)) == found


@pytest.mark.parametrize(("column", "value"), [("sequence", "seven"), ("date", "soon")])
def test_a_value_of_another_type_is_refused_in_words(
    package: Dataset, column: str, value: str
) -> None:
    with pytest.raises(IdlibDataError, match=value):
        select("patrols", equal={column: value}, package=package)


def test_a_filtered_frame_has_the_types_of_the_whole_table(package: Dataset) -> None:
    whole, none = package.load("events"), idl.events(since="2030-01-01", package=package)
    assert len(none) == 0
    assert none.dtypes.to_dict() == whole.dtypes.to_dict()
    table = idl.events(weapon="mine", as_="arrow", package=package)
    assert table.schema == package.load("events", "arrow").schema
    assert table["event_id"].to_pylist() == ["evt-middle"]
    with pytest.raises(NotFoundError, match="no kind of frame 'polar'"):
        idl.events(as_="polar", package=package)  # type: ignore[call-overload]  # wrong


def test_each_core_table_has_its_filters() -> None:
    patrols = idl.patrols(series="m4-joint", since="2020-07-14", until="2020-07-14", package=ROOT)
    assert ids(patrols) == ["pat-m4-2020-07-14"]
    agreements = idl.agreements(since="2020-03-05", until="2020-03-05", package=ROOT)
    assert ids(agreements) == ["agr-moscow-2020-03-05"]
    assert "act-tr-mod" in ids(idl.actors(parent="act-turkey", kind="ministry", package=ROOT))
    sources = idl.sources(since="2019-02-20", until="2019-02-20", language="en", package=ROOT)
    assert "src-dailysabah-2019-02-20-joint-patrols" in ids(sources)
    relaying = idl.sources(relays="act-ru-mod", package=ROOT)
    assert set(relaying["relays"]) <= {"act-ru-mod"}
