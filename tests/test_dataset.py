"""Opening a package, where it is found, and its tables as typed frames."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import idlib_data
from idlib_data import dataset as module
from idlib_data.dataset import Dataset, load, locate, open, tables
from idlib_data.errors import NotFoundError, PackageError

ROOT = Path(__file__).resolve().parents[1]
SCHEMAS: dict[str, dict[str, Any]] = {
    "kinds": {
        "fields": [{"name": "kind_id", "type": "string"}, {"name": "label", "type": "string"}],
        "primaryKey": "kind_id",
        "codeList": True,
    },
    "things": {
        "fields": [
            {"name": "thing_id", "type": "string"},
            {"name": "kind", "type": "string"},
            {"name": "size", "type": "string", "constraints": {"enum": ["s", "m", "l"]}},
            {"name": "day", "type": "date"},
            {"name": "killed", "type": "integer"},
            {"name": "km", "type": "number"},
            {"name": "sure", "type": "boolean"},
            {"name": "note", "type": "string"},
        ],
        "primaryKey": ["thing_id"],
        "foreignKeys": [
            {"fields": "kind", "reference": {"resource": "kinds", "fields": "kind_id"}}
        ],
    },
}
FILES = {
    "kinds": "kind_id,label\nbig,Big\nodd,Odd\nrare,Rare\n",
    "things": (
        "thing_id,kind,size,day,killed,km,sure,note\n"
        't-1,odd,m,2020-07-14,0,1.5,true,"two\nlines, and a comma"\n'
        "t-2,,,,,,,\n"
        "t-3,big,s,1999-12-31,12,0,false,NA\n"
    ),
}


def write_package(folder: Path, **changes: object) -> Path:
    """A package of two tables; changes replace properties of the resource 'things'."""
    (folder / "data").mkdir(parents=True)
    resources: list[dict[str, Any]] = []
    for table, schema in SCHEMAS.items():
        (folder / "data" / f"{table}.csv").write_text(FILES[table], "utf-8")
        (folder / f"{table}.json").write_text(json.dumps(schema), "utf-8")
        path, described = f"data/{table}.csv", f"{table}.json"
        resources.append({"name": table, "path": path, "schema": described, "title": table})
    resources[1] |= changes
    descriptor = {"name": "tiny", "version": "9.8.7", "resources": resources}
    (folder / "datapackage.json").write_text(json.dumps(descriptor), "utf-8")
    return folder


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return write_package(tmp_path / "tiny")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for site-packages, with the installed package in it."""
    monkeypatch.delenv(module.ENVIRONMENT_VARIABLE, raising=False)
    home = tmp_path / "site" / "idlib_data"
    home.mkdir(parents=True)
    monkeypatch.setattr(module, "HERE", home)
    return home


@pytest.mark.parametrize("kind", [str, Path])
@pytest.mark.parametrize("end", ["", "datapackage.json"])
def test_a_package_opens_by_its_folder_or_its_descriptor(
    package: Path, end: str, kind: Callable[[Path], str | Path]
) -> None:
    opened = open(kind(package / end))
    assert (opened.root, opened.origin) == (package, "argument")
    assert (opened.name, opened.version) == ("tiny", "9.8.7")
    assert opened.tables == ("kinds", "things") == tables(package)
    assert repr(opened) == f"Dataset('tiny', '9.8.7', root={str(package)!r})"


def test_an_opened_dataset_is_handed_back(package: Path) -> None:
    opened = open(package)
    assert open(opened) is opened


def test_the_environment_variable_goes_before_the_copy_that_came_with_the_package(
    package: Path, installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_package(installed / "_bundle")
    monkeypatch.setenv("IDLIB_DATA_PACKAGE", str(package))
    assert (open().root, open().origin) == (package, "environment")
    monkeypatch.setenv("IDLIB_DATA_PACKAGE", "")
    assert open().origin == "embedded"


def test_the_embedded_copy_goes_before_the_checkout(installed: Path) -> None:
    write_package(installed.parent)
    assert (open().root, open().origin) == (installed.parent, "checkout")
    write_package(installed / "_bundle")
    assert (open().root, open().origin) == (installed / "_bundle", "embedded")


def test_the_default_package_is_opened_once_until_its_descriptor_changes(installed: Path) -> None:
    bundle = write_package(installed / "_bundle")
    first = open()
    assert open() is first
    descriptor = bundle / "datapackage.json"
    descriptor.write_text(descriptor.read_text("utf-8").replace("9.8.7", "9.9.0"), "utf-8")
    os.utime(descriptor, ns=(1, 1))
    assert open().version == "9.9.0"


def test_each_way_of_finding_one_folder_keeps_its_own_origin(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = write_package(installed / "_bundle")
    assert open().origin == "embedded"
    monkeypatch.setenv("IDLIB_DATA_PACKAGE", str(bundle))
    assert open().origin == "environment"


def test_without_any_package_the_message_says_what_to_do(installed: Path) -> None:
    with pytest.raises(PackageError, match="give a folder, or set IDLIB_DATA_PACKAGE to one"):
        locate()


def test_this_checkout_is_found_without_being_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IDLIB_DATA_PACKAGE", raising=False)
    assert locate() == (ROOT, "checkout")
    assert idlib_data.__version__ == open().version


def test_a_place_without_a_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in (tmp_path, tmp_path / "missing"):
        with pytest.raises(PackageError) as caught:
            open(place)
        assert str(caught.value) == f"{place}: no datapackage.json there"
    monkeypatch.setenv("IDLIB_DATA_PACKAGE", str(tmp_path))
    with pytest.raises(PackageError, match="from IDLIB_DATA_PACKAGE"):
        open()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"resources": ', "cannot be read as JSON"),
        (b'{"name": "\xff"}', "cannot be read as JSON"),
        (b"[" * 100_000, "cannot be read as JSON"),
        (b"[]", "is not a JSON object"),
    ],
)
def test_a_broken_descriptor_is_named(package: Path, content: bytes, said: str) -> None:
    (package / "datapackage.json").write_bytes(content)
    with pytest.raises(PackageError) as caught:
        open(package)
    assert str(caught.value).startswith(f"{package / 'datapackage.json'}: {said}")


