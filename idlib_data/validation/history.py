"""Layer 5, history: what a package may not do to an earlier state of itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from idlib_data.dataset import DESCRIPTOR, Dataset
from idlib_data.validation import versions
from idlib_data.validation.rules import Rule

if TYPE_CHECKING:
    from idlib_data.validation.comparison import Comparison
    from idlib_data.validation.report import Problem
    from idlib_data.validation.workspace import Workspace


def _rule(id: str, meaning: str, hint: str) -> Rule:
    return Rule(id, "history", meaning, hint)


RULES = (
    _rule(
        "id-vanished",
        "A record that was once in the package stays in it, or has a tombstone.",
        "Put the record back under its id; or tell in the table of tombstones why it went, and "
        "which record stands for it.",
    ),
    _rule(
        "id-changed",
        "A record keeps its id, even when the words in the id turn out wrong.",
        "Write the old id again, here and where other tables name the record.",
    ),
    _rule(
        "id-reused",
        "An id never comes to stand for another record, nor in another table.",
        "Give the new record an id that was never used, and the old one its own again.",
    ),
    _rule(
        "version-step",
        "The version grows by the step that the changes demand.",
        "Raise the version in datapackage.json; major: a table, column or id goes, minor: rows or "
        "columns come, patch: values are corrected.",
    ),
    _rule(
        "version-backwards",
        "The version is not smaller than that of the earlier state.",
        "Write a greater version into datapackage.json, or compare with an older state.",
    ),
)
_BY_ID = {rule.id: rule for rule in RULES}
ALIKE = 3
"""Filled cells from which on it is no chance that records hold the same, or nothing the same."""
_EARLY = {"major": "a minor", "minor": "a patch"}
NAMED = 5
"""How many changes a message names."""
PASSES = 3
"""How often changed ids are followed into the records that name them, whose ids may follow them."""

_MOVED = """
    SELECT come.table_name, come.row, come.id, min(gone.table_name)
    FROM come JOIN gone USING (id) GROUP BY ALL
"""
_RENAMED = """
    WITH was AS (
        SELECT *, row_number() OVER (PARTITION BY table_name, content ORDER BY row) AS place
        FROM contents WHERE side = 'old' AND filled > 0
            AND (table_name, id) IN (SELECT (table_name, id) FROM gone)
            AND id NOT IN (SELECT id FROM come)
            AND (table_name, id) NOT IN (SELECT (table_name, old_id) FROM renamed)
    ), now AS (
        SELECT *, row_number() OVER (PARTITION BY table_name, content ORDER BY row) AS place
        FROM contents WHERE side = 'new'
            AND ((table_name, id) IN (SELECT (table_name, id) FROM come) OR filled >= {alike})
            AND id NOT IN (SELECT gone.id FROM gone JOIN come USING (id))
            AND (table_name, id) NOT IN (SELECT (table_name, new_id) FROM renamed)
    )
    INSERT INTO renamed SELECT table_name, was.id, now.id, now.row
    FROM was JOIN now USING (table_name, content, place) WHERE was.id <> now.id
    RETURNING 1
"""
_CHANGED = """
    SELECT *, EXISTS (
        SELECT 1 FROM changed WHERE table_name = renamed.table_name AND id = new_id
    ) AS taken FROM renamed
    WHERE NOT (taken AND old_id IN (SELECT id FROM retired WHERE id IS NOT NULL))
    ORDER BY table_name, row
"""
_REUSED = """
    WITH was AS (
        SELECT table_name, content, min(id) AS id FROM contents
        WHERE side = 'old' AND filled >= {alike} GROUP BY ALL HAVING count(*) = 1
    ), now AS (
        SELECT table_name, content, min(id) AS id FROM contents WHERE side = 'new'
        GROUP BY ALL HAVING count(*) = 1
    ), new_home AS (
        SELECT table_name, was.id, now.id AS other
        FROM was JOIN now USING (table_name, content) WHERE was.id <> now.id
    )
    SELECT table_name, changed.row, id, other FROM changed LEFT JOIN new_home USING (table_name, id)
    WHERE other IS NOT NULL OR (kept = 0 AND (table_name, id) IN (
        SELECT (table_name, id) FROM contents GROUP BY table_name, id
        HAVING min(filled) >= {alike}
    ))
