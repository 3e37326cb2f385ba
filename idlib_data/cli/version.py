"""``idlib-data --version``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from idlib_data.cli.options import fails_cleanly


@fails_cleanly
def tell() -> None:
    """Print the version of program and data, and the data in use where they are others.

    Nothing is fetched for it: of a release that is not there yet, that is told.
    """
    from idlib_data import __version__
    from idlib_data.dataset import DESCRIPTOR, ENVIRONMENT_VARIABLE, HERE, Dataset, locate
    from idlib_data.fetch.cache import Cache
    from idlib_data.fetch.index import is_version

    click.echo(f"idlib-data {__version__}")
    named = os.environ.get(ENVIRONMENT_VARIABLE)
    if not named:
        return
    if is_version(named) and not Path(named).exists():
        root = Cache().path(named)
        if not (root / DESCRIPTOR).is_file():
            click.echo(f"data in use: release {named}, not fetched yet ({ENVIRONMENT_VARIABLE})")
            return
    else:
        root, _ = locate()
    if root.resolve() not in (HERE.resolve() / "_bundle", HERE.resolve().parent):
        dataset = Dataset(root)
        told = f"{dataset.name} {dataset.version}".strip()
        click.echo(f"data in use: {told} in {root} ({ENVIRONMENT_VARIABLE})")
