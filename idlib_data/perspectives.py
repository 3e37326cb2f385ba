"""What becomes of disagreement: how many independent origins tell a value, what one voice tells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idlib_data.dataset import Dataset, PathLike, open
from idlib_data.errors import NotFoundError, PackageError
from idlib_data.ledger import claims_with_origin, tables_of_records
from idlib_data.origins import Voices

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from idlib_data.schema import Field

VERSION = ["record_id", "field", "value", "status"]
"""What makes one version of a cell in the ledger."""


def independence(
    record_id: str | None = None,
    field: str | None = None,
    *,
    package: PathLike | Dataset | None = None,
) -> pd.DataFrame:
    """How many sources, and how many independent origins, tell each version of a cell.

    A body and its organs are one origin (see `idlib_data.origins`), however many pages pass on
    what they say.

    Args:
        record_id: Only the cells of this record.
        field: Only the cells of this column; without a record, in every table that has it.
        package: See `idlib_data.open`.

    Returns:
        One row per claimed value and status: ``table``, ``record_id``, ``field`` (null: whether
        the record exists at all), ``value`` (null with a null field, where ``conflict`` means that
        it is denied), ``status``, ``pages`` (distinct sources), ``origins`` (independent ones) and
        ``who`` (these, sorted and joined by ``"; "``). Text is ``str``, counts are ``Int64``; by
        record and field, accepted values first, then those with more origins.

    Raises:
        NotFoundError: There is no such record, or no such column in its table or in any.
    """
    dataset = open(package)
    claims = claims_with_origin(dataset)
    if record_id is not None:
        found = dataset.find(record_id)
        schema, record_id = dataset.schema(found.table), found.record_id
        known = set(schema.names)
        claims = claims[claims["record_id"] == record_id]
    else:
        known = {name for schema in dataset.schemas.values() for name in schema.names}
    if field is not None:
        if field not in known:
            raise NotFoundError("column", field, known)
        claims = claims[claims["field"] == field]
    claims = claims[[*VERSION, "source_id", "voice"]].astype("str")
    frame = (
        claims.sort_values("voice")
        .groupby(VERSION, dropna=False, sort=False)
        .agg(
            pages=("source_id", "nunique"),
            origins=("voice", "nunique"),
            who=("voice", lambda voices: "; ".join(voices.unique())),
        )
        .reset_index()
    )
    frame.insert(0, "table", frame["record_id"].map(tables_of_records(dataset)))
    frame = frame.astype(
        {name: "Int64" if name in ("pages", "origins") else "str" for name in frame.columns}
    )
    return _sorted(frame)


def _sorted(versions: pd.DataFrame) -> pd.DataFrame:
    """By record and field, the existence of the record first, then as `independence` says."""
    order = versions.assign(
        _other=versions["status"] != "accepted", _field=versions["field"].fillna("")
    ).sort_values(
        ["record_id", "_field", "_other", "origins", "value", "status"],
        ascending=[True, True, True, False, True, True],
    )
    return order.drop(columns=["_other", "_field"]).reset_index(drop=True)


def perspective(
    actor: str,
    tables: Iterable[str] | str | None = None,
    *,
    package: PathLike | Dataset | None = None,
) -> dict[str, pd.DataFrame]:
    """The tables as one actor and its organs tell them.

    Organs are the actors under it along ``parent_actor_id``, but for unnamed persons, civilians and
    coalitions, who do not speak for it. What the body above the actor says is not taken as said by
    the actor.

    Args:
        actor: Id of an actor, or a name in the ledger's ``origin``, such as that of a publisher.
        tables: Names of the tables wanted; without it all are given.
        package: See `idlib_data.open`.

    Returns:
        Table -> frame, columns and dtypes as `idlib_data.load` gives them.

        A cell that needs evidence holds what the actor says of it: its accepted claim, else its
        conflicting one. It is null where the actor is silent, and where it told two different
        values between which nothing is decided. Claims that are superseded or rejected fill none.
        Cells without a duty of evidence, as the coders' own words, are kept as they are.

        A record is left out when the actor neither states that it exists nor says anything about a
        cell of it. It is left out, too, when the actor denies it: a frame cannot show a denial,
        `idlib_data.disputes` does. So a cell may name a record, for example a place, that another
        frame lacks. Tables whose records need no evidence (sources, code lists) come whole.

    Raises:
        NotFoundError: There is no such actor or table.
        PackageError: A claim's value does not fit the type of its column.
    """
    dataset = open(package)
    wanted = [tables] if isinstance(tables, str) else dataset.tables if tables is None else tables
    schemas = {table: dataset.schema(table) for table in wanted}
    claims, voices = claims_with_origin(dataset), Voices.of(dataset)
    known = {*voices.kinds, *claims["origin"].dropna()}
    found = voices.actor(actor) or actor
    if found not in known:
        raise NotFoundError("actor", actor, known)
    said = Said.of(claims[claims["origin"].isin(voices.organs(found))])
    return {table: dataset.to_pandas(table, said.rows(dataset, table)) for table in schemas}


@dataclass(frozen=True)
class Said:
    """What one voice says.

    Attributes:
        values: Record and column -> value as text, None where two told values stay open.
        told: Records that it states, or of which it says a cell.
        denied: Records that it denies and does not state as well.
    """

    values: dict[tuple[str, str], str | None]
    told: set[str]
    denied: set[str]

    @classmethod
    def of(cls, claims: pd.DataFrame) -> Said:
        """Gather the claims of one voice."""
        about = claims["field"].isna()
        status = {name: claims["status"] == name for name in ("accepted", "conflict", "rejected")}
        stated = set(claims.loc[about & status["accepted"], "record_id"])
        denied = set(claims.loc[about & status["conflict"], "record_id"])
        spoken_of = set(claims.loc[~about & ~status["rejected"], "record_id"])
        values: dict[tuple[str, str], str | None] = {}
        # An accepted value comes later and takes the place of one in conflict with it.
        for name in ("conflict", "accepted"):
            cells: dict[tuple[str, str], set[str]] = {}
            rows = claims.loc[~about & status[name], ["record_id", "field", "value"]]
            for record_id, field, value in rows.itertuples(index=False):
                cells.setdefault((record_id, field), set()).add(value)
            values |= {cell: told.pop() if len(told) == 1 else None for cell, told in cells.items()}
        return cls(values, stated | spoken_of, denied - stated)

    def rows(self, dataset: Dataset, table: str) -> pa.Table:
        """The rows of a table that the voice tells, with its values in the cells."""
        import pyarrow as pa

        schema, frame = dataset.schema(table), dataset.arrow(table)
        if schema.key is None:  # the ledger has no name for its records
            return frame
        kept = [
            record not in self.denied and (schema.evidence == "none" or record in self.told)
            for record in frame[schema.key].to_pylist()
        ]
        frame = frame.filter(pa.array(kept, pa.bool_()))
        ids = frame[schema.key].to_pylist()
        for position, column in enumerate(schema.fields):
            if column.evidence != "none":
                texts = [self.values.get((record, column.name)) for record in ids]
                frame = frame.set_column(position, column.name, _typed(dataset, texts, column))
        return frame


def _typed(dataset: Dataset, texts: list[str | None], column: Field) -> pa.Array:
    """Values of claims as their column holds them."""
    import pyarrow as pa

    try:
        return pa.array(texts, pa.string()).cast(column.arrow_type())
    except pa.ArrowInvalid as error:
        raise PackageError(
            f"{dataset.path('claims')}: a claim on {column.name} is no {column.type}: {error}; "
            "'idlib-data validate' names every fault"
        ) from error
