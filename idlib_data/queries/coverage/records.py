"""How many records the data hold: by table, and of events and patrols by month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idlib_data.dataset import Dataset
from idlib_data.ledger import tables_of_records
from idlib_data.queries.sql import query

if TYPE_CHECKING:
    import pandas as pd

FIRST_YEAR, LAST_YEAR = 2017, 2021
"""The span whose months are shown, see docs/coding.md."""

NUMBERED_SERIES = "m4-joint"
"""The series of patrols that is listed by number."""

OTHER, ALL, NO_DATE = "other", "all", "no date"


def sizes(dataset: Dataset) -> pd.DataFrame:
    """Rows of each table and the claims about them.

    Returns:
        One row per table in the order of the package: ``Table``, ``Rows``, ``Claims about them``
        (whole numbers) and ``What it holds`` (text).
    """
    import pandas as pd

    claims = dataset.load("claims")["record_id"].map(tables_of_records(dataset)).value_counts()
    return pd.DataFrame(
        {
            "Table": [f"`{name}`" for name in dataset.tables],
            "Rows": [dataset.arrow(name).num_rows for name in dataset.tables],
            "Claims about them": [int(claims.get(name, 0)) for name in dataset.tables],
            "What it holds": [schema.description for schema in dataset.schemas.values()],
        }
    )


def events_by_month(dataset: Dataset, *, types: int = 8) -> pd.DataFrame:
    """Events by the month they start in and by type.

    Args:
        dataset: An opened package.
        types: Number of types, the most frequent ones, that have a column of their own.

    Returns:
        One row per month that has an event, then those that belong to no month of the span, then
        the sums: ``Month``, the labels of the types, ``other`` and ``all``, all but the first of
        whole numbers.
    """
    sql = f"""
    SELECT
        CASE
            WHEN date_start IS NULL THEN '{NO_DATE}'
            WHEN date_precision = 'year' THEN 'only the year'
            WHEN year(date_start) < {FIRST_YEAR} THEN 'before {FIRST_YEAR}'
            WHEN year(date_start) > {LAST_YEAR} THEN 'after {LAST_YEAR}'
            ELSE strftime(date_start, '%Y-%m')
        END AS month,
        label
    FROM events
    JOIN event_types ON event_type_id = event_type
    """
    frame = query(sql, package=dataset)
    kept = set(types_by_number(dataset)["label"].head(types))
    frame["label"] = frame["label"].where(frame["label"].isin(kept), OTHER)
    order = [label for label in types_by_number(dataset)["label"] if label in kept]
    return _cross(frame, "month", "label", [*order, OTHER]).rename(columns={"month": "Month"})


def types_by_number(dataset: Dataset) -> pd.DataFrame:
    """The types of events that occur, the most frequent first: ``label`` and ``events``."""
    sql = """
    SELECT label, count(*) AS events
    FROM events
    JOIN event_types ON event_type_id = event_type
    GROUP BY label
    ORDER BY events DESC, label
    """
    return query(sql, package=dataset)


def months_without_events(dataset: Dataset) -> list[str]:
    """The months of the span in which no event starts, as ``YYYY-MM``."""
    with_events = set(events_by_month(dataset)["Month"])
    months = (
        f"{year}-{month:02}" for year in range(FIRST_YEAR, LAST_YEAR + 1) for month in range(1, 13)
    )
    return [month for month in months if month not in with_events]


def patrols_by_month(dataset: Dataset) -> pd.DataFrame:
    """Patrols by series and month, and what became of them.

    Returns:
        One row per series and month that has a patrol, undated ones last in their series, then the
        sums: ``Series``, ``Month``, one column per outcome that occurs, ``not reported`` and
        ``all``, all but the first two of whole numbers.
    """
    sql = f"""
    SELECT
        series || '/' || coalesce(strftime(date, '%Y-%m'), '{NO_DATE}') AS month,
        coalesce(outcome, 'not reported') AS outcome
    FROM patrols
    """
    frame = query(sql, package=dataset)
    codes = [*dataset.schema("patrols").field("outcome").enum, "not reported"]
    found = _cross(frame, "month", "outcome", [c for c in codes if c in set(frame["outcome"])])
    parts = found.pop("month").str.partition("/")
    found.insert(0, "Month", parts[2])
    found.insert(0, "Series", parts[0])
    return found


def numbered_patrols(dataset: Dataset, series: str = NUMBERED_SERIES) -> pd.DataFrame:
    """The patrols of a series that have a number, by number.

    Returns:
        ``Number``, ``Date``, ``Outcome`` and ``Other numbers told``, which conflict claims give
        the same patrol; all of them text.
    """
    sql = f"""
    SELECT
        CAST(sequence AS VARCHAR) AS "Number",
        strftime(date, '%Y-%m-%d') AS "Date",
        outcome AS "Outcome",
        array_to_string(
            list_sort(list(DISTINCT TRY_CAST(value AS INTEGER)) FILTER (WHERE value IS NOT NULL)),
            ', '
        ) AS "Other numbers told"
    FROM patrols
    LEFT JOIN claims ON record_id = patrol_id AND field = 'sequence' AND status = 'conflict'
    WHERE series = '{series}'
        AND sequence IS NOT NULL
    GROUP BY patrol_id, sequence, date, outcome
    ORDER BY sequence, date, patrol_id
    """
    return query(sql, package=dataset)


def missing_numbers(dataset: Dataset, series: str = NUMBERED_SERIES) -> list[str]:
    """The numbers from 1 to the highest of a series that no patrol has."""
    numbers = {int(number) for number in numbered_patrols(dataset, series)["Number"]}
    return [str(n) for n in range(1, max(numbers, default=0) + 1) if n not in numbers]


def unnumbered_patrols(dataset: Dataset, series: str = NUMBERED_SERIES) -> pd.DataFrame:
    """The patrols of a series without a number, by date: ``id`` and ``day`` (text)."""
    sql = f"""
    SELECT patrol_id AS id, coalesce(strftime(date, '%Y-%m-%d'), '{NO_DATE}') AS day
    FROM patrols
    WHERE series = '{series}'
        AND sequence IS NULL
    ORDER BY date NULLS LAST, patrol_id
    """
    return query(sql, package=dataset)


def _cross(frame: pd.DataFrame, row: str, column: str, order: list[str]) -> pd.DataFrame:
    """How often values of two columns meet, with sums below and to the right."""
    import pandas as pd

    found = pd.crosstab(frame[row], frame[column]).reindex(columns=order, fill_value=0)
    found[ALL] = found.sum(axis=1)
    found.loc[ALL] = found.sum()
    return found.rename_axis(columns=None).reset_index()
