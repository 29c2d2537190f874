"""What being observed costs the workload: the same work alone, under plain py-spy, and under perftui.

The three ways take turns, each round in the opposite order of the one before, so that a machine that grows slower or
faster favours none. Each round gives one ratio; the table shows their medians.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

from harness.command import PY_SPY, Home, home, workload
from harness.table import Figure, show

WAYS = ("alone", "py-spy", "perftui")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of the work cost, measured by the workload itself."""

    cpu_s: float
    wall_s: float
    whole_s: float
    """From the start of the command to its end, seen from outside."""


def run(place: Home, way: str, *, rounds: int, rate_hz: int) -> Cost:
    """Run the work in one of the ways."""
    report = place.directory / "cost.json"
    work = workload("fixed_work", rounds, report)
    recorder = [PY_SPY, "record", "--rate", str(rate_hz), "--format", "speedscope"]
    output = str(place.directory / "py-spy.json")
    began_s = time.monotonic()
    if way == "perftui":
        place.record(work, seconds=600, rate_hz=rate_hz)
    else:
        command = work if way == "alone" else [*recorder, "--output", output, "--", *work]
        subprocess.run(command, env=place.environment(), stdin=subprocess.DEVNULL, capture_output=True, check=True)
    whole_s = time.monotonic() - began_s
    cost = json.loads(report.read_text(encoding="utf-8"))
    report.unlink()
    return Cost(cost["cpu_s"], cost["wall_s"], whole_s)


def rounds_for(place: Home, seconds: float) -> int:
    """Return how much work takes about so many seconds on this machine."""
    trial = 2_000
    return max(trial, round(trial * seconds / run(place, "alone", rounds=trial, rate_hz=100).wall_s))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8, help="how long the work takes alone")
    parser.add_argument("--pairs", type=int, default=10, help="rounds of alone, py-spy and perftui")
    parser.add_argument("--rate", type=int, default=100, help="samples a second")
    options = parser.parse_args()
    taken: list[dict[str, Cost]] = []
    with home() as place:
        work = rounds_for(place, options.seconds)
        for number in range(options.pairs):
            order = WAYS if number % 2 == 0 else WAYS[::-1]
            taken.append({way: run(place, way, rounds=work, rate_hz=options.rate) for way in order})
            print(f"round {number + 1} of {options.pairs}", file=sys.stderr)

    def ratio(field: str, way: str, to: str) -> float:
        ratios: list[float] = [getattr(one[way], field) / getattr(one[to], field) for one in taken]
        return statistics.median(ratios)

    spread = [one["perftui"].cpu_s / one["alone"].cpu_s for one in taken]
    figures = [
        Figure("CPU of the workload: perftui / alone", ratio("cpu_s", "perftui", "alone"), at_most=1.03, digits=3),
        Figure("  the lowest round", min(spread), digits=3),
        Figure("  the highest round", max(spread), digits=3),
        Figure("CPU of the workload: py-spy / alone", ratio("cpu_s", "py-spy", "alone"), digits=3),
        Figure("wall of the work: perftui / py-spy", ratio("wall_s", "perftui", "py-spy"), at_most=1.02, digits=3),
        Figure("wall of the work: perftui / alone", ratio("wall_s", "perftui", "alone"), digits=3),
        Figure("whole command: perftui / py-spy", ratio("whole_s", "perftui", "py-spy"), digits=3),
    ]
    title = f"Overhead at {options.rate} Hz, medians of {options.pairs} rounds of about {options.seconds:g} s"
    return 0 if show(title, figures) else 1


if __name__ == "__main__":
    sys.exit(main())
