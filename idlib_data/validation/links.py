"""Layer 3, links: what spans rows and tables, for any data package with a ledger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from idlib_data.schema import TableSchema
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
        "Links between records of one table never lead back to their start.",
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
        for sql in _parents(schema):
            yield from run(_BY_ID["parent-cycle"], workspace, sql)
        for sql in _links(schema):
            yield from run(_BY_ID["link-cycle"], workspace, sql)


def _references(schema: TableSchema) -> Iterator[str]:
    table = quote(schema.name)
    for field in schema.fields:
        if field.references == "any":
            column = quote(field.name)
            yield f"""
            SELECT {literal(schema.name)}, _row, {literal(field.name)}, {column},
                'no table has a record ' || {column}
            FROM text.{table}
            WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT record_id FROM audit.records)
            """


def _parents(schema: TableSchema) -> Iterator[str]:
    for key in schema.foreign_keys:
        if key.table == schema.name and len(key.fields) == 1 and schema.key:
            yield _cycle(schema.name, schema.key, key.fields[0], schema.key, key.fields[0])


def _links(schema: TableSchema) -> Iterator[str]:
    """Tables that tie two records of one other table together."""
    if len(schema.foreign_keys) == 2 and all(len(k.fields) == 1 for k in schema.foreign_keys):
        first, second = schema.foreign_keys
        if first.table == second.table != schema.name:
            yield _cycle(
                schema.name,
                first.fields[0],
                second.fields[0],
                *[k.fields[0] for k in (first, second)],
            )


def _cycle(table: str, start: str, end: str, node: str, blamed: str) -> str:
    """Rows whose edge start -> end is part of a way that leads back to its start."""
    table, name, field = quote(table), literal(table), literal(blamed)
    start, end, node, blamed = map(quote, (start, end, node, blamed))
    return f"""
    WITH RECURSIVE edges AS (
        SELECT DISTINCT {start} AS a, {end} AS b FROM text.{table}
        WHERE {start} IS NOT NULL AND {end} IS NOT NULL
    ), reach(a, b) AS (
        SELECT a, b FROM edges
        UNION SELECT reach.a, edges.b FROM reach JOIN edges ON reach.b = edges.a
    )
    SELECT {name}, _row, {field}, {blamed}, {node} || ' leads back to itself'
    FROM text.{table} JOIN reach ON reach.a = {end} AND reach.b = {start}
    UNION
    SELECT {name}, _row, {field}, {blamed}, {node} || ' leads back to itself'
    FROM text.{table} WHERE {start} = {end}
    """
