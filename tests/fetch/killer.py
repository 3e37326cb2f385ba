"""Fetch a release again and again, each time killed at another moment; tells what was left.

    python -m tests.fetch.killer INDEX CACHE OLD|- SEED NUMBER

Each fetch is a process of its own. Half of the moments are just before the process asks the system
for something, such as to write or to rename a file; the others are calls of any function. One line
of JSON per moment: the call, the state after the kill, and the state after one further fetch. OLD
is a folder that is put into the cache beforehand, which is then fetched anew with ``force``.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from idlib_data.errors import ReleaseError
from idlib_data.fetch import Options, obtain
from idlib_data.fetch.cache import Cache
from idlib_data.fetch.verify import content_of_folder, faults

VERSION = "1.0.0"
SYSTEM = ("posix", "fcntl", "_io", "io", "_socket")
"""The modules of functions that ask the system for something."""
OPTIONS = Options(timeout=20, retries=0)


def process(work: Callable[[], None]) -> int:
    """Do something in a child and give its exit code, negative for a signal."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def fetch(index: str, force: bool, note: Callable[[str, str, int], None] | None = None) -> None:
    """Fetch, and tell sort, name and number of each call, a moment at which it could be killed."""
    counts = {"system": 0, "any": 0}

    def hook(_: FrameType, event: str, function: Any) -> None:
        if event != "c_call" or note is None:
            return
        home = getattr(function, "__module__", None) or type(function.__self__).__module__
        for sort in ("system", "any") if home in SYSTEM else ("any",):
            counts[sort] += 1
            note(sort, function.__name__, counts[sort])

    if note:
        sys.setprofile(hook)
    obtain(VERSION, index=index, force=force, options=OPTIONS)


def state(cache: Path) -> dict[str, Any]:
    """The release that can be opened, whether it is whole, and what else lies in the cache."""
    os.environ["IDLIB_DATA_CACHE"] = str(cache)
    found = Cache().find(VERSION)
    names = sorted(p.name for p in (cache / "releases").glob("*") if p.name != ".lock")
    if found is None:
        return {"date": None, "faults": [], "names": names}
    try:
        content = content_of_folder(found)
    except ReleaseError as error:
        return {"date": "?", "faults": [str(error)], "names": names}
    date = content.document("manifest.json").get("date")
    return {"date": date, "faults": faults(content), "names": names}


def fresh(cache: Path, old: Path | None) -> None:
    shutil.rmtree(cache, ignore_errors=True)
    (cache / "releases").mkdir(parents=True)
    if old:
        shutil.copytree(old, cache / "releases" / VERSION)


def main(index: str, place: str, before: str, seed: str, number: str) -> None:
    cache, old = Path(place), None if before == "-" else Path(before)
    os.environ["IDLIB_DATA_CACHE"] = place
    force = old is not None
    log = Path(f"{place}.log")

    fresh(cache, old)
    fetch(index, force)  # what is imported while fetching is then there for all
    fresh(cache, old)
    out = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)

    def remember(sort: str, name: str, count: int) -> None:
        os.write(out, f"{sort} {name} {count}\n".encode())

    assert process(lambda: fetch(index, force, remember)) == 0
    calls: dict[str, list[str]] = {"system": [], "any": []}
    for line in log.read_text().splitlines():
        sort, name, _ = line.split()
        calls[sort].append(name)
    draw = random.Random(int(seed))
    for sort, names in calls.items():
        for moment in sorted(draw.sample(range(len(names)), int(number) // 2)):

            def kill(this: str, _: str, count: int, at: tuple[str, int] = (sort, moment)) -> None:
                if (this, count) == (at[0], at[1] + 1):
                    os.kill(os.getpid(), signal.SIGKILL)

            fresh(cache, old)
            code = process(lambda kill=kill: fetch(index, force, kill))  # type: ignore[misc]  # bound now
            told = {"call": names[moment], "code": code, "left": state(cache)}
            told |= {"again": process(lambda: fetch(index, force)), "then": state(cache)}
            sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
