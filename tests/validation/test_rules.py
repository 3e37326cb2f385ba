"""Every rule states all the columns that its query needs, and no more rules run than apply."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from idlib_data.dataset import Dataset
from idlib_data.validation import rules
from idlib_data.validation.rules import Rule, run
from idlib_data.validation.workspace import Workspace

QUERIES = [rule for rule in rules() if rule.sql]


def type_of(column: str) -> str:
    """The type by which rules compare a column, judged by its name."""
    if column == "date" or column.endswith(("_date", "_from", "_latest", "date_start", "date_end")):
        return "date"
    if column in ("latitude", "longitude"):
        return "number"
    return "integer" if column in ("sequence", "quantity") else "string"


def package_of(folder: Path, columns: tuple[str, ...]) -> Dataset:
    """A package of these columns and nothing else, without any rows."""
    tables: dict[str, list[str]] = defaultdict(list)
    for column in columns:
        table, _, name = column.partition(".")
        tables[table].append(name)
    resources = []
    (folder / "data").mkdir(parents=True)
    for table, names in tables.items():
        (folder / f"data/{table}.csv").write_text(",".join(names) + "\n", "utf-8")
        fields = [{"name": name, "type": type_of(name)} for name in names]
        schema = {"fields": fields, "primaryKey": names[0]}
        resources.append({"name": table, "path": f"data/{table}.csv", "schema": schema})
    (folder / "datapackage.json").write_text(json.dumps({"resources": resources}), "utf-8")
    return Dataset(folder)


@pytest.mark.parametrize("rule", QUERIES, ids=lambda rule: rule.id)
def test_a_query_runs_where_there_are_just_the_columns_it_needs(rule: Rule, tmp_path: Path) -> None:
    workspace = Workspace(package_of(tmp_path / "package", rule.needs or ("things.thing_id",)))
    assert list(run(rule, workspace)) == []


@pytest.mark.parametrize("rule", [rule for rule in QUERIES if rule.needs], ids=lambda rule: rule.id)
def test_a_rule_is_left_out_where_a_column_is_missing(rule: Rule, tmp_path: Path) -> None:
    workspace = Workspace(package_of(tmp_path / "package", (*rule.needs[1:], "things.thing_id")))
    assert list(run(rule, workspace)) == []
