"""frictionless, the judge of layer 1: over a whole package, or over the suspect rows of a table.

For suspect rows a small package is made, in memory: the rows, and of each table that they point to
the keys among them that exist. The verdicts are those of the whole file, with the record numbers
mapped back. In memory, since a file would first be sniffed, which for some texts takes minutes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from idlib_data.dataset import DESCRIPTOR
from idlib_data.errors import PackageError
from idlib_data.validation import apart, trust
from idlib_data.validation.plain import PROFILE
from idlib_data.validation.structure import BY_ID, package_error

if TYPE_CHECKING:
    from idlib_data.dataset import Dataset
    from idlib_data.schema import ForeignKey
    from idlib_data.validation.reading import TextTable
    from idlib_data.validation.report import Problem
    from idlib_data.validation.workspace import Workspace

LIMIT_ERRORS = 1_000_000
"""Number of problems after which frictionless stops; its own default hides all but 1,000."""

SAME = {
    "blank-header": "blank-label",
    "encoding-error": "file-error",
    "scheme-error": "file-error",
    "format-error": "file-error",
    "compression-error": "file-error",
    "source-error": "file-error",
    "unique-error": "constraint-error",
}
"""Kind of frictionless error -> rule, where they are not called the same."""
MANY_ROWS = 20_000
"""Suspect rows that are handed to frictionless at once."""
MANY_KEYS = 5_000
MANY_NAMES = 500
PREFIX = 8
LONGEST = 200
"""Length of a wrong text beyond which no right one is looked for that is like it."""
KEYS = "keys+"
"""Beginning of the name of the table of keys in which the references of a table to itself are
looked up; no plain table is called so. The reference as it is written follows, empty or not.
"""
POSITION = re.compile(r"(?<=the same as in the row at position )\d+")


def whole(workspace: Workspace) -> Iterator[Problem]:
    """The faults that frictionless finds in the package as it is.

    frictionless blames a file that it cannot read on every table that points to it, and judges none
    of them. Here only the file itself is at fault: the others are judged without that key.
    """
    dataset = workspace.dataset
    try:
        refused = [*trust.refusals(dataset)]
        assert dataset.schemas is not None  # read here, where a broken one can be told
    except PackageError as broken:
        refused = [str(broken)]
    if refused:
        yield from map(package_error, refused)
        return
    source: str | dict[str, Any] = str(dataset.root / DESCRIPTOR)
    unreadable = {table for table in workspace.texts if not _readable(dataset, table)}
    schemas = {table: apart.schema(workspace, table) for table in dataset.tables}
    wide = {table for table in dataset.tables if apart.wide(workspace, table)}
    if unreadable or wide or any(s is not dataset.schema_descriptor(t) for t, s in schemas.items()):
        source = _rewritten(dataset, schemas, unreadable, wide)
    own = {
        table: [*apart.wide(workspace, table).values(), *apart.check(workspace, table)]
        for table in dataset.tables
    }
    for table, error in _validate(source, str(dataset.root)):
        for before in [t for t in own if t == table]:
            yield from own.pop(before)
        if isinstance(error, str):
            yield package_error(error)
        else:
            row = getattr(error, "row_number", None)
            yield _problem(workspace, table, error, row, error.note)
    for problems in own.values():
        yield from problems


def rows(workspace: Workspace, table: str, numbers: list[int]) -> Iterator[Problem]:
    """The faults that frictionless finds in some rows of one table."""
    yield from apart.check(workspace, table)
    wide = apart.wide(workspace, table)
    yield from wide.values()
    numbers = [number for number in numbers if number not in wide]
    for before, part in _parts(workspace, table, numbers):
        some = [*before, *part]
        for name, error in _validate(_package(workspace, table, some)):
            if isinstance(error, str):
                yield package_error(error)
            elif name == table:
                at = getattr(error, "row_number", None)
                row = some[at - 2] if at else None
                if row not in before:
                    yield _problem(workspace, table, error, row, _note_on_whole(error, some))


def _parts(
    workspace: Workspace, table: str, numbers: list[int]
) -> Iterator[tuple[list[int], list[int]]]:
    """The rows in parts that frictionless holds in little memory.

    With each part come the rows before it that last had a key of the part, so that a key that
    stands twice is found across parts too.
    """
    text, key = workspace.texts[table], workspace.dataset.schemas[table].key
    last: dict[str, int] = {}
    for start in range(0, len(numbers), MANY_ROWS):
        part = numbers[start : start + MANY_ROWS]
        keys = [text.cell(row, key) for row in part] if key and len(numbers) > MANY_ROWS else []
        yield sorted({last[k] for k in keys if k in last}), part
        last.update((k, row) for k, row in zip(keys, part, strict=False) if k is not None)


def _note_on_whole(error: Any, numbers: list[int]) -> str:
    """The note of frictionless on a suspect row, as it reads on the whole file.

    The notes also quote cells, which may hold anything, so only what is known to be put in by
    frictionless is replaced.
    """
    note = str(error.note)
    if error.type == "primary-key":
        return POSITION.sub(lambda found: str(numbers[int(found[0]) - 2]), note)
    if error.type == "foreign-key" and error.reference_name.startswith(KEYS):
        before, name, after = note.rpartition(f'"{error.reference_name}"')
        return before + name.replace(KEYS, "", 1) + after
    return note


def _readable(dataset: Dataset, table: str) -> bool:
    try:
        dataset.path(table).read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return True


def _rewritten(
    dataset: Dataset, schemas: dict[str, dict[str, Any]], unreadable: set[str], wide: set[str]
) -> dict[str, Any]:
    """The descriptor with all schemas in it, without the foreign keys to tables that are at fault.

    A table with a record that is far too wide is left out, see `apart.wide`.
    """
    tables = unreadable | wide
    resources = []
    for table, resource in dataset.resources.items():
        if table in wide:
            continue
        schema = dict(schemas[table])
        kept = [
            key
            for key in schema.get("foreignKeys", [])
            if str(key["reference"].get("resource") or table) not in tables - {table}
        ]
        schema.pop("foreignKeys", None)
        resources.append(
            {**resource, "schema": {**schema, "foreignKeys": kept} if kept else schema}
        )
    return {**dataset.descriptor, "resources": resources}


def _validate(
    source: str | dict[str, Any], basepath: str | None = None
) -> Iterator[tuple[str, Any]]:
    """Table and frictionless error of each fault; a fault of the package comes as text."""
    from frictionless import FrictionlessException, Package

    try:
        package = Package(source) if isinstance(source, str) else Package(source, basepath=basepath)
        report = package.validate(limit_errors=LIMIT_ERRORS)
    except FrictionlessException as error:
        for reason in error.reasons or [error.error]:
            yield "", f"{reason.title}: {reason.note}"
        return
    except Exception as error:  # frictionless meets odd descriptors with any exception there is
        yield "", f"frictionless cannot read the package: {error!r}"
        return
    for fault in report.errors:
        yield "", f"{fault.title}: {fault.note}"
    for task in report.tasks:
        for fault in task.errors:
            yield task.name, fault


def _package(workspace: Workspace, table: str, numbers: list[int]) -> dict[str, Any]:
    """The rows of a table, and the keys they point to, as a package of their own."""
    text = workspace.texts[table]
    schema, references = _references(workspace, table)
    resources = [_resource(table, schema, [text.header, *_records(text, numbers)])]
    for name, keys in references.items():
        columns: dict[str, set[str]] = {}
        for key in keys:
            wanted = {text.cell(row, key.fields[0]) or "" for row in numbers}
            columns.setdefault(key.target_fields[0], set()).update(wanted)
        known = [_existing(workspace, keys[0].table, *column) for column in columns.items()]
        fields = [{"name": column, "type": "string"} for column in columns]
        records = [list(columns), *map(list, zip_longest(*known, fillvalue=""))]
        resources.append(_resource(name, {"fields": fields}, records))
    return {"$schema": PROFILE + "datapackage.json", "name": "suspects", "resources": resources}


def _resource(name: str, schema: dict[str, Any], records: list[list[str]]) -> dict[str, Any]:
    # Without a dialect frictionless would guess which record is the header.
    about = {"name": name, "type": "table", "dialect": {"header": True}}
    return {**about, "data": records, "schema": schema}


def _records(text: TextTable, numbers: list[int]) -> Iterator[list[str]]:
    """The cells of some records as they stand in the file."""
    blank = set(text.blank)
    for row in numbers:
        if row in blank:
            yield []
        elif row in text.ragged:
            yield text.ragged[row]
        else:
            yield [text.cell(row, column) or "" for column in text.header]


def _existing(workspace: Workspace, table: str, column: str, wanted: set[str]) -> list[str]:
    """Which of the wanted keys the table has."""
    import pyarrow as pa
    import pyarrow.compute as pc

    keys = workspace.texts[table].column(column)
    values = pa.array(sorted(wanted - {""}), pa.string())
    return sorted(pc.unique(keys.filter(pc.is_in(keys, value_set=values))).to_pylist())


def _references(
    workspace: Workspace, table: str
) -> tuple[dict[str, Any], dict[str, list[ForeignKey]]]:
    """The schema of a table, and its foreign keys by the table that they are looked up in.

    A reference to the table itself would be looked up among the suspect rows alone, so it is led to
    a table of its own.
    """
    descriptor = apart.schema(workspace, table)
    written: list[dict[str, Any]] = []
    tables: dict[str, list[ForeignKey]] = {}
    keys = workspace.dataset.schemas[table].foreign_keys
    for key, content in zip(keys, descriptor.get("foreignKeys", ()), strict=True):
        reference = content["reference"]
        name = reference.get("resource", "")
        if key.table == table:
            name = KEYS + name
        written.append({**content, "reference": {**reference, "resource": name}})
        tables.setdefault(name, []).append(key)
    return {**descriptor, "foreignKeys": written}, tables


def _problem(workspace: Workspace, table: str, error: Any, row: int | None, note: str) -> Problem:
    rule = BY_ID.get(SAME.get(error.type, error.type), BY_ID["package-error"])
    field = getattr(error, "field_name", None) or getattr(error, "label", None) or None
    value = getattr(error, "cell", None)
    if rule.id in ("foreign-key", "primary-key"):
        field, value = _key_cell(workspace, rule.id, table, row, error)
    if rule.id.endswith("-label"):
        row, value = 1, getattr(error, "label", None) or None
    hint = _nearest(workspace, rule.id, table, field, value) or rule.hint
    return workspace.problem(rule, table, row, field, value, note or rule.meaning, hint)


def _key_cell(
    workspace: Workspace, rule: str, table: str, row: int | None, error: Any
) -> tuple[str | None, str | None]:
    """The column and the text of a key that is at fault, which frictionless does not give apart."""
    if rule == "primary-key":
        field = workspace.dataset.schemas[table].key
    else:
        names = getattr(error, "field_names", None) or [None]
        field = names[0] if len(names) == 1 else None
    return field, workspace.texts[table].cell(row, field) if field and row else None


def _nearest(
    workspace: Workspace, rule: str, table: str, field: str | None, value: object
) -> str | None:
    """The allowed values nearest to a wrong one, as a hint."""
    if table not in workspace.dataset.schemas or field is None:
        return None
    schema = workspace.dataset.schemas[table]
    known: list[str] = []
    wrong = str(value)
    if len(wrong) > LONGEST:
        return None
    if rule == "foreign-key" and (target := schema.target(field)):
        key = workspace.dataset.schemas[target].key
        known = _keys_alike(workspace, target, key or "", wrong)
    elif rule == "constraint-error" and field in schema.names:
        known = _begun_alike(schema.field(field).enum, wrong)
    elif rule in ("extra-label", "incorrect-label"):
        known = _begun_alike(schema.names, wrong)
    near = get_close_matches(re.sub(r"\s+", " ", wrong), known, n=1, cutoff=0.6)
    return f"Did you mean {near[0]}?" if near and near[0] != wrong else None


def _begun_alike(names: Sequence[str], wrong: str) -> list[str]:
    """The names, of a great many only those that start like the wrong one."""
    if len(names) <= MANY_NAMES:
        return list(names)
    return [name for name in names if name.startswith(wrong[:PREFIX])][:MANY_NAMES]


def _keys_alike(workspace: Workspace, table: str, column: str, wrong: str) -> list[str]:
    """The keys of a table, in a large one only those that start like the wrong one."""
    import pyarrow.compute as pc

    keys = workspace.texts[table].column(column).drop_null()
    if len(keys) > MANY_KEYS:
        keys = keys.filter(pc.starts_with(keys, wrong[:PREFIX])).slice(0, MANY_KEYS)
    return list(keys.to_pylist())
