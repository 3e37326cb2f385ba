"""How long validation takes beside frictionless, on generated packages of several sizes.

    python benchmarks/validate.py --events 1000 100000 1000000 --runs 3

Each measurement is a process of its own, the two programs taking turns; the figures are medians of
whole processes, the ratios those of the medians in the same run. ``structure`` is layer 1 on the
events table against frictionless on the same package; ``whole`` is every layer, with twice as many
claims as events, against frictionless, which knows structure alone. With ``--events 0`` the shipped
package is measured as it is.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from synthetic import ROOT, make

PROGRAMS = {
    "structure": (
        "import sys; from pathlib import Path\n"
        "from idlib_data.dataset import Dataset\n"
        "from idlib_data.validation import structure\n"
        "from idlib_data.validation.workspace import Workspace\n"
        "print(len(list(structure.check(Workspace(Dataset(Path(sys.argv[1])))))))"
    ),
    "whole": (
        "import sys; from idlib_data.validation import validate\n"
        "print(len(validate(sys.argv[1]).problems))"
    ),
    "frictionless": (
        "import sys; from frictionless import Package\n"
        "report = Package(sys.argv[1] + '/datapackage.json').validate(limit_errors=1000000)\n"
        "print(sum(len(task.errors) for task in report.tasks))"
    ),
}


def measure(program: str, package: Path) -> tuple[float, float, int]:
    """Seconds, peak memory in MB, and number of problems, of one process."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAMS[program], str(package)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{program} failed on {package}")
    return time.perf_counter() - start, usage.ru_maxrss / 1000, int(said)


def compare(program: str, package: Path, runs: int) -> None:
    """Run a program and frictionless in turns, and print their medians and the ratio."""
    found: dict[str, list[tuple[float, float, int]]] = {program: [], "frictionless": []}
    for _ in range(runs):
        for name in found:
            found[name].append(measure(name, package))
    medians = {name: statistics.median(run[0] for run in each) for name, each in found.items()}
    for name, each in found.items():
        seconds = " ".join(f"{run[0]:.2f}" for run in each)
        print(
            f"  {name:12} median {medians[name]:8.2f} s  peak {max(run[1] for run in each):6.0f} MB"
            f"  problems {each[-1][2]:6}  ({seconds})"
        )
    print(f"  {program}: {medians['frictionless'] / medians[program]:.1f} times frictionless")


def main() -> None:
    """Measure each size that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--events", type=int, nargs="+", default=[0, 1_000, 100_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", choices=("structure", "whole"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="idlib-data-") as folder:
        for events in options.events:
            for program in [options.only] if options.only else ["structure", "whole"]:
                package = ROOT
                if events:
                    package = Path(folder) / f"{program}-{events}"
                    make(package, events, claims=program == "whole")
                print(f"{program}, {events:,} synthetic events", flush=True)
                compare(program, package, options.runs)


if __name__ == "__main__":
    main()
