"""The one form in which a table is written as CSV, and how the files of a package are put in it.

UTF-8 without byte order mark, lines that end in LF, commas, quotes only where a cell needs them,
columns in the order of the schema, records by primary key, no blank rows. Only the form is
changed, never the content of a cell; a file that leaves any doubt about its cells is left alone.
"""

from __future__ import annotations

import csv
import io
import os
import re
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import Any

from idlib_data.dataset import Dataset
from idlib_data.errors import PackageError
from idlib_data.schema import TableSchema

csv.field_size_limit(2**31 - 1)

DIALECT = {"header": True, "delimiter": ",", "quoteChar": '"', "doubleQuote": True}
"""What the dialect of a table may say, besides how its lines end."""
SAVE = "save the file anew as CSV in UTF-8"
CLOSE = 'close the quotes of the cell, and write a quote within it twice: ""'
FEWER = "count the commas: an empty cell still needs its comma"
MORE = "put text that holds a comma between double quotes"


class _Echo:
    """A file that gives back what is written to it, so that `csv.writer` gives the record."""

    def write(self, text: str) -> str:
        return text


# The writer quotes what its own line end holds, and some versions of Python quote a carriage
# return only then; without quotes it would end the record. The line end is replaced below.
_write = csv.writer(_Echo(), lineterminator="\r\n").writerow


def canonical(content: bytes, schema: TableSchema, name: str = "") -> bytes:
    """The content of a CSV file in canonical form, the cells of all records as they are.

    Args:
        content: The file.
        schema: Description of its table.
        name: What to call the file in errors; the name of the table if empty.

    Raises:
        PackageError: The file cannot be split into the columns of the schema beyond doubt.
    """
    name = name or schema.name
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _fault(name, _line(content, error.start), "no UTF-8", SAVE) from None
    if (nul := content.find(b"\0")) >= 0:
        raise _fault(name, _line(content, nul), "a NUL byte", SAVE)
    return b"".join(_lines(content, schema, name))


def _lines(content: bytes, schema: TableSchema, name: str) -> list[bytes]:
    """The lines of the canonical file."""
    records = _records(content, name)
    _, header, _ = next(records, (1, [], True))
    _check_header(header, schema, name)
    order = [header.index(column) for column in schema.names]
    as_is = order == sorted(order)
    key = [header.index(column) for column in schema.primary_key]
    key_of: Callable[[list[str]], object] = itemgetter(*key) if key else len
    keys: list[Any] = []
    lines: list[bytes] = []
    for line, cells, plain in records:
        if not any(cells):
            continue
        if len(cells) != len(header):
            what = f"{len(cells)} cells under {len(header)} columns"
            raise _fault(name, line, what, FEWER if len(cells) < len(header) else MORE)
        keys.append(key_of(cells))
        if not as_is:
            cells = [cells[at] for at in order]
        lines.append((",".join(cells) if plain else _write(cells)[:-2]).encode() + b"\n")
    # Records of equal key, and all of a table without one (equally long), keep their order.
    by_key = sorted(range(len(lines)), key=keys.__getitem__)
    return [_write(schema.names)[:-2].encode() + b"\n", *(lines[at] for at in by_key)]


def _records(content: bytes, name: str) -> Iterator[tuple[int, list[str], bool]]:
    """First line and cells of each record, and whether it is plain: no cell needs quotes."""
    lines = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
    number = 1
    for line in lines:
        if '"' not in line:
            yield number, line.rstrip("\r\n").split(","), True
            number += 1
            continue
        reader = csv.reader(chain((line,), lines), strict=True)
        try:
            cells = next(reader)
        except csv.Error:
            what = "a double quote is never closed, or text follows where it is closed"
            raise _fault(name, number, what, CLOSE) from None
        yield number, cells, False
        number += reader.line_num


def _check_header(header: list[str], schema: TableSchema, name: str) -> None:
    """Refuse a header that does not hold each column of the schema once, in whatever order."""
    known = set(schema.names)
    if len(known) < len(schema.names) or not known.issuperset(schema.primary_key):
        what = "the schema names a column twice, or a primary key that is no column"
        raise _fault(name, None, what, "mend the schema")
    if not any(header):
        raise _fault(name, 1, "no header", "write the names of the columns into the first line")
    for label in header:
        if header.count(label) > 1:
            raise _fault(name, 1, f"the column {label!r} stands twice", "take one of the two away")
        if label not in known:
            advice = "take it away, or describe it in the schema first"
            raise _fault(name, 1, f"the schema knows no column {label!r}", advice)
    if missing := [column for column in schema.names if column not in header]:
        raise _fault(name, 1, f"the column {missing[0]!r} is missing", "put it back")


