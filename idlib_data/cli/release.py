"""``idlib-data release``: build, and what else is done with releases."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click

from idlib_data.cli.options import fails_cleanly

BUILD = "build"
ELSEWHERE = "idlib_data.cli.release_fetch"
"""The module with the further commands of the group, as a list ``COMMANDS``."""


class Release(click.Group):
    """The group, whose further commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands."""
        return [*super().list_commands(ctx), *_further()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        return super().get_command(ctx, cmd_name) or _further().get(cmd_name)


def _further() -> dict[str, click.Command]:
    if find_spec(ELSEWHERE) is None:
        return {}
    commands: list[click.Command] = import_module(ELSEWHERE).COMMANDS
    return {str(command.name): command for command in commands}


@click.group("release", cls=Release)
def command() -> None:
    """Build releases of a data package, and fetch, list and verify them.

    \b
    Example:
      idlib-data release build . --date 2026-12-01
    """


@command.command(BUILD)
@click.argument("path", required=False)
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder that is to hold the release, empty or not there yet. Default: dist/VERSION.",
)
@click.option(
    "--base",
    metavar="BASE",
    help="The release before, to tell and to judge what changed: a folder, a zip archive, the "
    "version of a published one, or a git revision. Without it, this is the first release.",
)
@click.option(
    "--date",
    "day",
    metavar="YYYY-MM-DD",
    help="Day of the release. Default: date-released of this version in CITATION.cff, else "
    "$SOURCE_DATE_EPOCH.",
)
@click.option("--allow-dirty", is_flag=True, help="Build also from files that are not committed.")
@fails_cleanly
def build(
    path: str | None, out: Path | None, base: str | None, day: str | None, allow_dirty: bool
) -> None:
    """Build the release of a data package, and print what was built.

    PATH is the folder of the package; without it, the data in use are taken. The version is that of
    datapackage.json. Two builds of the same state have the same bytes. Nothing is left behind if
    the data are not valid or the version says less than the changes demand (exit code 1), or if
    anything else is in the way (exit code 2).

    \b
    Examples:
      idlib-data release build . --date 2026-12-01
      idlib-data release build . --base dist/1.0.0/idlib-data-1.0.0.zip
    """
    from idlib_data.cli import render
    from idlib_data.cli.validate import progress_bar
    from idlib_data.dataset import locate
    from idlib_data.release.build import RefusedError
    from idlib_data.release.build import build as build_release

    root, _ = locate(path)
    try:
        with progress_bar() as progress:
            built = build_release(
                root, out=out, base=base, day=day, allow_dirty=allow_dirty, progress=progress
            )
    except RefusedError as error:
        if error.report is not None:
            render.report(error.report, "text", root, None)
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
    step = "first release" if built.base is None else f"{built.step} step from {built.base}"
    click.echo(f"{built.name} {built.version} of {built.date}, {step}, in {built.folder}")
    width = max(len(str(size)) for _, size in built.files.values())
    for name, (sha256, size) in built.files.items():
        click.echo(f"{sha256}  {size:{width}}  {name}")
