"""A CSV file as text cells with record numbers and physical lines, whatever state it is in.

pyarrow splits the file in one pass, with exact record numbers; a file that it cannot split (bytes
that are no UTF-8, say) is split by the csv module with the bad bytes replaced, so that every later
layer still sees the rest. Nothing is judged here.
"""

from __future__ import annotations

import csv
import io
import sys
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

ROW = "_row"
"""Column that carries the record number, the header being record 1."""
BLOCK_BYTES = 8 * 1024 * 1024
BLOCK_SIZES = 64
"""How many sizes of block are tried, see `_block_size`."""
BOM = b"\xef\xbb\xbf"

csv.field_size_limit(2**31 - 1)
_CHANGING = Lock()
_hooks: list[Any] = []


@dataclass
class TextTable:
    """The records of a CSV file.

    Attributes:
        path: The file.
        header: The cells of the first record.
        cells: One row per record that is not blank: its number as ``_row``, then a text column per
            distinct label of the header; an empty cell is null, a cell too few is null, too many
            are dropped.
        ragged: Number of each record with too few or too many cells, and some text in them -> the
            cells as they stand.
        blank: Numbers of the records without any text.
        whole: Whether the file could be split as plain UTF-8 CSV.
    """

    path: Path
    header: list[str] = field(default_factory=list)
    cells: pa.Table = None
    ragged: dict[int, list[str]] = field(default_factory=dict)
    blank: list[int] = field(default_factory=list)
    whole: bool = True

    @cached_property
    def rows(self) -> list[int]:
        """The numbers of the records in ``cells``, ascending."""
        return list(self.cells[ROW].to_pylist())

    def column(self, name: str) -> pa.ChunkedArray:
        """The cells of a column as text; null throughout where the header lacks it."""
        import pyarrow as pa

        if name in self.cells.column_names:
            return self.cells[name]
        return pa.chunked_array([pa.nulls(self.cells.num_rows, pa.string())])

    def cell(self, row: int, name: str) -> str | None:
        """The text of one cell, None where it is empty or there is no such cell."""
        at = bisect_left(self.rows, row)
        if at == len(self.rows) or self.rows[at] != row:
            return None
        value = self.column(name)[at].as_py()
        return None if value is None else str(value)

    def line(self, row: int) -> int:
        """The physical line on which a record starts."""
        return self._starts[row - 1] if self._starts and row <= len(self._starts) else row

    @cached_property
    def _starts(self) -> list[int]:
        """First line of each record; empty where record and line number are the same throughout."""
        content = self.path.read_bytes()
        records = max([1, *self.rows[-1:], *self.blank[-1:], *sorted(self.ragged)[-1:]])
        lines = content.count(b"\n") + (not content.endswith(b"\n"))
        if self.whole and lines == records and content.count(b"\r") == content.count(b"\r\n"):
            return []
        reader = csv.reader(io.StringIO(content.decode("utf-8", errors="replace"), newline=""))
        starts, line = [], 1
        try:
            for _ in reader:
                starts.append(line)
                line = reader.line_num + 1
        except csv.Error:
            pass
        return starts


def read(path: Path) -> TextTable:
    """Read a CSV file as far as it can be read; a missing file is an empty table."""
    import pyarrow as pa

    try:
        with path.open("rb") as file:
            start = file.read(1 << 16)
    except OSError:
        return TextTable(path, cells=_table([], {}), whole=False)
    try:
        header = next(
            csv.reader(io.StringIO(start.decode("utf-8", errors="replace"), newline="")), []
        )
        odd = start.startswith(BOM) or len({ROW, *header}) < max(len(header), 1) + 1
        if odd:
            return _split_slowly(path)
        return _split(path, header)
    except (pa.ArrowException, csv.Error):
        return _split_slowly(path)