def _fault(name: str, line: int | None, what: str, advice: str) -> PackageError:
    place = f"{name}, line {line}" if line else name
    return PackageError(f"{place}: {what}; {advice}")


def _line(content: bytes, position: int) -> int:
    """The physical line of a byte."""
    return 1 + len(re.findall(rb"\r\n|\r|\n", content[:position]))


@dataclass(frozen=True)
class _Change:
    """A file whose canonical content stands ready beside it, and its state when it was read."""

    name: str
    path: Path
    state: tuple[int, ...]
    ready: Path | None


def tidy(dataset: Dataset, *, check: bool = False) -> tuple[str, ...]:
    """Put the files of all tables into canonical form: all of them, or none if one is unreadable.

    Each file is replaced as a whole, so whoever reads it meanwhile, and whatever interrupts the
    work, finds the old content or the new. A file that is canonical is not touched.

    Args:
        dataset: The package.
        check: Write nothing, only find out which files are not canonical.

    Returns:
        The files that changed, or would change, relative to the package.

    Raises:
        PackageError: A file is missing, unreadable, a link, or cannot be written.
    """
    changes: list[_Change] = []
    faults: list[str] = []
    try:
        for schema in dataset.schemas.values():
            try:
                if change := _prepare(dataset, schema, check=check):
                    changes.append(change)
            except PackageError as error:
                faults.append(str(error))
        if faults:
            raise PackageError("\n".join([*faults, "no file was changed"]))
        if not check:
            _replace(changes)
    except OSError as error:
        raise PackageError(f"{error.filename or dataset.root}: {error.strerror}") from error
    finally:
        for change in changes:
            if change.ready:
                change.ready.unlink(missing_ok=True)
    return tuple(change.name for change in changes)


def _prepare(dataset: Dataset, schema: TableSchema, *, check: bool) -> _Change | None:
    """Write the canonical content of a table beside its file; None if it is canonical."""
    name, path = dataset.relative_path(schema.name), dataset.path(schema.name)
    _check_dialect(dataset.resources[schema.name], name)
    for part in (path, *path.parents[: len(Path(name).parts) - 1]):
        if part.is_symlink():
            raise _fault(name, None, f"{part.name} is a link", "put the file itself in its place")
    if not path.is_file():
        raise _fault(name, None, "the file is missing", "put it back")
    state, content = _state(path), path.read_bytes()
    formed = canonical(content, schema, name)
    if formed == content:
        return None
    return _Change(name, path, state, None if check else _write_beside(path, formed))


def _check_dialect(resource: Mapping[str, Any], name: str) -> None:
    """Refuse a table that is described as something else than plain CSV in UTF-8."""
    dialect = resource.get("dialect", {})
    plain = isinstance(dialect, dict) and all(
        key in ("$schema", "lineTerminator") or DIALECT.get(key, False) == value
        for key, value in dialect.items()
    )
    encoding = str(resource.get("encoding", "utf-8")).lower()
    if not plain or encoding not in ("utf-8", "utf8"):
        what = "the descriptor gives it a dialect or encoding of its own"
        raise _fault(name, None, what, "only plain CSV in UTF-8 has a canonical form")


def _write_beside(path: Path, content: bytes) -> Path:
    """Write content to a new file in the same folder, with the permissions of the file."""
    number, ready = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(ready).chmod(stat.S_IMODE(path.stat().st_mode))
    except BaseException:
        Path(ready).unlink(missing_ok=True)
        raise
    return Path(ready)


def _replace(changes: list[_Change]) -> None:
    """Move what stands ready into its place, unless somebody has edited a file meanwhile."""
    for change in changes:
        if _state(change.path) != change.state:
            raise _fault(change.name, None, "another program is changing it", "try again")
    for change in changes:
        if change.ready:
            os.replace(change.ready, change.path)


def _state(path: Path) -> tuple[int, ...]:
    found = path.lstat()
    return found.st_ino, found.st_size, found.st_mtime_ns
