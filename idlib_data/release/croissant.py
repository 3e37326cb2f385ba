"""The metadata of a release as Croissant 1.0, which is schema.org's Dataset for machines that load.

Each table is a record set over its CSV file. Its foreign keys are left to datapackage.json: told
here as references they make loaders join tables, and fail where tables refer to each other.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from idlib_data.dataset import Dataset
from idlib_data.release import metadata
from idlib_data.release.layout import Layout, sha256
from idlib_data.schema import TableSchema

CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
TYPES = {"integer": "sc:Integer", "number": "sc:Float", "date": "sc:Date", "boolean": "sc:Boolean"}
"""Table Schema type -> type of schema.org; every other type is text."""
_OF_CROISSANT = (
    "citeAs column equivalentProperty extract field fileProperty fileObject fileSet format "
    "includes isLiveDataset jsonPath key md5 parentField path recordSet references regex repeated "
    "replace samplingRate separator source subField transform"
)
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "sc": "https://schema.org/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{name: f"cr:{name}" for name in _OF_CROISSANT.split()},
}
"""The context that the standard prescribes."""


def croissant(dataset: Dataset, folder: Path, date: str) -> dict[str, Any]:
    """The metadata of a release.

    Args:
        dataset: The package.
        folder: The release's top folder, which holds tables, Parquet and SQLite already.
        date: The day of the release, YYYY-MM-DD.

    Raises:
        OSError: One of these files is not there.
    """
    about = dataset.descriptor
    people = metadata.contributors(dataset)
    doi = metadata.doi(dataset)
    found = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": dataset.name,
        "alternateName": metadata.title(dataset),
        "description": about.get("description") or metadata.title(dataset),
        "version": dataset.version,
        "datePublished": date,
        "license": [
            licence.get("path") or f"https://spdx.org/licenses/{licence['name']}.html"
            for licence in metadata.licences(dataset)
        ],
        "keywords": list(about.get("keywords", ())),
        "creator": [_agent(person) for person in people],
        "publisher": [_agent(person) for person in people if "publisher" in person["roles"]],
        "url": about.get("homepage") or (f"https://doi.org/{doi}" if doi else None),
        "citeAs": cite_as(dataset, date),
        "distribution": list(_distribution(dataset, folder)),
        "recordSet": [_record_set(schema) for schema in dataset.schemas.values()],
    }
    return {name: value for name, value in found.items() if value}


def cite_as(dataset: Dataset, date: str) -> str:
    """The release in one line, as one would name it in a list of works."""
    names = "; ".join(person["title"] for person in metadata.contributors(dataset))
    doi = metadata.doi(dataset)
    where = f" https://doi.org/{doi}" if doi else ""
    title, version = metadata.title(dataset), dataset.version
    return f"{names} ({date[:4]}). {title} (version {version}) [data set].{where}"


def _agent(person: dict[str, Any]) -> dict[str, Any]:
    personal = person.get("familyName") or person.get("givenName")
    found = {
        "@type": "sc:Person" if personal else "sc:Organization",
        "name": person["title"],
        "url": person.get("path"),
    }
    return {name: value for name, value in found.items() if value}


def _distribution(dataset: Dataset, folder: Path) -> Any:
    for table in dataset.tables:
        yield _file(folder, Layout.data(table), "text/csv", table)
    for table in dataset.tables:
        yield _file(folder, Layout.parquet(table), "application/vnd.apache.parquet", table)
    yield _file(folder, Layout.of(dataset).database, "application/vnd.sqlite3", "all tables")


def _file(folder: Path, path: str, form: str, what: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": path,
        "name": path,
        "description": f"{what} ({form})",
        "contentUrl": path,
        "contentSize": f"{(folder / path).stat().st_size} B",
        "encodingFormat": form,
        "sha256": sha256(folder / path),
    }


def _record_set(schema: TableSchema) -> dict[str, Any]:
    key = [{"@id": f"{schema.name}/{name}"} for name in schema.primary_key]
    found = {
        "@type": "cr:RecordSet",
        "@id": schema.name,
        "name": schema.name,
        "description": schema.description or schema.title,
        "key": key[0] if len(key) == 1 else key,
        "field": [_field(schema, name) for name in schema.names],
    }
    return {name: value for name, value in found.items() if value}


def _field(schema: TableSchema, name: str) -> dict[str, Any]:
    field = schema.field(name)
    found = {
        "@type": "cr:Field",
        "@id": f"{schema.name}/{name}",
        "name": name,
        "description": field.description or field.title,
        "dataType": TYPES.get(field.type, "sc:Text"),
        "source": {"fileObject": {"@id": Layout.data(schema.name)}, "extract": {"column": name}},
    }
    return {key: value for key, value in found.items() if value}
