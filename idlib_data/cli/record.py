"""``idlib-data record``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from idlib_data.cli.options import chosen, fails_cleanly, package_option, table_format

if TYPE_CHECKING:
    import pandas as pd


@click.command("record")
@click.argument("record_id")
@package_option
@table_format
@fails_cleanly
def command(record_id: str, package: str | None, format_: str | None) -> None:
    """Show everything about the record RECORD_ID: cells, claims, linked records.

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
    if chosen(format_) == "csv":
        render.frame(found.claims, "csv")
        return
    pairs = [(name, render.cell(value)) for name, value in found.fields.items()]
    cells = pd.DataFrame([pair for pair in pairs if pair[1]], columns=["field", "value"])
    render.frame(cells, "table", title=f"{found.table}: {found.record_id}")
    render.frame(_versions(found.claims), "table", title="claims: who says what")
    for table, rows in found.links.items():
        render.frame(pd.DataFrame(rows), "table", title=table)


def _versions(claims: pd.DataFrame) -> pd.DataFrame:
    """One row per version of a cell, with the origins that tell it and the number of sources."""
    told = claims.groupby(["field", "value", "status"], dropna=False, sort=False)
    versions = told.agg(
        origins=("origin", lambda names: ", ".join(sorted(set(names)))),
        sources=("source_id", "nunique"),
    ).reset_index()
    return versions.fillna({"field": "(exists)", "value": ""})
