"""The description of the data itself: descriptor, schemas, and the CSV files beside them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
DESCRIPTOR: dict[str, Any] = json.loads((ROOT / "datapackage.json").read_text("utf-8"))
RESOURCES: list[dict[str, Any]] = DESCRIPTOR["resources"]
TABLES = [str(resource["name"]) for resource in RESOURCES]
SCHEMAS: dict[str, dict[str, Any]] = {
    file.stem: json.loads(file.read_text("utf-8")) for file in sorted((ROOT / "schemas").iterdir())
}
FIELDS = [(table, field) for table, schema in SCHEMAS.items() for field in schema["fields"]]
FOREIGN_KEYS = [(table, key) for table, s in SCHEMAS.items() for key in s.get("foreignKeys", [])]

RESOURCE_KEYS = {
    "name",
    "title",
    "description",
    "type",
    "path",
    "format",
    "mediatype",
    "encoding",
    "dialect",
    "schema",
}
FIELD_KEYS = {"name", "title", "description", "type", "constraints", "example", "evidence"}
FIELD_EXTRAS = {"format", "lexical", "unit", "hxl", "atLeast", "requires", "references"}
OUTSIDE = {"wikidata_id", "geonames_id", "pax_id", "retired_id"}
"""Ids that no table of this dataset holds: other datasets give them, or they are no more in use."""

WRITTEN_TWICE = {"date", "integer", "number"}
"""Types whose standard lets the same value be written in several forms."""

VERSION = str(DESCRIPTOR["version"])

each_table = pytest.mark.parametrize("table", TABLES)
each_field = pytest.mark.parametrize(
    ("table", "field"), FIELDS, ids=[f"{table}.{field['name']}" for table, field in FIELDS]
)


def singular(table: str) -> str:
    return table.removesuffix("es") if table.endswith("aliases") else table.removesuffix("s")


def rows_of(table: str) -> list[list[str]]:
    """Header and records of a table as text."""
    text = (ROOT / "data" / f"{table}.csv").read_bytes().decode("utf-8")
    return list(csv.reader(io.StringIO(text, newline="")))


def fits_type(value: object, kind: str) -> bool:
    match kind:
        case "date":
            return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str) and value == value.strip() != ""


def test_tables_schemas_and_files_are_the_same_set() -> None:
    assert set(TABLES) == set(SCHEMAS)
    assert {f"{table}.json" for table in TABLES} == {p.name for p in (ROOT / "schemas").iterdir()}
    assert {f"{table}.csv" for table in TABLES} == {p.name for p in (ROOT / "data").iterdir()}
    assert len(TABLES) == len(set(TABLES)) >= 5


@each_table
def test_a_resource_has_exactly_the_keys_it_needs(table: str) -> None:
    resource = RESOURCES[TABLES.index(table)]
    assert set(resource) == RESOURCE_KEYS
    assert resource["path"] == f"data/{table}.csv"
    assert resource["schema"] == f"schemas/{table}.json"
    assert (resource["type"], resource["format"]) == ("table", "csv")
    assert (resource["mediatype"], resource["encoding"]) == ("text/csv", "utf-8")
    assert resource["title"].strip()
    assert resource["description"].endswith(".")
    assert resource["dialect"]["lineTerminator"] == "\n"
    assert resource["dialect"] == RESOURCES[0]["dialect"]


@each_field
def test_a_field_is_fully_described(table: str, field: dict[str, Any]) -> None:
    assert FIELD_KEYS <= set(field) <= FIELD_KEYS | FIELD_EXTRAS
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", field["name"])
    assert field["title"] == field["title"].strip() != ""
    assert re.fullmatch(r"\S.*[a-z0-9)]\.", field["description"], re.DOTALL)
    assert field["evidence"] in ("required", "optional", "none")
    assert field["type"] in ("string", "date", "integer", "number", "boolean")
    assert isinstance(field["constraints"]["required"], bool)


@each_field
def test_the_example_of_a_field_is_a_value_it_may_have(table: str, field: dict[str, Any]) -> None:
    example, limits = field["example"], field["constraints"]
    assert fits_type(example, field["type"])
    assert example in limits.get("enum", [example])
    assert re.search(limits.get("pattern", ""), str(example))
    assert len(str(example)) <= limits.get("maxLength", len(str(example)))
    if isinstance(example, int | float):
        assert limits.get("minimum", example) <= example <= limits.get("maximum", example)
    assert re.search(field.get("lexical", ""), str(example))


@each_field
def test_constraints_can_be_met(table: str, field: dict[str, Any]) -> None:
    limits = field["constraints"]
    assert set(limits) <= {"required", "enum", "pattern", "minimum", "maximum", "maxLength"}
    codes = limits.get("enum", ["one"])
    assert len(codes) == len(set(codes)) > 0
    # Without anchors around a group, 'a|b' would let 'axx' pass in engines that only search.
    if pattern := limits.get("pattern"):
        assert re.fullmatch(r"\^\(\?:.*\)\$", pattern)


@each_field
def test_a_value_that_could_be_written_twice_has_one_written_form(
    table: str, field: dict[str, Any]
) -> None:
    assert ("lexical" in field) == (field["type"] in WRITTEN_TWICE)
    refused = {
        "date": ["2020-7-14", "20200714", "2020-07-14T00:00:00", "14.07.2020", "2020-13-01"],
        "integer": ["+1", "01", "1.0", " 1", "1e3", "-0", ""],
        "number": ["+1", "01", "1.0", "1.50", ".5", "1e3", "1,5", "-0", "NaN", "INF", ""],
    }
    for text in refused.get(field["type"], []):
        assert not re.search(field["lexical"], text), text


@pytest.mark.parametrize(
    ("table", "key"),
    FOREIGN_KEYS,
    ids=[f"{table}.{key['fields']}" for table, key in FOREIGN_KEYS],
)
def test_a_foreign_key_points_to_a_text_primary_key(table: str, key: dict[str, Any]) -> None:
    column, target = key["fields"], key["reference"]
    assert set(target) == {"resource", "fields"}
    # A self-reference may leave the table's name empty; a reader of one schema still finds it.
    other = target["resource"] or table
    assert other in SCHEMAS
    assert target["fields"] == SCHEMAS[other]["primaryKey"]
    types = {
        next(f["type"] for f in SCHEMAS[owner]["fields"] if f["name"] == name)
        for owner, name in ((table, column), (other, target["fields"]))
    }
    assert types == {"string"}


@each_field
def test_a_column_that_names_a_record_has_a_foreign_key(table: str, field: dict[str, Any]) -> None:
    name = field["name"]
    declared = [key["fields"] for owner, key in FOREIGN_KEYS if owner == table]
    assert declared.count(name) <= 1
    if not name.endswith("_id") or name == SCHEMAS[table]["primaryKey"] or "references" in field:
        return
    if name in OUTSIDE:
        assert name not in declared
        assert field["type"] == "integer" or "pattern" in field["constraints"]
    else:
        assert name in declared


@each_table
def test_the_primary_key_is_the_first_column_and_named_after_the_table(table: str) -> None:
    schema, first = SCHEMAS[table], SCHEMAS[table]["fields"][0]
    assert schema["primaryKey"] == first["name"] == f"{singular(table)}_id"
    assert (first["type"], first["evidence"]) == ("string", "none")
    assert first["constraints"]["required"] is True
    if not schema.get("codeList"):
        assert first["constraints"]["pattern"].startswith(f"^(?:{schema['idPrefix']}-")


def test_every_table_has_its_own_prefix_of_ids() -> None:
    prefixes = Counter(s["idPrefix"] for s in SCHEMAS.values() if not s.get("codeList"))
    assert set(prefixes.values()) == {1}
    assert all(re.fullmatch(r"[a-z]{3}", prefix) for prefix in prefixes)


@each_table
def test_a_schema_states_its_empty_value_and_duty_of_evidence(table: str) -> None:
    schema = SCHEMAS[table]
    assert schema["missingValues"] == [""]
    assert schema["evidence"] in ("required", "optional", "none")
    names = [field["name"] for field in schema["fields"]]
    assert len(names) == len(set(names))


@each_field
def test_comparisons_and_dependencies_name_columns_of_the_table(
    table: str, field: dict[str, Any]
) -> None:
    types = {other["name"]: other["type"] for other in SCHEMAS[table]["fields"]}
    for name in field.get("atLeast", []):
        assert types.get(name) == field["type"] != "string"
    for name in field.get("requires", []):
        assert name in types
    assert field["name"] not in [*field.get("atLeast", []), *field.get("requires", [])]


def test_a_description_is_repeated_only_for_columns_of_the_same_name() -> None:
    names = defaultdict(set)
    for _, field in FIELDS:
        names[field["description"]].add(field["name"])
    assert {text: found for text, found in names.items() if len(found) > 1} == {}


@each_table
def test_the_header_of_a_file_is_the_order_of_the_schema(table: str) -> None:
    assert rows_of(table)[0] == [field["name"] for field in SCHEMAS[table]["fields"]]


@each_table
def test_a_file_is_written_canonically(table: str) -> None:
    content = (ROOT / "data" / f"{table}.csv").read_bytes()
    assert not content.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in content
    rows = rows_of(table)
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\n").writerows(rows)
    assert written.getvalue().encode() == content
    ids = [row[0] for row in rows[1:]]
    assert ids == sorted(set(ids))


def test_no_two_tables_share_an_id() -> None:
    ids = Counter(row[0] for table in TABLES for row in rows_of(table)[1:])
    assert [name for name, count in ids.items() if count > 1] == []
    assert len(ids) > len(TABLES)


# frictionless itself uses calls its dependencies have deprecated; that is not ours to fail on.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_frictionless_finds_the_package_valid_and_sees_every_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from frictionless import Package

    monkeypatch.chdir(ROOT)
    package = Package("datapackage.json")
    report = package.validate()
    assert report.flatten(["name", "rowNumber", "fieldName", "type", "note"]) == []
    assert report.valid
    # An empty list of resources is valid too, so the set is asserted.
    assert {task.name for task in report.tasks} == set(TABLES)
    assert package.resource_names == TABLES


def test_the_version_is_that_of_pyproject_through_the_descriptor() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert "version" not in project["project"]
    assert project["project"]["dynamic"] == ["version"]
    source = project["tool"]["hatch"]["version"]
    assert source["path"] == "datapackage.json"
    found = re.findall(source["pattern"], (ROOT / "datapackage.json").read_text("utf-8"))
    assert found == [VERSION]
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)


def test_the_version_is_typed_in_no_other_file() -> None:
    may_state = {"datapackage.json", "CITATION.cff", "CHANGELOG.md"}
    files = [path for path in ROOT.iterdir() if path.is_file() and path.name not in may_state]
    for folder in ("idlib_data", "schemas", "scripts", "docs"):
        files += [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    text = re.compile(rf"(?<![\d.]){re.escape(VERSION)}(?![\d.])")
    stating = [
        str(path.relative_to(ROOT))
        for path in files
        if path.suffix != ".pyc" and text.search(path.read_text("utf-8", errors="replace"))
    ]
    assert stating == []


def test_the_citation_states_no_other_version() -> None:
    text = (ROOT / "CITATION.cff").read_text("utf-8")
    stated = re.findall(r"^version: *[\"']?([^\"'\s]+)", text, re.MULTILINE)
    assert stated in ([], [VERSION])


def test_the_newest_heading_of_the_changelog_is_this_version() -> None:
    headings = re.findall(
        r"^## \[?(\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )
    assert headings[:1] == [VERSION]
