"""``idlib-data release list | fetch | verify | index``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from idlib_data.cli.options import F, chosen, fails_cleanly, table_format

if TYPE_CHECKING:
    from idlib_data.fetch.index import Index
    from idlib_data.fetch.options import Options, Progress

index_option = click.option(
    "--index",
    metavar="URL|PATH",
    help="Index of the releases: its URL, file or folder. Default: $IDLIB_DATA_INDEX, else the one "
    "that the data in use name.",
)


def network_options(command: F) -> F:
    """The options on how to deal with a server."""
    for option in (
        click.option(
            "--allow-redirects", is_flag=True, help="Follow a server that sends on to another host."
        ),
        click.option(
            "--retries",
            type=click.IntRange(0, 100),
            default=4,
            show_default=True,
            help="Times that a failed request is tried again.",
        ),
        click.option(
            "--timeout",
            type=click.FloatRange(0.01, 3600),
            default=30.0,
            show_default=True,
            help="Seconds to wait for a server.",
        ),
    ):
        command = option(command)
    return command


def _options(timeout: float, retries: int, allow_redirects: bool, **more: Any) -> Options:
    from idlib_data.fetch.options import Options

    return Options(timeout=timeout, retries=retries, allow_redirects=allow_redirects, **more)


@contextmanager
def progress_bar(what: str) -> Iterator[Progress | None]:
    """What shows on a terminal how far a download is; None elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TransferSpeedColumn

    columns = ("{task.description}", BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@click.command("list")
@index_option
@click.option("--cached", is_flag=True, help="List only what was fetched; needs no index.")
@network_options
@table_format
@fails_cleanly
def list_releases(index: str | None, cached: bool, format_: str | None, **network: Any) -> None:
    """List the published releases, and which of them were fetched.

    \b
    Example:
      idlib-data release list --index https://example.org/releases/
    """
    import pandas as pd

    from idlib_data.cli import render
    from idlib_data.dataset import index_said
    from idlib_data.fetch.cache import Cache
    from idlib_data.fetch.index import read_index, whereabouts

    cache = Cache()
    if cached:
        rows = [{"version": v, "folder": str(cache.path(v))} for v in cache.versions()]
        render.frame(pd.DataFrame(rows, columns=["version", "folder"]), chosen(format_), "releases")
        return
    listing = read_index(whereabouts(index, index_said()), _options(**network))
    fetched = set(cache.versions())
    columns = ["version", "date", "step", "bytes", "sha256", "fetched"]
    entries = [
        (e.version, e.date, e.step, e.bytes, e.sha256, e.version in fetched)
        for e in listing.entries
    ]
    render.frame(pd.DataFrame(entries, columns=columns), chosen(format_), "releases")


@click.command("fetch")
@click.argument("tag")
@index_option
@click.option("--force", is_flag=True, help="Fetch it even if the cache has it.")
@network_options
@fails_cleanly
def fetch(tag: str, index: str | None, force: bool, **network: Any) -> None:
    """Fetch a release, verify it, keep it in the cache, and print its folder.

    It is there whole or not at all. The cache is the platform's folder for caches of programs, or
    the one that $IDLIB_DATA_CACHE names.

    \b
    Example:
      idlib-data release fetch 1.0.0 --index https://example.org/releases/
    """
    from idlib_data.dataset import index_said
    from idlib_data.fetch import obtain

    with progress_bar(f"fetching {tag}") as progress:
        options = _options(progress=progress, **network)
        folder = obtain(tag, index=index, said=index_said(), force=force, options=options)
    click.echo(str(folder))


@click.command("verify")
@click.argument("place", metavar="PATH|TAG")
@index_option
@network_options
@fails_cleanly
def verify(place: str, index: str | None, **network: Any) -> None:
    """Compare a release with its own sums and, if an index is known, with what that says.

    PATH is its folder, its archive, or the folder that holds both; TAG a release in the cache.
    Exit code 1 if anything differs.

    \b
    Example:
      idlib-data release verify dist/1.0.0
    """
    from idlib_data.fetch.check import verify

    found = verify(place, _known(index, _options(**network)))
    for fault in found.faults:
        click.echo(f"{found.place}: {fault}")
    against = f" and {found.index}" if found.index else ", no index is known"
    verdict = f"faults: {len(found.faults)}" if found.faults else "as its sums say"
    click.echo(
        f"{found.name} {found.version}, {found.files} files, {verdict} (compared with its own sums"
        f"{against})",
        err=bool(found.faults),
    )
    sys.exit(0 if found.valid else 1)


def _known(index: str | None, options: Options) -> Index | None:
    """The index, if any is known."""
    from idlib_data.dataset import index_said
    from idlib_data.fetch.index import known, read_index

    location = known(index, index_said())
    return read_index(location, options) if location else None


@click.command("index")
@click.argument("folder", type=click.Path(path_type=Path))
@fails_cleanly
def index(folder: Path) -> None:
    """Write index.json over all built releases in FOLDER, each of which is verified.

    The folder can then be served by any HTTP server, or be named as it is with --index.

    \b
    Example:
      idlib-data release index dist
    """
    from idlib_data.fetch.listing import write_index

    path, versions = write_index(folder)
    click.echo(f"{path}: lists {', '.join(versions)}", err=True)


COMMANDS: list[click.Command] = [list_releases, fetch, verify, index]
"""The commands of this module that the group ``release`` takes in."""
