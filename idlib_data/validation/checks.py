"""Layer 2, checks: pandera schemas derived from the Table Schemas, and checks within a row.

The cells as they are written are judged for hygiene and canonical form, the typed frame by pandera
(types and constraints once more, order of dates and of bounds, cells that need one another). No
frame is coerced: a cell that does not parse is null here and named by layer 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from idlib_data.schema import TableSchema
from idlib_data.validation import hygiene, screen
from idlib_data.validation.reading import ROW
from idlib_data.validation.rules import Rule

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa

    from idlib_data.validation.report import Problem
    from idlib_data.validation.workspace import Workspace


def _rule(id: str, meaning: str, hint: str) -> Rule:
    return Rule(id, "checks", meaning, hint)


RULES = (
    *hygiene.RULES,
    _rule(
        "dates-in-order",
        "No date is before the one it must follow.",
        "Check both dates against their sources.",
    ),
    _rule(
        "bounds-in-order",
        "Lowest, accepted and highest figure stand in this order.",
        "Check the three figures against their sources.",
    ),
    _rule(
        "cell-requires",
        "A cell that is meaningless alone stands together with those it needs.",
        "Fill the other cell too, or empty this one.",
    ),
)
_BY_ID = {rule.id: rule for rule in RULES}


def check(workspace: Workspace, extra: dict[str, list[Any]]) -> Iterator[Problem]:
    """The offences against the checks within a row.

    Args:
        workspace: The tables.
        extra: Table -> written checks of that table, see `row_check`.
    """
    for table, schema in workspace.dataset.schemas.items():
        yield from _hygiene(workspace, schema)
        written = [*_order_checks(schema), *_requires_checks(schema)]
        written += [check for check in extra.get(table, []) if _applies(check, schema)]
        derived = _typed_schema(schema, written)
        if derived.columns and workspace.texts[table].cells.num_rows:
            frame = workspace.typed(table, list(derived.columns))
            yield from _failures(workspace, table, derived, frame)


def row_check(
    rule: Rule, field: str, test: Any, message: str, others: Sequence[str] = ()
) -> pa.Check:
    """A pandera check over a whole row whose failure is told about one column.

    Args:
        rule: The rule it stands for.
        field: Column that is named as the place of the fault.
        others: The further columns that the test looks at.
        test: Function from the typed frame to a boolean per row, true where all is well.
        message: What is wrong.
    """
    from pandera.pandas import Check

    check = Check(test, name=f"{rule.id}:{field}", error=message, n_failure_cases=None)
    check.statistics = {"rule": rule, "field": field, "columns": (field, *others)}
    return check


def _applies(check: pa.Check, schema: TableSchema) -> bool:
    return set((check.statistics or {})["columns"]) <= set(schema.names)


def _typed_schema(schema: TableSchema, written: list[pa.Check]) -> pa.DataFrameSchema:
    """The derived pandera schema with the written checks, of the columns that have more to say.

    On text layer 1 has judged every constraint, so text takes part only where a check looks at it.
    """
    derived = schema.pandera_schema()
    looked_at = {name for check in written for name in (check.statistics or {})["columns"]}
    text = [field.name for field in schema.fields if field.type == "string"]
    derived = derived.remove_columns([name for name in text if name not in looked_at])
    for name in looked_at & set(text):
        derived.columns[name].checks = []
        derived.columns[name].nullable = True
    derived.unique = None
    derived.checks = written
    return derived


def _hygiene(workspace: Workspace, schema: TableSchema) -> Iterator[Problem]:
    """Faults in how cells are written; only texts with anything unusual in them are looked at."""
    import pyarrow as pa
    import pyarrow.compute as pc

    yield from _label_hygiene(workspace, schema)
    for field in schema.fields:
        cells = workspace.texts[schema.name].column(field.name)
        distinct = pc.unique(cells).drop_null()
        odd = set(
            distinct.filter(pc.match_substring_regex(distinct, pattern=hygiene.ODD)).to_pylist()
        )
        if field.lexical:
            odd |= set(
                distinct.filter(pc.invert(screen.matches(distinct, field.lexical))).to_pylist()
            )
        faults = {text: found for text in odd if (found := hygiene.faults(text, field.lexical))}
        if not faults:
            continue
        at = pc.is_in(cells, value_set=pa.array(list(faults), pa.string()))
        rows = workspace.texts[schema.name].cells[ROW].filter(at).to_pylist()
        for row, text in zip(rows, cells.filter(at).to_pylist(), strict=True):
            for name in faults[text]:
                rule = _BY_ID[name]
                yield workspace.problem(rule, schema.name, row, field.name, text, rule.meaning)


def _label_hygiene(workspace: Workspace, schema: TableSchema) -> Iterator[Problem]:
    """Labels with white space around them, which frictionless takes for the bare name.

    To all others the column is not there, so its cells would be lost without a word.
    """
    rule = _BY_ID["text-whitespace"]
    for label in workspace.texts[schema.name].header:
        if label != label.strip():
            name = label.strip()
            yield workspace.problem(rule, schema.name, 1, name, label, f"{label!r} is not {name}")


def _order_checks(schema: TableSchema) -> list[pa.Check]:
    checks = []
    for field in schema.fields:
        for other in field.at_least:
            rule = _BY_ID["dates-in-order" if field.type == "date" else "bounds-in-order"]
            word = "before" if field.type == "date" else "below"
            checks.append(
                row_check(
                    rule,
                    field.name,
                    _at_least(field.name, other),
                    f"{field.name} is {word} {other}",
                )
            )
    return checks


def _at_least(name: str, other: str) -> Any:
    return lambda frame: (
        (frame[name] >= frame[other]).fillna(True) | frame[name].isna() | frame[other].isna()
    )


def _requires_checks(schema: TableSchema) -> list[pa.Check]:
    rule = _BY_ID["cell-requires"]
    return [
        row_check(
            rule,
            field.name,
            _requires(field.name, other),
            f"{field.name} is filled, {other} is empty",
            [other],
        )
        for field in schema.fields
        for other in field.requires
    ]


def _requires(name: str, other: str) -> Any:
    return lambda frame: frame[name].isna() | frame[other].notna()


def _failures(
    workspace: Workspace, table: str, schema: pa.DataFrameSchema, frame: pd.DataFrame
) -> Iterator[Problem]:
    """What pandera finds wrong with a frame, one problem per row and column."""
    from pandera.errors import SchemaErrors

    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as errors:
        for error in errors.schema_errors:
            yield from _of_error(workspace, table, error)


def _of_error(workspace: Workspace, table: str, error: Any) -> Iterator[Problem]:
    """The problems behind one of pandera's errors; what a derived check finds is a constraint."""
    from idlib_data.validation.structure import BY_ID

    if error.reason_code is not None and error.reason_code.name == "CHECK_ERROR":
        # The check itself failed to run, which is no fault of the data.
        raise RuntimeError(f"{table}: check {error.check} cannot be run") from error
    statistics = getattr(error.check, "statistics", None) or {}
    rule = statistics.get("rule", BY_ID["constraint-error"])
    field = statistics.get("field", error.schema.name)
    message = error.check.error if "rule" in statistics else f"{error.check} is not kept"
    for row in error.failure_cases["index"].dropna().unique():
        value = workspace.texts[table].cell(int(row), field)
        yield workspace.problem(rule, table, int(row), field, value, message)
