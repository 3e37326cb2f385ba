"""Layer 3, links: what spans rows and tables, for any data package with a ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idlib_data import tombstones as stones
from idlib_data.schema import TableSchema
from idlib_data.validation import tombstones
from idlib_data.validation.cycles import components
from idlib_data.validation.rules import Rule, run
from idlib_data.validation.workspace import literal, quote

if TYPE_CHECKING:
    from idlib_data.validation.report import Problem
    from idlib_data.validation.workspace import Workspace

RULES = (
    Rule(
        "record-id-unique",
        "links",
        "No id stands in two tables, since claims name records by id alone.",
        "Give one of the two records another id.",
        sql="""
        SELECT table_name, row, NULL AS field, record_id AS value,
            record_id || ' is also an id of ' || other AS message
        FROM (
            SELECT *, first_value(table_name)
                OVER (PARTITION BY record_id ORDER BY position) AS other
            FROM audit.records JOIN (
                SELECT table_name, min(rowid) AS position FROM audit.records GROUP BY table_name
            ) USING (table_name)
        )
        WHERE table_name <> other
        """,
    ),
    Rule(
        "record-reference",
        "links",
        "A column that may name a record of any table names one that exists.",
        "Correct the id, or add the record it names.",
    ),
    Rule(
        "parent-cycle",
        "links",
        "No record is its own ancestor.",
        "Follow the parents upwards and cut the circle.",
    ),
    Rule(
        "link-cycle",
        "links",
        "Links that a schema calls acyclic never lead back to their start.",
        "A later record points to an earlier one: turn the wrong link round.",
    ),
)
_BY_ID = {rule.id: rule for rule in RULES}


def check(workspace: Workspace) -> Iterator[Problem]:
    """The offences against the link rules that hold for any package."""
    yield from run(_BY_ID["record-id-unique"], workspace)
    for schema in workspace.dataset.schemas.values():
        for sql in _references(schema):
            yield from run(_BY_ID["record-reference"], workspace, sql)
        for edges in _parents(schema):
            yield from _circles(workspace, _BY_ID["parent-cycle"], edges)
        for edges in _links(schema):
            yield from _circles(workspace, _BY_ID["link-cycle"], edges)
    yield from tombstones.check(workspace)


def _references(schema: TableSchema) -> Iterator[str]:
    table = quote(schema.name)
    for field in schema.fields:
        if field.references == "any":
            column = quote(field.name)
            known = "SELECT record_id FROM audit.records"
            if schema.name == stones.TABLE and "retired_id" in schema.names:
                # The record that stands for a retired one may be retired in its turn.
                known += f" UNION ALL SELECT retired_id FROM text.{table}"
            yield f"""
            SELECT {literal(schema.name)}, _row, {literal(field.name)}, {column},
                'no table has a record ' || {column}
            FROM text.{table}
            WHERE {column} IS NOT NULL AND {column} NOT IN (
                SELECT id FROM ({known}) AS known(id) WHERE id IS NOT NULL
            )
            """


def _parents(schema: TableSchema) -> Iterator[Edges]:
    for key in schema.foreign_keys:
        if key.table == schema.name and len(key.fields) == 1 and schema.key:
            yield Edges(schema.name, schema.key, key.fields[0], schema.key, key.fields[0])


def _links(schema: TableSchema) -> Iterator[Edges]:
    """The ties between two records of another table, where they may not lead back."""
    keys = schema.foreign_keys
    if schema.acyclic and len(keys) == 2 and all(len(key.fields) == 1 for key in keys):
        first, second = (key.fields[0] for key in keys)
        if keys[0].table == keys[1].table != schema.name:
            yield Edges(schema.name, first, second, first, second)


@dataclass(frozen=True)
class Edges:
    """Columns of a table that lead from one record to another.

    Attributes:
        table: The table.
        start: Column of the record that the edge leaves.
        end: Column of the record that it leads to.
        node: Column whose value the message names.
        blamed: Column that is at fault.
    """

    table: str
    start: str
    end: str
    node: str
    blamed: str


def _circles(workspace: Workspace, rule: Rule, edges: Edges) -> Iterator[Problem]:
    """Rows whose edge is part of a way that leads back to its start."""
    table = quote(edges.table)
    start, end, node, blamed = map(quote, (edges.start, edges.end, edges.node, edges.blamed))
    # An edge whose start no edge leads to, or whose end none leaves, is part of no circle; for most
    # tables that leaves nothing.
    rows = [
        *workspace.rows(
            f"""
            SELECT {start}, {end}, _row, {node}, {blamed} FROM text.{table}
            WHERE {start} IN (SELECT {end} FROM text.{table} WHERE {start} IS NOT NULL)
                AND {end} IN (SELECT {start} FROM text.{table} WHERE {end} IS NOT NULL)
            """
        )
    ]
    component = components((row[0], row[1]) for row in rows)
    for a, b, row, name, value in rows:
        if component[a] == component[b]:
            message = f"{name} leads back to itself"
            yield workspace.problem(rule, edges.table, row, edges.blamed, value, message)
