"""``idlib-data show``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from idlib_data.cli.options import chosen, fails_cleanly, package_option, table_format

if TYPE_CHECKING:
    import pyarrow as pa


@click.command("show")
@click.argument("table")
@click.option("--since", metavar="DAY", help="Only rows that end on this day or later.")
@click.option("--until", metavar="DAY", help="Only rows that start on this day or earlier.")
@click.option("--actor", metavar="ID", help="Only rows that name this actor or one under it.")
@click.option(
    "--where",
    multiple=True,
    metavar="COLUMN=VALUE",
    help="Only rows with this value in the column; may be given several times.",
)
@click.option("--columns", metavar="A,B,...", help="Only these columns, in this order.")
@package_option
@table_format
@fails_cleanly
def command(
    table: str,
    since: str | None,
    until: str | None,
    actor: str | None,
    where: tuple[str, ...],
    columns: str | None,
    package: str | None,
    format_: str | None,
) -> None:
    """Show the rows of TABLE, whole or filtered.

    \b
    Example:
      idlib-data show events --since 2020-03-05 --where event_type=attack --actor act-russia
    """
    from idlib_data.cli import render
    from idlib_data.dataset import open
    from idlib_data.queries.filters import select

    equal: dict[str, str | None] = {}
    for condition in where:
        column, equals, value = condition.partition("=")
        if not equals:
            raise click.BadParameter(f"{condition!r} is not COLUMN=VALUE", param_hint="--where")
        equal[column] = value
    dataset = open(package)
    schema = dataset.schema(table)
    chosen_columns = [
        schema.field(name.strip()).name for name in (columns or "").split(",") if name
    ]
    rows: pa.Table = select(
        table, equal=equal, since=since, until=until, actor=actor, as_="arrow", package=dataset
    )
    render.frame(
        rows.select(chosen_columns) if chosen_columns else rows, chosen(format_), title=table
    )
