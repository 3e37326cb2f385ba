"""``idlib-data cite``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from idlib_data.cli.options import fails_cleanly, package_option

if TYPE_CHECKING:
    from idlib_data.release.references import Form


@click.command("cite")
@click.option(
    "--format",
    "format_",
    type=click.Choice(("text", "bibtex", "csl", "apa")),
    default="text",
    help="Form of the references; bibtex and apa need the extra 'cite'. Default: text.",
)
@click.option("--sources", is_flag=True, help="Add the sources behind the data.")
@click.option(
    "--record",
    "records",
    metavar="ID",
    multiple=True,
    help="With --sources, add only those of the claims about this record; as often as wanted.",
)
@package_option
@fails_cleanly
def command(format_: Form, sources: bool, records: tuple[str, ...], package: str | None) -> None:
    """Say how to cite the data, in the version in use, and the sources behind them.

    \b
    Examples:
      idlib-data cite
      idlib-data cite --format bibtex --sources --record pat-m4-2020-07-14
    """
    from idlib_data.release.citation import cite

    if records and not sources:
        raise click.UsageError("--record names records for their sources, and needs --sources")
    click.echo(cite(format_, sources=sources, records=records, package=package), nl=False)
