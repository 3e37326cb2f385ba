"""What a release says of itself, judged by the formats' own schemas and validators, offline."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from frictionless import Package
from ruamel.yaml import YAML

from idlib_data.dataset import Dataset
from idlib_data.release import metadata
from idlib_data.release.build import Built, build
from idlib_data.release.croissant import cite_as
from tests.mini import CHECKOUT, make_package, text_columns
from tests.release.helpers import DAY, change_descriptor

CFF = Path(__file__).parents[1] / "schemas" / "cff-1.2.0.json"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The release of the data of the checkout."""
    out = tmp_path_factory.mktemp("release") / "out"
    return build(CHECKOUT, out=out, day=DAY, allow_dirty=True)


@pytest.fixture(scope="module")
def top(built: Built) -> Path:
    return built.folder / f"{built.name}-{built.version}"


def own(folder: Path, **properties: Any) -> Dataset:
    made = make_package(folder, notes=({"fields": text_columns("id")}, "id\na\n"))
    change_descriptor(made, version="2.0.1", **properties)
    return Dataset(made)


def loaded(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def faults(citation: str) -> list[str]:
    """What the schema of the Citation File Format says against a file, days read as text."""
    yaml = YAML(typ="safe", pure=True)
    yaml.constructor.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: node.value)
    kind = jsonschema.validators.validator_for(loaded(CFF))
    checker = kind(loaded(CFF), format_checker=kind.FORMAT_CHECKER)
    return [error.message for error in checker.iter_errors(yaml.load(citation))]


def test_frictionless_finds_sizes_hashes_and_keys_right(top: Path) -> None:
    report = Package(str(top / "datapackage.json")).validate()
    assert report.valid, report.flatten(["type", "message"])
    data = top / "data" / "patrols.csv"
    whole = data.read_bytes()
    data.write_bytes(whole.replace(b"m4-joint", b"m4-turkish", 1))
    try:
        kinds = {k for (k,) in Package(str(top / "datapackage.json")).validate().flatten(["type"])}
    finally:
        data.write_bytes(whole)
    assert {"hash-count", "byte-count"} <= kinds


def test_the_citation_is_one_by_its_schema_and_names_version_and_day(top: Path) -> None:
    text = (top / "CITATION.cff").read_text("utf-8")
    assert faults(text) == []
    version = Dataset(top).version
    assert f'version: "{version}"\ndate-released: "{DAY}"\n' in text
    assert faults(text.replace("cff-version: 1.2.0", "cff-version: 9")) != []
    assert faults(text.replace(DAY, "soon")) != []


def test_the_citation_keeps_everything_else_as_it_was() -> None:
    text = "# mine\ntitle: T\nversion : 1\ndate-released: 2020-01-01\nauthors:\n  - version: x\n"
    assert metadata.citation(text, "1.0.0", DAY) == (
        f'# mine\ntitle: T\nauthors:\n  - version: x\nversion: "1.0.0"\ndate-released: "{DAY}"\n'
    )


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("version: 1.0.0\ndate-released: 2026-12-24\n", "2026-12-24"),
        ("version: '1.0.0'\ndate-released: \"2026-12-24\"  # eve\n", "2026-12-24"),
        ("version: 0.9.0\ndate-released: 2026-12-24\n", None),
        ("date-released: 2026-12-24\n", None),
        ("version: 1.0.0\n", None),
    ],
)
def test_the_day_of_a_citation_counts_for_its_version_only(text: str, day: str | None) -> None:
    assert metadata.released(text, "1.0.0") == day


