"""``idlib-data record``."""

from __future__ import annotations

import click

from idlib_data.cli.options import chosen, fails_cleanly, package_option, table_format


@click.command("record")
@click.argument("record_id")
@package_option
@table_format
@fails_cleanly
def command(record_id: str, package: str | None, format_: str | None) -> None:
    r"""Show everything about the record RECORD_ID: cells, claims, linked records.

    \b
    Example:
      idlib-data record pat-m4-2020-07-14
    """
    import pandas as pd

    from idlib_data.cli import render
    from idlib_data.queries.records import record

    found = record(record_id, package=package)
    if chosen(format_) == "json":
        render.echo_json(found.to_dict())
        return
    cells = pd.DataFrame(found.fields.items(), columns=["field", "value"]).dropna()
    shown = ["field", "value", "status", "origin", "source_id", "note"]
    if chosen(format_) == "csv":
        render.frame(found.claims, "csv")
        return
    render.frame(cells, "table", title=f"{found.table}: {record_id}")
    render.frame(found.claims[shown], "table", title="claims")
    for table, rows in found.links.items():
        render.frame(pd.DataFrame(rows), "table", title=table)