def _split(path: Path, header: list[str]) -> TextTable:
    """Split the file with pyarrow, unless a row shows that the csv module would split otherwise."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv as arrow_csv

    size = _block_size(path)
    if size is None:
        return _split_slowly(path)
    ragged: dict[int, list[str]] = {}
    unclosed = []

    def keep(row: arrow_csv.InvalidRow) -> str:
        cells, ended = _cells(row.text), _cells(row.text + "\n")
        ragged[row.number] = cells
        if cells != ended:
            # In a quote that is never closed the end of the line, cut off here, is of the cell.
            unclosed.append(row.number)
        return "skip"

    with _silence():
        table = arrow_csv.read_csv(
            path,
            read_options=arrow_csv.ReadOptions(
                use_threads=False, column_names=header, block_size=size
            ),
            parse_options=arrow_csv.ParseOptions(
                newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=keep
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    if unclosed or 1 in ragged:
        return _split_slowly(path)
    total = table.num_rows + len(ragged)
    numbers = pc.cumulative_sum(pa.repeat(pa.scalar(1, pa.int64()), total))
    if ragged:
        numbers = numbers.filter(pc.invert(pc.is_in(numbers, value_set=pa.array(list(ragged)))))
    table = table.add_column(0, ROW, numbers).slice(1)
    blank = pc.invert(table[header[0]].is_valid())
    for name in header[1:]:
        blank = pc.and_(blank, pc.invert(table[name].is_valid()))
    blank_rows = table[ROW].filter(blank).to_pylist()
    if blank_rows:
        table = table.filter(pc.invert(blank))
    filled = {row: cells for row, cells in ragged.items() if any(cells)}
    blank_rows = sorted({*blank_rows, *ragged} - filled.keys())
    if filled:
        table = pa.concat_tables([table, _table(header, filled)]).sort_by(ROW)
    return TextTable(path, header, table, filled, blank_rows)


def _block_size(path: Path) -> int | None:
    """A size of block such that none ends in a carriage return, if there is one.

    A newline that begins the next block would be dropped by pyarrow, also within a cell.
    """
    total = path.stat().st_size
    with path.open("rb") as file:
        for size in range(BLOCK_BYTES, BLOCK_BYTES + BLOCK_SIZES):
            ends = range(size - 1, total, size)
            if all(file.seek(end) == end and file.read(1) != b"\r" for end in ends):
                return size
    return None


def _cells(record: str) -> list[str]:
    """The cells of one record."""
    return next(csv.reader(io.StringIO(record, newline="")), [])


@contextmanager
def _silence() -> Iterator[None]:
    """Keep pyarrow from printing a traceback for a ragged row that is no UTF-8, besides raising."""
    with _CHANGING:  # files may be read in several threads, and the hook is the same for all
        if not _hooks:
            _hooks.append(sys.unraisablehook)
            sys.unraisablehook = lambda _: None
        _hooks.append(_hooks[0])
    try:
        yield
    finally:
        with _CHANGING:
            _hooks.pop()
            if len(_hooks) == 1:
                sys.unraisablehook = _hooks.pop()


def _split_slowly(path: Path) -> TextTable:
    """Split the file with the csv module, what is no UTF-8 replaced."""
    text = path.read_bytes().decode("utf-8-sig", errors="replace")
    reader = csv.reader(io.StringIO(text, newline=""))
    header: list[str] = []
    records: dict[int, list[str]] = {}
    ragged: dict[int, list[str]] = {}
    blank: list[int] = []
    try:
        for number, cells in enumerate(reader, 1):
            if number == 1:
                header = cells
            elif any(cells):
                records[number] = cells
                if len(cells) != len(header):
                    ragged[number] = cells
            else:
                blank.append(number)
    except csv.Error:
        pass
    return TextTable(path, header, _table(header, records), ragged, blank, whole=False)


def _table(header: list[str], records: dict[int, list[str]]) -> pa.Table:
    """Records as an Arrow table, the first of columns that are called alike."""
    import pyarrow as pa

    columns = {ROW: pa.array(list(records), pa.int64())}
    for at, name in enumerate(header):
        if name not in columns:
            cells = [(cells[at] or None) if at < len(cells) else None for cells in records.values()]
            columns[name] = pa.array(cells, pa.string())
    return pa.table(columns)
