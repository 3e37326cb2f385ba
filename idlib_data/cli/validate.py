"""``idlib-data validate``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from idlib_data.cli.options import fails_cleanly, package_option
from idlib_data.validation.voices import VOICES

if TYPE_CHECKING:
    from idlib_data.validation import Progress

PATIENCE = 1.0
"""Seconds after which a bar shows how far the validation is."""


def _further(given: str) -> tuple[str, Path]:
    """The form and the file of a further report."""
    voice, equals, file = given.partition("=")
    if not equals or not file or voice not in VOICES:
        raise click.BadParameter(
            f"{given!r} is not FORMAT=FILE, where FORMAT is one of {', '.join(VOICES)}"
        )
    return voice, Path(file)


@click.command("validate")
@click.argument("path", required=False)
@package_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(tuple(VOICES)),
    default="text",
    show_default=True,
    help="Form of the report: text, markdown and html for people, json and csv for programs, the "
    "others for the services that show checks.",
)
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the report into this file; it is replaced as a whole.",
)
@click.option(
    "--report",
    "reports",
    metavar="FORMAT=FILE",
    multiple=True,
    callback=lambda _context, _option, given: [_further(text) for text in given],
    help="Write a further report of the same run into this file; may be given several times.",
)
@click.option(
    "--against",
    metavar="BASE",
    help="Earlier state to compare with: a folder, a release archive, or a git revision.",
)
@fails_cleanly
def command(
    path: str | None,
    package: str | None,
    format_: str,
    out: Path | None,
    reports: list[tuple[str, Path]],
    against: str | None,
) -> None:
    """Check a data package by every rule and report all problems at once.

    PATH is the folder of the package, as --package is; without it the data in use are checked.

    \b
    Examples:
      idlib-data validate .
      idlib-data validate . --format html --out report.html
      idlib-data validate . --report html=report.html --report json=report.json
      idlib-data validate . --against HEAD~1
    """
    from idlib_data.cli import render
    from idlib_data.dataset import locate
    from idlib_data.validation import validate

    if path is not None and package is not None:
        raise click.UsageError("give the folder once: as PATH or as --package")
    root, _ = locate(path if path is not None else package)
    with progress_bar() as progress:
        report = validate(root, against=against, progress=progress)
    for voice, file in reports:
        render.report(report, voice, root, file)
    render.report(report, format_, root, out)
    sys.exit(0 if report.valid else 1)


@contextmanager
def progress_bar() -> Iterator[Progress | None]:
    """What shows the progress on a terminal, once the work has taken a while; None elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from threading import Timer

    from rich.console import Console
    from rich.progress import Progress as Bar

    bar = Bar(console=Console(stderr=True), transient=True)
    task = bar.add_task("validating", total=None)
    timer = Timer(PATIENCE, bar.start)
    timer.daemon = True
    timer.start()
    try:
        yield lambda step, done, total: bar.update(
            task, description=f"validating: {step}", completed=done, total=total
        )
    finally:
        timer.cancel()
        timer.join()
        if bar.live.is_started:
            bar.stop()
