"""Filters over the core tables; every one of them may be combined, and all must hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal, overload

from idlib_data.dataset import Dataset, Frame, PathLike, open
from idlib_data.errors import IdlibDataError, NotFoundError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from idlib_data.schema import Field

Day = str | date | None
Package = PathLike | Dataset | None


def select(
    table: str,
    *,
    equal: dict[str, str | None] | None = None,
    since: Day = None,
    until: Day = None,
    actor: str | None = None,
    as_: Frame = "pandas",
    package: Package = None,
) -> pd.DataFrame | pa.Table:
    """The rows of a table that pass every filter given.

    Args:
        table: Name of the table.
        equal: Column -> value it must have; None lets every row pass.
        since: First day, ISO text or a date; a row that ends on it or later passes.
        until: Last day; a row that starts on it or earlier passes.
        actor: Id of an actor that the row names or that has a role in it, or one under it.
        as_: ``"pandas"`` or ``"arrow"``.
        package: See `idlib_data.open`.

    Returns:
        The rows in file order, typed as `idlib_data.load` does.

    Raises:
        NotFoundError: A value is no code of its column, or no record of the table it points to; a
            retired id leads to the record that stands for it, with a warning.
        IdlibDataError: A day is not written as YYYY-MM-DD.
    """
    import pyarrow.compute as pc

    dataset = open(package)
    schema = dataset.schema(table)
    frame = dataset.arrow(table)
    for column, value in (equal or {}).items():
        if value is not None:
            value = _known(dataset, table, column, value)
            frame = frame.filter(pc.equal(frame[column], _typed(schema.field(column), value)))
    start, end = _span(dataset, table)
    if start is None and (since is not None or until is not None):
        raise IdlibDataError(f"the rows of {table} have no day to filter by")
    if since is not None:
        last = pc.coalesce(frame[end], frame[start]) if end else frame[start]
        frame = frame.filter(pc.greater_equal(last, _day(since)))
    if until is not None:
        frame = frame.filter(pc.less_equal(frame[start], _day(until)))
    if actor is not None:
        ids = _records_of_actor(dataset, table, actor)
        frame = frame.filter(pc.is_in(frame[schema.key], value_set=ids))
    if as_ == "pandas":
        return dataset.to_pandas(table, frame)
    if as_ == "arrow":
        return dataset.with_categories(table, frame)
    raise NotFoundError("kind of frame", as_, ("pandas", "arrow"))


@overload
def events(
    *,
    since: Day = ...,
    until: Day = ...,
    event_type: str | None = ...,
    actor: str | None = ...,
    location: str | None = ...,
    patrol: str | None = ...,
    agreement: str | None = ...,
    weapon: str | None = ...,
    as_: Literal["pandas"] = ...,
    package: Package = ...,
) -> pd.DataFrame: ...
@overload
def events(
    *,
    since: Day = ...,
    until: Day = ...,
    event_type: str | None = ...,
    actor: str | None = ...,
    location: str | None = ...,
    patrol: str | None = ...,
    agreement: str | None = ...,
    weapon: str | None = ...,
    as_: Literal["arrow"],
    package: Package = ...,
) -> pa.Table: ...
def events(
    *,
    since: Day = None,
    until: Day = None,
    event_type: str | None = None,
    actor: str | None = None,
    location: str | None = None,
    patrol: str | None = None,
    agreement: str | None = None,
    weapon: str | None = None,
    as_: Frame = "pandas",
    package: Package = None,
) -> pd.DataFrame | pa.Table:
    """Events, filtered by span, type, actor, place, patrol, agreement and weapon; see `select`."""
    equal = {
        "event_type": event_type,
        "location_id": location,
        "patrol_id": patrol,
        "agreement_id": agreement,
        "weapon": weapon,
    }
    return select(
        "events", equal=equal, since=since, until=until, actor=actor, as_=as_, package=package
    )


def patrols(
    *,
    since: Day = None,
    until: Day = None,
    series: str | None = None,
    outcome: str | None = None,
    form: str | None = None,
    actor: str | None = None,
    agreement: str | None = None,
    as_: Frame = "pandas",
    package: Package = None,
) -> pd.DataFrame | pa.Table:
    """Patrols, filtered by span, series, outcome, form, actor and agreement; see `select`."""
    equal = {"series": series, "outcome": outcome, "form": form, "agreement_id": agreement}
    return select(
        "patrols", equal=equal, since=since, until=until, actor=actor, as_=as_, package=package
    )


def agreements(
    *,
    since: Day = None,
    until: Day = None,
    kind: str | None = None,
    status: str | None = None,
    actor: str | None = None,
    as_: Frame = "pandas",
    package: Package = None,
) -> pd.DataFrame | pa.Table:
    """Agreements, filtered by day of signing, kind, status and actor; see `select`."""
    equal = {"kind": kind, "status": status}
    return select(
        "agreements", equal=equal, since=since, until=until, actor=actor, as_=as_, package=package
    )


def actors(
    *,
    kind: str | None = None,
    side: str | None = None,
    parent: str | None = None,
    as_: Frame = "pandas",
    package: Package = None,
) -> pd.DataFrame | pa.Table:
    """Actors, filtered by kind, side and parent; see `select`."""
    equal = {"kind": kind, "side": side, "parent_actor_id": parent}
    return select("actors", equal=equal, as_=as_, package=package)


def sources(
    *,
    kind: str | None = None,
    language: str | None = None,
    relays: str | None = None,
    since: Day = None,
    until: Day = None,
    as_: Frame = "pandas",
    package: Package = None,
) -> pd.DataFrame | pa.Table:
    """Sources, filtered by kind, language, relayed actor and day of publication; see `select`."""
    equal = {"kind": kind, "language": language, "relays": relays}
    return select("sources", equal=equal, since=since, until=until, as_=as_, package=package)


def with_children(dataset: Dataset, actor: str) -> list[str]:
    """An actor and all actors under it, through any number of steps."""
    table = dataset.arrow("actors")
    parents = dict(
        zip(table["actor_id"].to_pylist(), table["parent_actor_id"].to_pylist(), strict=True)
    )
    if actor not in parents and actor in dataset.tombstones:
        actor = dataset.find(actor).record_id
    if actor not in parents:
        raise NotFoundError("actor", actor, parents)
    found, fresh = {actor}, {actor}
    while fresh:
        fresh = {child for child, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return sorted(found)


def _records_of_actor(dataset: Dataset, table: str, actor: str) -> pa.Array:
    """Ids of the records of a table that name the actor, or that a link table ties to it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    names = pa.array(with_children(dataset, actor), pa.string())
    own, schema = dataset.arrow(table), dataset.schema(table)
    if table == "actors":
        return names
    ids: list[str] = []
    linked = False
    for key in schema.foreign_keys:
        if key.table == "actors" and schema.key:
            linked = True
            ids += own.filter(pc.is_in(own[key.fields[0]], value_set=names))[schema.key].to_pylist()
    for link, other in dataset.schemas.items():
        keys = {key.table: key.fields[0] for key in other.foreign_keys}
        if {table, "actors"} <= keys.keys() and "role" in other.names:
            linked = True
            rows = dataset.arrow(link)
            rows = rows.filter(pc.is_in(rows[keys["actors"]], value_set=names))
            ids += rows[keys[table]].to_pylist()
    if not linked:
        raise IdlibDataError(f"no actors take part in the rows of {table}")
    return pa.array(ids, pa.string())


