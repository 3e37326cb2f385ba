"""The daily counts of ceasefire violations: which days have one, by side and by governorate.

The side of a count is that of its reporter; a part of a count that names no reporter of its own has
the one of the whole. Counts over more than a day, and those about a single group, are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from idlib_data.dataset import Dataset
from idlib_data.queries.coverage.markdown import spans
from idlib_data.queries.sql import query

if TYPE_CHECKING:
    import pandas as pd

START, END = date(2020, 3, 6), date(2020, 12, 31)
"""The days that are looked at one by one: from the first day of the Moscow ceasefire on."""

SIDES = {"Russian side": "russia", "Turkish side": "turkey"}
"""Heading -> side in `actors` of those whose whole counts are shown."""

WITH_TOTAL = ", with a total"
"""What follows the heading of a side where its whole count has a figure."""

SYRIAN_PART = "Syrian part"
"""Heading of the parts of a whole count that are given as data of the Syrian government."""

SHOWN = (*SIDES, SYRIAN_PART)

COUNTS = """
WITH reporters AS (
    SELECT DISTINCT event_id, side
    FROM event_actors
    JOIN actors USING (actor_id)
    WHERE role = 'reporter'
)
SELECT DISTINCT
    event_id,
    strftime(date_start, '%Y-%m-%d') AS day,
    coalesce(own.side, of_whole.side) AS side,
    part_of_event_id IS NOT NULL AS is_part,
    CASE WHEN locations.kind = 'governorate' THEN admin1 END AS governorate,
    quantity IS NOT NULL AS has_figure,
    EXISTS (
        SELECT 1
        FROM event_actors
        WHERE event_actors.event_id = events.event_id
            AND role = 'subject'
    ) AS of_one_group,
    coalesce(date_precision = 'day', false) AS is_daily
