"""What commands print: frames as tables, CSV and JSON, and reports in a voice of theirs."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from idlib_data.errors import IdlibDataError

WIDEST = 26
"""Width from which on the cells of a column may be folded, in a table on a terminal."""

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from rich.console import Console

    from idlib_data.validation import Report

Rows = list[dict[str, Any]]


def frame(data: pd.DataFrame | pa.Table, format_: str, title: str = "") -> None:
    """Print a frame: a readable table, CSV (empty for null), or a JSON list of objects."""
    columns, rows = _rows(data)
    if format_ == "json":
        echo_json(rows)
        return
    text = [{name: cell(row[name]) for name in columns} for row in rows]
    if format_ == "csv":
        file = io.StringIO()
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(text)
        click.echo(file.getvalue(), nl=False)
    else:
        _table(columns, text, title)


def echo_json(content: Any) -> None:
    """Print JSON, letters of every script as they are."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=2, default=str))


def _rows(data: pd.DataFrame | pa.Table) -> tuple[list[str], Rows]:
    """Column names and rows of a frame in Python's own types, a null as None."""
    import pyarrow as pa

    from idlib_data.errors import QueryError

    if not isinstance(data, pa.Table):
        data = pa.Table.from_pandas(data, preserve_index=False)
        for at, field in enumerate(data.schema):
            if pa.types.is_timestamp(field.type):
                # Frames of this package hold days; only SQL knows moments, and comes as Arrow.
                data = data.set_column(at, field.name, data.column(at).cast(pa.date32()))
    try:
        return list(data.column_names), data.to_pylist()
    except (ValueError, OverflowError) as error:
        raise QueryError(f"a value cannot be printed: {error}; cast it to text") from error


def cell(value: object) -> str:
    """A value as the CSV files hold it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date):
        return value.isoformat().replace("T", " ")
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _table(columns: list[str], rows: list[dict[str, str]], title: str) -> None:
    """A table that fits the terminal, or one block per row where no table would."""
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=False)
    with console.capture() as printed:  # what meets a closed pipe is click, not rich
        _print_table(console, columns, rows, title)
    click.echo(printed.get(), nl=False)


def _print_table(
    console: Console, columns: list[str], rows: list[dict[str, str]], title: str
) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    columns = [name for name in columns if any(row[name] for row in rows)]
    if not rows:
        console.print(f"{title}: nothing found" if title else "nothing found", markup=False)
        return
    widths = {name: max(len(name), *(len(row[name]) for row in rows)) for name in columns}
    needed = sum(min(width, WIDEST) + 3 for width in widths.values())
    if needed > console.width and len(columns) > 2:
        if title:
            console.print(title, style="italic", markup=False)
        _blocks(console, columns, rows)
    else:
        table = Table(box=SIMPLE_HEAD, title=title or None, title_justify="left")
        for name, width in widths.items():
            short = width <= WIDEST
            table.add_column(name, overflow="fold", min_width=min(width, WIDEST), no_wrap=short)
        for row in rows:
            table.add_row(*(Text(row[name]) for name in columns))
        console.print(table)
    console.print(f"{len(rows)} row{'s' if len(rows) != 1 else ''}", style="dim")


def _blocks(console: Console, columns: list[str], rows: list[dict[str, str]]) -> None:
    from rich.table import Table
    from rich.text import Text

    width = max(len(name) for name in columns)
    for row in rows:
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim", min_width=width)
        grid.add_column(overflow="fold")
        for name in columns:
            if row[name]:
                grid.add_row(name, Text(row[name]))
        console.print(grid)
        console.print()


def report(found: Report, voice: str, root: Path, out: Path | None = None) -> None:
    """Tell a validation report in one voice, on standard output or into a file."""
    from idlib_data.validation import voices

    if out is None:
        if voice == "text" and sys.stdout.isatty():
            click.echo(_on_terminal(found, root), nl=False)
        else:
            click.echo(voices.render(found, voice, root), nl=False)
        return
    try:
        _write(out, voices.render(found, voice, root))
    except OSError as error:
        raise IdlibDataError(f"{out}: {error.strerror}") from error


def _on_terminal(found: Report, root: Path) -> str:
    """The text as the terminal can show it."""
    from rich.console import Console

    from idlib_data.validation.voices import text

    console = Console()
    colour = console.color_system is not None and not console.no_color
    return text.render(found, root, colour=colour, width=console.width)


def _write(path: Path, text: str) -> None:
    """Put text into a file, which holds the old content until all of the new is written."""
    path = path.resolve()
    if path.exists() and not path.is_file():  # a device or a pipe cannot be replaced
        path.write_text(text, encoding="utf-8", newline="")
        return
    ready = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        ready.write_text(text, encoding="utf-8", newline="")
        os.replace(ready, path)
    finally:
        ready.unlink(missing_ok=True)
