"""``idlib-data independence``."""

from __future__ import annotations

import click

from idlib_data.cli.options import chosen, fails_cleanly, package_option, table_format


@click.command("independence")
@click.argument("record_id", required=False)
@click.argument("field", required=False)
@click.option("--table", metavar="TABLE", help="Only cells of this table.")
@package_option
@table_format
@fails_cleanly
def command(
    record_id: str | None,
    field: str | None,
    table: str | None,
    package: str | None,
    format_: str | None,
) -> None:
    """Show how many pages, and how many independent origins, tell each value.

    Of all records, of RECORD_ID, or of one FIELD of it. Pages that pass on one actor are one
    origin, and so are a body and its organs.

    \b
    Examples:
      idlib-data independence pat-m4-2020-07-14 sequence
      idlib-data independence --table patrols
    """
    from idlib_data.cli import render
    from idlib_data.dataset import open
    from idlib_data.perspectives import independence

    dataset = open(package)
    found = independence(record_id, field, package=dataset)
    if table is not None:
        found = found[found["table"] == dataset.schema(table).name]
    title = " ".join(part for part in (record_id, field) if part)
    render.frame(found, chosen(format_), title=title or "independence")
