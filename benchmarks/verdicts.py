"""Whether verdicts of a comparison are right: real runs of identical code, and of one function made 1.5 times heavier.

`verdicts.py record DIR` records, one run at a time and interleaved, 10 runs of three sides of each workload: twice
the same code, and once with the heavier function. `verdicts.py count DIR FILE` keeps their counts in a file, and
`verdicts.py judge FILE` draws 5 against 5 of these, again and again; without FILE, of those that the tests go by.

`verdicts.py twice DIR FILE` records 5 shorter runs of each workload and 5 in which all of it is done twice, keeps their
counts and judges them: twice the time as a whole, and no function that did more than all the others.
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
from perftui.analysis.judging import judge_functions
from perftui.analysis.judging_total import judge_cpu_time, judge_total
from perftui.analysis.run_counts import RunCounts
from perftui.model.change import ChangeVerdict
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
TWICE_COUNTS = COUNTS.with_name("verdicts-twice.json")
TWICE: Mapping[str, int] = {"once": 1, "twice": 2}
"""Sides by name, and how often all of the work is done."""
TWICE_RUNS = 5
TWICE_SECONDS = 240.0


@dataclass(frozen=True, slots=True)
class Work:
    """A workload and the function of it that can be made heavier."""

    name: str
    rounds: int
    """So many that a run takes about 8 s on a quiet machine."""
    heavier: str
    short: int
    """Rounds of a run of about 2 s."""


WORKS = (
    Work("short_calls", 120_000, "discount", 30_000),
    Work("long_calls", 6, "smooth", 2),
    Work("service", 55_000, "signed", 14_000),
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


def twice(directory: Path, counts: Path, runs: int) -> None:
    """Record each workload once and all of it twice, by turns, and keep the counts."""
    directory.mkdir(parents=True, exist_ok=True)
    place = Home(directory)
    works: dict[str, dict[str, list[RunCounts]]] = {}
    for run in range(runs):
        for work in WORKS:
            for side in list(TWICE) if run % 2 == 0 else list(TWICE)[::-1]:
                command = workload(work.name, TWICE[side] * work.short, 1.0)
                options = ("--name", session_name(work, side, run))
                summary = place.record(command, seconds=TWICE_SECONDS, options=options)
                sides = works.setdefault(work.name, {each: [] for each in TWICE})
                sides[side].append(counts_of_saved(open_session(Path(summary["path"]))))
                print(f"{summary['name']}: {summary['cpu']['samples']} samples", flush=True)
        write_counts(counts, works)


def judge_twice(counts: Path) -> bool:
    """Print what is said of work that is done twice, and whether that is the truth."""
    met = True
    for name, sides in read_counts(counts).items():
        found = judge_functions(sides["once"], sides["twice"])
        total = judge_total(*([run.weight for run in sides[side]] for side in TWICE))
        cpu = judge_cpu_time(sides["once"], sides["twice"])
        clear = sum(judged.verdict.clear for judged in found.functions.values())
        tested = sum(judged.certainty.ci is not None for judged in found.functions.values())
        figures = [
            Figure("what all functions share, as a factor", found.noise.shared, at_least=1.7, at_most=2.3),
            Figure(f"functions called changed, of {tested}", clear, digits=0, at_most=0),
            Figure("the whole, as a factor", total.current / total.baseline, at_least=1.7, at_most=2.3),
            Figure("the whole is called slower", total.verdict is ChangeVerdict.SLOWER, digits=0, at_least=1),
        ]
        if cpu is not None:
            figures.append(Figure("CPU time, as a factor", cpu.current / cpu.baseline, at_least=1.8, at_most=2.2))
            figures.append(
                Figure("CPU time is called slower", cpu.verdict is ChangeVerdict.SLOWER, digits=0, at_least=1)
            )
        met &= show(f"{name}: all of it twice, {len(sides['once'])} runs against {len(sides['twice'])}", figures)
    return met


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("record", "count", "judge", "twice"), nargs="?", default="judge")
    parser.add_argument("paths", type=Path, nargs="*", help="perftui's home with the recordings; the file of counts")
    parser.add_argument("--runs", type=int, help="runs of each side: 10 recorded, 5 drawn")
    parser.add_argument("--draws", type=int, default=DRAWS, help="how often runs are drawn")
    parser.add_argument("--only", help="one workload")
    options = parser.parse_args()
    needed = {"record": 1, "count": 2, "judge": 0, "twice": 0}[options.step]
    if len(options.paths) < needed:
        parser.error(f"{options.step} needs {needed} paths")
    if options.step == "record":
        record(options.paths[0], options.runs or RUNS, options.only)
    elif options.step == "count":
        count(options.paths[0], options.paths[1])
    elif options.step == "twice":
        counts = [*options.paths[1:], TWICE_COUNTS][0]
        if options.paths:
            twice(options.paths[0], counts, options.runs or TWICE_RUNS)
        return 0 if judge_twice(counts) else 1
    else:
        return 0 if judge([*options.paths, COUNTS][0], options.draws, options.runs or 5) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
