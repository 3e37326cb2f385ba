"""Idlib ceasefire and Turkish-Russian patrols: open data with evidence for every cell.

    >>> import idlib_data as idl
    >>> frame = idl.patrols(since="2020-07-01")
    >>> idl.evidence("pat-m4-2020-07-14", "sequence")

The names below are imported when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from idlib_data.dataset import Dataset, load, open, tables
    from idlib_data.errors import (
        IdlibDataError,
        NotFoundError,
        PackageError,
        QueryError,
        ReleaseError,
    )
    from idlib_data.ledger import disputes, evidence
    from idlib_data.perspectives import independence, perspective
    from idlib_data.queries.filters import actors, agreements, events, patrols, sources
    from idlib_data.queries.records import Record, record, timeline
    from idlib_data.queries.sql import query
    from idlib_data.release.citation import cite
    from idlib_data.release.differences import diff
    from idlib_data.validation import Problem, Report, validate

    __version__: str

__all__ = [
    "Dataset",
    "IdlibDataError",
    "NotFoundError",
    "PackageError",
    "Problem",
    "QueryError",
    "Record",
    "ReleaseError",
    "Report",
    "__version__",
    "actors",
    "agreements",
    "cite",
    "diff",
    "disputes",
    "events",
    "evidence",
    "independence",
    "load",
    "open",
    "patrols",
    "perspective",
    "query",
    "record",
    "sources",
    "tables",
    "timeline",
    "validate",
]

_HOME = {
    "dataset": ("Dataset", "load", "open", "tables"),
    "errors": ("IdlibDataError", "NotFoundError", "PackageError", "QueryError", "ReleaseError"),
    "ledger": ("disputes", "evidence"),
    "perspectives": ("independence", "perspective"),
    "queries.filters": ("actors", "agreements", "events", "patrols", "sources"),
    "queries.records": ("Record", "record", "timeline"),
    "queries.sql": ("query",),
    "release.citation": ("cite",),
    "release.differences": ("diff",),
    "validation": ("Problem", "Report", "validate"),
}
_MODULE = {name: module for module, names in _HOME.items() for name in names}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from idlib_data.dataset import version

        return version()
    if name not in _MODULE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULE[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
