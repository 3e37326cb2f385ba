"""Options that several commands share, and the way errors reach the terminal."""

from __future__ import annotations

import functools
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from idlib_data.errors import IdlibDataError, RetiredIdWarning

F = TypeVar("F", bound=Callable[..., Any])

package_option = click.option(
    "--package",
    metavar="DIR|TAG",
    default=None,
    help="Folder of another data package, or the version of a release. Default: "
    "$IDLIB_DATA_PACKAGE, else the copy that came with the program.",
)


def format_option(*formats: str) -> Callable[[F], F]:
    """``--format``, from the formats a command knows; the default depends on where output goes."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(formats),
        default=None,
        help="Form of the output. Default: a table on a terminal, CSV in a pipe or file.",
    )


table_format = format_option("table", "csv", "json")


def fails_cleanly(command: F) -> F:
    """Turn the library's errors into one line and exit code 2, a closed pipe into a quiet end."""

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            try:
                with _told_of_retired_ids():
                    return command(*args, **kwargs)
            finally:
                sys.stdout.flush()
        except IdlibDataError as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(2)
        except BrokenPipeError:
            _give_up_output()
            sys.exit(0)
        except OSError as error:
            _give_up_output()
            click.echo(f"Error: the output cannot be written: {error.strerror}", err=True)
            sys.exit(2)

    return wrapped  # type: ignore[return-value]  # functools.wraps keeps the signature


@contextmanager
def _told_of_retired_ids() -> Iterator[None]:
    """Turn the warning about a retired id into a line on standard error."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", RetiredIdWarning)
        others = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
            if issubclass(category, RetiredIdWarning):
                click.echo(f"Note: {message}", err=True)
            else:
                others(message, category, *rest, **more)

        warnings.showwarning = show
        yield


def _give_up_output() -> None:
    """Let what is still to be written go nowhere, so that leaving does not fail over it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def chosen(format_: str | None) -> str:
    """The format to use: as told, else a table on a terminal and CSV elsewhere."""
    return format_ or ("table" if sys.stdout.isatty() else "csv")
