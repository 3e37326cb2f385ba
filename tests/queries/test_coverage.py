"""What the data cover: the page is fresh, and its numbers are those of the tables."""

from __future__ import annotations

import re
import runpy
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from idlib_data.dataset import Dataset, open
from idlib_data.queries import coverage
from idlib_data.queries.coverage import counts, records, voices
from idlib_data.queries.coverage.markdown import spans, table
from tests.mini import CHECKOUT, claim, make_mini, put

PAGE = CHECKOUT / "docs" / "coverage.md"
RUSSIAN, TURKISH = "evt-2020-03-12-violations-russia", "evt-2020-03-12-violations-turkey"
WIDEST = 12


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    return make_mini(tmp_path / "mini")


@pytest.fixture(scope="module")
def fresh() -> str:
    return coverage.page(CHECKOUT)


def rows(frame: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """The rows of a frame, or of some columns of it, null as None."""
    some = frame[list(columns)] if columns else frame
    plain = some.astype(object).where(some.notna(), None)
    return list(plain.itertuples(index=False, name=None))


def count(package: Path, key: str, day: str, **cells: str) -> str:
    """Add a count of violations of one day; returns its id."""
    told = {"event_type": "violation-count", "date_start": day, "date_precision": "day"}
    put(package, "events", key, **told | cells)
    return key


def role(package: Path, event: str, actor: str, role: str) -> None:
    put(package, "event_actors", f"inv-{event}-{role}", event_id=event, actor_id=actor, role=role)


def governorate(package: Path, name: str) -> str:
    key = f"loc-{name.lower()}-governorate"
    put(package, "locations", key, name=name, kind="governorate", admin1=name)
    return key


def test_the_page_in_the_repository_is_fresh(fresh: str) -> None:
    same = PAGE.is_file() and PAGE.read_text("utf-8") == fresh
    assert same, "docs/coverage.md is out of date: python scripts/generate_coverage.py"


def test_the_script_writes_the_page_that_is_checked() -> None:
    script = runpy.run_path(str(CHECKOUT / "scripts" / "generate_coverage.py"))
    assert (script["PAGE"], script["ROOT"]) == (PAGE, CHECKOUT)
    assert script["page"] is coverage.page


def test_no_table_of_the_page_is_too_wide_and_no_paragraph_too_long(fresh: str) -> None:
    for line in fresh.splitlines():
        if line.startswith("|"):
            assert line.count(" | ") < WIDEST
        else:
            assert len(line) <= 100


def test_the_page_of_the_mini_package_has_its_numbers(mini: Path) -> None:
    page = coverage.page(mini)
    assert re.findall("^## (.+)$", page, re.MULTILINE) == [
        "Tables",
        "Events by month and type",
        "Patrols by series and month",
        "Violation counts by day",
        "Sources and their claims",
        "Who says it",
        "On how many origins the data rest",
    ]
    assert "| `events` | 4 | 15 | Attacks, strikes," in page
    words = " ".join(page.split())
    assert "no patrol bears: 2..20. Patrols of the series without a number: none." in words
    assert "| 2020-03 | 2020-03-06..11, 13..31 | 2020-03-06..11, 13..31 | all |" in page
    assert "A missing day means that no count was found, not that none was made." in words
    assert "Left out are 0 counts that are not of one day, and 0 statements on one group" in words
    assert page.endswith("|\n")


def test_a_package_without_a_row_has_a_page(tmp_path: Path) -> None:
    package = make_mini(tmp_path / "mini")
    for path in (package / "data").iterdir():
        path.write_text(path.read_text("utf-8").partition("\n")[0] + "\n", "utf-8")
    page = coverage.page(package)
    assert "Other types: none." in page
    assert "no patrol bears: none. Patrols of the series without a number: none." in page
    assert "Months without an event: 2017-01..12; 2018-01..12;" in page


def test_days_in_a_row_are_drawn_together_within_their_month() -> None:
    days = ["2020-03-31", "2020-04-01", "2020-04-03", "2020-04-04", "2020-04-05", "2020-04-09"]
    assert spans(days) == "2020-03-31; 2020-04-01, 03..05, 09"
    assert spans(["9", "10", "11", "13"]) == "9..11, 13"
    assert spans([]) == ""


def test_a_table_sets_numbers_right_and_shows_none_as_a_dash() -> None:
    frame = pd.DataFrame({"a": ["x|y", None], "n": [1234, 0], "share": [0.125, 1.0]})
    assert table(frame) == (
        "| a | n | share |\n| --- | ---: | ---: |\n| x\\|y | 1,234 | 12.5 % |\n| - | - | 100.0 % |"
    )


def test_tables_are_shown_with_their_rows_and_the_claims_about_them(mini: Path) -> None:
    found = {row[0]: row[1:3] for row in rows(records.sizes(open(mini)))}
    assert list(found) == [f"`{name}`" for name in open(mini).tables]
    assert found["`patrols`"] == (3, 15)
    assert found["`claims`"] == (59, 0)
    assert found["`actor_links`"] == (0, 0)


def test_an_event_counts_in_the_month_it_starts_in(mini: Path) -> None:
    frame = records.events_by_month(open(mini))
    # Types that occur equally often stand by name; the aggregate type has no event.
    assert list(frame.columns) == ["Month", "Violation count", "Attack", "Protest", "other", "all"]
    assert rows(frame) == [
        ("2020-03", 2, 0, 1, 0, 3),
        ("2020-07", 0, 1, 0, 0, 1),
        ("all", 2, 1, 1, 0, 4),
    ]


def test_rare_types_share_a_column(mini: Path) -> None:
    frame = records.events_by_month(open(mini), types=1)
    assert list(frame.columns) == ["Month", "Violation count", "other", "all"]
    assert rows(frame) == [("2020-03", 2, 1, 3), ("2020-07", 0, 1, 1), ("all", 2, 2, 4)]


def test_events_that_belong_to_no_month_of_the_span_have_rows_of_their_own(mini: Path) -> None:
    for key, day, precision in (
        ("evt-a", "2016-05-01", "day"),
        ("evt-b", "2022-01-01", "day"),
        ("evt-c", "2019-01-01", "year"),
        ("evt-d", "", ""),
        ("evt-e", "2021-12-31", "day"),
    ):
        cells = {"event_type": "attack", "date_start": day, "date_precision": precision}
        put(mini, "events", key, **cells)
    frame = records.events_by_month(open(mini))
    assert rows(frame, "Month", "all") == [
        ("2020-03", 3),
        ("2020-07", 1),
        ("2021-12", 1),
        ("after 2021", 1),
        ("before 2017", 1),
        ("no date", 1),
        ("only the year", 1),
        ("all", 9),
    ]
    months = records.months_without_events(open(mini))
    assert spans(months[36:]) == "2020-01..02, 04..06, 08..12; 2021-01..11"
    assert spans(months[:36]) == "2017-01..12; 2018-01..12; 2019-01..12"


def test_patrols_stand_by_series_month_and_outcome(mini: Path) -> None:
    put(mini, "patrols", "pat-tr", series="m4-turkish", outcome="planned")
    frame = records.patrols_by_month(open(mini))
    # Outcomes in the order of the schema, and only those that occur.
    assert list(frame.columns)[2:] == ["attacked", "completed", "planned", "not reported", "all"]
    assert rows(frame) == [
        ("m4-joint", "2020-03", 0, 0, 0, 1, 1),
        ("m4-joint", "2020-07", 1, 1, 0, 0, 2),
        ("m4-turkish", "no date", 0, 0, 1, 0, 1),
        ("all", "", 1, 1, 1, 1, 4),
    ]


def test_a_series_is_listed_by_number_with_the_numbers_that_others_tell(mini: Path) -> None:
    put(mini, "patrols", "pat-m4-none", series="m4-joint", date="2020-09-15")
    put(mini, "patrols", "pat-tr", series="m4-turkish", sequence="2")
    for number in ("100", "9"):
        claim(mini, "pat-m4-2020-07-14", "sequence", number, status="conflict", note="Other.")
    claim(mini, "pat-m4-2020-07-14", "sequence", "8", status="superseded", note="Corrected.")
    dataset = open(mini)
    assert rows(records.numbered_patrols(dataset)) == [
        ("1", "2020-03-15", None, None),
        ("21", "2020-07-14", "attacked", "9, 20, 100"),
        ("22", "2020-07-22", "completed", None),
    ]
    assert records.missing_numbers(dataset) == [str(number) for number in range(2, 21)]
    assert records.missing_numbers(dataset, "m4-turkish") == ["1"]
    assert records.missing_numbers(dataset, "idlib-dmz") == []
    assert rows(records.unnumbered_patrols(dataset)) == [("pat-m4-none", "2020-09-15")]


def test_a_count_is_of_the_side_that_reports_it(mini: Path) -> None:
    assert counts.days_with(open(mini)) == {
        "Russian side": {"2020-03-12"},
        "Russian side, with a total": {"2020-03-12"},
        "Turkish side": {"2020-03-12"},
        "Turkish side, with a total": {"2020-03-12"},
        "Syrian part": set(),
    }


def test_a_count_without_a_figure_covers_its_day_and_has_no_total(mini: Path) -> None:
    role(mini, count(mini, "evt-listed", "2020-03-31"), "act-russia", "reporter")
    covered = counts.days_with(open(mini))
    assert covered["Russian side"] == {"2020-03-12", "2020-03-31"}
    assert covered["Russian side, with a total"] == {"2020-03-12"}
    expected = {"Russian side": ["2020-03-31"], "Turkish side": []}
    assert counts.days_without_total(covered) == expected
    # Outside of the days asked for it is none of them.
    assert counts.days_without_total(covered, end=date(2020, 3, 30))["Russian side"] == []


def test_a_part_belongs_to_the_side_of_its_whole_and_is_no_count_of_its_own(mini: Path) -> None:
    place = governorate(mini, "Idlib")
    for whole, figure in ((RUSSIAN, "5"), (TURKISH, "")):
        cells = {"location_id": place, "part_of_event_id": whole, "quantity": figure}
        count(mini, f"{whole}-idlib", "2020-03-13", **cells)
    dataset = open(mini)
    assert counts.days_with_governorate(dataset) == {"Russian side, Idlib": {"2020-03-13"}}
    assert counts.days_with(dataset)["Russian side"] == {"2020-03-12"}


def test_a_whole_count_of_one_governorate_is_a_figure_for_it(mini: Path) -> None:
    put(mini, "events", TURKISH, location_id=governorate(mini, "Latakia"))
    assert counts.days_with_governorate(open(mini)) == {"Turkish side, Latakia": {"2020-03-12"}}


def test_the_syrian_part_is_the_part_that_the_syrian_side_reports(mini: Path) -> None:
    put(mini, "actors", "act-syria", name="Syria", kind="state", side="syrian-government")
    part = count(mini, "evt-part", "2020-03-12", part_of_event_id=RUSSIAN, quantity="3")
    role(mini, part, "act-syria", "reporter")
    role(mini, count(mini, "evt-own", "2020-03-14", quantity="3"), "act-syria", "reporter")
    assert counts.days_with(open(mini))["Syrian part"] == {"2020-03-12"}


def test_counts_over_a_span_and_those_on_one_group_are_left_out(mini: Path) -> None:
    span = {"date_end": "2020-03-20", "date_precision": "range"}
    role(mini, count(mini, "evt-week", "2020-03-14", **span), "act-russia", "reporter")
    undated = count(mini, "evt-undated", "", date_precision="")
    role(mini, undated, "act-russia", "reporter")
    group = count(mini, "evt-group", "2020-03-14", quantity="0")
    role(mini, group, "act-russia", "reporter")
    role(mini, group, "act-turkey", "subject")
    dataset = open(mini)
    assert counts.days_with(dataset)["Russian side"] == {"2020-03-12"}
    assert counts.left_out(dataset) == (2, 1)


def test_days_are_counted_by_month_within_those_asked_for() -> None:
    covered = {"x": {"2020-03-05", "2020-03-06", "2020-03-31", "2020-04-01", "2020-04-03"}}
    frame = counts.days_by_month(covered, end=date(2020, 4, 2))
    assert list(frame.columns) == ["Month", "Days", "x"]
    assert rows(frame) == [("2020-03", 26, 2), ("2020-04", 2, 1), ("all", 28, 3)]
    assert rows(counts.days_by_year(covered | {"y": {"2019-01-01"}})) == [
        ("2019", 0, 1),
        ("2020", 5, 0),
    ]


def test_missing_days_are_named_as_ranges() -> None:
    covered = {"Russian side": {"2020-03-06", "2020-03-09"}, "Turkish side": set[str]()}
    covered["Syrian part"] = {f"2020-03-{day:02}" for day in range(6, 11)}
    frame = counts.missing_days(covered, end=date(2020, 3, 10))
    assert list(frame.columns) == ["Month", "Russian side", "Turkish side", "Syrian part"]
    assert rows(frame) == [("2020-03", "2020-03-07..08, 10", "all", None)]


def test_every_day_of_the_shipped_span_is_covered_or_named_as_missing() -> None:
    covered = counts.days_with(open(CHECKOUT))
    last = counts.days_by_month(covered).iloc[-1]
    missing = counts.missing_days(covered)
    for heading in counts.SHOWN:
        named = 0
        for month, days in zip(missing["Month"], missing[heading], strict=True):
            if days == "all":
                named += pd.Period(month).days_in_month - (5 if month == "2020-03" else 0)
            elif isinstance(days, str):
                for run in days.removeprefix(f"{month}-").split(", "):
                    first, _, end = run.partition("..")
                    named += int(end or first) - int(first) + 1
        assert named + last[heading] == last["Days"] == 301


def test_a_count_that_only_others_pass_on_is_told(mini: Path) -> None:
    expected = {"Russian side": (0, 1), "Turkish side": (0, 1)}
    assert counts.told_by_others(open(mini)) == expected
    whole = count(mini, "evt-relayed", "2020-03-13", quantity="2")
    role(mini, whole, "act-turkey", "reporter")
    claim(mini, whole, "quantity", "2", attributed_to="act-ru-mod")
    assert counts.told_by_others(open(mini))["Turkish side"] == (1, 2)
    claim(mini, whole, "quantity", "2", source_id="src-gazete-2020-07-14-patrol")
    assert counts.told_by_others(open(mini))["Turkish side"] == (0, 2)


def test_sources_and_claims_are_counted_by_a_column_of_the_sources(mini: Path) -> None:
    put(mini, "sources", "src-silent", title="Silent", language="en", kind="news")
    dataset = open(mini)
    assert rows(voices.by_source_column(dataset, "language")) == [("en", 3, 48), ("tr", 1, 11)]
    assert rows(voices.by_source_column(dataset, "publisher_country")) == [
        ("GB", 1, 47),
        ("TR", 1, 11),
        ("RU", 1, 1),
        ("not given", 1, 0),
    ]


def test_values_behind_the_first_ones_share_a_row(mini: Path) -> None:
    counted = voices.by_source_column(open(mini), "publisher_country")
    shown, others = voices.grouped(counted, "Country", top=1)
    assert list(shown.columns) == ["Country", "Sources", "Claims", "Share of claims"]
    assert rows(shown) == [("GB", 1, 47, 47 / 59), ("2 others", 2, 12, 12 / 59)]
    assert others == ["RU", "TR"]
    # One value alone keeps its name.
    assert voices.grouped(counted, "Country", top=2)[1] == []
    assert len(voices.grouped(counted, "Country", top=2)[0]) == 3


def test_claims_are_counted_by_the_side_of_the_speaker(mini: Path) -> None:
    frame = voices.claims_by_side(open(mini))
    names = ["Side of the speaker", "Speakers", "Sources", "Claims", "accepted", "conflict"]
    assert rows(frame, *names) == [
        ("the publication itself", 0, 1, 39, 39, 0),
        ("turkey", 1, 2, 15, 15, 0),
        ("russia", 1, 2, 5, 4, 1),
    ]
    assert frame["Share of claims"].tolist() == [39 / 59, 15 / 59, 5 / 59]
    assert frame["other"].tolist() == [0, 0, 0]


def test_a_body_and_its_organs_are_one_origin_with_its_parts(mini: Path) -> None:
    dataset = open(mini)
    assert rows(voices.top_origins(dataset)) == [
        ("Example Review", None, 39, 19, 1, None),
        ("Ministry of National Defence of Turkey", "turkey", 15, 4, 2, None),
        ("Ministry of Defence of Russia", "russia", 5, 2, 2, None),
    ]
    put(mini, "actors", "act-centre", name="Centre", kind="body", side="russia")
    put(mini, "actors", "act-centre", parent_actor_id="act-ru-mod")
    claim(mini, RUSSIAN, "quantity", "8", attributed_to="act-centre")
    last = rows(voices.top_origins(open(mini)))[-1]
    assert last[2:] == (6, 2, 2, "Ministry of Defence of Russia (5), Centre (1)")
    assert len(voices.top_origins(open(mini), top=2)) == 2


def test_cells_are_counted_by_the_number_of_independent_origins(mini: Path) -> None:
    patrol = "pat-m4-2020-07-14"
    claim(mini, patrol, "date", "2020-07-14", attributed_to="act-tr-mod")  # told before
    claim(mini, patrol, "outcome", "attacked", attributed_to="act-ru-mod")
    claim(mini, patrol, "outcome", "attacked", attributed_to="act-institute")
    frame = voices.origins_by_table(open(mini), cells=True).set_index("Table")
    assert list(frame.columns[:4]) == ["Cells", "one origin", "two", "three or more"]
    # 21 is told by the ministry and the review, 20 by another; the last claim makes it three.
    assert frame.loc["patrols"].tolist() == [9, 7, 1, 1, 1, 2 / 9]
    assert frame.loc["all", "Cells"] == frame["Cells"].drop("all").sum()
    assert "event_types" not in frame.index


def test_records_as_such_are_counted_by_who_says_that_they_exist(mini: Path) -> None:
    claim(mini, RUSSIAN, status="conflict", note="Not so.")
    frame = voices.origins_by_table(open(mini), cells=False).set_index("Table")
    assert frame.loc["patrols"].tolist() == [3, 2, 1, 0, 0, 1 / 3]
    assert frame.loc["events", ["Records", "one origin", "disputed"]].tolist() == [4, 4, 1]


def test_the_shipped_disputes_are_all_on_the_page() -> None:
    from idlib_data.ledger import disputes

    dataset: Dataset = open(CHECKOUT)
    found = disputes(dataset)
    for cells in (True, False):
        frame = voices.origins_by_table(dataset, cells=cells).set_index("Table")
        assert frame.loc["all", "disputed"] == (found["field"].notna() == cells).sum()


def test_a_source_without_a_printed_day_has_the_year_its_bounds_share(mini: Path) -> None:
    bounds = {"published_earliest": "2019-02-01", "published_latest": "2019-03-01"}
    put(mini, "sources", "src-bounded", title="Bounded", **bounds)
    put(mini, "sources", "src-wide", title="Wide", **bounds | {"published_earliest": "2018-12-31"})
    put(mini, "sources", "src-undated", title="Undated")
    assert rows(voices.by_year(open(mini))) == [
        ("2019", 0, 1, 1, 0),
        ("2020", 3, 0, 3, 59),
        ("no date", 0, 0, 2, 0),
    ]
