"""How to cite the data in the version in use, and the sources behind them.

All that is told of the data comes from ``datapackage.json``; only the day of the version is taken
from what lies beside it. What is cited is an item of CSL, the language of citation styles, and
every form is made of that. The ledger keeps no bylines: the author of a source is its publisher.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from idlib_data.dataset import Dataset, PathLike, open
from idlib_data.errors import NotFoundError, QueryError
from idlib_data.release import layout, metadata
from idlib_data.release.references import FORMS, Form, Item


def cite(
    form: Form = "text",
    *,
    sources: bool = False,
    records: Iterable[str] = (),
    package: PathLike | Dataset | None = None,
) -> str:
    """The reference to the data and, where asked, to the sources behind them.

    Args:
        form: ``"text"``, ``"csl"`` (CSL-JSON), ``"bibtex"`` or ``"apa"`` (7th edition); the last
            two need ``pip install "idlib-data[cite]"``.
        sources: Add the sources, as a bibliography.
        records: Ids of records; only the sources of their claims are added, whatever became of the
            claim. The id of a source adds that source.
        package: See `idlib_data.open`.

    Returns:
        The references, each on a line of its own in text and APA, ended by a line feed. The data
        come first and the sources in the order of their table; APA sorts all of them.

    Raises:
        NotFoundError: There is no such form or record.
        QueryError: Records are named, but their sources are not asked for.
        IdlibDataError: A library that the form needs is not installed.
    """
    if form not in FORMS:
        raise NotFoundError("form of citation", form, FORMS)
    wanted = list(records)
    if wanted and not sources:
        raise QueryError("records are named for their sources, which have to be asked for as well")
    dataset = open(package)
    items = [_data(dataset)]
    if sources:
        items += [_source(row) for row in _behind(dataset, wanted)]
    return FORMS[form](items)


def _data(dataset: Dataset) -> Item:
    """The data as an item of CSL."""
    about = dataset.descriptor
    people = metadata.contributors(dataset)
    makers = [person for person in people if set(person["roles"]) & set(metadata.AUTHORS)] or people
    publisher = next((person["title"] for person in people if "publisher" in person["roles"]), None)
    licences = [one.get("title") or one.get("name") for one in metadata.licences(dataset)]
    item = {
        "id": re.sub(r"[^A-Za-z0-9.-]+", "-", f"{dataset.name}-{dataset.version}").strip("-"),
        "type": "dataset",
        "author": [_person(person) for person in makers],
        "issued": _day(released(dataset)),
        "title": _line(metadata.title(dataset)),
        "version": dataset.version,
        "publisher": publisher,
        "DOI": metadata.doi(dataset),
        "URL": about.get("homepage"),
        "note": "; ".join(f"Licence: {name}" for name in licences if name),
    }
    return {name: value for name, value in item.items() if value}


def released(dataset: Dataset) -> str | None:
    """The day of the version in use, by the manifest of a release or else by ``CITATION.cff``.

    Returns:
        YYYY-MM-DD, or None where neither tells a day of this version.
    """
    try:
        manifest = json.loads((dataset.root / layout.MANIFEST).read_text("utf-8"))
        told = manifest["date"] if manifest["version"] == dataset.version else None
    except (OSError, ValueError, KeyError, TypeError):
        told = _told(dataset.root / layout.CITATION, dataset.version)
    return told if isinstance(told, str) and _day(told) else None


def _told(path: Path, version: str) -> str | None:
    try:
        return metadata.released(path.read_text("utf-8"), version)
    except (OSError, UnicodeDecodeError):
        return None


def _behind(dataset: Dataset, records: list[str]) -> list[dict[str, Any]]:
    """The sources of the claims about these records, or all sources if there are none."""
    rows: list[dict[str, Any]] = dataset.arrow("sources").to_pylist()
    if not records:
        return rows
    found = [dataset.find(record_id) for record_id in records]
    wanted = {place.record_id for place in found}
    claims = dataset.arrow("claims").select(["record_id", "source_id"]).to_pylist()
    cited = {claim["source_id"] for claim in claims if claim["record_id"] in wanted}
    cited |= {place.record_id for place in found if place.table == "sources"}
    return [row for row in rows if row["source_id"] in cited]


def _source(row: dict[str, Any]) -> Item:
    """A source as an item of CSL."""
    item = {
        "id": row["source_id"],
        "type": "webpage",
        "author": [{"literal": _line(row["publisher"])}] if row["publisher"] else None,
        "issued": _day(row["published_date"]) or _year(row),
        "title": _line(row["title"]),
        "URL": row["url"],
        "language": row["language"],
    }
    return {name: value for name, value in item.items() if value}


def _person(person: dict[str, Any]) -> dict[str, str]:
    if person.get("familyName"):
        parts = {"family": person["familyName"], "given": person.get("givenName")}
        return {name: _line(value) for name, value in parts.items() if value}
    return {"literal": _line(person["title"])}


def _day(day: str | date | None) -> Item | None:
    """A day as CSL has it, None where there is none."""
    try:
        found = date.fromisoformat(day) if isinstance(day, str) else day
    except ValueError:
        return None
    return {"date-parts": [[found.year, found.month, found.day]]} if found else None


def _year(row: dict[str, Any]) -> Item | None:
    """The year of a source whose day is not known, if both bounds of it lie in that year."""
    years = {day and day.year for day in (row["published_earliest"], row["published_latest"])}
    (year,) = years if len(years) == 1 else (None,)
    return {"date-parts": [[year]], "circa": True} if year else None


def _line(text: str) -> str:
    return " ".join(text.split())
