"""``idlib-data rules``."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import indent
from typing import TYPE_CHECKING, Any

import click

from idlib_data.cli.options import chosen, fails_cleanly, table_format

if TYPE_CHECKING:
    from idlib_data.validation.rules import Rule


@click.command("rules")
@click.argument("rule", required=False)
@table_format
@fails_cleanly
def command(rule: str | None, format_: str | None) -> None:
    """List the rules of the validator, or explain RULE: what it demands and what breaks it.

    An explanation is text, in a pipe as well; --format json and csv give the same as data.

    \b
    Examples:
      idlib-data rules
      idlib-data rules foreign-key
    """
    import pandas as pd

    from idlib_data.cli import render
    from idlib_data.errors import NotFoundError
    from idlib_data.validation import rules

    known = {each.id: each for each in rules()}
    if rule is None:
        listed = [_summary(each) for each in known.values()]
        render.frame(pd.DataFrame(listed), chosen(format_))
        return
    if rule not in known:
        raise NotFoundError("rule", rule, known)
    told = known[rule]
    if format_ == "json":
        render.echo_json(_data(told))
    elif format_ == "csv":
        render.frame(pd.DataFrame(_flat(told)), "csv")
    else:
        click.echo("\n".join(_explanation(told)))


def _summary(rule: Rule) -> dict[str, str]:
    return {
        "rule": rule.id,
        "layer": rule.layer,
        "severity": rule.severity,
        "meaning": rule.meaning,
    }


def _data(rule: Rule) -> dict[str, Any]:
    """All there is about a rule."""
    from dataclasses import asdict

    from idlib_data.validation import handbook

    examples = [asdict(piece) for piece in handbook.pieces(rule)]
    return _summary(rule) | {
        "hint": rule.hint,
        "query": handbook.query(rule) or None,
        "examples": examples,
    }


def _flat(rule: Rule) -> list[dict[str, Any]]:
    """All there is about a rule as rows, one per example and at least one."""
    data = _data(rule)
    blank: dict[str, Any] = dict.fromkeys(("path", "why", "columns", "broken", "mended"))
    return [data | example for example in data.pop("examples") or [blank]]


def _explanation(rule: Rule) -> Iterator[str]:
    """The lines of the text about a rule."""
    from idlib_data.validation import handbook

    yield f"{rule.id} ({rule.layer}, {rule.severity})"
    yield f"  {rule.meaning}"
    yield f"  -> {rule.hint}"
    for piece in handbook.pieces(rule):
        yield f"\nExample, in {piece.path}:"
        yield f"  {piece.why}"
        if piece.columns:
            yield f"  columns  {piece.columns}"
        yield f"  broken   {piece.broken}"
        yield f"  mended   {piece.mended}"
    if rule.sql:
        yield "\nQuery that finds the offences:"
        yield indent(handbook.query(rule), "  ")
