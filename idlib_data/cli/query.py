"""``idlib-data query``."""

from __future__ import annotations

from typing import TextIO

import click

from idlib_data.cli.options import chosen, fails_cleanly, package_option, table_format


@click.command("query")
@click.argument("sql", required=False)
@click.option(
    "--file", "file", type=click.File(encoding="utf-8"), help="Read the query from a file."
)
@click.option(
    "--max-rows",
    type=click.IntRange(1),
    default=100_000,
    show_default=True,
    help="Most rows of the answer.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.01),
    default=30.0,
    show_default=True,
    help="Most seconds the query may run.",
)
@package_option
@table_format
@fails_cleanly
def command(
    sql: str | None,
    file: TextIO | None,
    max_rows: int,
    timeout: float,
    package: str | None,
    format_: str | None,
) -> None:
    """Answer one SQL query, read-only, over all tables (DuckDB's dialect).

    \b
    Example:
      idlib-data query "select outcome, count(*) from patrols group by all order by all"
    """
    from idlib_data.cli import render
    from idlib_data.queries.sql import query

    if (sql is None) == (file is None):
        raise click.UsageError("give either the query or --file FILE")
    text = sql if sql is not None else (file.read() if file else "")
    answer = query(text, as_="arrow", max_rows=max_rows, timeout=timeout, package=package)
    render.frame(answer, chosen(format_))
