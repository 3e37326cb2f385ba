"""What sources contradict each other about, by value: each row is one cell of the shipped data.

A new claim may change a row; then it is changed here too, in the same pull request. So no version
of a disputed fact gets lost, and none wins, without being seen.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from idlib_data.ledger import claims_with_origin, disputes

ROOT = Path(__file__).resolve().parents[1]
LEAST = 60
DENIED = "denied"

# A record, its column (None: whether the record exists at all), the accepted value (None: there is
# none), and the other values, with spaces between them.
Row = tuple[str, str | None, str | None, str]

BETWEEN_SOURCES: list[Row] = [
    # numbers of the M4 series
    ("pat-m4-2020-07-07", "sequence", "20", "19"),
    ("pat-m4-2020-07-14", "sequence", "21", "20 22"),
    ("pat-m4-2020-07-22", "sequence", "22", "21 23"),
    ("pat-m4-2020-08-12", "sequence", "24", "22 23"),
    ("pat-m4-2020-08-17", "sequence", "25", "22 24"),
    ("pat-m4-2020-08-25", "sequence", "26", "23 25"),
    ("pat-m4-tr-2020-03-20", "sequence", "2", "3"),
    ("pat-m4-2020-no-23", None, None, "denied"),
    # days, form and course of patrols
    ("pat-idlib-2018-10-15", "form", "coordinated", "joint turkish-only"),
    ("pat-idlib-2019-03-08", "form", "coordinated", "joint"),
    ("evt-2019-09-08-first-us-turkish-patrol", "date_start", "2019-09-08", "2019-09-09"),
    ("pat-m4-2020-03-15", "date", "2020-03-15", "2020-03-16"),
    ("pat-m4-2020-03-15", "outcome", "shortened", "completed rerouted"),
    ("pat-m4-2020-03-15", "outcome_reason", "security", "protest"),
    ("pat-m4-2020-03-15", "planned_start_location_id", "loc-trumba", "loc-nayrab loc-saraqib"),
    ("pat-m4-2020-03-15", "planned_end_location_id", "loc-ain-al-hawr", "loc-musaybin"),
    ("pat-m4-2020-03-15", "route_km", "2", "3 3.5"),
    ("pat-m4-2020-03-23", "outcome", "shortened", "completed"),
    ("pat-m4-2020-03-23", "outcome_reason", "security", "protest"),
    ("pat-m4-2020-04-08", "outcome", "completed", "shortened"),
    ("pat-m4-2020-04-08", "outcome_reason", None, "protest security"),
    ("pat-m4-2020-04-15", "outcome", "completed", "shortened"),
    ("pat-m4-2020-04-15", "route_km", "2", "4"),
    ("pat-m4-2020-04-21", "outcome", "completed", "shortened"),
    ("pat-m4-2020-04-28", "outcome", "completed", "shortened"),
    ("pat-m4-2020-04-28", "route_km", "3", "2"),
    ("pat-m4-2020-04-30", "outcome", "completed", "shortened"),
    ("pat-m4-2020-05-05", "reached_location_id", "loc-musaybin", "loc-ariha"),
    ("pat-m4-2020-05-12", "outcome", "completed", "shortened"),
    ("pat-m4-2020-05-12", "reached_location_id", "loc-ariha", "loc-musaybin"),
    ("pat-m4-2020-05-14", "outcome", "completed", "shortened"),
    ("pat-m4-2020-05-20", "reached_location_id", "loc-kafr-shalaya", "loc-al-qiyasat"),
    ("pat-m4-2020-05-20", "route_km", "22", "15"),
    ("pat-m4-2020-05-28", "outcome", "completed", "shortened"),
    (
        "pat-m4-2020-05-28",
        "reached_location_id",
        "loc-urum-al-jawz",
        "loc-al-qiyasat loc-kafr-shalaya",
    ),
    ("pat-m4-2020-05-28", "route_km", "20", "25 26"),
    ("pat-m4-2020-06-04", "outcome", "completed", "attacked"),
    ("pat-m4-2020-06-04", "reached_location_id", "loc-bsanqul", "loc-urum-al-jawz"),
    (
        "pat-m4-2020-06-10",
        "reached_location_id",
        "loc-jannat-al-qura",
        "loc-muhambal loc-tall-hamki",
    ),
    ("pat-m4-2020-06-10", "route_km", "40", "34"),
    ("pat-m4-2020-06-16", "outcome", "attacked", "completed"),
    ("pat-m4-2020-06-18", "outcome", "one-sided", "completed"),
    ("pat-m4-2020-06-18", "route_km", "48", "50"),
    ("pac-m4-2020-06-18-ru-forces-absent", None, None, "denied"),
    ("pat-m4-2020-07-07", "outcome", "completed", "shortened"),
    ("pat-m4-2020-07-07", "reached_location_id", "loc-bdama", "loc-ain-al-hawr"),
    ("pat-m4-2020-07-22", "route_km", "71", "70 80"),
    ("pat-m4-2020-08-12", "route_km", "70", "73"),
    ("pat-m4-2020-08-17", "completion", "full", "partial"),
    ("evt-2020-08-13-suspension-patrols", "date_start", "2020-08-13", "2020-08-14"),
    # the sit-in at Nayrab
    ("evt-2020-03-13-sit-in-m4-ariha", "date_start", "2020-03-13", "2020-03-04 2020-03-12"),
    ("evt-2020-04-08-protest-nayrab", None, None, "denied"),
    ("evt-2020-04-13-dispersal-nayrab", "location_id", "loc-nayrab", "loc-trumba"),
    ("evt-2020-04-26-clash-nayrab", "location_id", "loc-nayrab", "loc-trumba"),
    ("inv-2020-04-26-clash-nayrab-protesters", "killed_best", None, "2 3 4 5"),
    # attacks on patrols
    ("evt-2020-05-12-explosion-ariha", None, None, "denied"),
    ("evt-2020-05-12-explosion-ariha", "weapon", "rpg", "firearms"),
    ("evt-2020-06-10-media-workers-beaten-ariha", "quantity", "12", "15 5"),
    ("evt-2020-06-16-attack-m4", None, None, "denied"),
    ("evt-2020-06-16-attack-m4", "date_start", "2020-06-16", "2020-06-18"),
    (
        "evt-2020-06-16-attack-m4",
        "location_id",
        "loc-al-qiyasat",
        "loc-jisr-al-shughur loc-m4-ariha-urum-al-jawz",
    ),
    ("evt-2020-06-16-attack-m4", "weapon", "ied", "mine unknown-explosive"),
    ("evt-2020-07-14-attack-ariha", "time_start", "08:50", "08:00"),
    ("evt-2020-07-14-attack-ariha", "weapon", "car-bomb", "ied mine suicide-car-bomb"),
    ("inv-2020-07-14-turkish-side", "injured_best", "0", "1"),
    ("evt-2020-08-17-attack-ariha", "location_id", "loc-ariha", "loc-m4-ariha-musaybin loc-nayrab"),
    ("evt-2020-08-17-attack-ariha", "weapon", "rpg", "guided-missile ied unknown-explosive"),
    ("inv-2020-08-17-attack-khattab", "killed_best", "0", "1"),
    ("evt-2020-08-25-attack-urum-al-jawz", "location_id", "loc-urum-al-jawz", "loc-kafr-shalaya"),
    (
        "evt-2020-08-25-attack-urum-al-jawz",
        "weapon",
        "rpg",
        "guided-missile mine unknown-explosive",
    ),
    ("inv-2020-08-25-russian-side", "injured_best", "2", "1"),
    ("evt-2020-08-aggregate-khattab-claims-to-24", "quantity", "2", "3"),
    ("act-khattab", "active_from", "2020-07-14", "2020-06-14 2020-06-15"),
    # attacks on Turkish troops and posts
    ("inv-2020-02-27-strike-balyun-ru-forces", None, None, "denied"),
    ("inv-2020-02-27-strike-balyun-turkish-side", "injured_best", "32", "36"),
    ("inv-2020-02-27-strike-balyun-turkish-side", "killed_best", "33", "34 36"),
    ("inv-2020-02-27-strike-balyun-turkish-side", "killed_low", "33", "34 50"),
    ("evt-2020-03-19-attack-muhambal", "weapon", "rocket", "unknown-explosive"),
    ("evt-2020-05-27-blast-al-ghassaniyah", "weapon", "ied", "mine unknown-explosive"),
    ("inv-2020-05-27-blast-al-ghassaniyah-turkish-side", "injured_best", "1", "2"),
    ("inv-2020-05-27-blast-al-ghassaniyah-turkish-side", "killed_best", "1", "2"),
    ("inv-2020-06-05-attack-ambulance-idlib-turkish-side", "injured_best", "2", "1"),
    ("inv-2020-06-05-attack-ambulance-idlib-turkish-side", "killed_best", "2", "1"),
    ("evt-2020-08-28-attack-salat-al-zuhur", "date_start", "2020-08-28", "2020-08-27 2020-08-29"),
    (
        "evt-2020-08-28-attack-salat-al-zuhur",
        "weapon",
        "car-bomb",
        "motorcycle-bomb suicide-car-bomb",
    ),
    ("inv-2020-08-28-attack-salat-al-zuhur-guards", "killed_best", "2", "1"),
    ("inv-2021-01-31-attack-muhambal-turkish-side", "injured_best", "2", "3"),
    ("inv-2021-04-06-strike-bsanqul-turkish-side", None, None, "denied"),
    ("evt-2021-05-10-attack-bab-al-hawa", "weapon", None, "ied rocket"),
    (
        "act-saryat-ansar-abu-bakr",
        "active_from",
        "2020-08-27",
        "2020-08-28 2020-09-01 2020-10-01 2020-11-01 2020-11-27",
    ),
    # other strikes and counts
    (
        "evt-2020-05-25-convoy-civilians-m4",
        "location_id",
        "loc-m4-ain-issa-tal-tamr",
        "loc-idlib-governorate",
    ),
    ("inv-2020-05-10-attack-al-ghab-sy-forces", "killed_best", "29", "32"),
    ("inv-2020-10-26-strike-jabal-al-duwayli-faylaq", "injured_best", None, "110 50 80"),
    ("inv-2020-10-26-strike-jabal-al-duwayli-faylaq", "killed_best", "56", "50"),
    ("inv-2020-10-26-strike-jabal-al-duwayli-faylaq", "killed_low", "51", "101 91"),
    ("evt-2020-11-28-violations", "date_start", "2020-11-28", "2020-11-29"),
    ("inv-2021-03-21-strike-al-atarib-hospital-civilians", "injured_best", None, "10 15"),
    ("inv-2021-03-21-strike-al-atarib-hospital-civilians", "killed_best", None, "5 6 7"),
    # agreements
    ("agr-astana-2017-05-04", "effective_from", "2017-05-06", "2017-05-04 2017-05-05"),
    ("prv-astana-2017-05-04-maps", "deadline_date", "2017-06-04", "2017-05-27"),
    ("prv-astana-2017-05-04-working-group", "deadline_date", "2017-05-18", "2017-05-14"),
    ("agr-manbij-2018-06", "signed_date", "2018-06-04", "2018-05-01 2018-06-05"),
    ("agr-sochi-2018-09-17", "signed_date", "2018-09-17", "2018-09-18 2018-10-01"),
    ("prv-sochi-2018-09-17-6", "deadline_date", "2018-10-10", "2018-10-15 2018-11-10"),
    ("evt-2018-10-withdrawal-heavy-weapons", "date_end", "2018-10-10", "2018-10-08"),
    ("agr-sochi-2019-10-22", "effective_time", "12:00", "00:00"),
    ("agr-idlib-2020-01-12", "effective_from", "2020-01-12", "2020-01-09"),
    ("agr-idlib-2020-01-12", "effective_time", "00:01", "14:00"),
    ("agr-moscow-2020-03-05", "location_id", "loc-moscow", "loc-ankara"),
    ("agr-moscow-2020-03-05", "effective_time", "00:01", "00:00 06:01"),
    ("prv-moscow-2020-03-05-2", "width_km", "12", "6"),
    ("agr-crossings-2021-03-24", None, None, "denied"),
    # talks, calls and statements
    ("evt-2018-09-07-talks-tehran", "date_start", "2018-09-07", "2018-09-06"),
    ("evt-2018-09-17-talks-sochi", "date_start", "2018-09-17", "2018-09-18"),
    ("evt-2019-08-23-putin-erdogan-call", "date_start", "2019-08-23", "2019-08-22"),
    ("evt-2019-10-17-talks-us-turkey-ankara", "quantity", "250", "270"),
    ("evt-2020-02-17-talks-moscow", "date_start", "2020-02-17", "2020-02-18"),
    ("evt-2020-03-05-talks-moscow", "quantity", "360", "300 340"),
    ("evt-2020-03-06-putin-assad-call", None, None, "denied"),
    ("evt-2020-03-09-communication-channel", "date_start", "2020-03-09", "2020-03-10"),
    ("evt-2020-03-10-defence-ministers-call", "date_start", "2020-03-10", "2020-03-11"),
    # observation posts
    ("evt-2017-10-12-deployment-posts", "date_start", "2017-10-12", "2017-10-17"),
    ("pst-tr-01", "established_date", "2017-10-13", "2017-10-12 2017-10-20"),
    ("pst-tr-02", "established_date", "2017-11-23", "2017-10-20"),
    ("pst-tr-08", "established_date", "2018-02-15", "2018-04-20"),
    ("pst-tr-12", "establishment_order", "8", "12"),
    ("pst-tr-07", "withdrawn_date", "2021-01-12", "2020-02-07 2020-02-08"),
    ("evt-2020-10-20-withdrawal-morek", "date_start", "2020-10-20", "2020-10-18 2020-10-19"),
    ("pst-tr-09", "withdrawal_started_date", "2020-10-20", "2020-10-18 2020-10-19"),
    ("pst-tr-09", "withdrawn_date", "2020-11-02", "2020-10-19 2020-10-20"),
    ("evt-2020-11-02-withdrawal-shir-maghar", "date_start", "2020-11-02", "2020-11-03"),
    ("pst-tr-10", "withdrawal_started_date", "2020-11-02", "2020-10-19 2020-10-29 2020-11-03"),
    # groups
    ("act-hurras-al-din", "strength_low", "3500", "1000"),
    ("act-hurras-al-din", "strength_high", "5000", "2000"),
    ("act-nlf", "strength_low", "20000", "30000 70000"),
    ("act-nlf", "strength_high", "20000", "30000 70000"),
    ("act-tip", "active_from", "2015-01-01", "2012-01-01"),
    ("acl-etim-designated-by-us-state", "start_date", "2002-01-01", "2004-01-01"),
    ("acl-ahrar-al-sham-led-by-hassan-soufan", "end_date", None, "2018-08-01 2019-05-01"),
]

# The other side stands in a neighbouring column (a bound or a range against an exact number), one
# page contradicts itself, or pages differ about what one speaker said.
WITHIN_A_RECORD: list[Row] = [
    ("pst-tr-03", "withdrawn_date", None, "2020-11-11 2020-11-26"),
    ("evt-2020-03-11-erdogan-warning", "date_start", "2020-03-11", "2020-03-10"),
    ("evt-2020-03-ru-mfa-warning-regrouping", "date_start", None, "2020-03-16 2020-03-17"),
    ("inv-2020-02-27-strike-balyun-turkish-side", "killed_high", None, "100"),
    ("inv-2020-02-27-strike-balyun-turkish-side", "injured_low", None, "36"),
    ("inv-2020-02-27-strike-balyun-turkish-side", "injured_high", None, "60"),
    ("inv-2020-05-10-attack-al-ghab-sy-forces", "killed_low", None, "31"),
    ("inv-2021-05-10-attack-bab-al-hawa-turkish-side", "injured_low", None, "11"),
]

ROWS = BETWEEN_SOURCES + WITHIN_A_RECORD

Versions = tuple[str | None, set[str]]


def _name(row: Row) -> str:
    return f"{row[0]}:{row[1] or 'exists'}"


def _cells(frame: pd.DataFrame) -> pd.Series:
    """The name of the cell that each row of a frame is about, as `_name` writes it."""
    return frame["record_id"] + ":" + frame["field"].fillna("exists")


@pytest.fixture(scope="module")
def disputed() -> dict[str, list[Versions]]:
    """Each disputed cell with the accepted value and the other values of every row about it."""
    frame = disputes(ROOT)
    found: dict[str, list[Versions]] = {}
    for cell, accepted, others in zip(
        _cells(frame), frame["accepted_value"], frame["other_values"], strict=True
    ):
        versions = (accepted if isinstance(accepted, str) else None, set(others.split("; ")))
        found.setdefault(cell, []).append(versions)
    return found


@pytest.fixture(scope="module")
def origins() -> pd.Series:
    """How many origins speak about each cell; claims that were set aside do not count."""
    claims = claims_with_origin(ROOT)
    claims = claims[claims["status"].isin(["accepted", "conflict"])]
    return claims["origin"].groupby(_cells(claims)).nunique()


@pytest.mark.parametrize("row", ROWS, ids=_name)
def test_all_versions_of_a_contradiction_are_shown(
    row: Row, disputed: dict[str, list[Versions]]
) -> None:
    _, _, accepted, others = row

    assert disputed.get(_name(row)) == [(accepted, set(others.split()))]


@pytest.mark.parametrize("row", BETWEEN_SOURCES, ids=_name)
def test_a_contradiction_between_sources_has_more_than_one_origin(
    row: Row, origins: pd.Series
) -> None:
    assert origins[_name(row)] > 1


def test_many_contradictions_are_held_and_none_twice() -> None:
    assert len(BETWEEN_SOURCES) >= LEAST
    assert len({_name(row) for row in ROWS}) == len(ROWS)


def test_a_record_is_denied_as_a_whole_and_a_cell_by_another_value() -> None:
    denied = [row for row in ROWS if row[3] == DENIED]

    assert denied
    assert denied == [row for row in ROWS if row[1] is None]
    assert {row[2] for row in denied} == {None}
