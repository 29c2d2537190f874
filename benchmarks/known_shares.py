"""Whether the shares of functions are those that the clock gave them."""

from __future__ import annotations

import argparse
import json
import sys

from harness.command import home, workload
from harness.table import Figure, show

# Two points: four standard deviations of a share of one half among the samples of a minute at 100 Hz.
TOLERANCE_POINTS = 2.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long the workload runs")
    parser.add_argument("--rate", type=int, default=100, help="samples a second")
    options = parser.parse_args()
    with home() as place:
        report = place.directory / "truth.json"
        command = workload("shares", options.seconds, report)
        summary = place.record(command, seconds=options.seconds, rate_hz=options.rate)
        session = place.json("show", summary["id"], "--json", "--top", "1000")
        spent_s = json.loads(report.read_text(encoding="utf-8"))
    shares = {row["function"]: row["total_share"] for row in session["hotspots"]}
    total_s = sum(spent_s.values())
    figures = []
    for name, seconds in spent_s.items():
        true, seen = 100 * seconds / total_s, 100 * shares.get(name, 0.0)
        figures.append(Figure(f"{name}: {true:.2f} % by the clock, seen", seen, "%"))
        figures.append(Figure("  apart", abs(seen - true), "points", at_most=TOLERANCE_POINTS))
    return 0 if show(f"Known shares, {summary['cpu']['samples']} samples", figures) else 1


if __name__ == "__main__":
    sys.exit(main())
