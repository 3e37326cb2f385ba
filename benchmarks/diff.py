"""How long `idl.diff` takes beside a comparison by a merge of pandas frames, in the same run.

    python benchmarks/diff.py --events 1000 100000 1000000 --runs 3

Two generated packages are compared, with so many events and twice as many claims, of which in the
second some cells are corrected, each with its claim, some events are new and some are gone. Each
measurement is a process of its own, the two programs taking turns; the figures are medians of whole
processes, the ratio is that of the medians. The peer reads events and claims as text, merges them
on their ids and lists the cells that differ; it knows no reasons, no version step, and no other
tables. Both must find the same number of cells and records, or the run ends.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from synthetic import ROOT, make

CHANGED = 20
"""Events of which a cell is corrected; half as many are new, and as many gone."""
PROGRAMS = {
    "diff": (
        "import sys; from idlib_data.release.differences import diff\n"
        "found = diff(sys.argv[1], sys.argv[2])\n"
        "for table in ('events', 'claims'):\n"
        "    count = found.counts[table]\n"
        "    print(table, count.cells, count.added, count.removed)"
    ),
    "pandas": (
        "import sys; import pandas as pd\n"
        "for table, key in (('events', 'event_id'), ('claims', 'claim_id')):\n"
        "    old, new = (pd.read_csv(f'{folder}/data/{table}.csv', dtype='str',\n"
        "        keep_default_na=False, engine='pyarrow') for folder in sys.argv[1:])\n"
        "    both = old.merge(new, on=key, how='outer', suffixes=('', ' new'), indicator=True)\n"
        "    side = both['_merge']\n"
        "    kept = both[side == 'both']\n"
        "    cells = [(kept[c] != kept[c + ' new']).sum() for c in old.columns if c != key]\n"
        "    print(table, sum(cells), (side == 'right_only').sum(), (side == 'left_only').sum())"
    ),
}


def corrected(old: Path, new: Path) -> None:
    """Write the second package: the first with some events corrected, some new and some gone."""
    shutil.rmtree(new, ignore_errors=True)
    shutil.copytree(old, new)
    with (old / "data/events.csv").open(encoding="utf-8", newline="") as file:
        total = sum(1 for _ in csv.DictReader(file))
    step = max(total // (CHANGED * 2), 1)
    claims: list[dict[str, str]] = []
    with (
        (old / "data/events.csv").open(encoding="utf-8", newline="") as source,
        (new / "data/events.csv").open("w", encoding="utf-8", newline="") as target,
    ):
        reader = csv.DictReader(source)
        writer = csv.DictWriter(target, reader.fieldnames or (), lineterminator="\n")
        writer.writeheader()
        for number, row in enumerate(reader):
            turn = number // step % 4 if number % step == 0 else None
            if turn in (0, 1):
                row["weapon"] = "mine" if row["weapon"] != "mine" else "drone"
                claims.append(_claim(row["event_id"], row["weapon"]))
            elif turn == 2:
                writer.writerow({**row, "event_id": f"{row['event_id']}-again"})
            elif turn == 3:
                continue
            writer.writerow(row)
    with (new / "data/claims.csv").open("r+", encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
        file.seek(0, os.SEEK_END)
        csv.DictWriter(file, header, lineterminator="\n").writerows(claims)


def _claim(event_id: str, value: str) -> dict[str, str]:
    return {
        "claim_id": f"clm-{event_id}-corrected",
        "record_id": event_id,
        "field": "weapon",
        "value": value,
        "source_id": "src-geonames",
        "status": "accepted",
    }


def measure(program: str, old: Path, new: Path) -> tuple[float, float, str]:
    """Seconds, peak memory in MB, and what was found, of one process."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAMS[program], str(old), str(new)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        text=True,
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{program} failed on {old} and {new}")
    return time.perf_counter() - start, usage.ru_maxrss / 1000, said


def main() -> None:
    """Measure at every size and print one line per program."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, nargs="+", default=[1000, 100_000])
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    for events in arguments.events:
        with tempfile.TemporaryDirectory() as folder:
            old, new = Path(folder, "old"), Path(folder, "new")
            make(old, events, share=0)
            corrected(old, new)
            compare(old, new, events, arguments.runs)


def compare(old: Path, new: Path, events: int, runs: int) -> None:
    """Print the medians of both programs on one pair of packages, and their ratio."""
    seconds: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    memory: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    found = set()
    for _ in range(runs):
        for name in PROGRAMS:
            took, peak, said = measure(name, old, new)
            seconds[name].append(took)
            memory[name].append(peak)
            found.add(said)
    if len(found) > 1:
        raise SystemExit("the two programs differ:\n" + "\n".join(sorted(found)))
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    for name in PROGRAMS:
        peak = statistics.median(memory[name])
        print(f"{events:>9,} events  {name:<7}{medians[name]:8.2f} s {peak:8.0f} MB")
    print(f"{events:>9,} events  diff / pandas {medians['diff'] / medians['pandas']:.2f}")


if __name__ == "__main__":
    main()
