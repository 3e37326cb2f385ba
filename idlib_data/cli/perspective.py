"""``idlib-data perspective``."""

from __future__ import annotations

import click

from idlib_data.cli.options import chosen, fails_cleanly, package_option, table_format


@click.command("perspective")
@click.argument("actor")
@click.option("--table", metavar="TABLE", help="Show the rows of this table as ACTOR tells them.")
@package_option
@table_format
@fails_cleanly
def command(actor: str, table: str | None, package: str | None, format_: str | None) -> None:
    """Show the data as ACTOR and its organs tell them.

    With --table the rows of one table: those that ACTOR speaks of, with its own values, empty where
    it is silent. Without it, how much of each table ACTOR tells: records, and filled cells among
    those that need evidence.

    \b
    Examples:
      idlib-data perspective act-ru-mod
      idlib-data perspective act-ru-mod --table patrols
    """
    import pandas as pd

    from idlib_data.cli import render
    from idlib_data.dataset import open
    from idlib_data.perspectives import perspective

    dataset = open(package)
    told = perspective(actor, table, package=dataset)
    if table is not None:
        render.frame(told[table], chosen(format_), title=f"{table}, told by {actor}")
        return
    rows = []
    for name, frame in told.items():
        schema = dataset.schema(name)
        if schema.evidence != "none":
            claimed = [field.name for field in schema.fields if field.evidence != "none"]
            cells = int(frame[claimed].notna().to_numpy().sum())
            rows.append((name, len(frame), dataset.arrow(name).num_rows, cells))
    columns = ["table", "records_told", "records", "cells_told"]
    render.frame(pd.DataFrame(rows, columns=columns), chosen(format_), title=f"told by {actor}")
