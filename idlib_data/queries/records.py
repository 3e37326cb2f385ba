"""Everything about one record, and all dated records on one axis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from idlib_data.dataset import Dataset, PathLike, open
from idlib_data.ledger import evidence

if TYPE_CHECKING:
    import pandas as pd

TIMELINE = {"agreements": "signed_date", "patrols": "date", "events": "date_start"}
"""Table of the timeline -> the column that places a record on it."""


@dataclass(frozen=True)
class Record:
    """One record with its cells, the claims behind them, and the records that point to it.

    Attributes:
        table: Table that holds it.
        record_id: Its id.
        fields: Column -> value, null as None.
        claims: The claims about it, as `idlib_data.evidence` gives them.
        links: Table -> rows of that table that name this record.
        note: What became of the id that was asked for, None unless it is retired.
    """

    table: str
    record_id: str
    fields: dict[str, Any]
    claims: pd.DataFrame
    links: dict[str, list[dict[str, Any]]]
    note: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The record in JSON types: dates as ISO text, nothing as None."""
        claims = self.claims.astype(object).where(self.claims.notna(), None)
        return {
            "table": self.table,
            "record_id": self.record_id,
            "fields": _plain(self.fields),
            "claims": [_plain(claim) for claim in claims.to_dict("records")],
            "links": {table: [_plain(row) for row in rows] for table, rows in self.links.items()},
            "note": self.note,
        }


def record(record_id: str, *, package: PathLike | Dataset | None = None) -> Record:
    """Everything known about one record.

    Args:
        record_id: Id of a record in any table; a retired one leads to the record that stands for
            it, with a warning.
        package: See `idlib_data.open`.

    Raises:
        NotFoundError: No table holds a record of that id; near ones are suggested.
    """
    dataset = open(package)
    found = dataset.find(record_id)
    table, record_id = found.table, found.record_id
    key = dataset.schema(table).key
    fields = next(row for row in dataset.arrow(table).to_pylist() if row[key] == record_id)
    links: dict[str, list[dict[str, Any]]] = {}
    for other, schema in dataset.schemas.items():
        columns = [key.fields[0] for key in schema.foreign_keys if key.table == table]
        columns += [field.name for field in schema.fields if field.references == "any"]
        if other == "claims" or not columns:
            continue
        rows = dataset.arrow(other).to_pylist()
        if named := [row for row in rows if record_id in (row[column] for column in columns)]:
            links[other] = named
    claims = evidence(record_id, package=dataset)
    return Record(table, record_id, fields, claims, links, found.note)


def timeline(
    *,
    since: str | date | None = None,
    until: str | date | None = None,
    package: PathLike | Dataset | None = None,
) -> pd.DataFrame:
    """Agreements, patrols and events on one axis.

    Args:
        since: First day.
        until: Last day.
        package: See `idlib_data.open`.

    Returns:
        One row per dated record, by date: ``date`` (``datetime64[us]``), ``date_end``, ``table``,
        ``record_id``, ``kind`` (kind of agreement, outcome of patrol, type of event) and ``title``.
    """
    import pandas as pd

    from idlib_data.queries.filters import select

    dataset = open(package)
    parts = []
    for table, start in TIMELINE.items():
        rows = select(table, since=since, until=until, package=dataset)
        assert isinstance(rows, pd.DataFrame)
        if table == "patrols":
            number = rows["sequence"].map("no. {:.0f}".format, na_action="ignore").astype("str")
            title = (rows["series"].astype("str") + " patrol").str.cat(number, sep=" ", na_rep="")
            kind = rows["outcome"]
        else:
            title = rows["name" if table == "agreements" else "title"]
            kind = rows["kind" if table == "agreements" else "event_type"]
        end = rows["date_end"] if "date_end" in rows else pd.Series(pd.NaT, rows.index)
        parts.append(
            pd.DataFrame(
                {
                    "date": rows[start],
                    "date_end": end.astype("datetime64[us]"),
                    "table": table,
                    "record_id": rows[dataset.schema(table).key],
                    "kind": kind.astype("str"),
                    "title": title.str.strip(),
                }
            )
        )
    frame = pd.concat(parts).dropna(subset=["date"])
    return frame.sort_values(["date", "table", "record_id"]).reset_index(drop=True)


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        key: value.isoformat()[:10] if isinstance(value, date) else value
        for key, value in row.items()
    }
