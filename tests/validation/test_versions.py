"""Which step of the version a change of schemas or rows demands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from idlib_data.dataset import Dataset
from idlib_data.validation.changes import changes
from idlib_data.validation.comparison import Comparison
from idlib_data.validation.versions import Change, Step, demanded, least, parse
from idlib_data.validation.workspace import Workspace
from tests.mini import make_package

NUMBER: dict[str, Any] = {
    "name": "number",
    "type": "integer",
    "constraints": {"minimum": 1, "maximum": 9},
}
CODE: dict[str, Any] = {
    "name": "code",
    "type": "string",
    "constraints": {"enum": ["a", "b"], "required": True},
}
FIELDS: list[dict[str, Any]] = [{"name": "thing_id", "type": "string"}, NUMBER, CODE]
ROWS = "thing_id,number,code\nx,1,a\ny,2,b\n"


def changed(tmp_path: Path, fields: list[dict[str, Any]], **schema: Any) -> tuple[Change, ...]:
    """The changes from the package above to one whose schema is another, over the same rows."""
    key = {"primaryKey": "thing_id"}
    base = make_package(tmp_path / "base", things=({"fields": FIELDS} | key, ROWS))
    new = make_package(tmp_path / "new", things=({"fields": fields} | key | schema, ROWS))
    return changes(Comparison(Workspace(Dataset(base)), Workspace(Dataset(new))))


def fields_with(name: str, /, **constraints: Any) -> list[dict[str, Any]]:
    """The fields, with other constraints of one; None takes one away."""
    fields: list[dict[str, Any]] = json.loads(json.dumps(FIELDS))
    for field in fields:
        if field["name"] == name:
            both = field.get("constraints", {}) | constraints
            field["constraints"] = {k: v for k, v in both.items() if v is not None}
    return fields


def cases() -> Iterator[Any]:
    of_constraints: list[tuple[str, dict[str, Any], Step, str]] = [
        ("number", {"minimum": 2}, "major", "a new or narrower minimum of column number"),
        ("number", {"minimum": 0}, "minor", "a wider minimum of column number"),
        ("number", {"maximum": 8}, "major", "a new or narrower maximum of column number"),
        ("number", {"maximum": 10}, "minor", "a wider maximum of column number"),
        ("number", {"maximum": None}, "minor", "a wider maximum of column number"),
        ("number", {"required": True}, "major", "a new or narrower required of column number"),
        ("code", {"required": False}, "minor", "a wider required of column code"),
        ("code", {"enum": ["a"]}, "major", "no more b among the codes of column code"),
        ("code", {"enum": ["a", "b", "c"]}, "minor", "new c among the codes of column code"),
        ("code", {"pattern": "[a-z]"}, "major", "a new or narrower pattern of column code"),
        ("thing_id", {"maxLength": 0}, "major", "a new or narrower maxLength of column thing_id"),
    ]
    for name, constraints, step, what in of_constraints:
        yield pytest.param(fields_with(name, **constraints), step, what, id=f"{name}-{constraints}")
    text = {"name": "number", "type": "string", "constraints": NUMBER["constraints"]}
    told = "the type is now string, no longer that of column number"
    yield pytest.param([FIELDS[0], text, CODE], "major", told, id="type")
    yield pytest.param(FIELDS[:2], "major", "column code is gone", id="column-gone")
    more = [*FIELDS, {"name": "more", "type": "string"}]
    yield pytest.param(more, "minor", "column more is new", id="column-new")


@pytest.mark.parametrize(("fields", "step", "what"), list(cases()))
def test_a_change_of_a_column_demands_its_step(
    fields: list[dict[str, Any]], step: Step, what: str, tmp_path: Path
) -> None:
    assert changed(tmp_path, fields) == (Change(step, "things", what),)


def test_a_zero_as_a_bound_is_a_bound(tmp_path: Path) -> None:
    [change] = changed(tmp_path, fields_with("code", minLength=0))
    assert change.step == "major"


def test_words_about_a_column_demand_no_step(tmp_path: Path) -> None:
    fields = [FIELDS[0], NUMBER | {"title": "N", "description": "D", "evidence": "required"}, CODE]
    assert changed(tmp_path, fields) == ()


def test_a_code_list_in_another_order_demands_no_step(tmp_path: Path) -> None:
    assert changed(tmp_path, fields_with("code", enum=["b", "a"])) == ()


def test_another_primary_key_demands_a_major_step(tmp_path: Path) -> None:
    found = changed(tmp_path, FIELDS, primaryKey=["thing_id", "code"])
    assert Change("major", "things", "the primary key is another") in found


def test_a_new_foreign_key_demands_a_major_step(tmp_path: Path) -> None:
    keys = [{"fields": "code", "reference": {"resource": "", "fields": "thing_id"}}]
    found = changed(tmp_path, FIELDS, foreignKeys=keys)
    assert found == (Change("major", "things", "code must now be of things"),)


def test_the_greatest_step_is_demanded() -> None:
    steps: tuple[Step, ...] = ("patch", "major", "minor")
    assert demanded(Change(step, "t", "w") for step in steps) == "major"
    assert demanded(Change(step, "t", "w") for step in steps if step != "major") == "minor"
    assert demanded([]) is None


@pytest.mark.parametrize(
    ("base", "step", "expected"),
    [
        ((1, 2, 3), "major", (2, 0, 0)),
        ((1, 2, 3), "minor", (1, 3, 0)),
        ((1, 2, 3), "patch", (1, 2, 4)),
        ((0, 2, 3), "major", (0, 3, 0)),
        ((0, 2, 3), "minor", (0, 2, 4)),
        ((0, 2, 3), "patch", (0, 2, 4)),
    ],
)
def test_the_least_version_goes_just_the_step(
    base: tuple[int, int, int], step: Step, expected: tuple[int, int, int]
) -> None:
    assert least(base, step) == expected


def test_a_version_is_three_numbers() -> None:
    assert parse("2026.12.0") == (2026, 12, 0)
    assert parse("1.2.3-rc1") is None
