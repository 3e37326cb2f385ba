"""Descriptors that are provably sound: no more in them than what is known to be accepted.

As in `screen`, nothing is rejected here: what is not plain is left to frictionless, whose reading
of a large descriptor takes longer than that of the data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from idlib_data.errors import PackageError
from idlib_data.validation.reading import ROW

if TYPE_CHECKING:
    from idlib_data.dataset import Dataset
    from idlib_data.schema import ForeignKey, TableSchema

PROFILE = "https://datapackage.org/profiles/2.0/"
PLAIN_DIALECT = {
    "header": True,
    "delimiter": ",",
    "quoteChar": '"',
    "doubleQuote": True,
    "skipInitialSpace": False,
    "lineTerminator": "\n",
}
CONSTRAINTS = {
    "string": {"required", "enum", "pattern", "maxLength"},
    "date": {"required"},
    "integer": {"required", "minimum", "maximum"},
    "number": {"required", "minimum", "maximum"},
    "boolean": {"required"},
}
"""Type of a field -> the constraints with which its cells can be proven right."""
OWN = {"unit", "evidence", "hxl", "lexical", "references", "atLeast", "requires"}
"""Properties of a field that this project adds to the standard, which leave its cells alone."""

GREATEST = 10**15
"""Greatest bound or length, all below which Arrow and Python compare alike, also with numbers."""

Test = Callable[[Any], bool]


def _is(*types: type) -> Test:
    return lambda value: isinstance(value, types) and not (bool in types) < isinstance(value, bool)


def _list_of(test: Test) -> Test:
    return lambda value: isinstance(value, list) and all(test(item) for item in value)


def _object(**tests: Test) -> Test:
    """An object with no other keys than these, each passing its test."""
    return lambda value: (
        isinstance(value, Mapping)
        and value.keys() <= tests.keys()
        and all(tests[key](item) for key, item in value.items())
    )


# Lambdas with names, and not functions: each is one test among the values of the tables below.
_TEXT = _is(str)
_TEXTS: Test = lambda value: _TEXT(value) or _list_of(_TEXT)(value)  # noqa: E731
_NUMBER: Test = lambda value: _is(int)(value) and abs(value) <= GREATEST  # noqa: E731
_NAME: Test = lambda value: isinstance(value, str) and bool(re.fullmatch(r"[a-z0-9._-]+", value))  # noqa: E731
_WEB: Test = lambda value: isinstance(value, str) and bool(re.fullmatch(r"https://[\w./-]+", value))  # noqa: E731
# frictionless strips the labels of a header, but not the names that it compares them with.
_LABEL: Test = lambda value: _TEXT(value) and bool(value) and value == value.strip() != ROW  # noqa: E731
_REFERENCE = _object(fields=_TEXTS, reference=_object(resource=_TEXT, fields=_TEXTS))
_CREDIT = _object(title=_TEXT, path=_WEB)
_PACKAGE: dict[str, Test] = {
    "$schema": lambda value: value == PROFILE + "datapackage.json",
    "name": _NAME,
    "title": _TEXT,
    "description": _TEXT,
    "version": _TEXT,
    "keywords": _list_of(_TEXT),
    "licenses": lambda value: (
        bool(value)
        and _list_of(_object(name=_TEXT, title=_TEXT, path=_WEB))(value)
        and all(item.get("name") for item in value)
    ),
    "contributors": _list_of(_object(title=_TEXT, roles=_list_of(_TEXT))),
    "sources": _list_of(_CREDIT),
    "resources": _is(list),
}
_RESOURCE: dict[str, Test] = {
    "name": _NAME,
    "title": _TEXT,
    "description": _TEXT,
    "type": lambda value: value == "table",
    "path": lambda value: (
        isinstance(value, str) and bool(re.fullmatch(r"(?:[\w-]+/)*[\w-]+\.csv", value))
    ),
    "format": lambda value: value == "csv",
    "mediatype": lambda value: value == "text/csv",
    "encoding": lambda value: value == "utf-8",
    "dialect": lambda value: (
        value == PLAIN_DIALECT
        and all(type(value[key]) is type(known) for key, known in PLAIN_DIALECT.items())
    ),
    "schema": _is(str, dict),
}
_CONSTRAINT: dict[str, Test] = {
    "required": _is(bool),
    "enum": lambda value: bool(value) and _list_of(_TEXT)(value),
    "pattern": lambda value: isinstance(value, str) and _compiles(value),
    "maxLength": _NUMBER,
    "minimum": _NUMBER,
    "maximum": _NUMBER,
}
_EXAMPLE: dict[str, Test] = {
    "string": _TEXT,
    "date": lambda value: isinstance(value, str) and _is_day(value),
    "integer": _is(int),
    "number": _is(int, float),
    "boolean": _is(bool),
}


def is_plain(dataset: Dataset) -> bool:
    """Whether the descriptor and all schemas are sound beyond doubt."""
    resources = dataset.descriptor.get("resources", [])
    try:
        return (
            _PACKAGE.keys() >= dataset.descriptor.keys() >= {"$schema", "name", "resources"}
            and all(_PACKAGE[key](value) for key, value in dataset.descriptor.items())
            and len(resources) == len(dataset.resources)
            and all(
                {"name", "type", "path", "encoding", "dialect", "schema"} <= resource.keys()
                and resource.keys() <= _RESOURCE.keys()
                and all(_RESOURCE[key](value) for key, value in resource.items())
                for resource in resources
            )
            and all(_plain_schema(dataset, table) for table in dataset.tables)
        )
    except PackageError:  # a schema that cannot be read
        return False


def _plain_schema(dataset: Dataset, table: str) -> bool:
    descriptor, schema = dataset.schema_descriptor(table), dataset.schemas[table]
    known = {"$schema", "fields", "primaryKey", "foreignKeys", "missingValues"}
    references = descriptor.get("foreignKeys", [])
    return (
        descriptor.keys() <= known | {"idPrefix", "evidence", "codeList", "acyclic"}
        and descriptor.get("$schema") == PROFILE + "tableschema.json"
        and descriptor.get("missingValues", [""]) == [""]
        and _list_of(_plain_field)(descriptor.get("fields"))
        and len(set(schema.names)) == len(schema.names)
        and _TEXTS(descriptor.get("primaryKey"))
        and _is_text_column(schema, schema.key)
        and _list_of(_REFERENCE)(references)
        and all(_plain_key(dataset, schema, key) for key in schema.foreign_keys)
    )


def _plain_field(descriptor: Mapping[str, Any]) -> bool:
    kind, constraints = descriptor.get("type"), descriptor.get("constraints", {})
    known = {"name", "title", "description", "type", "format", "constraints", "example"}
    return (
        descriptor.keys() <= known | OWN
        and _LABEL(descriptor["name"])
        and all(_TEXT(descriptor.get(key, "")) for key in ("title", "description"))
        and descriptor.get("format", "default") == "default"
        and _TEXT(kind)
        and kind in CONSTRAINTS
        and _EXAMPLE[kind](descriptor.get("example"))
        and isinstance(constraints, Mapping)
        and constraints.keys() <= CONSTRAINTS[kind]
        and all(_CONSTRAINT[key](value) for key, value in constraints.items())
    )


def _plain_key(dataset: Dataset, schema: TableSchema, key: ForeignKey) -> bool:
    """Whether a foreign key is one text column that points to one text column of a known table."""
    return (
        key.table in dataset.schemas
        and len(key.fields) == 1 == len(key.target_fields)
        and _is_text_column(schema, key.fields[0])
        and _is_text_column(dataset.schemas[key.table], key.target_fields[0])
    )


def _is_text_column(schema: TableSchema, name: str | None) -> bool:
    """Whether it is a column whose cells are equal where, and only where, their texts are."""
    return name in schema.names and schema.field(name or "").type == "string"


def _compiles(pattern: str) -> bool:
    try:
        re.compile(f"^{pattern}$")
    except (re.error, OverflowError, RecursionError):
        return False
    return True


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
