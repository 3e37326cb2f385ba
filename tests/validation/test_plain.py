"""A descriptor is plain only with what is known to be sound in it, and then frictionless agrees."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from frictionless import Package as FrictionlessPackage

from idlib_data.dataset import DESCRIPTOR, Dataset
from idlib_data.validation import structure
from idlib_data.validation.plain import CONSTRAINTS, GREATEST, OWN, is_plain
from idlib_data.validation.workspace import Workspace
from tests.validation.differential import column, package_descriptor, schema

At = tuple[str | int, ...]


class _Gone:
    """What stands for a property that is taken away; its name is that of the test."""

    def __repr__(self) -> str:
        return "gone"


GONE = _Gone()
"""Stands for: take the property away."""

PLACES: At = ("resources", 0)
VISITS: At = ("resources", 1)
ID: At = (*VISITS, "schema", "fields", 0)
COUNT: At = (*VISITS, "schema", "fields", 1)
PLACE: At = (*VISITS, "schema", "fields", 2)
REFERENCE: At = (*VISITS, "schema", "foreignKeys", 0)


def sound() -> dict[str, Any]:
    """A plain descriptor that uses all that may be used, schemas included."""
    places = [
        column("place_id", required=True, pattern="[a-z]+|x", maxLength=9, enum=["a", "b"]),
        column("parent", required=False),
        column("height", "number", required=True, minimum=-400, maximum=9000),
        column("open", "boolean", required=False),
        column("since", "date", required=True),
    ]
    places[1] |= {"hxl": "#loc", "lexical": "^x$", "references": "id"}
    places[4] |= {"atLeast": ["place_id"], "requires": ["open"]}
    visits = [
        column("visit_id", required=True),
        column("count", "integer", required=True, minimum=0, maximum=GREATEST),
        column("place"),
    ]
    about = {"idPrefix": "plc", "evidence": "required", "codeList": True, "missingValues": [""]}
    schemas = {
        "places": {**schema(places, "place_id", [("parent", "", "place_id")]), **about},
        "visits": schema(visits, "visit_id", [("place", "places", "place_id")]),
    }
    schemas["places"]["primaryKey"] = ["place_id"]
    descriptor = package_descriptor(schemas, inline=True)
    descriptor["description"] = "For tests."
    descriptor["keywords"] = ["small"]
    descriptor["licenses"] = [{"name": "CC0-1.0", "title": "CC0", "path": "https://a.example/l"}]
    descriptor["contributors"] = [{"title": "Nobody", "roles": ["author"]}]
    descriptor["sources"] = [{"title": "None", "path": "https://a.example/"}]
    descriptor["resources"][0] |= {"title": "Places", "description": "All of them."}
    return descriptor


def edited(at: At, value: object) -> dict[str, Any]:
    """The sound descriptor with one property set to another value, or taken away."""
    descriptor: Any = sound()
    node = descriptor
    for step in at[:-1]:
        node = node[step]
    if value is GONE:
        del node[at[-1]]
    else:
        node[at[-1]] = value
    assert isinstance(descriptor, dict)
    return descriptor


def written(folder: Path, descriptor: dict[str, Any]) -> Dataset:
    (folder / DESCRIPTOR).write_text(json.dumps(descriptor), encoding="utf-8")
    return Dataset(folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files of the sound package but for its descriptor."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data/places.csv").write_text("place_id,parent,height,open,since\n")
    (tmp_path / "data/visits.csv").write_text("visit_id,count,place\n")
    return tmp_path


def test_a_descriptor_with_nothing_but_what_is_known_is_plain(folder: Path) -> None:
    assert is_plain(written(folder, sound()))


def test_the_shipped_descriptor_is_plain() -> None:
    assert is_plain(Dataset(Path(__file__).parents[2]))


def test_every_constraint_that_is_known_is_in_the_sound_descriptor() -> None:
    used: dict[str, set[str]] = {}
    for resource in sound()["resources"]:
        for field in resource["schema"]["fields"]:
            used.setdefault(field["type"], set()).update(field["constraints"])

    assert used == CONSTRAINTS


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (("$schema",), GONE),
        (("$schema",), "https://datapackage.org/profiles/1.0/datapackage.json"),
        (("profile",), "tabular-data-package"),
        (("name",), GONE),
        (("name",), "Two words"),
        (("homepage",), "https://a.example/"),
        (("created",), "yesterday"),
        (("keywords",), "small"),
        (("licenses",), []),
        (("licenses",), [{}]),
        (("licenses",), [{"name": ""}]),
        (("licenses", 0, "path"), "http://a.example/"),
        (("contributors", 0, "email"), "nobody"),
        (("sources", 0, "path"), "../elsewhere"),
        (("resources",), GONE),
        (("resources",), {}),
        (("resources", 1), "visits"),
        ((*VISITS, "name"), "places"),
        ((*VISITS, "name"), "Visits"),
        ((*VISITS, "type"), "file"),
        ((*VISITS, "path"), ["data/visits.csv"]),
        ((*VISITS, "path"), "data/visits.tsv"),
        ((*VISITS, "path"), "data/*.csv"),
        ((*VISITS, "path"), "../data/visits.csv"),
        ((*VISITS, "path"), "https://a.example/visits.csv"),
        ((*VISITS, "format"), "tsv"),
        ((*VISITS, "mediatype"), "text/plain"),
        ((*VISITS, "encoding"), GONE),
        ((*VISITS, "encoding"), "latin-1"),
        ((*VISITS, "dialect"), GONE),
        ((*VISITS, "dialect", "header"), 1),
        ((*VISITS, "dialect", "delimiter"), ";"),
        ((*VISITS, "dialect", "commentChar"), "#"),
        ((*VISITS, "dialect", "skipInitialSpace"), True),
        ((*VISITS, "bytes"), 7),
        ((*VISITS, "hash"), "sha256:00"),
        ((*VISITS, "schema"), GONE),
        ((*VISITS, "schema"), "missing.json"),
        ((*VISITS, "schema"), "../schema.json"),
        ((*VISITS, "schema", "$schema"), GONE),
        ((*VISITS, "schema", "fieldsMatch"), "subset"),
        ((*VISITS, "schema", "missingValues"), ["", "NA"]),
        ((*VISITS, "schema", "uniqueKeys"), [["place"]]),
        ((*VISITS, "schema", "primaryKey"), GONE),
        ((*VISITS, "schema", "primaryKey"), ["visit_id", "place"]),
        ((*VISITS, "schema", "primaryKey"), "nothing"),
        ((*VISITS, "schema", "primaryKey"), {"visit_id": 1}),
        ((*VISITS, "schema", "primaryKey"), "count"),
        ((*VISITS, "schema", "fields"), {}),
        ((*VISITS, "schema", "foreignKeys"), {}),
        ((*ID, "name"), "place"),
        ((*COUNT, "name"), " count"),
        ((*PLACE, "name"), "_row"),
        ((*ID, "title"), 1),
        ((*ID, "type"), "any"),
        ((*ID, "type"), ["string"]),
        ((*ID, "type"), GONE),
        ((*ID, "format"), "email"),
        ((*ID, "rdfType"), "https://a.example/"),
        ((*ID, "missingValues"), ["-"]),
        ((*ID, "categories"), ["x"]),
        ((*ID, "example"), GONE),
        ((*COUNT, "example"), "one"),
        ((*COUNT, "bareNumber"), False),
        ((*COUNT, "groupChar"), ","),
        ((*ID, "constraints"), []),
        ((*ID, "constraints", "unique"), True),
        ((*ID, "constraints", "minLength"), 1),
        ((*ID, "constraints", "required"), "yes"),
        ((*ID, "constraints", "maxLength"), True),
        ((*ID, "constraints", "maxLength"), 10 * GREATEST),
        ((*ID, "constraints", "enum"), []),
        ((*ID, "constraints", "enum"), [1]),
        ((*ID, "constraints", "pattern"), "("),
        ((*ID, "constraints", "pattern"), "a{99999999999999999999}"),
        ((*ID, "constraints", "minimum"), 1),
        ((*COUNT, "constraints", "minimum"), "0"),
        ((*COUNT, "constraints", "minimum"), 0.5),
        ((*COUNT, "constraints", "minimum"), -10 * GREATEST),
        ((*COUNT, "constraints", "maximum"), 10 * GREATEST),
        ((*COUNT, "constraints", "exclusiveMinimum"), 0),
        ((*COUNT, "constraints", "enum"), ["1"]),
        ((*REFERENCE, "fields"), "nothing"),
        ((*REFERENCE, "fields"), ["place", "visit_id"]),
        ((*REFERENCE, "fields"), "count"),
        ((*REFERENCE, "fields"), {"place": 1}),
        ((*REFERENCE, "reference"), GONE),
        ((*REFERENCE, "reference", "resource"), "nothing"),
        ((*REFERENCE, "reference", "resource"), None),
        ((*REFERENCE, "reference", "fields"), "nothing"),
        ((*REFERENCE, "reference", "fields"), "height"),
        ((*REFERENCE, "reference", "package"), "https://a.example/datapackage.json"),
    ],
    ids=str,
)
def test_a_property_that_is_not_known_to_be_sound_is_not_plain(
    at: At, value: object, folder: Path
) -> None:
    assert not is_plain(written(folder, edited(at, value)))


@pytest.mark.parametrize("kind", ["string", "integer", "number", "date", "boolean"])
def test_only_a_column_of_text_may_be_a_key(kind: str, folder: Path) -> None:
    # In the other types different texts are one value: 1 and 01, 2020-1-1 and 2020-01-01.
    descriptor = sound()
    visits = descriptor["resources"][1]["schema"]
    visits["fields"][0] = column("visit_id", kind, required=True)

    assert is_plain(written(folder, descriptor)) is (kind == "string")


@pytest.mark.parametrize(
    "content", [None, "", "[]", "{", '{"fields": {"visit_id": 1}}', '{"fields": [1]}']
)
def test_a_schema_that_cannot_be_read_is_a_problem_and_no_exception(
    content: str | None, folder: Path
) -> None:
    descriptor = edited((*VISITS, "schema"), "visits.json")
    if content is not None:
        (folder / "visits.json").write_text(content, encoding="utf-8")
    dataset = written(folder, descriptor)

    screened = [*structure.check(Workspace(dataset), screened=True)]

    assert not is_plain(dataset)
    assert {problem.rule for problem in screened} == {"package-error"}
    assert screened == [*structure.check(Workspace(dataset), screened=False)]


OTHER: tuple[object, ...] = (
    *(GONE, None, False, 0, 1.5, 10**30, "", "x", "https://a.example/x"),
    *([], [""], [1], {"x": 1}, [{}]),
)


def places_of(node: object, at: At = ()) -> Iterator[At]:
    """Where each property and item stands, and one further property in each object."""
    if isinstance(node, dict):
        yield (*at, "further")
        for name, value in node.items():
            yield (*at, name)
            yield from places_of(value, (*at, name))
    if isinstance(node, list):
        for number, value in enumerate(node):
            yield (*at, number)
            yield from places_of(value, (*at, number))


def test_whatever_one_property_is_set_to_a_plain_descriptor_is_valid_for_frictionless(
    folder: Path,
) -> None:
    tried = plain = 0
    for at in places_of(sound()):
        for value in OTHER[at[-1] == "further" :]:
            tried += 1
            if is_plain(written(folder, edited(at, value))):
                plain += 1
                if at[-1] not in OWN:
                    report = FrictionlessPackage.validate_descriptor(str(folder / DESCRIPTOR))
                    assert report.valid, (at, value)

    assert tried > 2000
    assert plain > 100
