"""Build a release: everything that is made of one state of the data, in fixed bytes.

The tables are copied first; what is checked, and what everything else is made of, are the copies.
Nothing in the bytes tells where, when, by whom or with which Python they were made.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from idlib_data.dataset import Dataset, PathLike, locate
from idlib_data.errors import ReleaseError
from idlib_data.release import archive, changelog, layout, metadata
from idlib_data.release.contents import State, copy_tables, derive, described, read_text
from idlib_data.release.differences import between
from idlib_data.release.layout import Layout
from idlib_data.release.place import workplace
from idlib_data.release.states import state as opened_state
from idlib_data.release.tree import uncommitted

if TYPE_CHECKING:
    from idlib_data.validation import Progress, Report

EPOCH = "SOURCE_DATE_EPOCH"
"""Environment variable with seconds since 1970, by which builds agree on a day."""
NAMED = 5
"""How many files a message names."""


class RefusedError(ReleaseError):
    """The data cannot be released as they are.

    Attributes:
        report: The report of the validation that found errors; None where it found none.
    """

    def __init__(self, message: str, report: Report | None = None) -> None:
        super().__init__(message)
        self.report = report


@dataclass(frozen=True)
class Built:
    """A release that was built.

    Attributes:
        folder: Where it is.
        name: Name of the package.
        version: Version of the release.
        date: Its day, YYYY-MM-DD.
        step: ``first``, ``major``, ``minor`` or ``patch``.
        base: Version that it was compared with.
        files: Path relative to the folder -> SHA-256 and size in bytes, of every file.
    """

    folder: Path
    name: str
    version: str
    date: str
    step: str
    base: str | None
    files: dict[str, tuple[str, int]]


def build(
    package: PathLike | Dataset | None = None,
    *,
    out: PathLike | None = None,
    base: PathLike | Dataset | None = None,
    day: str | None = None,
    allow_dirty: bool = False,
    progress: Progress | None = None,
) -> Built:
    """Build the release of a package.

    Args:
        package: A folder or an opened dataset, see `idlib_data.open`.
        out: Folder that is to hold the release, not there yet or empty; ``dist/<version>`` below
            the working folder if not given.
        base: The release before: a folder, an opened dataset, a zip archive, the version of a
            published release, or a revision of the git repository that holds the package. Without
            it this is the first release.
        day: The day of the release, YYYY-MM-DD. Else the day that ``CITATION.cff`` gives for this
            version, else that of the environment variable SOURCE_DATE_EPOCH.
        allow_dirty: Build also from files that are not committed.
        progress: As in `idlib_data.validate`.

    Returns:
        What was built, and where.

    Raises:
        RefusedError: The data are not valid, or the version says less than the changes demand.
        ReleaseError: OUT is not free or cannot be written, the day is unknown, files are not
            committed.
        PackageError: There is no data package at that place, or it or the base cannot be read.
    """
    root = package.root if isinstance(package, Dataset) else locate(package)[0]
    source = Dataset(root)
    plan = Layout.of(source)
    released = _day(source, day)
    target = Path(out) if out is not None else Path("dist", source.version)
    with _opened(base, source) as old, workplace(target) as folder:
        if not allow_dirty:
            _check_committed(root)
        dataset = copy_tables(source, folder / plan.top)
        _check(dataset, old, progress)
        state = _state(dataset, old, released)
        derive(dataset, root, state)
        archive.write(dataset.root, plan.top, folder / plan.archive)
        layout.put(folder, layout.SUMS, layout.sums(folder, [plan.archive]))
        files = {name: (d["sha256"], d["bytes"]) for name, d in described(folder).items()}
    return Built(target, plan.name, plan.version, released, state.step, state.base, files)


@contextmanager
def _opened(base: PathLike | Dataset | None, source: Dataset) -> Iterator[Dataset | None]:
    """The release before, opened, of which this one can be the next."""
    from idlib_data.validation.versions import parse

    now = parse(source.version)
    if now is None:
        raise RefusedError(f"the version {source.version} is not written MAJOR.MINOR.PATCH")
    if base is None:
        yield None
        return
    with opened_state(base, source.root) as old:
        was = parse(old.version)
        if old.name != source.name:
            raise ReleaseError(f"{base}: is the package {old.name}, not {source.name}")
        if was is None:
            raise ReleaseError(f"{base}: its version {old.version} is not MAJOR.MINOR.PATCH")
        if now <= was:
            raise RefusedError(
                f"the version {source.version} is not greater than {old.version}, that of the base"
            )
        yield old


def _day(source: Dataset, given: str | None) -> str:
    """The day of the release; there is no other clock."""
    told, where = given, "the date given"
    citation = source.root / layout.CITATION
    if told is None and citation.is_file():
        told = metadata.released(read_text(source.root, layout.CITATION), source.version)
        where = f"date-released in {layout.CITATION}"
    if told is None and EPOCH in os.environ:
        told, where = os.environ[EPOCH], EPOCH
        try:
            return datetime.fromtimestamp(int(told), UTC).date().isoformat()
        except (ValueError, OverflowError, OSError) as error:
            raise ReleaseError(f"{EPOCH}, {told!r}, is no number of seconds") from error
    if told is None:
        raise ReleaseError(
            f"the day of the release is not known: give --date YYYY-MM-DD, or write date-released "
            f"for version {source.version} into {layout.CITATION}, or set {EPOCH}"
        )
    try:
        if date.fromisoformat(told).isoformat() == told:
            return told
    except ValueError:
        pass
    raise ReleaseError(f"{where}, {told!r}, is no day YYYY-MM-DD")


def _check_committed(root: Path) -> None:
    changed = uncommitted(root)
    if changed:
        more = f" and {len(changed) - NAMED} more" if len(changed) > NAMED else ""
        raise ReleaseError(
            f"{root}: not committed are {', '.join(changed[:NAMED])}{more}; commit them, or give "
            "--allow-dirty to build from what is there"
        )


def _check(dataset: Dataset, old: Dataset | None, progress: Progress | None) -> None:
    from idlib_data.validation import validate

    report = validate(dataset, against=old, progress=progress)
    if not report.valid:
        count = sum(problem.severity == "error" for problem in report.problems)
        noun = "error" if count == 1 else "errors"
        raise RefusedError(f"the data have {count} {noun}; nothing was built", report)


def _state(dataset: Dataset, old: Dataset | None, released: str) -> State:
    """What the release says of itself; words about the data that change alone are a patch."""
    if old is None:
        return State(released)
    found = between(old, dataset)
    step = "patch" if found.demand.step == "none" else found.demand.step
    return State(released, step, old.version, tuple(changelog.rows_of(found)))
