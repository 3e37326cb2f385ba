"""``idlib-data evidence``."""

from __future__ import annotations

import sys

import click

from idlib_data.cli.options import chosen, fails_cleanly, package_option, table_format


@click.command("evidence")
@click.argument("record_id", required=False)
@click.argument("field", required=False)
@click.option(
    "--archive",
    metavar="DIR",
    help="Instead of showing claims, verify every hashed passage against the texts in DIR.",
)
@package_option
@table_format
@fails_cleanly
def command(
    record_id: str | None,
    field: str | None,
    archive: str | None,
    package: str | None,
    format_: str | None,
) -> None:
    """Show who says what about RECORD_ID, or about one FIELD of it.

    \b
    Examples:
      idlib-data evidence pat-m4-2020-07-14 sequence
      idlib-data evidence --archive texts/
    """
    from idlib_data.cli import render

    if (archive is None) == (record_id is None):
        raise click.UsageError("give either RECORD_ID or --archive DIR")
    if archive is not None:
        from idlib_data.dataset import open
        from idlib_data.validation import archive as archive_check

        report = archive_check.check(archive, package=package)
        voice = "text" if format_ in (None, "table") else format_
        render.report(report, voice, open(package).root)
        sys.exit(0 if report.valid else 1)
    from idlib_data.ledger import evidence

    assert record_id is not None
    claims = evidence(record_id, field, package=package)
    if chosen(format_) == "table":
        shown = ["field", "value", "status", "origin", "source_id", "locator", "note"]
        claims = claims[shown[1:] if field else shown]
    render.frame(claims, chosen(format_), title=f"{record_id} {field or ''}".strip())
