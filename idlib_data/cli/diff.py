"""``idlib-data diff``."""

from __future__ import annotations

import sys

import click

from idlib_data.cli.options import fails_cleanly
from idlib_data.release.voices import LIMIT, NAMES


@click.command("diff")
@click.argument("old")
@click.argument("new")
@click.option(
    "--package",
    metavar="DIR",
    default=None,
    help="Folder of the package whose git repository has the revisions. Default: OLD or NEW if it "
    "is a folder, else the working folder, else the package in use.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(NAMES),
    default="text",
    show_default=True,
    help="Form of the output: text for people, markdown for a pull request, json and csv for "
    "programs.",
)
@click.option(
    "--all",
    "all_",
    is_flag=True,
    help=f"Tell of all records in text and markdown, not of {LIMIT} per table.",
)
@click.option(
    "--cells", is_flag=True, help="Tell the cells of records that came or went, not only their ids."
)
@click.option("--exit-code", is_flag=True, help="End with 1 if there is a difference.")
@fails_cleanly
def command(
    old: str,
    new: str,
    package: str | None,
    format_: str,
    all_: bool,
    cells: bool,
    exit_code: bool,
) -> None:
    """Show how the data differ between the states OLD and NEW, cell by cell, and why.

    A state is a folder with a data package, a release archive, the version of a published release,
    or a revision of the git repository that holds the package. A changed cell comes with the claims
    on it that are new, gone or not what they were.

    \b
    Examples:
      idlib-data diff HEAD~1 .
      idlib-data diff 1.0.0 1.1.0 --format csv
      idlib-data diff origin/main . --format markdown

    Exit codes: 0 whether the states differ or not; with --exit-code, 1 if they do; 2 if one of them
    cannot be read.
    """
    from idlib_data.release.differences import diff
    from idlib_data.release.voices import render

    difference = diff(old, new, whole=cells, root=package)
    click.echo(render(difference, format_, limit=None if all_ else LIMIT), nl=False)
    sys.exit(1 if exit_code and not difference.same else 0)