FROM events
LEFT JOIN reporters AS own USING (event_id)
LEFT JOIN reporters AS of_whole ON of_whole.event_id = part_of_event_id
LEFT JOIN locations USING (location_id)
WHERE event_type = 'violation-count'
ORDER BY ALL
"""

OWN_CLAIMS = """
SELECT DISTINCT record_id AS event_id, side
FROM claims
JOIN sources USING (source_id)
JOIN actors ON actor_id = coalesce(attributed_to, relays)
JOIN events ON event_id = record_id
WHERE event_type = 'violation-count'
ORDER BY ALL
"""


def counts(dataset: Dataset) -> pd.DataFrame:
    """All counts of violations.

    Returns:
        One row per count and side that reports it: ``event_id``, ``day`` (ISO text, the first one
        of a span), ``side``, ``is_part``, ``governorate`` (null where the count is of a larger
        area or of none), ``has_figure``, ``of_one_group`` (of a group that stands in the role of
        the subject) and ``is_daily``.
    """
    return query(COUNTS, package=dataset)


def days_with(dataset: Dataset) -> dict[str, set[str]]:
    """Heading -> the days that have such a count, in all years.

    The headings are those of `SIDES`, each also with `WITH_TOTAL` (days whose whole count has a
    figure), and `SYRIAN_PART`.
    """
    found = _daily(dataset)
    syrian = found["is_part"] & found["side"].eq("syrian-government")
    days = {}
    for heading, side in SIDES.items():
        whole = found[found["side"].eq(side) & ~found["is_part"]]
        days[heading] = set(whole["day"])
        days[heading + WITH_TOTAL] = set(whole.loc[whole["has_figure"], "day"])
    return days | {SYRIAN_PART: set(found.loc[syrian, "day"])}


def days_with_governorate(dataset: Dataset) -> dict[str, set[str]]:
    """``side, governorate`` -> the days with a figure for it, as a part or as the whole count."""
    found = _daily(dataset)
    found = found[found["has_figure"]]
    days = {}
    for heading, side in SIDES.items():
        for governorate, rows in found[found["side"].eq(side)].groupby("governorate"):
            days[f"{heading}, {governorate}"] = set(rows["day"])
    return days


def days_by_month(
    covered: dict[str, set[str]], start: date = START, end: date = END
) -> pd.DataFrame:
    """How many days of each month have a count.

    Args:
        covered: Heading -> days as ISO text, see `days_with` and `days_with_governorate`.
        start: First day that is looked at.
        end: Last day.

    Returns:
        One row per month and one of the sums: ``Month``, ``Days``, then a column per heading; all
        but the first of whole numbers.
    """
    import pandas as pd

    rows: list[list[str | int]] = [
        [month, len(days), *(len(some.intersection(days)) for some in covered.values())]
        for month, days in _months(start, end)
    ]
    frame = pd.DataFrame(rows, columns=["Month", "Days", *covered])
    frame.loc[len(frame)] = ["all", *frame.drop(columns="Month").sum()]
    return frame


def missing_days(
    covered: dict[str, set[str]], start: date = START, end: date = END
) -> pd.DataFrame:
    """The days of each month without a count, drawn together, see `markdown.spans`.

    Args:
        covered: See `days_by_month`.
        start: First day that is looked at.
        end: Last day.

    Returns:
        One row per month: ``Month`` and a column of text per heading of `SHOWN`, in which ``all``
        is every day of the month that is looked at, and null is none.
    """
    import pandas as pd

    rows = []
    for month, days in _months(start, end):
        missing = ([day for day in days if day not in covered[name]] for name in SHOWN)
        rows.append([month, *("all" if some == days else spans(some) or None for some in missing)])
    return pd.DataFrame(rows, columns=["Month", *SHOWN])


def days_without_total(
    covered: dict[str, set[str]], start: date = START, end: date = END
) -> dict[str, list[str]]:
    """Heading of a side -> the days whose whole count has no figure; see `days_by_month`."""
    within = {day for _, days in _months(start, end) for day in days}
    return {name: sorted((covered[name] - covered[name + WITH_TOTAL]) & within) for name in SIDES}


def days_by_year(covered: dict[str, set[str]]) -> pd.DataFrame:
    """How many days of each year have a count: ``Year`` (text) and a column per heading."""
    import pandas as pd

    years = sorted({day[:4] for days in covered.values() for day in days})
    rows = [
        [year, *(sum(day.startswith(year) for day in days) for days in covered.values())]
        for year in years
    ]
    return pd.DataFrame(rows, columns=["Year", *covered])


def told_by_others(dataset: Dataset) -> dict[str, tuple[int, int]]:
    """Heading of a side -> its counts of a day that no claim of its own tells, and all of them.

    A claim is a side's own if the actor that speaks is of that side; a publication that speaks for
    itself is of no side.
    """
    own = query(OWN_CLAIMS, package=dataset)
    told = set(zip(own["event_id"], own["side"], strict=True))
    found = _daily(dataset)
    whole = {
        heading: found.loc[found["side"].eq(side) & ~found["is_part"], "event_id"]
        for heading, side in SIDES.items()
    }
    return {
        heading: (sum((event, SIDES[heading]) not in told for event in events), len(events))
        for heading, events in whole.items()
    }


def left_out(dataset: Dataset) -> tuple[int, int]:
    """The numbers of counts that are not of one day, and of those about a single group."""
    found = counts(dataset)
    spans = found.loc[~found["is_daily"], "event_id"].nunique()
    groups = found.loc[found["is_daily"] & found["of_one_group"], "event_id"].nunique()
    return spans, groups


def _daily(dataset: Dataset) -> pd.DataFrame:
    """The counts of one day that are not about a single group."""
    found = counts(dataset)
    return found[found["is_daily"] & ~found["of_one_group"]]


def _months(start: date, end: date) -> Iterator[tuple[str, list[str]]]:
    """Each month with its days from the first to the last one asked for, as ISO text."""
    days = [(start + timedelta(n)).isoformat() for n in range((end - start).days + 1)]
    for month, group in groupby(days, key=lambda day: day[:7]):
        yield month, list(group)
