"""Who judges a mutant: this package, frictionless alone, pandera alone."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from idlib_data.validation import Problem, validate

if TYPE_CHECKING:
    from benchmarks.mutants.model import Mutant, Tables
    from idlib_data.schema import TableSchema


def ours(root: Path) -> tuple[Problem, ...]:
    """What this package finds; warnings are told to the user and so count as well."""
    return validate(root).problems


def located(mutant: Mutant, problems: tuple[Problem, ...]) -> tuple[bool, bool]:
    """Whether a problem names the table and row of the damage, and whether the very cell too.

    Where a whole file is damaged its table is the place; where a row is gone a problem has to
    give its id; where the descriptor is damaged a problem has to name that file.
    """
    if not mutant.places and not mutant.names:
        found = any(problem.path in mutant.files for problem in problems)
        return found, found
    row = any(problem.value in mutant.names for problem in problems if problem.value)
    cell = row
    for place in mutant.places:
        for problem in problems:
            if problem.table == place.table and place.row in (None, problem.row):
                row = True
                cell = cell or place.field in (None, problem.field)
    return row, cell


def frictionless_alone(root: Path) -> bool:
    """Whether frictionless finds fault with the package, or cannot read it."""
    from frictionless import FrictionlessException, Package

    try:
        return not Package(str(root / "datapackage.json")).validate().valid
    except FrictionlessException:
        return True


def pandera_alone(tables: Tables, mutant: Mutant) -> bool:
    """Whether pandera, or what has to read the table for it, finds fault with a changed table.

    The table is read by pandas as text, numbers and days are parsed by pandas, a cell that does
    not parse being a find of pandera's coercion, and the frame is judged by the schema derived
    from the Table Schema. Nothing spans tables, since pandera does not.
    """
    changed = {tables.path(table): table for table in tables.rows}
    if any(path not in changed for path in mutant.files):
        return True  # the descriptor: whoever reads it would stumble, so it counts as found
    return any(
        _pandera_rejects(tables.schema(changed[path]), content)
        for path, content in mutant.files.items()
    )


def _pandera_rejects(schema: TableSchema, content: bytes) -> bool:
    import pandas as pd
    from pandera.errors import SchemaErrors

    try:
        frame = pd.read_csv(io.BytesIO(content), dtype="str", keep_default_na=False, na_values=[""])
        typed = frame.assign(
            **{f.name: _typed(frame[f.name], f.pandas_dtype) for f in schema.fields}
        )
    except (ValueError, KeyError, TypeError, OverflowError):
        return True
    try:
        schema.pandera_schema().validate(typed, lazy=True)
    except SchemaErrors:
        return True
    return False


def _typed(cells: Any, dtype: str) -> Any:
    """A column of text as its type.

    Raises:
        ValueError: A cell does not parse.
    """
    import pandas as pd

    if dtype.startswith("datetime"):
        return pd.to_datetime(cells, format="%Y-%m-%d").astype(dtype)
    if dtype in ("Int64", "float64"):
        return pd.to_numeric(cells).astype(dtype)
    return cells
