"""``idlib-data fmt``."""

from __future__ import annotations

import sys

import click

from idlib_data.cli.options import fails_cleanly, package_option


@click.command("fmt")
@click.argument("path", required=False)
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a file would change.")
@package_option
@fails_cleanly
def command(path: str | None, check: bool, package: str | None) -> None:
    """Put the CSV files of a data package into their canonical form, and name those that change.

    UTF-8, lines ending in LF, columns as in the schema, records by key, quotes where needed; no
    cell is changed. Nothing is written if a file cannot be read beyond doubt.

    PATH is the folder of the package, as --package is; without it the data in use are formatted.

    \b
    Example:
      idlib-data fmt . --check
    """
    from idlib_data.canonical import tidy
    from idlib_data.dataset import open

    if path is not None and package is not None:
        raise click.UsageError("give the folder once: as PATH or as --package")
    dataset = open(path if path is not None else package)
    changed = tidy(dataset, check=check)
    for name in changed:
        click.echo(name)
    verb = "would be rewritten" if check else "rewritten"
    click.echo(f"{len(changed)} of {len(dataset.tables)} files {verb}", err=True)
    sys.exit(1 if check and changed else 0)
