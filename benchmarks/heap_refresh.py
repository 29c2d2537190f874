"""How often the live heap is renewed, what that costs, and how the screen answers meanwhile.

- 100,000 distinct live stacks whose blocks come and go: time between two pictures, and from a key to the screen
- 1,000,000 live allocations on 10,000 stacks: processor time of one picture
- resident memory of the reader in both
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise

from harness.command import PERFTUI, Home, home, workload
from harness.latency import Screen, answer_times, latency, leave, step_times, type_pattern, type_steps
from harness.live import Look, watch
from harness.table import Figure, show
from harness.terminal import Terminal

MANY_STACKS, MANY_ALLOCATIONS, FEWER_STACKS = 100_000, 1_000_000, 10_000
# Pictures count from the moment that nearly all stacks are there.
BUILT_SHARE = 0.99
# How long it may take until they are, beside everything else that the machine does.
BUILD_S = 60.0
# Each prefix of it is a pattern with matches.
PATTERN = "visit_3|main|list|desc"
MB = 1_000_000


def looks_at(place: Home, stacks: int, each: int, seconds: float) -> list[Look]:
    """Return the pictures of a heap of so many stacks, from the moment that they are there."""
    watched = watch(place, workload("live_stacks", stacks, each, seconds))
    return [look for look in watched.looks if look.totals.stacks >= BUILT_SHARE * stacks]


def gaps(looks: Sequence[Look]) -> list[float]:
    """Return the seconds between pictures; infinity where there were not even two."""
    return [after.at_s - before.at_s for before, after in pairwise(looks)] or [float("inf")]


def reader_memory(looks: Sequence[Look]) -> Figure:
    """Return the most that the reader of the capture held itself."""
    most_bytes = max((look.totals.reader_rss_bytes for look in looks), default=0)
    return Figure("memory of the reader", most_bytes / MB, "MB", digits=0)


def refreshes(place: Home, seconds: float) -> list[Figure]:
    """Measure the pictures of very many stacks."""
    looks = looks_at(place, MANY_STACKS, 1, seconds)
    apart_s = gaps(looks)
    costs_s = [look.totals.refresh_s for look in looks] or [float("inf")]
    ages_s = [look.age_s for look in looks] or [float("inf")]
    return [
        Figure("pictures with all stacks", len(looks), at_least=seconds / 2, digits=0),
        Figure("seconds from one picture to the next, median", statistics.median(apart_s), "s"),
        Figure("  the longest", max(apart_s), "s", at_most=1.0),
        Figure("  from its moment to the viewer, median", statistics.median(ages_s), "s"),
        Figure("CPU of a picture, median", 1000 * statistics.median(costs_s), "ms", digits=0),
        reader_memory(looks),
    ]


def costs(place: Home, seconds: float) -> list[Figure]:
    """Measure the pictures of very many allocations."""
    looks = looks_at(place, FEWER_STACKS, MANY_ALLOCATIONS // FEWER_STACKS, seconds)
    costs_s = [look.totals.refresh_s for look in looks] or [float("inf")]
    return [
        Figure(
            "live allocations",
            max((look.totals.allocations for look in looks), default=0),
            at_least=MANY_ALLOCATIONS,
            digits=0,
        ),
        Figure("CPU of a picture, median", 1000 * statistics.median(costs_s), "ms", at_most=300, digits=0),
        Figure("  the dearest", 1000 * max(costs_s), "ms", at_most=300, digits=0),
        Figure("seconds from one picture to the next, the longest", max(gaps(looks)), "s", at_most=1.0),
        reader_memory(looks),
    ]


def keys(place: Home, count: int) -> list[Figure]:
    """Type while very many stacks are looked at."""
    command = workload("live_stacks", MANY_STACKS, 1, 2 * count + BUILD_S)
    with Terminal([PERFTUI, "run", "--mode", "memory", "--", *command], env=place.environment()) as terminal:
        terminal.shows("visit_", seconds=BUILD_S)
        time.sleep(10)
        letters: list[tuple[float, Screen]] = []
        while len(letters) < count:
            letters += type_pattern(terminal, PATTERN)
        steps = type_steps(terminal, count)
        chunks = terminal.printed()
        leave(terminal)
    searched, moved = answer_times(chunks, letters), step_times(chunks, steps)
    return [
        *latency("key to screen, search", searched, at_most_ms=100),
        *latency("key to screen, selection", moved, at_most_ms=100),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20, help="how long each heap is looked at")
    parser.add_argument("--keys", type=int, default=100, help="keys of each kind")
    parser.add_argument("--only", choices=["refreshes", "costs", "keys"], help="only this part")
    options = parser.parse_args()
    parts: dict[str, tuple[str, Callable[[Home], list[Figure]]]] = {
        "refreshes": (f"{MANY_STACKS:,} distinct live stacks", lambda place: refreshes(place, options.seconds)),
        "costs": (
            f"{MANY_ALLOCATIONS:,} live allocations on {FEWER_STACKS:,} stacks",
            lambda place: costs(place, options.seconds),
        ),
        "keys": (f"Keys with {MANY_STACKS:,} distinct live stacks", lambda place: keys(place, options.keys)),
    }
    met = True
    for name in [options.only] if options.only else parts:
        title, measure = parts[name]
        with home() as place:
            met &= show(title, measure(place))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
