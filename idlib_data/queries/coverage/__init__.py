"""What the data cover, and what they do not: the page ``docs/coverage.md``.

The page is `page` written into a file. All numbers on it are asked from the data, in `records`
(how much there is), `counts` (which days have a count of violations) and `voices` (who says it).
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from idlib_data.dataset import Dataset, PathLike, open
from idlib_data.queries.coverage import counts, records, voices
from idlib_data.queries.coverage.markdown import spans, table


def page(package: PathLike | Dataset | None = None) -> str:
    """The page on what the data cover, as Markdown; see `idlib_data.open` for the package."""
    dataset = open(package)
    parts = [INTRODUCTION]
    for section in (_records, _patrols, _counts, _sources, _speakers, _evidence):
        parts += section(dataset)
    return "\n\n".join(parts) + "\n"


INTRODUCTION = """\
# What the data cover

<!-- Generated from the data by scripts/generate_coverage.py; not edited. -->

How much there is, of which months and days, and who says it. All numbers count rows, not what
happened: a month with few rows may have been quiet, or told of in pages that were not found. A dash
is none, and 2020-04-03..05, 09 are the days from the third to the fifth and the ninth. What is
coded and how stands in [coding.md](coding.md), who is heard and who is not in
[data-statement.md](data-statement.md).\
"""


def _records(dataset: Dataset) -> Iterator[str]:
    yield "## Tables"
    yield table(records.sizes(dataset))
    events = records.events_by_month(dataset)
    rare = records.types_by_number(dataset)
    rare = rare[~rare["label"].isin(events.columns)]
    yield "## Events by month and type"
    yield _text(
        "An event counts in the month it starts in, and a part of an event (`part_of_event_id`) "
        "counts beside the whole."
    )
    yield table(events)
    others = _pairs(rare["label"].str.lower(), rare["events"])
    months = spans(records.months_without_events(dataset))
    yield _text(f"Other types: {others or 'none'}. Months without an event: {months or 'none'}.")


def _patrols(dataset: Dataset) -> Iterator[str]:
    series = records.NUMBERED_SERIES
    yield "## Patrols by series and month"
    yield _text("The columns are what became of them, as `patrols.outcome` has it.")
    yield table(records.patrols_by_month(dataset))
    yield f"### The series {series} by number"
    yield _text(
        "The number is that of the Turkish defence ministry, by rule R2 of the coding rules. "
        "Beside it stand those that others give the same patrol."
    )
    yield table(records.numbered_patrols(dataset, series))
    missing = spans(records.missing_numbers(dataset, series))
    without = records.unnumbered_patrols(dataset, series)
    unnumbered = _pairs((f"`{name}`" for name in without["id"]), without["day"])
    yield _text(
        f"Numbers up to the last one that no patrol bears: {missing or 'none'}. Patrols of the "
        f"series without a number: {unnumbered or 'none'}."
    )


def _counts(dataset: Dataset) -> Iterator[str]:
    over_days, of_groups = counts.left_out(dataset)
    yield "## Violation counts by day"
    yield _text(
        f"Which days from {counts.START} to {counts.END} have a count of ceasefire violations, by "
        "the side that reports it, and how many of these counts have a total. The Syrian part is "
        "what the Russian side gives as data of the Syrian government. "
        "**A missing day means that no count was found, not that none was made.** "
        f"Left out are {over_days} counts that are not of one day, and {of_groups} statements on "
        "one group alone."
    )
    covered = counts.days_with(dataset)
    yield table(counts.days_by_month(covered))
    yield "Days with a figure for a governorate:"
    yield table(counts.days_by_month(counts.days_with_governorate(dataset)))
    yield "### Missing days"
    yield table(counts.missing_days(covered))
    for side, days in counts.days_without_total(covered).items():
        yield _text(f"{side}, days with a count but no total: {spans(days) or 'none'}.")
    yield "### All years"
    yield table(counts.days_by_year(covered))
    told = counts.told_by_others(dataset).items()
    numbers = (f"{side} {others} of {whole}" for side, (others, whole) in told)
    yield _text(f"Counts that rest on no word of the side itself: {', '.join(numbers)}.")


def _sources(dataset: Dataset) -> Iterator[str]:
    yield "## Sources and their claims"
    yield _text("Languages and countries stand as their ISO codes; the country is the publisher's.")
    for column, heading in voices.SOURCE_COLUMNS.items():
        shown, others = voices.grouped(voices.by_source_column(dataset, column), heading)
        yield f"### By {heading.lower()}"
        yield table(shown)
        if others:
            yield _text(f"Others: {', '.join(others)}.")
    yield "### By year of publication"
    yield table(voices.by_year(dataset))


def _speakers(dataset: Dataset) -> Iterator[str]:
    yield "## Who says it"
    yield _text(
        "The speaker is the actor a claim is attributed to, or the one whom the source relays as a "
        "whole. Its side (`actors.side`) is a grouping of the coders, not a judgement."
    )
    yield table(voices.claims_by_side(dataset))
    yield "### The origins with most claims"
    yield _text(
        "The origin of a claim is the speaker, or else the publisher. A body and its organs speak "
        "with one voice, and count as one."
    )
    yield table(voices.top_origins(dataset))


def _evidence(dataset: Dataset) -> Iterator[str]:
    yield "## On how many origins the data rest"
    yield _text(
        "Cells with an accepted claim, by the number of independent origins. Pages that pass on "
        "one speaker are one origin, and so are a body and its organs. Disputed are the cells that "
        "some claim contradicts."
    )
    yield table(voices.origins_by_table(dataset, cells=True))
    yield "The same for the records as such: who says that they exist, and who denies it."
    yield table(voices.origins_by_table(dataset, cells=False))


def _pairs(names: Iterable[object], values: Iterable[object]) -> str:
    return ", ".join(f"{name} ({value})" for name, value in zip(names, values, strict=True))


def _text(words: str) -> str:
    """A paragraph in lines that are not too long."""
    return textwrap.fill(words, 100, break_long_words=False, break_on_hyphens=False)
