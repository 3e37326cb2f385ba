"""``idlib-data disputes``."""

from __future__ import annotations

import click

from idlib_data.cli.options import chosen, fails_cleanly, package_option, table_format


@click.command("disputes")
@click.option("--table", metavar="TABLE", help="Only cells of this table.")
@click.option("--record", "record_id", metavar="ID", help="Only cells of this record.")
@package_option
@table_format
@fails_cleanly
def command(
    table: str | None, record_id: str | None, package: str | None, format_: str | None
) -> None:
    """Show the cells on which sources contradict each other, and who says what.

    An empty field means that it is disputed whether the record exists at all. The numbers of
    origins count a body and its organs once.

    \b
    Examples:
      idlib-data disputes --table patrols
      idlib-data disputes --record pat-m4-2020-07-14
    """
    from idlib_data.cli import render
    from idlib_data.dataset import open
    from idlib_data.ledger import disputes

    dataset = open(package)
    found = disputes(dataset)
    if table is not None:
        found = found[found["table"] == dataset.schema(table).name]
    if record_id is not None:
        record_id = dataset.find(record_id).record_id
        found = found[found["record_id"] == record_id]
    render.frame(found, chosen(format_), title="disputes")
