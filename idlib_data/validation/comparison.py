"""Two states of a package side by side, record by record, as tables that can be queried.

A record is known by its table and id; where a primary key has several columns, the id is their
cells joined by a slash. Cells are compared as they are written. In the database stand

- ``old_ids`` and ``new_ids`` (table_name, id, row, content): all ids of the base, of the new state,
  with a hash of the cells in the columns that both have;
- ``gone`` and ``come`` (table_name, id, row): ids of a table that only the base, only the new
  state has;
- ``changed`` (table_name, id, old_row, row, kept): records in which a cell that both states have is
  another, with the number of filled cells that are the same;
- ``retired`` (id): ids that have a tombstone in the new state;
- ``contents`` (side, table_name, id, row, content, filled): of all these the content without the
  id, as a hash, and how many cells of it are filled.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from idlib_data import tombstones
from idlib_data.errors import PackageError
from idlib_data.validation.reading import ROW

if TYPE_CHECKING:
    import pyarrow as pa

    from idlib_data.validation.workspace import Workspace

_KINDS = ("gone", "come", "changed")
_SETUP = """
    CREATE TABLE old_ids (table_name VARCHAR, id VARCHAR, row BIGINT, content UBIGINT);
    CREATE TABLE new_ids (table_name VARCHAR, id VARCHAR, row BIGINT, content UBIGINT);
    CREATE TABLE changed (table_name VARCHAR, id VARCHAR, old_row BIGINT, row BIGINT, kept BIGINT);
    CREATE TABLE renamed (table_name VARCHAR, old_id VARCHAR, new_id VARCHAR, row BIGINT);
    CREATE TABLE retired (id VARCHAR)
"""
_ONE_SIDED = """
    CREATE TABLE gone AS SELECT table_name, id, row
    FROM old_ids ANTI JOIN new_ids USING (table_name, id);
    CREATE TABLE come AS SELECT table_name, id, row
    FROM new_ids ANTI JOIN old_ids USING (table_name, id)
