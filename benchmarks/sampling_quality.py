"""How many of the samples asked for are got, how much of the time is covered, how many looks fail."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from harness.command import home, workload
from harness.table import Figure, show

CASES = {
    "one busy thread": ("busy",),
    "8 busy threads": ("threads", 8),
    "4 busy processes": ("processes", 4),
}


def figures(case: str, summary: dict[str, Any]) -> list[Figure]:
    """Return what a recording says of its own sampling."""
    cpu, seconds = summary["cpu"], summary["duration_s"]
    asked = cpu["requested_hz"] * seconds
    failed = 100 * cpu["errors"] / max(1, cpu["samples"] + cpu["errors"])
    found = [
        Figure("wall time covered", 100 * cpu["coverage"], "%", at_least=95),
        Figure("looks a second", cpu["achieved_hz"], "Hz"),
        Figure("failed samples", failed, "%", at_most=1),
        Figure("behind schedule", cpu["late_s"], "s"),
    ]
    if case == "one busy thread":
        # One thread that never waits gives one sample a look; the intervals are random, so a little more is honest.
        found.insert(
            0, Figure("samples of those asked for", 100 * cpu["samples"] / asked, "%", at_least=97, at_most=103)
        )
    else:
        found.insert(0, Figure("samples of all threads", cpu["samples"], digits=0))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long each workload is recorded")
    parser.add_argument("--rate", type=int, default=100, help="samples a second")
    parser.add_argument("--case", choices=list(CASES), action="append", help="only this workload")
    options = parser.parse_args()
    met = True
    for case in options.case or CASES:
        name, *arguments = CASES[case]
        with home() as place:
            command = workload(str(name), *arguments, options.seconds)
            summary = place.record(command, seconds=options.seconds, rate_hz=options.rate)
        met &= show(f"{case}, {options.rate} Hz for {summary['duration_s']:.1f} s", figures(case, summary))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
