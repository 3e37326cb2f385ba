"""Two states side by side, cell by cell, with the claims and tombstones that explain a change.

Made in the database of a `Comparison`, since tables may have millions of rows:

- ``cells`` (table_name, id, field, old, new, change, place): what differs; a record that came or
  went has no field;
- ``said`` (id, field, claims): per cell, and per record as such, the claims that are new, gone or
  not what they were, as a list.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from idlib_data import tombstones
from idlib_data.dataset import Dataset
from idlib_data.validation.reading import ROW
from idlib_data.validation.workspace import literal, quote

if TYPE_CHECKING:
    import pyarrow as pa

    from idlib_data.validation.comparison import Comparison

LEDGER = "claims"
CLAIM = ("claim_id", "record_id", "field", "value", "status")
"""Columns without which a ledger explains nothing."""
TOLD = ("value", "source_id", "attributed_to", "note")
"""What is told of a claim besides its id and status, null where the ledger lacks the column."""
ALWAYS = (tombstones.TABLE,)
"""Tables that are read even if they are the same: what they tell is of other tables."""

_SETUP = """
    CREATE OR REPLACE TABLE cells (
        table_name VARCHAR, id VARCHAR, field VARCHAR, old VARCHAR, new VARCHAR, change VARCHAR,
        place BIGINT
    )
"""
_WHOLE = """
    INSERT INTO cells SELECT table_name, id, NULL, NULL, NULL, 'removed', -1 FROM gone;
    INSERT INTO cells SELECT table_name, id, NULL, NULL, NULL, 'added', -1 FROM come