def _known(dataset: Dataset, table: str, column: str, value: str) -> str:
    """The value, or the successor of a retired id; refused if the column can never have it."""
    field = dataset.schema(table).field(column)
    if field.enum and value not in field.enum:
        raise NotFoundError(f"code of {table}.{column}", value, field.enum)
    target = dataset.schema(table).target(column)
    if target and (key := dataset.schema(target).key):
        ids = dataset.arrow(target)[key].to_pylist()
        if value not in ids and value in dataset.tombstones:
            value = dataset.find(value).record_id
        if value not in ids:
            raise NotFoundError(f"record of {target}", value, ids)
    return value


def _typed(field: Field, value: str) -> object:
    """A value as the column holds it, from the text that its file would have."""
    readers: dict[str, Callable[[str], object]] = {
        "integer": int,
        "number": float,
        "date": _day,
        "boolean": {"true": True, "false": False}.__getitem__,
    }
    try:
        return readers.get(field.type, str)(value)
    except (ValueError, KeyError) as error:
        raise IdlibDataError(f"{value!r} is no {field.type}, as {field.name} holds") from error


def _span(dataset: Dataset, table: str) -> tuple[str | None, str | None]:
    """The columns that say when a row starts and ends: its first date column, and ``date_end``."""
    dates = [field.name for field in dataset.schema(table).fields if field.type == "date"]
    return (dates[0] if dates else None), ("date_end" if "date_end" in dates else None)


def _day(value: str | date) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        if len(value) != len("2020-03-05"):
            raise ValueError(value)
        return date.fromisoformat(value)
    except ValueError as error:
        raise IdlibDataError(f"{value!r} is not a day; write it as 2020-03-05") from error