"""


class Comparison:
    """An earlier state of a package, the base, and the new one.

    Attributes:
        base: The earlier state.
        new: The new state.
    """

    def __init__(self, base: Workspace, new: Workspace) -> None:
        import duckdb

        self.base, self.new = base, new
        self._connection = duckdb.connect(
            config={"threads": "2", "enable_external_access": "false"}
        )
        self._connection.execute("SET enable_progress_bar = false")
        self._connection.execute(_SETUP)
        self._names = {"old": list(base.texts), "new": list(new.texts)}
        for side, workspace in (("old", base), ("new", new)):
            for table in workspace.texts:
                self._add(side, table, workspace)
        self._connection.execute(_ONE_SIDED)
        for table in self.both():
            if self.has_key(table):
                self._list_changed(table)
        if "retired_id" in self.columns("new", tombstones.TABLE):
            stones = self.name("new", tombstones.TABLE)
            self.execute(f"INSERT INTO retired SELECT DISTINCT retired_id FROM {stones}")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows that a query over the tables above returns."""
        return self._connection.execute(sql).fetchall()

    def execute(self, sql: str) -> None:
        """Run a statement on the database, to make further tables in it."""
        self._connection.execute(sql)

    def arrow(self, sql: str) -> pa.Table:
        """What a query over the tables above returns, as an Arrow table."""
        return self._connection.sql(sql).to_arrow_table()

    def both(self) -> list[str]:
        """The tables that both states have."""
        return [table for table in self._names["new"] if table in self._names["old"]]

    def has_key(self, table: str) -> bool:
        """Whether the records of a table can be told by an id."""
        return any(self._key(side, table) for side in ("old", "new") if table in self._names[side])

    def columns(self, side: str, table: str) -> tuple[str, ...]:
        """The columns of a table in the state ``old`` or ``new``; none if it lacks the table."""
        return self._schema(side, table).names if table in self._names[side] else ()

    def name(self, side: str, table: str) -> str:
        """The table of the state ``old`` or ``new`` as SQL names it; its cells are text."""
        return f'"{side} {self._names[side].index(table)}"'

    def counts(self, kind: str, examples: int) -> Iterator[tuple[str, int, list[str]]]:
        """Per table the number of ids that are ``gone``, ``come`` or ``changed``, and the first."""
        assert kind in _KINDS
        yield from self.rows(
            f"SELECT table_name, count(*), (list(id ORDER BY row))[:{int(examples)}] FROM {kind} "
            "GROUP BY table_name ORDER BY table_name"
        )

    def without_ids(self) -> Iterator[str]:
        """The tables without a primary key whose rows differ in the columns that both have."""
        for table in self.both():
            columns = ", ".join(self._shared(table)) or "1"
            old, new = (f"SELECT {columns} FROM {self.name(s, table)}" for s in ("old", "new"))
            keyed = self._schema("old", table).primary_key or self._schema("new", table).primary_key
            if not keyed and self.rows(
                f"({old} EXCEPT ALL {new}) UNION ALL ({new} EXCEPT ALL {old}) LIMIT 1"
            ):
                yield table

    def list_contents(self) -> None:
        """Make ``contents`` anew; what names a record by an id in ``renamed`` gets its new id."""
        self._connection.execute(
            "CREATE OR REPLACE TABLE contents (side VARCHAR, table_name VARCHAR, id VARCHAR, "
            "row BIGINT, content UBIGINT, filled BIGINT)"
        )
        for table in self.both():
            columns = self._shared(table)
            if not columns or not self.has_key(table):
                continue
            for side, only, row in (("old", "gone", "old_row"), ("new", "come", "row")):
                cells = [self._translated(table, column, side) for column in columns]
                filled = " + ".join(f"(t.{column} IS NOT NULL)::BIGINT" for column in columns)
                self._connection.execute(
                    f"""
                    INSERT INTO contents
                    SELECT '{side}', r.table_name, r.id, r.row, hash({", ".join(cells)}), {filled}
                    FROM (
                        SELECT table_name, id, row FROM {only}
                        UNION ALL SELECT table_name, id, {row} FROM changed
                    ) AS r JOIN {self.name(side, table)} AS t ON t.{ROW} = r.row
                    WHERE r.table_name = {_text(table)}
                    """
                )

    def _add(self, side: str, table: str, workspace: Workspace) -> None:
        """Put a table of one state, and its ids, into the database."""
        import pyarrow as pa

        text, schema = workspace.texts[table], workspace.dataset.schemas[table]
        columns = {name: text.column(name) for name in (ROW, *schema.names)}
        self._connection.register(self.name(side, table).strip('"'), pa.table(columns))
        if key := self._key(side, table):
            shared = self._shared(table) if table in self.both() else []
            content = f"hash({', '.join(shared)})" if shared else "0"
            self._connection.execute(
                f"INSERT INTO {side}_ids SELECT {_text(table)}, {key} AS id, min({ROW}), "
                f"arg_min({content}, {ROW}) "
                f"FROM {self.name(side, table)} WHERE id IS NOT NULL GROUP BY id"
            )

    def _key(self, side: str, table: str) -> str:
        """The id of a record as an expression; empty where a table has none to compare by."""
        for one in ("old", "new"):
            if table in self._names[one]:
                workspace = self.base if one == "old" else self.new
                missing = set(self._schema(one, table).primary_key) - set(
                    workspace.texts[table].header
                )
                if missing and one == "old":
                    path = workspace.dataset.path(table)
                    raise PackageError(f"{path}: has no column {sorted(missing)[0]} to compare by")
                if missing or not self._schema(one, table).primary_key:
                    return ""  # said by the layer of structure
        key = [_quote(name) for name in self._schema(side, table).primary_key]
        return key[0] if len(key) == 1 else " || '/' || ".join(key)

    def _list_changed(self, table: str) -> None:
        columns = self._shared(table)
        if not columns:
            return
        same = " + ".join(f"coalesce(o.{c} = n.{c}, false)::BIGINT" for c in columns)
        # Only what the hashes tell apart is looked at, which is little of a large table.
        self._connection.execute(
            f"""
            INSERT INTO changed
            SELECT table_name, id, was.row, now.row, {same}
            FROM old_ids AS was JOIN new_ids AS now USING (table_name, id)
            JOIN {self.name("old", table)} AS o ON o.{ROW} = was.row
            JOIN {self.name("new", table)} AS n ON n.{ROW} = now.row
            WHERE table_name = {_text(table)} AND was.content <> now.content
            """
        )

    def _translated(self, table: str, column: str, side: str) -> str:
        """A cell as an expression, with the new id where it names a record that got one."""
        schema, name = self._schema("old", table), column[1:-1].replace('""', '"')
        if side == "new" or not (schema.target(name) or schema.field(name).references):
            return f"t.{column}"
        new = f"SELECT any_value(new_id) FROM renamed WHERE old_id = t.{column}"
        return f"coalesce(({new}), t.{column})"

    def _shared(self, table: str) -> list[str]:
        """The columns beside the key that both states have, quoted."""
        old, new = self._schema("old", table), self._schema("new", table)
        names = [name for name in new.names if name in old.names]
        keys = {*old.primary_key, *new.primary_key}
        return [_quote(name) for name in names if name not in keys]

    def _schema(self, side: str, table: str) -> Any:
        return (self.base if side == "old" else self.new).dataset.schemas[table]


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
