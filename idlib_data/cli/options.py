"""Options that several commands share, and the way errors reach the terminal."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from idlib_data.errors import IdlibDataError

F = TypeVar("F", bound=Callable[..., Any])

package_option = click.option(
    "--package",
    metavar="DIR",
    default=None,
    help="Folder of another data package. Default: $IDLIB_DATA_PACKAGE, else the copy that came "
    "with the program.",
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
            return command(*args, **kwargs)
        except IdlibDataError as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(2)
        except BrokenPipeError:
            sys.stderr.close()
            sys.exit(0)

    return wrapped  # type: ignore[return-value]  # functools.wraps keeps the signature


def chosen(format_: str | None) -> str:
    """The format to use: as told, else a table on a terminal and CSV elsewhere."""
    return format_ or ("table" if sys.stdout.isatty() else "csv")
