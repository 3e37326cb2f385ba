"""Frames and reports as text: tables for people, CSV and JSON for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

WIDEST = 26
"""Width from which on the cells of a column may be folded, in a table on a terminal."""

if TYPE_CHECKING:
    import pandas as pd

    from idlib_data.validation import Report


def frame(data: pd.DataFrame, format_: str, title: str = "") -> None:
    """Print a frame: a readable table, CSV (empty for null), or a JSON list of objects."""
    text = as_text(data)
    if format_ == "csv":
        click.echo(text.to_csv(index=False, lineterminator="\n"), nl=False)
    elif format_ == "json":
        echo_json(plain(data))
    else:
        _table(text, title)


def echo_json(content: Any) -> None:
    """Print JSON, letters of every script as they are."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=2, default=str))


def plain(data: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame in JSON types, a null as None."""
    import pandas as pd

    dates = set(data.select_dtypes("datetime").columns)
    rows = []
    for row in data.astype(object).to_dict("records"):
        cells = {}
        for name, value in row.items():
            if isinstance(value, list) or not pd.api.types.is_scalar(value):
                cells[str(name)] = value
            elif pd.isna(value):
                cells[str(name)] = None
            else:
                cells[str(name)] = str(value)[:10] if name in dates else value
        rows.append(cells)
    return rows


def as_text(data: pd.DataFrame) -> pd.DataFrame:
    """A frame whose cells are text as the CSV files would hold them."""
    import pandas as pd

    columns = {}
    for name in data.columns:
        column = data[name]
        if isinstance(column.dtype, type(pd.Series([], dtype="datetime64[us]").dtype)):
            column = column.dt.strftime("%Y-%m-%d")
        columns[name] = column.astype(object).map(_cell).where(column.notna(), "")
    return pd.DataFrame(columns, index=data.index)


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _table(text: pd.DataFrame, title: str) -> None:
    """A table that fits the terminal, or one block per row where no table would."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=False)
    text = text.loc[:, (text != "").any()] if len(text) else text
    if not len(text):
        console.print(f"{title}: nothing found" if title else "nothing found", markup=False)
        return
    widths = {name: max(len(str(name)), *text[name].str.len()) for name in text.columns}
    needed = sum(min(width, WIDEST) + 3 for width in widths.values())
    if needed > console.width and len(text.columns) > 2:
        if title:
            console.print(title, style="italic", markup=False)
        _blocks(text, console)
    else:
        table = Table(box=SIMPLE_HEAD, title=title or None, title_justify="left")
        for name, width in widths.items():
            short = width <= WIDEST
            table.add_column(
                str(name), overflow="fold", min_width=min(width, WIDEST), no_wrap=short
            )
        for row in text.itertuples(index=False):
            table.add_row(*(Text(cell) for cell in row))
        console.print(table)
    console.print(f"{len(text)} row{'s' if len(text) != 1 else ''}", style="dim")


def _blocks(text: pd.DataFrame, console: Any) -> None:
    from rich.table import Table
    from rich.text import Text

    width = max(len(str(name)) for name in text.columns)
    for row in text.to_dict("records"):
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim", min_width=width)
        grid.add_column(overflow="fold")
        for name, cell in row.items():
            if cell:
                grid.add_row(str(name), Text(str(cell)))
        console.print(grid)
        console.print()


def report(found: Report, format_: str) -> None:
    """Print a validation report: text for people, the contract as JSON, or a CSV of problems."""
    if format_ == "json":
        echo_json(found.to_dict())
    elif format_ == "csv":
        import pandas as pd

        from idlib_data.validation import Problem

        names = list(Problem("", "error", "").to_dict())
        rows = [problem.to_dict() for problem in found.problems]
        frame(pd.DataFrame(rows, columns=names, dtype=object), "csv")
    else:
        _report_text(found)


def _report_text(found: Report) -> None:
    for problem in found.problems:
        place = ":".join(str(part) for part in (problem.path, problem.line) if part)
        cell = f" {problem.field}" if problem.field else ""
        value = f" = {problem.value!r}" if problem.value is not None else ""
        row = f" row {problem.row}" if problem.row else ""
        record = f" ({problem.record_id})" if problem.record_id else ""
        click.echo(f"{place}{row}{cell}{value}{record}")
        click.echo(f"  {problem.severity} {problem.rule}: {problem.message}")
        click.echo(f"  -> {problem.hint}")
    errors = sum(problem.severity == "error" for problem in found.problems)
    records = sum(found.tables.values())
    verdict = "valid" if found.valid else "not valid"
    click.echo(
        f"{found.name or 'package'} {found.version}: {verdict}; {records} records in "
        f"{len(found.tables)} tables, {errors} errors, {len(found.problems) - errors} warnings"
    )