"""
_VANISHED = """
    SELECT table_name, id FROM gone
    WHERE id NOT IN (SELECT id FROM come)
        AND id NOT IN (SELECT id FROM retired WHERE id IS NOT NULL)
        AND (table_name, id) NOT IN (SELECT (table_name, old_id) FROM renamed)
    ORDER BY table_name, row
"""


def check(workspace: Workspace, base: Dataset) -> Iterator[Problem]:
    """The offences of a package against the rules of history.

    Raises:
        PackageError: The base has a table whose file lacks its key.
    """
    from idlib_data.validation.changes import changes
    from idlib_data.validation.comparison import Comparison
    from idlib_data.validation.workspace import Workspace

    comparison = Comparison(Workspace(base), workspace)
    yield from _ids(comparison)
    yield from _version(workspace, base.version, changes(comparison))


def _ids(comparison: Comparison) -> Iterator[Problem]:
    workspace, alike = comparison.new, {"alike": ALIKE}
    for table, row, id, other in comparison.rows(_MOVED):
        message = f"{id} was the id of a record of {other}"
        yield _at(workspace, "id-reused", table, row, id, message)
    for _ in range(PASSES):
        comparison.list_contents()
        if not comparison.rows(_RENAMED.format(**alike)):
            break
    for table, old, new, row, taken in comparison.rows(_CHANGED):
        message = f"the record {old} is now called {new}"
        if taken:
            message += ", the id of another record"
        yield _at(workspace, "id-changed", table, row, new, message)
    for table, row, id, other in comparison.rows(_REUSED.format(**alike)):
        message = f"nothing that {id} held is as it was: it stands for another record"
        if other is not None:
            message = f"{id} stands for another record: what it held is now called {other}"
        yield _at(workspace, "id-reused", table, row, id, message)
    yield from _vanished(comparison)


def _vanished(comparison: Comparison) -> Iterator[Problem]:
    workspace, rule = comparison.new, _BY_ID["id-vanished"]
    of_lost_tables: dict[str, int] = {}
    for table, id in comparison.rows(_VANISHED):
        if table not in workspace.texts:
            of_lost_tables[table] = of_lost_tables.get(table, 0) + 1
            continue
        problem = workspace.problem(rule, table, None, None, id, f"the record {id} is gone")
        yield replace(problem, record_id=id)
    for table, count in of_lost_tables.items():
        message = f"table {table} is gone, and with it {count} record{'s' * (count > 1)}"
        yield workspace.problem(rule, table, None, None, None, message)


def _at(workspace: Workspace, rule: str, table: str, row: int, id: str, message: str) -> Problem:
    key = workspace.dataset.schemas[table].key
    return workspace.problem(_BY_ID[rule], table, row, key, id, message)


def _version(
    workspace: Workspace, old: str, changes: tuple[versions.Change, ...]
) -> Iterator[Problem]:
    """What is wrong with the version, which is one problem at most."""
    new = workspace.dataset.version
    was, now, step = versions.parse(old), versions.parse(new), versions.demanded(changes)
    if was and now and now < was:
        yield _of_version(workspace, "version-backwards", f"the version was {old} and is now {new}")
    elif step is None:
        return
    elif now is None:
        message = f"the version {new or '(none)'} is not written MAJOR.MINOR.PATCH"
        yield _of_version(workspace, "version-step", message)
    elif was and now < (least := versions.least(was, step)):
        grown = f"grew from {old} only to {new}" if now > was else f"is still {new}"
        meant = "" if was[0] or step == "patch" else f" ({_EARLY[step]} step before 1.0.0)"
        most = [change for change in changes if change.step == step]
        named = "; ".join(f"{change.table}: {change.what}" for change in most[:NAMED])
        more = f"; and {len(most) - NAMED} more" if len(most) > NAMED else ""
        message = (
            f"the version {grown} and has to be {versions.written(least)} at least, for a {step} "
            f"change{meant}: {named}{more}"
        )
        yield _of_version(workspace, "version-step", message)


def _of_version(workspace: Workspace, rule: str, message: str) -> Problem:
    version = workspace.dataset.version
    problem = workspace.problem(_BY_ID[rule], None, None, None, version, message)
    return replace(problem, path=DESCRIPTOR)