"""
_NOTHING = "NULL::STRUCT(claim_id VARCHAR, change VARCHAR, status VARCHAR, was VARCHAR, {})[]"


def compared(old: Dataset, new: Dataset) -> Comparison:
    """Two states side by side; tables whose files and schemas are the same are not read.

    Raises:
        PackageError: A file lacks the key of its table.
    """
    from concurrent.futures import ThreadPoolExecutor

    import pyarrow.csv  # noqa: F401  # before the threads, which would wait for each other's import

    from idlib_data.validation.comparison import Comparison
    from idlib_data.validation.workspace import Workspace

    same = {table for table in new.tables if table not in ALWAYS and _is_same(old, new, table)}

    def read(side: Dataset) -> Workspace:
        return Workspace(side, [table for table in side.tables if table not in same])

    with ThreadPoolExecutor() as pool:  # pyarrow reads without the interpreter's lock
        return Comparison(*pool.map(read, (old, new)))


def _is_same(old: Dataset, new: Dataset, table: str) -> bool:
    import filecmp

    if table not in old.tables or old.schema_descriptor(table) != new.schema_descriptor(table):
        return False
    before, after = old.path(table), new.path(table)
    return before.is_file() and after.is_file() and filecmp.cmp(before, after, shallow=False)


def changes(comparison: Comparison, *, whole: bool = False) -> pa.Table:
    """What differs between two states, as an Arrow table.

    Args:
        comparison: The two states.
        whole: List also the filled cells of records that came or went, not only the records.

    Returns:
        One row per difference, by table, change (changed, removed, added), id and column:
        ``table``, ``record_id``, ``field`` (null for a record as such), ``old``, ``new`` (as they
        are written, null where empty), ``change``, and ``claims``, a list of structs, null where no
        claim explains it.
    """
    comparison.execute(_SETUP)
    comparison.execute(_WHOLE)
    for table in comparison.both():
        if comparison.has_key(table):
            _add_changed(comparison, table)
    if whole:
        _add_whole(comparison)
    _list_claims(comparison)
    tables = list(dict.fromkeys([*comparison.new.dataset.tables, *comparison.base.dataset.tables]))
    order = ", ".join(f"{literal(table)}" for table in tables) or "''"
    return comparison.arrow(
        f"""
        SELECT table_name AS "table", cells.id AS record_id, cells.field, old, new, change, claims
        FROM cells LEFT JOIN said
            ON cells.id = said.id AND cells.field IS NOT DISTINCT FROM said.field
            AND change <> 'removed' AND table_name <> {literal(LEDGER)}
        ORDER BY list_position([{order}], table_name),
            list_position(['changed', 'removed', 'added'], change), cells.id, place
        """
    )


def _add_changed(comparison: Comparison, table: str) -> None:
    """Put the differing cells of the records that both states have into ``cells``."""
    old, new = (comparison.columns(side, table) for side in ("old", "new"))
    keys = {*comparison.base.dataset.schemas[table].primary_key}
    keys |= {*comparison.new.dataset.schemas[table].primary_key}
    names = [name for name in dict.fromkeys([*new, *old]) if name not in keys]
    if not names:
        return
    # A column that only one state has is in no list of changed records.
    records = "changed" if set(old) == set(new) else _PAIRS
    rows = f"""
        FROM {records} AS r
        JOIN {comparison.name("old", table)} AS o ON o.{ROW} = r.old_row
        JOIN {comparison.name("new", table)} AS n ON n.{ROW} = r.row
        WHERE r.table_name = {literal(table)}
    """
    pairs = [
        (
            f"o.{quote(name)}" if name in old else "NULL::VARCHAR",
            f"n.{quote(name)}" if name in new else "NULL::VARCHAR",
        )
        for name in names
    ]
    _insert(comparison, names, pairs, rows, "changed")


_PAIRS = """(
    SELECT table_name, id, was.row AS old_row, now.row
    FROM old_ids AS was JOIN new_ids AS now USING (table_name, id)
)"""


def _add_whole(comparison: Comparison) -> None:
    """Put the filled cells of the records that came or went into ``cells``."""
    for side, kind, change in (("old", "gone", "removed"), ("new", "come", "added")):
        workspace = comparison.base if side == "old" else comparison.new
        for table in workspace.texts:
            schema = workspace.dataset.schemas[table]
            names = [name for name in schema.names if name not in schema.primary_key]
            if not names:
                continue
            rows = f"""
                FROM {kind} AS r JOIN {comparison.name(side, table)} AS t ON t.{ROW} = r.row
                WHERE r.table_name = {literal(table)}
            """
            cells = [f"t.{quote(name)}" for name in names]
            nothing = "NULL::VARCHAR"
            pairs = [(c, nothing) if side == "old" else (nothing, c) for c in cells]
            _insert(comparison, names, pairs, rows, change)


def _insert(
    comparison: Comparison,
    names: Sequence[str],
    pairs: Sequence[tuple[str, str]],
    rows: str,
    change: str,
) -> None:
    """Put the cells of some rows into ``cells`` where the two expressions of a column differ."""
    cells = ", ".join(
        f"{{'field': {literal(name)}, 'old': {old}, 'new': {new}, 'place': {place}}}"
        for place, (name, (old, new)) in enumerate(zip(names, pairs, strict=True))
        if old != new
    )
    comparison.execute(
        f"""
        INSERT INTO cells SELECT table_name, id, cell.field, cell.old, cell.new, '{change}',
            cell.place
        FROM (SELECT r.table_name, r.id, unnest([{cells}]) AS cell {rows})
        WHERE cell.old IS DISTINCT FROM cell.new
        """
    )


def _list_claims(comparison: Comparison) -> None:
    """Make ``said``, which is empty where one of the states has no ledger."""
    parts = " UNION ALL ".join(_claims(comparison)) or (
        "SELECT NULL AS id, NULL AS field, unnest({}) AS claim".format(
            _NOTHING.format(", ".join(f"{name} VARCHAR" for name in TOLD))
        )
    )
    comparison.execute(
        f"""
        CREATE OR REPLACE TABLE said AS
        SELECT id::VARCHAR AS id, field::VARCHAR AS field,
            list(claim ORDER BY claim.status <> 'accepted', claim.claim_id) AS claims
        FROM ({parts}) WHERE id IS NOT NULL GROUP BY ALL
        """
    )


def _claims(comparison: Comparison) -> Iterator[str]:
    """The queries for the claims that are new, gone, or not what they were."""
    if LEDGER not in comparison.both() or not comparison.has_key(LEDGER):
        return
    columns = {side: comparison.columns(side, LEDGER) for side in ("old", "new")}
    if not all(set(CLAIM) <= set(names) for names in columns.values()):
        return
    tables = {side: comparison.name(side, LEDGER) for side in ("old", "new")}
    for side, kind, change in (("new", "come", "new"), ("old", "gone", "gone")):
        yield f"""
            SELECT c.record_id AS id, c.field, {_claim(columns[side], change, "NULL::VARCHAR")}
            FROM {kind} AS r JOIN {tables[side]} AS c ON c.{ROW} = r.row
            WHERE r.table_name = {literal(LEDGER)}
        """
    differs = " OR ".join(f"c.{name} IS DISTINCT FROM o.{name}" for name in CLAIM[1:])
    yield f"""
        SELECT c.record_id AS id, c.field, {_claim(columns["new"], "changed", "o.status")}
        FROM changed AS r JOIN {tables["new"]} AS c ON c.{ROW} = r.row
        JOIN {tables["old"]} AS o ON o.{ROW} = r.old_row
        WHERE r.table_name = {literal(LEDGER)} AND ({differs})
    """


def _claim(columns: Sequence[str], change: str, was: str) -> str:
    told = ", ".join(
        f"{name} := {f'c.{name}' if name in columns else 'NULL::VARCHAR'}" for name in TOLD
    )
    return (
        f"struct_pack(claim_id := c.claim_id, change := '{change}', status := c.status, "
        f"was := {was}, {told}) AS claim"
    )
