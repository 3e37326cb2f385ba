"""``idlib-data validate``."""

from __future__ import annotations

import sys

import click

from idlib_data.cli.options import fails_cleanly, format_option, package_option


@click.command("validate")
@click.argument("path", required=False)
@package_option
@format_option("table", "csv", "json")
@fails_cleanly
def command(path: str | None, package: str | None, format_: str | None) -> None:
    """Check a data package by every rule and report all problems at once.

    PATH is the folder of the package, as --package is; without it the data in use are checked.

    \b
    Example:
      idlib-data validate . --format json
    """
    from idlib_data.cli import render
    from idlib_data.validation import validate

    if path is not None and package is not None:
        raise click.UsageError("give the folder once: as PATH or as --package")
    report = validate(path if path is not None else package)
    render.report(report, format_ or "table")
    sys.exit(0 if report.valid else 1)
