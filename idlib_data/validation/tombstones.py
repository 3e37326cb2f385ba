"""Layer 3, links: the ids that are retired, for any data package with a table of tombstones.

That a successor is a record or a retired id is a matter of the rule ``record-reference``, as for
each column that may name records of any table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from idlib_data.tombstones import TABLE
from idlib_data.validation.cycles import components
from idlib_data.validation.rules import Rule, columns, run

if TYPE_CHECKING:
    from idlib_data.validation.report import Problem
    from idlib_data.validation.workspace import Workspace

RULES = (
    Rule(
        "retired-id-used",
        "links",
        "An id that is retired never comes to stand for a record again.",
        "Give the record an id that was never used; if it is the old one, take the tombstone away.",
        needs=columns("tombstones: retired_id"),
        sql="""
        SELECT 'tombstones' AS table_name, _row AS row, 'retired_id' AS field, retired_id AS value,
            retired_id || ' is an id of ' || home AS message
        FROM text.tombstones JOIN (SELECT table_name AS home, record_id FROM audit.records)
            ON retired_id = record_id
        """,
    ),
    Rule(
        "tombstone-repeated",
        "links",
        "An id is retired once; only a record that was split has a tombstone for each part.",
        "Keep the one that tells what became of the record.",
        needs=columns("tombstones: retired_id reason successor_id"),
        sql="""
        WITH counted AS (
            SELECT *, row_number() OVER (PARTITION BY retired_id ORDER BY _row) AS place,
                bool_and(reason = 'split') OVER (PARTITION BY retired_id) AS is_split,
                row_number() OVER (PARTITION BY retired_id, successor_id ORDER BY _row) AS part
            FROM text.tombstones WHERE retired_id IS NOT NULL
        )
        SELECT 'tombstones' AS table_name, _row AS row, 'retired_id' AS field, retired_id AS value,
            retired_id || ' has a tombstone already' AS message
        FROM counted WHERE (place > 1 AND NOT coalesce(is_split, false)) OR part > 1
        """,
    ),
    Rule(
        "tombstone-reason",
        "links",
        "A merged or split record has a successor, and a withdrawn one has none.",
        "Name the record that now stands for it, or correct the reason.",
        needs=columns("tombstones: reason successor_id"),
        sql="""
        SELECT 'tombstones' AS table_name, _row AS row, 'successor_id' AS field,
            successor_id AS value, CASE WHEN successor_id IS NULL
                THEN 'the record was ' || reason || ', but into nothing'
                ELSE 'the record was withdrawn, but has a successor' END AS message
        FROM text.tombstones
        WHERE (reason = 'withdrawn') <> (successor_id IS NULL)
        """,
    ),
    Rule(
        "tombstone-chain",
        "links",
        "The successors of a retired id lead to a record.",
        "Name the record that stands for it now; if none does, the record is withdrawn.",
        needs=columns("tombstones: retired_id successor_id"),
    ),
)
_BY_ID = {rule.id: rule for rule in RULES}
_CHAIN = _BY_ID["tombstone-chain"]
# What leads to no tombstone ends at a record, or else offends against record-reference.
_EDGES = """
    SELECT retired_id, successor_id, _row FROM text.tombstones
    WHERE retired_id IS NOT NULL AND (
        successor_id IS NULL OR successor_id IN (SELECT retired_id FROM text.tombstones)
    )
"""


def check(workspace: Workspace) -> Iterator[Problem]:
    """The offences against the rules on retired ids; none where there is no such table."""
    for rule in RULES:
        if rule.sql:
            yield from run(rule, workspace)
    if all(workspace.has_column(column) for column in _CHAIN.needs):
        yield from _chains(workspace)


def _chains(workspace: Workspace) -> Iterator[Problem]:
    """The successors that lead back to the retired id, or to one that nothing stands for."""
    rows = [*workspace.rows(_EDGES)]
    edges = [(retired, successor, row) for retired, successor, row in rows if successor]
    component = components((retired, successor) for retired, successor, _ in edges)
    withdrawn = {retired for retired, successor, _ in rows if not successor}
    for retired, successor, row in edges:
        message = None
        if component[retired] == component[successor]:
            message = f"{retired} leads back to itself"
        elif successor in withdrawn:
            message = f"{successor}, the successor, was withdrawn itself"
        if message:
            yield workspace.problem(_CHAIN, TABLE, row, "successor_id", successor, message)
