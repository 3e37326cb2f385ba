"""``idlib-data info``."""

from __future__ import annotations

import click

from idlib_data.cli.options import chosen, fails_cleanly, package_option, table_format


@click.command("info")
@package_option
@table_format
@fails_cleanly
def command(package: str | None, format_: str | None) -> None:
    """Say which data are in use, where they were found, and what they hold.

    \b
    Example:
      idlib-data info --format json
    """
    import pandas as pd

    from idlib_data.cli import render
    from idlib_data.dataset import open

    dataset = open(package)
    about = {
        "name": dataset.name,
        "version": dataset.version,
        "title": str(dataset.descriptor.get("title", "")),
        "found": dataset.origin,
        "root": str(dataset.root),
        "licence": ", ".join(str(x.get("name")) for x in dataset.descriptor.get("licenses", [])),
    }
    rows = {table: dataset.arrow(table).num_rows for table in dataset.tables}
    if chosen(format_) == "json":
        render.echo_json({**about, "tables": rows})
        return
    pairs = [*about.items(), *((f"{table} (records)", str(count)) for table, count in rows.items())]
    render.frame(pd.DataFrame(pairs, columns=["what", "value"]), chosen(format_))
