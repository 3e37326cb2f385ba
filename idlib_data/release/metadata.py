"""What a release says about itself in the formats of others: Data Package, DataCite, CFF.

Everything is taken from the package's descriptor; the only facts added are the day, and sizes and
hashes of the files. Croissant has a module of its own.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from idlib_data.dataset import Dataset
from idlib_data.release.layout import Layout, sha256

DATACITE_SCHEMA = "http://datacite.org/schema/kernel-4"
AUTHORS = ("author", "creator")
"""Roles of a contributor who made the data."""
CONTRIBUTOR_TYPES = {
    "contact": "ContactPerson",
    "curator": "DataCurator",
    "editor": "Editor",
    "publisher": "Distributor",
    "wrangler": "DataManager",
}
"""Role of a contributor -> its type in DataCite; every other role is ``Other``."""
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:)?(?P<doi>10\.[0-9]{4,9}/\S+)", re.I)


def descriptor(dataset: Dataset, folder: Path) -> dict[str, Any]:
    """The package's descriptor as a release has it: paths by the layout, hash and size per table.

    Args:
        dataset: The package.
        folder: The release's top folder, which holds the tables already.

    Raises:
        OSError: A table is not there.
    """
    resources = []
    for table, resource in dataset.resources.items():
        data = folder / Layout.data(table)
        placed = {"path": Layout.data(table), "schema": Layout.schema(table)}
        known = {"hash": f"sha256:{sha256(data)}", "bytes": data.stat().st_size}
        resources.append({**resource, **placed, **known})
    return {**dataset.descriptor, "resources": resources}


def datacite(dataset: Dataset, date: str) -> dict[str, Any]:
    """The metadata of a release for registering a DOI: DataCite 4.5 as JSON.

    Args:
        dataset: The package.
        date: The day of the release, YYYY-MM-DD.
    """
    about = dataset.descriptor
    people = contributors(dataset)
    makers = [p for p in people if set(p["roles"]) & set(AUTHORS)] or people
    publisher = next((p for p in people if "publisher" in p["roles"]), makers[0])
    found = {
        "doi": doi(dataset),
        "titles": [{"title": title(dataset)}],
        "creators": [_agent(person) for person in makers],
        "contributors": [
            {**_agent(person), "contributorType": CONTRIBUTOR_TYPES.get(role, "Other")}
            for person in people
            for role in person["roles"]
            if role not in AUTHORS
        ],
        "publisher": {"name": publisher["title"]},
        "publicationYear": date[:4],
        "dates": [{"date": date, "dateType": "Issued"}],
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Data package"},
        "version": dataset.version,
        "url": about.get("homepage"),
        "subjects": [{"subject": word} for word in dict.fromkeys(about.get("keywords", ()))],
        "rightsList": [_rights(licence) for licence in licences(dataset)],
        "descriptions": _described(dataset),
        "formats": ["text/csv", "application/vnd.apache.parquet", "application/vnd.sqlite3"],
        "relatedIdentifiers": [
            {
                "relatedIdentifier": source["path"],
                "relatedIdentifierType": "URL",
                "relationType": "IsDerivedFrom",
            }
            for source in about.get("sources", ())
            if str(source.get("path", "")).startswith(("https://", "http://"))
        ],
        "schemaVersion": DATACITE_SCHEMA,
    }
    return {name: value for name, value in found.items() if value}


def citation(text: str, version: str, date: str) -> str:
    """A ``CITATION.cff`` with version and day of the release; all else is as it was.

    Args:
        text: The file of the package.
        version: The version.
        date: The day of the release, YYYY-MM-DD.
    """
    # Kept as text: what is written by hand, with its comments and its line breaks, stays.
    lines = [
        line
        for line in text.replace("\r\n", "\n").rstrip("\n").split("\n")
        if not re.match(r"(?:version|date-released)\s*:", line)
    ]
    # Quoted: unquoted, readers make a number of 1.0 and a date of the other.
    return "\n".join([*lines, f'version: "{version}"', f'date-released: "{date}"', ""])


def released(text: str, version: str) -> str | None:
    """The day that a ``CITATION.cff`` gives for this version, if it speaks of this version."""
    found = {}
    for name in ("version", "date-released"):
        line = re.search(rf"(?m)^{name}\s*:\s*[\"']?([^\"'#\s]+)[\"']?\s*(?:#.*)?$", text)
        found[name] = line[1] if line else None
    return found["date-released"] if found["version"] == version else None


def title(dataset: Dataset) -> str:
    """The title of a package, else its name."""
    return str(dataset.descriptor.get("title") or dataset.name)


def licences(dataset: Dataset) -> list[dict[str, Any]]:
    """The licences of a package as its descriptor has them."""
    return [licence for licence in dataset.descriptor.get("licenses", ()) if licence]


def contributors(dataset: Dataset) -> list[dict[str, Any]]:
    """Who made the package, by version 1 or 2 of the standard: with ``title`` and ``roles``.

    A package that names nobody is by whoever is behind its name.
    """
    people = []
    for person in dataset.descriptor.get("contributors", ()):
        names = " ".join(str(person[n]) for n in ("givenName", "familyName") if person.get(n))
        roles = person.get("roles", [person["role"]] if person.get("role") else [])
        people.append({**person, "title": str(person.get("title") or names), "roles": list(roles)})
    named = [person for person in people if person["title"]]
    return named or [{"title": f"{dataset.name} contributors", "roles": []}]


def doi(dataset: Dataset) -> str | None:
    """The DOI of the package, if its id is one."""
    found = _DOI.fullmatch(str(dataset.descriptor.get("id", "")))
    return found["doi"] if found else None


def _agent(person: dict[str, Any]) -> dict[str, Any]:
    """A contributor as DataCite writes it."""
    parts = {n: person[n] for n in ("givenName", "familyName") if person.get(n)}
    if not parts:
        return {"name": person["title"]}
    name = ", ".join(parts[n] for n in ("familyName", "givenName") if n in parts)
    return {"name": name, "nameType": "Personal", **parts}


def _rights(licence: dict[str, Any]) -> dict[str, Any]:
    name = licence.get("name")
    found = {
        "rights": licence.get("title") or name,
        "rightsUri": licence.get("path"),
        "rightsIdentifier": name,
        "rightsIdentifierScheme": "SPDX" if name else None,
        "schemeUri": "https://spdx.org/licenses/" if name else None,
    }
    return {key: value for key, value in found.items() if value}


def _described(dataset: Dataset) -> list[dict[str, str]]:
    text = dataset.descriptor.get("description")
    return [{"description": text, "descriptionType": "Abstract"}] if text else []
