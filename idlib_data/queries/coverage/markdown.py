"""Frames and runs of days as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def table(frame: pd.DataFrame) -> str:
    """A frame as a Markdown table, without its index.

    Numbers stand to the right: whole ones as they are, others as shares in per cent. A dash is
    none, be it null or 0.
    """
    from pandas.api.types import is_numeric_dtype

    names = [str(name) for name in frame.columns]
    aligned = ["---:" if is_numeric_dtype(dtype) else "---" for dtype in frame.dtypes]
    rows = ([_cell(value) for value in row] for row in frame.itertuples(index=False))
    return "\n".join("| " + " | ".join(row) + " |" for row in (names, aligned, *rows))


def spans(labels: Iterable[str]) -> str:
    """Days, months or plain numbers in ascending order, with those in a row drawn together.

    What stands before the last number is written once: ``2020-04-03..05, 09; 2020-05-01``.
    """
    parted = [(head + dash, last) for head, dash, last in (x.rpartition("-") for x in labels)]
    return "; ".join(
        head + ", ".join(_runs([last for _, last in group]))
        for head, group in groupby(parted, key=lambda pair: pair[0])
    )


def _runs(numbers: Sequence[str]) -> Iterator[str]:
    """Numbers as text, each run of them as its ends."""
    places = enumerate(numbers)
    for _, group in groupby(places, key=lambda place: int(place[1]) - place[0]):
        run = [number for _, number in group]
        yield run[0] if len(run) == 1 else f"{run[0]}..{run[-1]}"


def _cell(value: Any) -> str:
    import pandas as pd

    if isinstance(value, str):
        return value.replace("|", "\\|")
    if pd.isna(value) or value == 0:
        return "-"
    return f"{100 * value:.1f} %" if isinstance(value, float) else f"{value:,}"
