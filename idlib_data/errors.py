"""The exceptions that the library raises; nothing else of its own ever leaves it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class IdlibDataError(Exception):
    """Base of every error this package raises on purpose."""


class PackageError(IdlibDataError):
    """The data package was not found, or its descriptor, schema or file cannot be read."""


class NotFoundError(IdlibDataError):
    """A table, column, record or code that was asked for does not exist.

    Args:
        what: The sort of thing asked for, for example ``"table"``.
        name: The name that was not found.
        known: The names that exist; the nearest ones are suggested.
    """

    def __init__(self, what: str, name: object, known: Iterable[str] = ()) -> None:
        names = sorted(known)
        near = get_close_matches(str(name), names, n=3, cutoff=0.6)
        message = f"there is no {what} {str(name)!r}"
        if near:
            message += "; did you mean " + " or ".join(near) + "?"
        elif 0 < len(names) <= 30:
            message += "; known are " + ", ".join(names)
        super().__init__(message)


class RetiredError(NotFoundError):
    """The record that was asked for is gone, and no one record stands for it now."""

    def __init__(self, message: str) -> None:
        Exception.__init__(self, message)


class RetiredIdWarning(UserWarning):
    """The id that was asked for is retired; the record that now stands for it was taken."""


class QueryError(IdlibDataError):
    """A query was refused, failed, or went over a limit."""


class ReleaseError(IdlibDataError):
    """A release, or the index of releases, was not found, cannot be read or is not what it says."""


def shortened(value: object) -> str:
    """A value from a descriptor as a message quotes it, however long or deep it is."""
    from reprlib import Repr

    short = Repr()
    short.maxstring = short.maxother = 200
    return short.repr(value)
