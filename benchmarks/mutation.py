"""How much damage the validator finds: mutants of the shipped package, one edit each.

    python benchmarks/mutation.py --mutants 2000 --seed 1 --jobs 2

Each mutant is validated in a copy of the package; a kind tells whether it was caught (by an error,
or by a warning of a rule that warns), and whether table and row, or the very cell, were named. The
same mutants go to frictionless alone and to pandera alone, or every n-th of them. Harmless edits
must give no problem at all. Some edits nothing in the package contradicts, as of a cell that takes
no claims: these are shown apart and no part of the target, for only a comparison with a base can
tell them. Ends with 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.mutants import cells, domain, files, harmless, judges, ledger, records, unseen
from benchmarks.mutants.model import HARMFUL, HARMLESS, UNSEEN, Mutant, Tables

ROOT = Path(__file__).resolve().parent.parent
MODULES = (files, cells, records, domain, ledger, unseen, harmless)
"""Whose functions are in the registries, once these are imported."""
REGISTRIES = {"harmful": HARMFUL, "unseen": UNSEEN, "harmless": HARMLESS}
TRIES = 200
LOCATED = 0.99


@dataclass(frozen=True)
class Job:
    """One mutant to be made: everything follows from these."""

    registry: str
    kind: str
    seed: str
    rivals: bool = False


@dataclass(frozen=True)
class Verdict:
    """What was found in one mutant; None where a rival was not asked."""

    job: Job
    what: str
    caught: bool
    row: bool
    cell: bool
    rules: tuple[str, ...]
    frictionless: bool | None = None
    pandera: bool | None = None


def jobs(registry: str, number: int, seed: int, every: int = 0) -> list[Job]:
    """Jobs in turns over the kinds of a registry; every n-th goes to the rivals too."""
    kinds = list(REGISTRIES[registry])
    made = []
    for i in range(number):
        turn, at = divmod(i, len(kinds))
        rivals = every > 0 and i % every == 0
        made.append(Job(registry, kinds[at], f"{seed} {kinds[at]} {turn}", rivals))
    return made


def make(tables: Tables, job: Job) -> Mutant:
    """The mutant of a job.

    Raises:
        LookupError: The kind finds nothing to damage in this package.
    """
    chance = random.Random(job.seed)
    for _ in range(TRIES):
        mutant = REGISTRIES[job.registry][job.kind](tables, chance)
        if mutant is not None:
            return mutant
    raise LookupError(f"{job.kind} finds nothing to damage")


def copy_package(folder: Path) -> Path:
    """A copy of the shipped package to be damaged."""
    for part in ("data", "schemas"):
        shutil.copytree(ROOT / part, folder / part)
    shutil.copy(ROOT / "datapackage.json", folder)
    return folder


@contextmanager
def applied(root: Path, mutant: Mutant) -> Iterator[None]:
    """The package at that place with the mutant's files; they are put back after."""
    before = {path: (root / path).read_bytes() for path in mutant.files}
    try:
        for path, content in mutant.files.items():
            (root / path).write_bytes(content)
        yield
    finally:
        for path, content in before.items():
            (root / path).write_bytes(content)


def judge(root: Path, tables: Tables, job: Job) -> Verdict:
    """Make a mutant, and see what is found."""
    mutant = make(tables, job)
    with applied(root, mutant):
        problems = judges.ours(root)
        others: tuple[bool | None, bool | None] = (None, None)
        if job.rivals:
            others = judges.frictionless_alone(root), judges.pandera_alone(tables, mutant)
    row, cell = judges.located(mutant, problems)
    rules = tuple(sorted({problem.rule for problem in problems}))
    return Verdict(job, mutant.what, bool(problems), row, cell, rules, *others)


def run(batch: list[Job], budget: float = 0) -> list[Verdict]:
    """Judge jobs one after the other in a copy of their own, at most so many seconds if any."""
    end = time.monotonic() + budget
    with tempfile.TemporaryDirectory() as folder:
        root = copy_package(Path(folder))
        tables = Tables.read(ROOT)
        verdicts = []
        for job in batch:
            if budget and time.monotonic() > end:
                break
            verdicts.append(judge(root, tables, job))
    return verdicts