def test_datacite_takes_the_metadata(top: Path) -> None:
    reason = "datacite, which holds the schema, is not installed"
    schema45 = pytest.importorskip("datacite.schema45", reason=reason)
    found = loaded(top / "datacite.json")
    assert [error.message for error in schema45.validator.iter_errors(found)] == []
    assert (found["publicationYear"], found["version"]) == (DAY[:4], Dataset(top).version)
    assert found["rightsList"][0]["rightsIdentifier"] == "CC-BY-4.0"
    assert found["dates"] == [{"date": DAY, "dateType": "Issued"}]
    broken = {key: value for key, value in found.items() if key != "creators"}
    assert list(schema45.validator.iter_errors(broken)) != []


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {
            "id": "https://doi.org/10.5281/zenodo.123",
            "homepage": "https://example.org/",
            "contributors": [
                {"givenName": "Ada", "familyName": "Lovelace", "roles": ["author", "contact"]},
                {"title": "Archive", "role": "publisher"},
            ],
            "keywords": ["a", "a"],
            "licenses": [{"name": "CC0-1.0"}, {"path": "https://example.org/terms"}],
            "sources": [{"title": "A book"}, {"title": "A site", "path": "http://example.org"}],
        },
    ],
    ids=["bare", "full"],
)
def test_datacite_takes_what_other_packages_say(tmp_path: Path, properties: Any) -> None:
    reason = "datacite, which holds the schema, is not installed"
    schema45 = pytest.importorskip("datacite.schema45", reason=reason)
    found = metadata.datacite(own(tmp_path / "own", **properties), DAY)
    assert [error.message for error in schema45.validator.iter_errors(found)] == []
    if not properties:
        assert found["creators"] == [{"name": "own contributors"}]
        return
    assert found["doi"] == "10.5281/zenodo.123"
    assert [person["name"] for person in found["creators"]] == ["Lovelace, Ada"]
    assert found["publisher"] == {"name": "Archive"}
    assert [c["contributorType"] for c in found["contributors"]] == ["ContactPerson", "Distributor"]
    assert [r["relatedIdentifier"] for r in found["relatedIdentifiers"]] == ["http://example.org"]


def test_a_work_is_cited_by_its_makers_year_title_version_and_doi(tmp_path: Path) -> None:
    dataset = own(tmp_path / "own", title="Notes", id="doi:10.1234/x")
    assert cite_as(dataset, DAY) == (
        "own contributors (2026). Notes (version 2.0.1) [data set]. https://doi.org/10.1234/x"
    )


def test_croissant_is_valid_and_loads_every_table(top: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mlc = pytest.importorskip("mlcroissant", reason="mlcroissant, the judge, is not installed")
        opened = mlc.Dataset(top / "croissant.json")
        issues = opened.metadata.issues
        assert (list(issues.errors), list(issues.warnings)) == ([], [])
        dataset = Dataset(top)
        assert [record_set.id for record_set in opened.metadata.record_sets] == list(dataset.tables)
        for table in dataset.tables:
            rows = dataset.arrow(table).num_rows
            if rows:
                assert sum(1 for _ in opened.records(table)) == rows, table
        ids = [row["patrols/patrol_id"].decode() for row in opened.records("patrols")]
    assert ids == dataset.arrow("patrols").column("patrol_id").to_pylist()


def test_croissant_names_each_file_of_the_data_with_its_hash(built: Built, top: Path) -> None:
    files = loaded(top / "croissant.json")["distribution"]
    names = {entry["contentUrl"] for entry in files}
    tables = Dataset(top).tables
    expected = {f"data/{t}.csv" for t in tables} | {f"parquet/{t}.parquet" for t in tables}
    assert names == expected | {"idlib-data.sqlite"}
    for entry in files:
        assert entry["sha256"] == built.files[f"{top.name}/{entry['contentUrl']}"][0]


def test_croissant_that_names_a_column_of_no_file_is_seen(top: Path, tmp_path: Path) -> None:
    broken = loaded(top / "croissant.json")
    broken["recordSet"][0]["field"][0]["source"]["fileObject"]["@id"] = "data/none.csv"
    (tmp_path / "croissant.json").write_text(json.dumps(broken))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mlc = pytest.importorskip("mlcroissant", reason="mlcroissant, the judge, is not installed")
        with pytest.raises(mlc.ValidationError):
            mlc.Dataset(tmp_path / "croissant.json")
