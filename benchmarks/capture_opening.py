"""How soon a large memray capture can be looked at, beside the time that `memray stats` takes on it.

The capture holds 5,000,000 allocations on about 1,000 stacks, compressed as `memray run` leaves it and as it was
written. The two take turns. Keys are typed while perftui still reads.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

from harness.command import PERFTUI, Home, home, workload
from harness.latency import answer_times, holds, latency, leave, step_times, type_pattern, type_steps, until
from harness.table import Figure, show
from harness.terminal import Terminal

# A function of the workload: where it is named, there are flames.
NAMED = "visit_"
# The screen says so once the capture is read to its end, and all figures are exact.
EXACT = "SAVED"
PATTERN = "visit_3|main|list"
PATIENCE_S = 120.0


def write_capture(place: Home, allocations: int, stacks: int, *, compressed: bool) -> Path:
    """Run the workload under plain memray."""
    capture = place.directory / "capture.bin"
    python, *work = workload("many_allocations", allocations, stacks)
    plain = [] if compressed else ["--no-compress"]
    command = [python, "-m", "memray", "run", "--force", "--quiet", *plain, "--output", str(capture), *work]
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return capture


def stats_s(capture: Path) -> float:
    """Return the seconds that memray's summary of a capture takes."""
    began_s = time.monotonic()
    command = [sys.executable, "-m", "memray", "stats", str(capture)]
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return time.monotonic() - began_s


def opened(place: Home, capture: Path) -> tuple[float, float]:
    """Open a capture in a terminal; return the seconds to the first flames, and until all figures are exact."""
    with Terminal([PERFTUI, "open", str(capture)], env=place.environment()) as terminal:
        terminal.shows(NAMED, seconds=PATIENCE_S)
        terminal.shows(EXACT, seconds=PATIENCE_S)
        chunks = terminal.printed()
        leave(terminal)
    return until(chunks, terminal.started_s, holds(NAMED)), until(chunks, terminal.started_s, holds(EXACT))


def keys(place: Home, capture: Path, count: int) -> list[Figure]:
    """Type from the first flames on, in as many openings as it takes; keys after the last figure do not count."""
    answers: list[float] = []
    for _ in range(count):
        answers += answers_of(place, capture)
        if len(answers) >= count:
            break
    return latency("  key to screen while it reads", answers, at_most_ms=100)


def answers_of(place: Home, capture: Path) -> list[float]:
    """Open a capture and return how long each key took that was typed while it was read."""
    with Terminal([PERFTUI, "open", str(capture)], env=place.environment()) as terminal:
        terminal.shows(NAMED, seconds=PATIENCE_S)
        steps = type_steps(terminal, 4)
        letters = type_pattern(terminal, PATTERN)
        terminal.shows(EXACT, seconds=PATIENCE_S)
        chunks = terminal.printed()
        leave(terminal)
    exact_s = terminal.started_s + until(chunks, terminal.started_s, holds(EXACT))
    steps, letters = [at_s for at_s in steps if at_s < exact_s], [one for one in letters if one[0] < exact_s]
    return [*step_times(chunks, steps), *answer_times(chunks, letters)]


def figures(place: Home, name: str, capture: Path, *, rounds: int, count: int) -> list[Figure]:
    """Measure one capture."""
    stats: list[float] = []
    opening: list[tuple[float, float]] = []
    for number in range(rounds):
        for what in ("stats", "open") if number % 2 == 0 else ("open", "stats"):
            if what == "stats":
                stats.append(stats_s(capture))
            else:
                opening.append(opened(place, capture))
    first_s, exact_s = (statistics.median(one[column] for one in opening) for column in (0, 1))
    alone_s = statistics.median(stats)
    return [
        Figure(f"{name}: size", capture.stat().st_size / 1_000_000, "MB", digits=1),
        Figure("  memray stats", alone_s, "s"),
        Figure("  first flames", first_s, "s"),
        Figure("  ratio", first_s / alone_s, at_most=1.5),
        Figure("  all figures exact", exact_s, "s"),
        *keys(place, capture, count),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--allocations", type=int, default=5_000_000)
    parser.add_argument("--stacks", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5, help="openings of each capture")
    parser.add_argument("--keys", type=int, default=40, help="typed while each is read")
    options = parser.parse_args()
    found: list[Figure] = []
    for name in ("compressed", "as written"):
        with home() as place:
            capture = write_capture(place, options.allocations, options.stacks, compressed=name == "compressed")
            found += figures(place, name, capture, rounds=options.rounds, count=options.keys)
    return 0 if show(f"Opening a capture of {options.allocations:,} allocations", found) else 1


if __name__ == "__main__":
    sys.exit(main())