def test_a_descriptor_without_a_list_of_resources_is_refused(package: Path) -> None:
    (package / "datapackage.json").write_text('{"name": "tiny"}', "utf-8")
    with pytest.raises(PackageError, match="'resources' is not a list"):
        open(package).tables  # noqa: B018  # the property is what is tried


@pytest.mark.parametrize(
    "path",
    [
        "../secret.csv",
        "data/../../secret.csv",
        "/etc/passwd",
        "C:/secret.csv",
        "https://example.org/things.csv",
        "data\\things.csv",
        "data/things.csv\0",
        "",
        None,
        ["data/things.csv", "data/more.csv"],
    ],
)
def test_a_path_out_of_the_package_is_never_followed(tmp_path: Path, path: object) -> None:
    (tmp_path / "secret.csv").write_text(FILES["things"], "utf-8")
    (tmp_path / "secret.json").write_text(json.dumps(SCHEMAS["things"]), "utf-8")
    package = write_package(tmp_path / "tiny", path=path)
    with pytest.raises(PackageError, match="resource things: path"):
        open(package).load("things")
    if isinstance(path, str) and path:
        package = write_package(tmp_path / "other", schema=path)
        with pytest.raises(PackageError, match="resource things: schema"):
            open(package).schema("things")


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        (None, "resource things has no schema"),
        ({"fields": [{"type": "string"}]}, "the schema of table things is broken: KeyError"),
        ({"fields": ["thing_id"]}, "the schema of table things is broken"),
        ({"fields": 3}, "the schema of table things is broken"),
    ],
)
def test_a_broken_schema_is_named(tmp_path: Path, schema: object, said: str) -> None:
    with pytest.raises(PackageError, match=said):
        open(write_package(tmp_path / "tiny", schema=schema)).schema("things")


def test_columns_have_the_types_of_their_schema(package: Path) -> None:
    frame = load("things", package=package)
    assert [str(dtype) for dtype in frame.dtypes] == [
        "str",
        "category",
        "category",
        "datetime64[us]",
        "Int64",
        "float64",
        "boolean",
        "str",
    ]
    assert frame["thing_id"].tolist() == ["t-1", "t-2", "t-3"]
    assert frame["day"].dt.strftime("%Y-%m-%d").tolist()[::2] == ["2020-07-14", "1999-12-31"]


def test_a_code_column_has_all_codes_used_or_not_in_their_order(package: Path) -> None:
    frame = load("things", package=package)
    assert frame["size"].cat.categories.tolist() == ["s", "m", "l"]
    assert frame["size"].tolist()[::2] == ["m", "s"]
    # The codes of a code-list table count, not those that happen to occur.
    assert frame["kind"].cat.categories.tolist() == ["big", "odd", "rare"]
    assert frame["kind"].tolist()[::2] == ["odd", "big"]


def test_the_event_types_of_the_shipped_data_are_the_categories_of_events() -> None:
    codes = load("event_types", package=ROOT)["event_type_id"].tolist()
    column = load("events", package=ROOT)["event_type"]
    assert column.cat.categories.tolist() == codes
    assert column.notna().all()


def test_an_empty_cell_is_null_and_a_zero_stays_zero(package: Path) -> None:
    frame = load("things", package=package)
    assert frame.drop(columns="thing_id").iloc[1].isna().all()
    assert frame["killed"].tolist()[::2] == [0, 12]
    assert frame["km"].tolist()[::2] == [1.5, 0.0]
    assert frame["sure"].tolist()[::2] == [True, False]
    # 'NA' is a text that a source may write, not a missing value.
    assert frame["note"].tolist()[::2] == ["two\nlines, and a comma", "NA"]


