"""Whether verdicts of a comparison are right: real runs of identical code, and of one function made 1.5 times heavier.

`verdicts.py record DIR` records, one run at a time and interleaved, 10 runs of three sides of each workload: twice
the same code, and once with the heavier function. `verdicts.py count DIR FILE` keeps their counts in a file, and
`verdicts.py judge FILE` draws 5 against 5 of these, again and again; without FILE, of those that the tests go by.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.command import Home, workload
from harness.table import Figure, show
from harness.verdict_rules import RULES
from harness.verdict_runs import drawn, read_counts, write_counts
from perftui.analysis.run_counts import RunCounts
from perftui.recording.run_counting import counts_of_saved
from perftui.storage.session_file import open_session

COUNTS = Path(__file__).parents[1] / "tests" / "fixtures" / "verdicts.json"
HEAVIER = 1.5
RUNS = 10
DRAWS = 200
MOST_ALARMS_PERCENT = 2.0
LEAST_FOUND_PERCENT = 85.0
SECONDS = 30.0
"""How long a run may take on a busy machine."""


@dataclass(frozen=True, slots=True)
class Work:
    """A workload and the function of it that can be made heavier."""

    name: str
    rounds: int
    """So many that a run takes about 8 s on a quiet machine."""
    heavier: str


WORKS = (
    Work("short_calls", 120_000, "discount"),
    Work("long_calls", 6, "smooth"),
    Work("service", 55_000, "signed"),
)
SIDES: Mapping[str, float] = {"baseline": 1.0, "again": 1.0, "heavier": HEAVIER}
"""Sides by name, and how heavy the function is in it."""


def session_name(work: Work, side: str, run: int) -> str:
    """Return the name of the session of one run."""
    return f"{work.name}-{side}-{run:02}"


def record(directory: Path, runs: int, only: str | None) -> None:
    """Record what is not there yet; the order of the sides turns around with each run."""
    directory.mkdir(parents=True, exist_ok=True)
    place = Home(directory)
    known = {row["name"] for row in place.json("sessions", "list", "--json")["sessions"]}
    for run in range(runs):
        for work in WORKS:
            order = list(SIDES) if run % 2 == 0 else list(SIDES)[::-1]
            for side in order:
                name = session_name(work, side, run)
                if name in known or only not in (None, work.name):
                    continue
                command = workload(work.name, work.rounds, SIDES[side])
                summary = place.record(command, seconds=SECONDS, options=("--name", name))
                cpu = summary["cpu"]
                load = os.getloadavg()[0]
                print(f"{name}: {cpu['samples']} samples, load {load:.1f}", flush=True)


def count(directory: Path, counts: Path) -> None:
    """Keep the counts of what was recorded."""
    place = Home(directory)
    sessions = {row["name"]: Path(row["path"]) for row in place.json("sessions", "list", "--json")["sessions"]}
    works: dict[str, dict[str, list[RunCounts]]] = {}
    for work in WORKS:
        for side in SIDES:
            names = [session_name(work, side, run) for run in range(RUNS)]
            runs = [counts_of_saved(open_session(sessions[name])) for name in names if name in sessions]
            if runs:
                works.setdefault(work.name, {})[side] = runs
    write_counts(counts, works)


def judge(counts: Path, draws: int, runs: int) -> bool:
    """Print what each rule says of runs drawn from those that were kept, and whether ours says the truth."""
    works = read_counts(counts)
    met = True
    for work in WORKS:
        sides = works[work.name]
        samples = [sum(run.samples for run in each) // len(each) for each in sides.values()]
        waiting = [run.weight / run.cpu_s for each in sides.values() for run in each if run.cpu_s]
        figures = [
            Figure("samples a run", sum(samples) / len(samples), digits=0),
            Figure("sampled time over CPU time, least", min(waiting)),
            Figure("sampled time over CPU time, most", max(waiting)),
        ]
        for rule, says in RULES.items():
            ours = rule == "perftui"
            found = drawn(sides, work.heavier, says, draws=draws, runs=runs)
            most, least = (MOST_ALARMS_PERCENT, LEAST_FOUND_PERCENT) if ours else (None, None)
            figures += [
                Figure(f"{rule}: a change seen in identical code", 100 * found.alarms / draws, "%", at_most=most),
                Figure(f"  {work.heavier} found", 100 * found.found / draws, "%", at_least=least),
                Figure("  another called slower", 100 * found.others / draws, "%", at_most=most),
            ]
        met &= show(f"{work.name}: {draws} draws of {runs} runs against {runs}", figures)
    return met


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("record", "count", "judge"), nargs="?", default="judge")
    parser.add_argument("paths", type=Path, nargs="*", help="perftui's home with the recordings; the file of counts")
    parser.add_argument("--runs", type=int, help="runs of each side: 10 recorded, 5 drawn")
    parser.add_argument("--draws", type=int, default=DRAWS, help="how often runs are drawn")
    parser.add_argument("--only", help="one workload")
    options = parser.parse_args()
    needed = {"record": 1, "count": 2, "judge": 0}[options.step]
    if len(options.paths) < needed:
        parser.error(f"{options.step} needs {needed} paths")
    if options.step == "record":
        record(options.paths[0], options.runs or RUNS, options.only)
    elif options.step == "count":
        count(options.paths[0], options.paths[1])
    else:
        return 0 if judge([*options.paths, COUNTS][0], options.draws, options.runs or 5) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
