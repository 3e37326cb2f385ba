"""The mini package: the schemas of the checkout over a few hand-written records.

The content lies in ``data/mini`` and names only the columns it fills, so a new column in a schema
leaves it alone. Descriptor and schemas are those of the checkout, never copies kept by hand.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from idlib_data.dataset import Dataset
from idlib_data.validation import Problem, Report
from idlib_data.validation.workspace import Workspace

CHECKOUT = Path(__file__).parents[1]
CONTENT = Path(__file__).parent / "data" / "mini"


def make_mini(folder: Path) -> Path:
    """Write the mini package into a folder, which must not hold one yet, and give it back."""
    shutil.copytree(CHECKOUT / "schemas", folder / "schemas")
    shutil.copy(CHECKOUT / "datapackage.json", folder)
    (folder / "data").mkdir()
    for schema in sorted((folder / "schemas").glob("*.json")):
        names = [field["name"] for field in json.loads(schema.read_text("utf-8"))["fields"]]
        content = CONTENT / f"{schema.stem}.csv"
        records = read_records(content) if content.is_file() else []
        write_records(folder / "data" / f"{schema.stem}.csv", names, records)
    return folder


def read_records(path: Path) -> list[dict[str, str]]:
    """The records of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_records(path: Path, names: Sequence[str], records: Sequence[dict[str, str]]) -> None:
    """Write records under a header; a column that a record lacks is empty."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(records)


def edit(package: Path, path: str, old: str | bytes, new: str | bytes) -> None:
    """Put one text in the place of another, which must stand in the file exactly once."""
    old, new = (text.encode() if isinstance(text, str) else text for text in (old, new))
    content = (package / path).read_bytes()
    assert content.count(old) == 1, f"{old!r} stands {content.count(old)} times in {path}"
    (package / path).write_bytes(content.replace(old, new))


def put(package: Path, table: str, key: str, /, **cells: str) -> int:
    """Fill cells of one record, which is added where there is none; returns its record number."""
    path = package / "data" / f"{table}.csv"
    names = path.read_text("utf-8").partition("\n")[0].split(",")
    assert set(cells) <= set(names), f"{table} lacks {set(cells) - set(names)}"
    records = read_records(path)
    ids = [record[names[0]] for record in records]
    if key not in ids:
        records.append({names[0]: key})
        ids.append(key)
    position = ids.index(key)
    records[position] |= cells
    write_records(path, names, records)
    return position + 2


def claim(package: Path, record_id: str, field: str = "", value: str = "", **cells: str) -> int:
    """Add a claim, accepted unless told otherwise; returns its record number."""
    number = len(read_records(package / "data" / "claims.csv"))
    said = {"source_id": "src-review-2020-12-01-idlib", "status": "accepted"} | cells
    name = f"clm-{record_id}-more-{number}"
    return put(package, "claims", name, record_id=record_id, field=field, value=value, **said)


def make_package(folder: Path, **tables: tuple[dict[str, Any], str]) -> Path:
    """Write a package of one's own: per table a Table Schema, and the text of its CSV file."""
    (folder / "data").mkdir(parents=True)
    resources = []
    for name, (schema, text) in tables.items():
        (folder / "data" / f"{name}.csv").write_text(text, "utf-8")
        path = f"data/{name}.csv"
        resources.append({"name": name, "type": "table", "path": path, "schema": schema})
    descriptor = {"name": "own", "resources": resources}
    (folder / "datapackage.json").write_text(json.dumps(descriptor), "utf-8")
    return folder


def text_columns(*names: str) -> list[dict[str, Any]]:
    """The fields of a Table Schema whose columns are plain text."""
    return [{"name": name, "type": "string"} for name in names]


def tables_of_columns(columns: Iterable[str]) -> dict[str, tuple[dict[str, Any], str]]:
    """Empty tables that have these columns, given as ``table.column``, and no others."""
    names: dict[str, list[str]] = {}
    for table, _, name in (column.partition(".") for column in columns):
        names.setdefault(table, []).append(name)
    return {
        table: ({"fields": text_columns(*some)}, ",".join(some) + "\n")
        for table, some in names.items()
    }


def workspace(package: Path) -> Workspace:
    """The package as a layer of the validator gets it."""
    return Workspace(Dataset(package))


def places(
    problems: Iterable[Problem], rule: str
) -> list[tuple[str | None, int | None, str | None]]:
    """Table, row and field of each offence against a rule, by row."""
    found = [(p.table, p.row, p.field) for p in problems if p.rule == rule]
    return sorted(found, key=lambda place: place[1] or 0)


def rules_of(report: Report) -> set[str]:
    """The rules that a report finds broken."""
    return {problem.rule for problem in report.problems}