def test_a_table_without_rows_keeps_its_types(package: Path) -> None:
    header = FILES["things"].partition("\n")[0]
    (package / "data" / "things.csv").write_text(header + "\n", "utf-8")
    frame = load("things", package=package)
    assert len(frame) == 0
    assert [str(frame[name].dtype) for name in ("kind", "day", "killed")] == [
        "category",
        "datetime64[us]",
        "Int64",
    ]


def test_arrow_holds_the_same_values_with_codes_as_dictionaries(package: Path) -> None:
    table = load("things", "arrow", package=package)
    assert [str(field.type) for field in table.schema] == [
        "string",
        "dictionary<values=string, indices=int32, ordered=0>",
        "dictionary<values=string, indices=int32, ordered=0>",
        "date32[day]",
        "int64",
        "double",
        "bool",
        "string",
    ]
    assert table["kind"].to_pylist() == ["odd", None, "big"]
    assert table["day"].to_pylist()[0] == datetime.date(2020, 7, 14)
    plain = open(package).arrow("things")
    assert str(plain.schema.field("kind").type) == "string"


def test_columns_follow_the_schema_whatever_their_order_in_the_file(package: Path) -> None:
    path = package / "data" / "kinds.csv"
    path.write_text("label,kind_id\nBig,big\nOdd,odd\nRare,rare\n", "utf-8")
    assert load("kinds", package=package).columns.tolist() == ["kind_id", "label"]


def test_what_does_not_exist_is_refused_with_a_suggestion(package: Path) -> None:
    opened = open(package)
    asked: list[Callable[[str], object]] = [opened.load, opened.arrow, opened.schema, opened.path]
    for ask in asked:
        with pytest.raises(NotFoundError, match="no table 'thing'; did you mean things"):
            ask("thing")
    with pytest.raises(NotFoundError, match="no kind of frame 'panda'; did you mean pandas"):
        opened.load("things", "panda")  # type: ignore[call-overload]
    assert opened.table_of("t-2") == "things"
    assert opened.table_of("rare") == "kinds"
    with pytest.raises(NotFoundError, match="no record 't-22'; did you mean t-2"):
        opened.table_of("t-22")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2020-07-14", "2020-7-14"),
        ("2020-07-14", "2020-02-30"),
        (",12,", ",12.5,"),
        (",12,", ",99999999999999999999,"),
        (",1.5,", ",far,"),
        (",true,", ",yes,"),
        ("t-2,,,,,,,", "t-2,,,"),
        ("thing_id,", "thing,"),
    ],
)
def test_a_file_that_does_not_fit_is_named_with_its_table(
    package: Path, old: str, new: str
) -> None:
    file = package / "data" / "things.csv"
    file.write_text(FILES["things"].replace(old, new, 1), "utf-8")
    with pytest.raises(PackageError) as caught:
        load("things", package=package)
    assert str(caught.value).startswith(f"{file}: does not fit")
    assert "table things" in str(caught.value)
    assert "'idlib-data validate' names every fault" in str(caught.value)


def test_bytes_that_are_no_text_and_an_empty_file_are_named(package: Path) -> None:
    file = package / "data" / "things.csv"
    for content in (FILES["things"].encode().replace(b"NA", b"\xff"), b""):
        file.write_bytes(content)
        with pytest.raises(PackageError, match="table things"):
            load("things", package=package)


def test_a_missing_file_is_named_with_its_table(package: Path) -> None:
    file = package / "data" / "things.csv"
    file.unlink()
    with pytest.raises(PackageError) as caught:
        load("things", package=package)
    assert str(caught.value) == f"{file}: the file of table things is missing"


@pytest.mark.parametrize(("old", "new"), [(",odd,", ",oddd,"), (",m,", ",xl,")])
def test_a_code_outside_its_list_is_never_dropped_silently(
    package: Path, old: str, new: str
) -> None:
    file = package / "data" / "things.csv"
    file.write_text(FILES["things"].replace(old, new, 1), "utf-8")
    with pytest.raises(PackageError, match="table things"):
        load("things", package=package)


def test_an_opened_table_is_read_once(package: Path) -> None:
    opened = Dataset(package)
    before = opened.arrow("things")
    (package / "data" / "things.csv").unlink()
    assert opened.arrow("things") is before
    assert opened.load("things")["thing_id"].tolist() == ["t-1", "t-2", "t-3"]


def test_changing_a_loaded_frame_leaves_the_dataset_alone(package: Path) -> None:
    opened = open(package)
    frame = opened.load("things")
    for column, value in (("km", 99.0), ("killed", 99), ("note", "changed")):
        frame.loc[0, column] = value
    assert frame.loc[0, "note"] == "changed"
    again = opened.load("things").iloc[0]
    assert (again["km"], again["killed"]) == (1.5, 0)
    assert again["note"] == "two\nlines, and a comma"
