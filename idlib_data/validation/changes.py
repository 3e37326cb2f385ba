"""In which ways a package differs from an earlier state, and what step of the version each demands.

- major: a table, a column or an id goes, or what a column may hold becomes less;
- minor: tables, columns, rows or ids come, or what a column may hold becomes more;
- patch: values are corrected.

What a column may hold becomes less when its type, pattern or key changes, when it becomes required,
when it loses a code, or when a bound comes or narrows. Titles, descriptions, examples and the duty
of evidence bind nobody who reads the data, and demand no step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from idlib_data.dataset import Dataset
from idlib_data.validation.comparison import Comparison
from idlib_data.validation.versions import Change, Step

LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength")
UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength")
PROPERTIES = ("format", "lexical", "atLeast", "requires", "references")
"""What a field demands outside its constraints."""
EXAMPLES = 3
"""How many ids are named where many have gone or come."""


def changes(comparison: Comparison) -> tuple[Change, ...]:
    """All ways in which the new state differs, those of one kind in a table as one."""
    base, new = comparison.base.dataset, comparison.new.dataset
    found = [
        Change("major", table, "the table is gone")
        for table in base.tables
        if table not in new.tables
    ]
    found += [
        Change("minor", table, "the table is new")
        for table in new.tables
        if table not in base.tables
    ]
    for table in base.tables:
        if table in new.tables:
            found += _of_schema(table, base, new)
    return (*found, *_of_rows(comparison))


def _of_rows(comparison: Comparison) -> Iterator[Change]:
    steps: tuple[tuple[str, Step, str], ...] = (
        ("gone", "major", "gone"),
        ("come", "minor", "new"),
        ("changed", "patch", "corrected"),
    )
    for kind, step, word in steps:
        for table, count, ids in comparison.counts(kind, EXAMPLES):
            more = ", ..." if count > len(ids) else ""
            noun = "id" if kind == "gone" else "record"
            verb = f"{noun} is" if count == 1 else f"{noun}s are"
            yield Change(step, table, f"{count} {verb} {word} ({', '.join(ids)}{more})")
    for table in comparison.without_ids():
        yield Change("minor", table, "rows differ, in a table without a key")


def _of_schema(table: str, base: Dataset, new: Dataset) -> Iterator[Change]:
    before, after = base.schemas[table], new.schemas[table]
    for name in before.names:
        if name not in after.names:
            yield Change("major", table, f"column {name} is gone")
    for name in after.names:
        if name not in before.names:
            yield Change("minor", table, f"column {name} is new")
    if before.primary_key != after.primary_key:
        yield Change("major", table, "the primary key is another")
    for key in after.foreign_keys:
        if key not in before.foreign_keys and set(key.fields) <= set(before.names):
            yield Change("major", table, f"{', '.join(key.fields)} must now be of {key.table}")
    for key in before.foreign_keys:
        if key not in after.foreign_keys and set(key.fields) <= set(after.names):
            yield Change("minor", table, f"{', '.join(key.fields)} need not be of {key.table}")
    old_fields, new_fields = (_fields(dataset, table) for dataset in (base, new))
    for name in before.names:
        if name in after.names:
            for step, what in _of_field(old_fields[name], new_fields[name]):
                yield Change(step, table, f"{what} of column {name}")


def _fields(dataset: Dataset, table: str) -> dict[str, Mapping[str, Any]]:
    return {str(field["name"]): field for field in dataset.schema_descriptor(table)["fields"]}


def _of_field(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[Step, str]]:
    if before.get("type", "string") != after.get("type", "string"):
        yield "major", f"the type is now {after.get('type', 'string')}, no longer that"
    old, new = (field.get("constraints") for field in (before, after))
    old, new = (dict(given) if isinstance(given, Mapping) else {} for given in (old, new))
    for name in PROPERTIES:
        old[name], new[name] = before.get(name), after.get(name)
    for name in dict.fromkeys([*old, *new]):
        was, now = old.get(name), new.get(name)
        if was == now or (_is_absent(was) and _is_absent(now)):
            continue
        if name == "enum" and isinstance(was, list) and isinstance(now, list):
            yield from _of_codes(was, now)
        elif _is_absent(now) or _is_wider(name, was, now):
            yield "minor", f"a wider {name}"
        else:
            yield "major", f"a new or narrower {name}"


def _is_absent(demand: object) -> bool:
    return demand is None or demand is False


def _of_codes(was: list[Any], now: list[Any]) -> Iterator[tuple[Step, str]]:
    if less := [str(code) for code in was if code not in now]:
        yield "major", f"no more {', '.join(less)} among the codes"
    if more := [str(code) for code in now if code not in was]:
        yield "minor", f"new {', '.join(more)} among the codes"


def _is_wider(name: str, was: object, now: object) -> bool:
    if not isinstance(was, int | float) or not isinstance(now, int | float):
        return False
    return (name in LOWER_BOUNDS and now < was) or (name in UPPER_BOUNDS and now > was)
