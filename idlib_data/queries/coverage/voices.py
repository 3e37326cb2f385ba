"""Who speaks in the data: sources and claims by language, country, kind, side, origin and year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idlib_data.dataset import Dataset
from idlib_data.ledger import claims_with_origin, tables_of_records
from idlib_data.queries.coverage.records import ALL, NO_DATE
from idlib_data.queries.sql import query

if TYPE_CHECKING:
    import pandas as pd

SOURCE_COLUMNS = {"language": "Language", "publisher_country": "Country", "kind": "Kind"}
"""Column of `sources` -> its heading on the page."""

NOT_GIVEN = "not given"
OWN_WORD = "the publication itself"


def by_source_column(dataset: Dataset, column: str) -> pd.DataFrame:
    """Sources and their claims by a column of `sources`.

    Returns:
        One row per value, the one with most claims first: ``value`` (text, `NOT_GIVEN` where the
        cell is empty), ``sources`` and ``claims`` (whole numbers).
    """
    sql = f"""
    SELECT
        coalesce({column}, '{NOT_GIVEN}') AS value,
        count(DISTINCT source_id) AS sources,
        count(claim_id) AS claims
    FROM sources
    LEFT JOIN claims USING (source_id)
    GROUP BY 1
    ORDER BY 3 DESC, 2 DESC, 1
    """
    return query(sql, package=dataset)


def grouped(frame: pd.DataFrame, heading: str, *, top: int = 12) -> tuple[pd.DataFrame, list[str]]:
    """A frame of `by_source_column` for readers: the first rows, and one of all the others.

    Returns:
        The frame under the heading given, ``Sources``, ``Claims`` and ``Share of claims`` (0 to
        1), and the values that went into the row of the others; a single one is no group.
    """
    import pandas as pd

    rest = frame.iloc[top:] if len(frame) > top + 1 else frame.iloc[:0]
    shown = frame.drop(index=rest.index)
    if len(rest):
        sums = rest[["sources", "claims"]].sum()
        other = pd.DataFrame([[f"{len(rest)} others", *sums]], columns=frame.columns)
        shown = pd.concat([shown, other.astype(frame.dtypes)], ignore_index=True)
    total = int(frame["claims"].sum())
    shown = shown.assign(share=[_share(int(claims), total) for claims in shown["claims"]])
    shown.columns = pd.Index([heading, "Sources", "Claims", "Share of claims"])
    return shown, sorted(rest["value"])


def claims_by_side(dataset: Dataset) -> pd.DataFrame:
    """Claims by the side of the actor that speaks, who is attributed or else relayed.

    Returns:
        One row per side, the one with most claims first: ``Side of the speaker`` (`OWN_WORD` where
        there is no such actor), ``Speakers``, ``Sources`` (one may pass on several sides),
        ``Claims``, ``accepted``, ``conflict``, ``other`` (superseded or rejected; whole numbers)
        and ``Share of claims`` (0 to 1).
    """
    sql = f"""
    SELECT
        coalesce(side, '{OWN_WORD}') AS "Side of the speaker",
        count(DISTINCT actor_id) AS "Speakers",
        count(DISTINCT source_id) AS "Sources",
        count(*) AS "Claims",
        count_if(status = 'accepted') AS "accepted",
        count_if(status = 'conflict') AS "conflict",
        count_if(status NOT IN ('accepted', 'conflict')) AS "other"
    FROM claims
    JOIN sources USING (source_id)
    LEFT JOIN actors ON actor_id = coalesce(attributed_to, relays)
    GROUP BY 1
    ORDER BY "Claims" DESC, 1
    """
    frame = query(sql, package=dataset)
    total = int(frame["Claims"].sum())
    return frame.assign(**{"Share of claims": [_share(int(n), total) for n in frame["Claims"]]})


def top_origins(dataset: Dataset, *, top: int = 20, parts: int = 3) -> pd.DataFrame:
    """The independent origins with most claims, a body and its organs as one.

    Args:
        dataset: An opened package.
        top: Number of origins.
        parts: Number of those within an origin that are named, where there are several.

    Returns:
        One row per origin: ``Origin`` (name of the actor or the publisher, or title of the source),
        ``Side`` (null where it is no actor), ``Claims``, ``Records``, ``Sources`` (whole numbers)
        and ``Most of it from`` (text: its parts with their claims; null where it is one alone).
    """
    import pandas as pd

    claims = claims_with_origin(dataset)
    actors = dataset.load("actors").set_index("actor_id")
    sources = dataset.load("sources").set_index("source_id")
    known = {**sources["title"], **actors["name"]}
    claims["part"] = claims["origin"].map(lambda origin: known.get(origin, origin))
    rows = []
    for voice, said in claims.groupby("voice"):
        within = (
            said["part"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
        )
        named = [f"{name} ({number:,})" for name, number in within.head(parts).items()]
        rows.append(
            (
                known.get(voice, voice),
                str(actors["side"].get(voice, "")) or None,
                len(said),
                said["record_id"].nunique(),
                said["source_id"].nunique(),
                ", ".join(named) if len(within) > 1 else None,
            )
        )
    rows.sort(key=lambda row: (-row[2], row[0]))
    columns = ["Origin", "Side", "Claims", "Records", "Sources", "Most of it from"]
    return pd.DataFrame(rows[:top], columns=columns)


def origins_by_table(dataset: Dataset, *, cells: bool) -> pd.DataFrame:
    """On how many independent origins the accepted values rest, by table.

    Args:
        dataset: An opened package.
        cells: Look at the cells; without, at the records as such, whose claims name no column.

    Returns:
        One row per table that has such claims and one of the sums: ``Table``, ``Cells`` or
        ``Records`` with an accepted claim, those of them with ``one origin``, ``two`` and ``three
        or more``, ``disputed`` (some claim contradicts, accepted claim or not; whole numbers) and
        ``two or more``, a share from 0 to 1.
    """
    import pandas as pd

    claims = claims_with_origin(dataset)[["record_id", "field", "status", "voice"]]
    claims = claims[claims["field"].notna() == cells].fillna({"field": ""}).drop_duplicates()
    claims["table"] = claims["record_id"].map(tables_of_records(dataset))
    cell = ["table", "record_id", "field"]
    origins = claims[claims["status"] == "accepted"].groupby(cell).size()
    disputed = claims[claims["status"] == "conflict"].groupby(cell).size()
    columns = {
        "Cells" if cells else "Records": origins,
        "one origin": origins[origins == 1],
        "two": origins[origins == 2],
        "three or more": origins[origins >= 3],
        "disputed": disputed,
    }
    frame = pd.DataFrame({name: some.groupby("table").size() for name, some in columns.items()})
    frame = frame.reindex(dataset.tables).dropna(how="all").fillna(0).astype(int)
    frame.loc[ALL] = frame.sum()
    several = zip(frame["two"] + frame["three or more"], frame.iloc[:, 0], strict=True)
    frame["two or more"] = [_share(int(some), int(whole)) for some, whole in several]
    return frame.rename_axis("Table").reset_index()


def by_year(dataset: Dataset) -> pd.DataFrame:
    """Sources by the year in which they came out.

    Returns:
        One row per year and one for those without: ``Year`` (text), ``Day printed``, ``Year
        inferred`` (both bounds lie in it), ``Sources`` and ``Claims`` (whole numbers).
    """
    sql = f"""
    WITH dated AS (
        SELECT
            source_id,
            published_date IS NOT NULL AS printed,
            coalesce(
                year(published_date),
                CASE
                    WHEN year(published_earliest) = year(published_latest)
                        THEN year(published_latest)
                END
            ) AS published
        FROM sources
    )
    SELECT
        coalesce(CAST(published AS VARCHAR), '{NO_DATE}') AS "Year",
        count(DISTINCT source_id) FILTER (WHERE printed) AS "Day printed",
        count(DISTINCT source_id) FILTER (WHERE NOT printed AND published IS NOT NULL)
            AS "Year inferred",
        count(DISTINCT source_id) AS "Sources",
        count(claim_id) AS "Claims"
    FROM dated
    LEFT JOIN claims USING (source_id)
    GROUP BY 1
    ORDER BY 1
    """
    return query(sql, package=dataset)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
