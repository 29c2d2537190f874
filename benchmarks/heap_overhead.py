"""What recording memory costs beside plain `memray run` with the same options: the same work, one after the other.

The ways take turns, each round in the opposite order of the one before, so that a machine that grows slower or faster
favours none. Each round gives one ratio; the table shows their medians. What is compared is the wall time between the
first and the last line of the work; the whole command is shown too, which with perftui ends when all is read and saved.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.command import Home, home, workload
from harness.table import Figure, show

WAYS = ("memray", "perftui")
KINDS = ("arrays", "objects", "blocks", "calls")
AT_MOST = 1.05


@dataclass(frozen=True, slots=True)
class Tracing:
    """How allocations are traced, in the words of both commands."""

    name: str
    memray: tuple[str, ...] = ()
    perftui: tuple[str, ...] = ()


TRACINGS = (
    Tracing("as usual"),
    Tracing("small objects too", ("--trace-python-allocators",), ("--trace-pymalloc",)),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of the work cost."""

    cpu_s: float
    wall_s: float
    whole_s: float
    """From the start of the command to its end, seen from outside."""


def run(place: Home, way: str, command: Sequence[str], tracing: Tracing) -> Cost:
    """Run the work alone or in one of the ways; the last argument of the command is its report."""
    began_s = time.monotonic()
    if way == "perftui":
        options = ["--mode", "memory", "--capture", "drop", *tracing.perftui]
        place.record(command, seconds=600, rate_hz=None, options=options)
    else:
        tracer = ["-m", "memray", "run", "--force", "--quiet", "--output", str(place.directory / "capture.bin")]
        python, *work = command
        prefix = [python, *tracer, *tracing.memray] if way == "memray" else [python]
        subprocess.run(
            [*prefix, *work], env=place.environment(), stdin=subprocess.DEVNULL, capture_output=True, check=True
        )
    whole_s = time.monotonic() - began_s
    cost = json.loads(Path(command[-1]).read_text(encoding="utf-8"))
    return Cost(cost["cpu_s"], cost["wall_s"], whole_s)


def rounds_for(place: Home, kind: str, tracing: Tracing, seconds: float) -> int:
    """Return how much work takes about so many seconds on this machine under memray."""
    trial = 400
    for _ in range(4):
        command = workload("heap_work", kind, trial, place.directory / "cost.json")
        wall_s = run(place, "memray", command, tracing).wall_s
        if wall_s > seconds / 10:
            break
        trial *= 8
    return max(1, round(trial * seconds / wall_s))


def figures(place: Home, kind: str, tracing: Tracing, *, seconds: float, pairs: int) -> list[Figure]:
    """Measure one kind of work under one way of tracing."""
    command = workload("heap_work", kind, rounds_for(place, kind, tracing, seconds), place.directory / "cost.json")
    taken: list[dict[str, Cost]] = []
    for number in range(pairs):
        order = WAYS if number % 2 == 0 else WAYS[::-1]
        taken.append({way: run(place, way, command, tracing) for way in order})
        print(f"{kind}, {tracing.name}: round {number + 1} of {pairs}", file=sys.stderr)
    alone = run(place, "alone", command, tracing)
    ratios = [one["perftui"].wall_s / one["memray"].wall_s for one in taken]
    cpu = [one["perftui"].cpu_s / one["memray"].cpu_s for one in taken]
    whole = [one["perftui"].whole_s / one["memray"].whole_s for one in taken]
    times = statistics.median(one["memray"].cpu_s / alone.cpu_s for one in taken)
    spread = f"{min(ratios):.3f} to {max(ratios):.3f}"
    return [
        Figure(f"{kind}: wall, perftui / memray ({spread})", statistics.median(ratios), at_most=AT_MOST, digits=3),
        Figure("  CPU, perftui / memray", statistics.median(cpu), digits=3),
        Figure("  whole command, perftui / memray", statistics.median(whole), digits=3),
        Figure("  CPU, memray / alone", times, digits=2),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4, help="how long the work takes under memray")
    parser.add_argument("--pairs", type=int, default=8, help="rounds of memray and perftui")
    parser.add_argument("--kind", choices=KINDS, action="append", help="only this kind of work")
    parser.add_argument("--tracing", choices=[one.name for one in TRACINGS], help="only this way of tracing")
    options = parser.parse_args()
    met = True
    for tracing in TRACINGS:
        if options.tracing not in (None, tracing.name):
            continue
        found: list[Figure] = []
        for kind in options.kind or KINDS:
            with home() as place:
                found += figures(place, kind, tracing, seconds=options.seconds, pairs=options.pairs)
        met &= show(f"Overhead over plain memray, tracing {tracing.name}, medians of {options.pairs} rounds", found)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
