"""Layer 4, evidence: the rules of the ledger, for any data package that has one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from idlib_data.validation.rules import Rule, columns, run

if TYPE_CHECKING:
    from idlib_data.validation.report import Problem
    from idlib_data.validation.workspace import Workspace

NEEDS = columns("claims: claim_id record_id field value source_id status")

# Every claim about a cell that takes claims, with the cell; the ground of the rules below.
_ON_CELLS = """
    SELECT claims._row AS claim_row, claim_id, claims.record_id, claims.field, status,
        claims.value AS said, cells.value AS cell, records.table_name, records.row
    FROM text.claims AS claims
    JOIN audit.records USING (record_id)
    JOIN audit.columns ON columns.table_name = records.table_name AND columns.field = claims.field
    LEFT JOIN audit.cells ON cells.table_name = records.table_name
        AND cells.row = records.row AND cells.field = claims.field
    WHERE columns.evidence <> 'none'
"""


def _rule(id: str, meaning: str, hint: str, sql: str, *needs: str) -> Rule:
    return Rule(id, "evidence", meaning, hint, needs=(*NEEDS, *needs), sql=sql)


RULES = (
    _rule(
        "cell-without-evidence",
        "Each filled cell of a column with the duty of evidence has an accepted claim.",
        "Add the claim that reports the value, or empty the cell: nobody has reported it.",
        """
        SELECT table_name, row, field, value,
            'no accepted claim supports ' || field || ' = ' || value AS message
        FROM audit.cells WHERE evidence = 'required' AND NOT EXISTS (
            SELECT 1 FROM text.claims AS claims WHERE claims.record_id = cells.record_id
                AND claims.field = cells.field AND claims.status = 'accepted'
        )
        """,
    ),
    _rule(
        "cell-differs-from-claim",
        "A cell equals its accepted claim.",
        "Change the cell to what is claimed, or the claim's status by the rule in docs/coding.md.",
        f"""
        SELECT table_name, row, field, cell AS value,
            field || ' is ' || coalesce(cell, '(empty)') || ', the accepted claim ' || claim_id
            || ' says ' || coalesce(said, '(nothing)')
            || CASE WHEN times > 1 THEN ' (and ' || (times - 1) || ' more)' ELSE '' END AS message
        FROM (
            SELECT *, count(*) OVER (PARTITION BY table_name, row, field) AS times
            FROM ({_ON_CELLS}) WHERE status = 'accepted' AND said IS DISTINCT FROM cell
            QUALIFY row_number() OVER (PARTITION BY table_name, row, field ORDER BY claim_row) = 1
        )
        """,
    ),
    _rule(
        "accepted-claims-differ",
        "Two accepted claims on one cell agree.",
        "Accept one value by the rule in docs/coding.md; the other claim is a conflict.",
        f"""
        SELECT 'claims' AS table_name, claim_row AS row, 'value' AS field, said AS value,
            'accepted claims on ' || record_id || '.' || field || ' also say ' || other AS message
        FROM (
            SELECT *, min(said) OVER (PARTITION BY record_id, field) AS lowest,
                max(said) OVER (PARTITION BY record_id, field) AS highest,
                CASE WHEN said = lowest THEN highest ELSE lowest END AS other
            FROM ({_ON_CELLS}) WHERE status = 'accepted'
        ) WHERE lowest <> highest
        """,
    ),
    _rule(
        "conflict-equals-cell",
        "A claim that is not accepted differs from the cell.",
        "It says what the cell says: accept it, or correct its value.",
        f"""
        SELECT 'claims' AS table_name, claim_row AS row, 'status' AS field, status AS value,
            'the claim is ' || status || ', but says what ' || record_id || '.' || field || ' holds'
            AS message
        FROM ({_ON_CELLS}) WHERE status <> 'accepted' AND said = cell
        """,
    ),
    _rule(
        "record-without-evidence",
        "Each record of a table with the duty of evidence has an accepted claim that it exists.",
        "Add a claim with an empty field: the source that reports the record.",
        """
        SELECT table_name, row, NULL AS field, record_id AS value,
            'no accepted claim says that ' || record_id || ' exists' AS message
        FROM audit.records WHERE evidence = 'required' AND NOT EXISTS (
            SELECT 1 FROM text.claims AS claims WHERE claims.record_id = records.record_id
                AND claims.field IS NULL AND claims.status = 'accepted'
        )
        """,
    ),
    _rule(
        "claim-field",
        "A claim names a column of its record's table that takes claims.",
        "Write the column as in the schema; the columns with evidence none take no claims.",
        """
        SELECT 'claims' AS table_name, claims._row AS row, 'field' AS field, claims.field AS value,
            CASE WHEN columns.field IS NULL
                THEN records.table_name || ' has no column ' || claims.field
                ELSE records.table_name || '.' || claims.field || ' takes no claims' END AS message
        FROM text.claims AS claims JOIN audit.records USING (record_id)
        LEFT JOIN audit.columns
            ON columns.table_name = records.table_name AND columns.field = claims.field
        WHERE claims.field IS NOT NULL AND coalesce(columns.evidence, 'none') = 'none'
        """,
    ),
    _rule(
        "claim-value",
        "The value of a claim is written in the type and code list of its column.",
        "Write the value as the column would hold it; what the source words goes into the note.",
        "",
    ),
    _rule(
        "claim-note",
        "A claim that is not accepted says why in its note.",
        "Write in own words why the claim is not accepted.",
        """
        SELECT 'claims' AS table_name, _row AS row, 'note' AS field, NULL AS value,
            'the claim is ' || status || ' and has no note' AS message
        FROM text.claims WHERE status <> 'accepted' AND note IS NULL
        """,
        "claims.note",
    ),
    _rule(
        "claim-repeated",
        "No source makes the same claim twice in the name of the same actor.",
        "Take the second claim away; a further passage can be named in the note.",
        """
        SELECT 'claims' AS table_name, later._row AS row, NULL AS field, later.claim_id AS value,
            'says the same as ' || earlier.claim_id AS message
        FROM text.claims AS earlier JOIN text.claims AS later USING (record_id, source_id)
        WHERE earlier._row < later._row
            AND earlier.field IS NOT DISTINCT FROM later.field
            AND earlier.value IS NOT DISTINCT FROM later.value
            AND earlier.attributed_to IS NOT DISTINCT FROM later.attributed_to
        """,
        "claims.attributed_to",
    ),
    _rule(
        "claim-on-itself",
        "No claim is about a claim or about a source.",
        "Correct record_id: a claim is about what the source reports.",
        """
        SELECT 'claims' AS table_name, claims._row AS row, 'record_id' AS field,
            claims.record_id AS value,
            'a claim cannot be about a record of ' || table_name AS message
        FROM text.claims AS claims JOIN audit.records USING (record_id)
        WHERE records.table_name IN ('claims', 'sources')
        """,
    ),
)


_UNFIT = """
    SELECT 'claims' AS table_name, claims._row AS row, 'value' AS field, claims.value,
        claims.value || ' is no value that ' || said.table_name || '.' || claims.field
        || ' could hold' AS message
    FROM text.claims AS claims JOIN audit.records USING (record_id)
    JOIN audit.unfit AS said ON said.table_name = records.table_name
        AND said.field = claims.field AND said.value = claims.value
"""
_TOLD = """
    SELECT DISTINCT columns.table_name, claims.field, claims.value,
        target IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM audit.records AS targets
            WHERE targets.table_name = target AND targets.record_id = claims.value
        ) AS dangling
    FROM text.claims AS claims JOIN audit.records USING (record_id)
    JOIN audit.columns ON columns.table_name = records.table_name AND columns.field = claims.field
    WHERE claims.value IS NOT NULL
"""


def check(workspace: Workspace) -> Iterator[Problem]:
    """The offences against the rules of the ledger."""
    if all(workspace.has_column(column) for column in NEEDS):
        _list_unfit(workspace)
    for rule in RULES:
        yield from run(rule, workspace, rule.sql or _UNFIT)


def _list_unfit(workspace: Workspace) -> None:
    """Put the values that a column could not hold into ``audit.unfit``, for rule claim-value.

    Patterns are matched by Python as elsewhere, once per distinct value, and not by the database.
    """
    schemas = workspace.dataset.schemas
    unfit = [
        (table, field, value)
        for table, field, value, dangling in workspace.rows(_TOLD)
        if dangling or not schemas[table].field(field).accepts(value)
    ]
    workspace.add_table("unfit", ("table_name", "field", "value"), unfit)