def spread(batch: list[Job], processes: int, budget: float) -> list[Verdict]:
    """The same, over so many processes."""
    if processes == 1:
        return run(batch, budget)
    parts = [batch[start::processes] for start in range(processes)]
    with ProcessPoolExecutor(processes) as pool:
        found = list(pool.map(partial(run, budget=budget), parts))
    return [verdict for part in found for verdict in part]


def share(verdicts: Iterable[bool | None]) -> str:
    """So many of so many, those not asked left out."""
    asked = [verdict for verdict in verdicts if verdict is not None]
    return f"{sum(asked)}/{len(asked)}" if asked else "-"


def line(name: str, of: list[Verdict]) -> str:
    """A line of the table of kinds."""
    columns = (
        share(v.caught for v in of),
        share(v.row for v in of),
        share(v.cell for v in of),
        share(v.frictionless for v in of),
        share(v.pandera for v in of),
    )
    return f"{name:32}" + "".join(f"{column:>14}" for column in columns) + "\n"


def table(verdicts: list[Verdict], registry: str) -> str:
    """The verdicts by kind and, if harmful, what was missed."""
    of = [verdict for verdict in verdicts if verdict.job.registry == registry]
    names = ("caught", "row named", "cell named", "frictionless", "pandera")
    text = f"\n{registry:32}" + "".join(f"{name:>14}" for name in names) + "\n"
    by_kind = defaultdict(list)
    for verdict in of:
        by_kind[verdict.job.kind].append(verdict)
    text += "".join(line(name, by_kind[name]) for name in sorted(by_kind))
    text += line("all", of)
    for verdict in of if registry != "unseen" else []:
        if verdict.caught == (registry == "harmless"):
            what = "false alarm" if verdict.caught else "not caught"
            text += f"{what}: {verdict.job.kind}: {verdict.what} {' '.join(verdict.rules)}\n"
        elif registry == "harmful" and not verdict.row:
            what = f"{verdict.job.kind}: {verdict.what} {' '.join(verdict.rules)}"
            text += f"not located: {what}\n"
    return text


def silent_rules(verdicts: list[Verdict]) -> list[str]:
    """The rules that no mutant offended."""
    from idlib_data.validation import rules

    seen = Counter(rule for verdict in verdicts for rule in verdict.rules)
    return [
        rule.id
        for rule in rules()
        if rule.id not in seen and rule.layer not in ("archive", "history")
    ]


def passed(verdicts: list[Verdict]) -> bool:
    """Whether the targets are met."""
    harmful = [verdict for verdict in verdicts if verdict.job.registry == "harmful"]
    alarms = [v for v in verdicts if v.job.registry == "harmless" and v.caught]
    named = sum(verdict.row for verdict in harmful) >= LOCATED * len(harmful)
    return all(verdict.caught for verdict in harmful) and named and not alarms


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark and print its tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--mutants", type=int, default=2000)
    parser.add_argument("--harmless", type=int, default=200)
    parser.add_argument("--unseen", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--rivals-every", type=int, default=1, help="0: ask no rival")
    parser.add_argument("--seconds", type=float, default=0, help="stop after so long; 0: never")
    options = parser.parse_args(arguments)
    start = time.monotonic()
    batch = jobs("harmful", options.mutants, options.seed, options.rivals_every)
    batch += jobs("harmless", options.harmless, options.seed)
    batch += jobs("unseen", options.unseen, options.seed, options.rivals_every)
    random.Random(options.seed).shuffle(batch)
    verdicts = spread(batch, options.jobs, options.seconds)
    for registry in REGISTRIES:
        sys.stdout.write(table(verdicts, registry))
    sys.stdout.write(f"\nrules no mutant offended: {' '.join(silent_rules(verdicts)) or 'none'}\n")
    kinds = len({v.job.kind for v in verdicts if v.job.registry == "harmful"})
    sys.stdout.write(
        f"{len(verdicts)} of {len(batch)} mutants, {kinds} harmful kinds, seed {options.seed}, "
        f"{time.monotonic() - start:.0f} s with {options.jobs} process(es); the rivals were given "
        f"{sum(v.pandera is not None for v in verdicts)}\n"
    )
    return 0 if passed(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
