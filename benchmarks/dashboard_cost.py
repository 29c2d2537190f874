"""What the dashboard costs and how fast it answers, in a real terminal of 160x50 while 8 threads are sampled.

- processor time of perftui itself; recorders and the workload are not counted
- from a key to the screen: a letter typed into the search line, and a step of the selection
- from a sample to the screen: a function starts at a known moment, and its name appears
- from the start to the first paint, beside a bare Textual application that takes turns with it
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.command import PERFTUI, CommandFailedError, Home, home, workload
from harness.latency import (
    Screen,
    answer_times,
    holds,
    latency,
    leave,
    step_times,
    type_pattern,
    type_steps,
    until,
)
from harness.processes import Process, cpu_s, descendants, wait_until
from harness.table import Figure, show
from harness.terminal import Chunk, Replay, Terminal

BARE_APP = Path(__file__).parent / "harness" / "bare_app.py"
THREADS = 8
# A screen with fewer signs than this is not painted yet.
PAINTED_SIGNS = 60
# Until the selection and the flames have settled after the start.
WARM_S = 4.0
# Each prefix of it is a pattern with matches, so each letter searches the whole tree.
PATTERN = "walk|mix|main|run|a."


def painted(replay: Replay) -> bool:
    """Tell whether a screen shows something."""
    return sum(len(line.replace(" ", "")) for line in replay.lines()) >= PAINTED_SIGNS


def run_command(*command: str) -> list[str]:
    """Return the command that opens the dashboard on a workload."""
    return [PERFTUI, "run", "--rate", "100", "--", *command]


def perftui_itself(terminal: Terminal) -> list[Process]:
    """Return the processes of perftui: the dashboard and its keeper, without recorders and workload."""
    wait_until(lambda: bool(descendants(terminal.pid)), seconds=5)
    found = descendants(terminal.pid)
    dashboard = [one for one in found if one.parent == terminal.pid]
    keepers = [one for one in found if "keeper" in one.command and "workloads" not in one.command]
    return dashboard + [one for one in keepers if one not in dashboard]


def cost(place: Home, seconds: float) -> list[Figure]:
    """Measure the processor time of the dashboard over so many seconds."""
    command = run_command(*workload("threads", THREADS, seconds + WARM_S + 20))
    with Terminal(command, env=place.environment()) as terminal:
        time.sleep(WARM_S)
        own = perftui_itself(terminal)
        before = [cpu_s(one.pid) for one in own]
        printed, began_s = len(terminal.output()), time.monotonic()
        time.sleep(seconds)
        took_s = time.monotonic() - began_s
        used = [cpu_s(one.pid) - start_s for one, start_s in zip(own, before, strict=True)]
        bursts = refreshes([chunk for chunk in terminal.printed() if chunk.at_s >= began_s])
        printed = len(terminal.output()) - printed
        leave(terminal)
    return [
        Figure("CPU of the dashboard, of one core", 100 * sum(used) / took_s, "%", at_most=12, digits=1),
        Figure("  its keeper alone", 100 * sum(used[1:]) / took_s, "%", digits=1),
        Figure("  refreshes a second", bursts / took_s, "Hz", digits=1),
        Figure("  printed", printed / took_s / 1024, "KiB/s", digits=1),
    ]


def refreshes(chunks: Sequence[Chunk]) -> int:
    """Return how often something was drawn: output after at least 50 ms of silence."""
    times = [chunk.at_s for chunk in chunks]
    return sum(1 for before, after in zip([0.0, *times], times, strict=False) if after - before > 0.05)


def key_latencies(place: Home, count: int) -> list[Figure]:
    """Type letters into the search line and steps of the selection, and see when the screen shows them."""
    letters: list[tuple[float, Screen]] = []
    with Terminal(run_command(*workload("threads", THREADS, 2 * count + 60)), env=place.environment()) as terminal:
        terminal.shows("mix", seconds=15)
        time.sleep(WARM_S)
        while len(letters) < count:
            letters += type_pattern(terminal, PATTERN)
        steps = type_steps(terminal, count)
        chunks = terminal.printed()
        leave(terminal)
    search, moved = answer_times(chunks, letters), step_times(chunks, steps)
    return [
        *latency("key to screen, search", search, at_most_ms=50),
        *latency("key to screen, selection", moved, at_most_ms=50),
    ]


def sample_ages(place: Home, beacons: int) -> list[Figure]:
    """Light functions at known moments and see when their names appear."""
    report = place.directory / "beacons.txt"
    with Terminal(run_command(*workload("beacons", THREADS, beacons, 3, report)), env=place.environment()) as terminal:
        to_monotonic_s = time.monotonic() - time.time()
        time.sleep(3 * (beacons + 1) + 2)
        chunks = terminal.printed()
        leave(terminal)
    if not report.exists():
        said = b"".join(chunk.data for chunk in chunks[-3:]).decode("utf-8", "replace")
        raise CommandFailedError(f"the workload did not run; perftui said last: {said!r}")
    ages = []
    for line in report.read_text(encoding="utf-8").splitlines():
        name, lit_s = line.split()
        ages.append(until(chunks, float(lit_s) + to_monotonic_s, holds(name)))
    return [
        Figure("sample to screen, median", statistics.median(ages), "s"),
        Figure(f"sample to screen, the longest of {len(ages)}", max(ages), "s", at_most=1.5),
    ]


def first_paints(place: Home, starts: int) -> list[Figure]:
    """Start perftui and a bare application in turns and see when each first shows something."""
    times: dict[str, list[float]] = {"bare": [], "perftui": [], "flames": []}
    ways = {"bare": [sys.executable, str(BARE_APP)], "perftui": run_command(*workload("threads", THREADS, 30))}
    for number in range(2 * starts):
        way = ("bare", "perftui", "perftui", "bare")[number % 4]
        with Terminal(ways[way], env=place.environment()) as terminal:
            time.sleep(1.5 if way == "bare" else 3.0)
            chunks = terminal.printed()
            leave(terminal)
        times[way].append(until(chunks, terminal.started_s, painted))
        if way == "perftui":
            times["flames"].append(until(chunks, terminal.started_s, holds("mix")))
    bare_s, own_s = statistics.median(times["bare"]), statistics.median(times["perftui"])
    return [
        Figure("first paint of a bare application", 1000 * bare_s, "ms", digits=0),
        Figure("first paint of perftui run", 1000 * own_s, "ms", digits=0),
        Figure("  ratio", own_s / bare_s, at_most=1.5),
        Figure("first flames", statistics.median(times["flames"]), "s", at_most=3),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30, help="how long the processor time is measured")
    parser.add_argument("--keys", type=int, default=100, help="keys of each kind")
    parser.add_argument("--beacons", type=int, default=8, help="functions that are lit")
    parser.add_argument("--starts", type=int, default=7, help="starts of each application")
    parser.add_argument("--only", choices=["cost", "keys", "age", "paint"], help="only this part")
    options = parser.parse_args()
    parts: dict[str, Callable[[Home], list[Figure]]] = {
        "cost": lambda place: cost(place, options.seconds),
        "keys": lambda place: key_latencies(place, options.keys),
        "age": lambda place: sample_ages(place, options.beacons),
        "paint": lambda place: first_paints(place, options.starts),
    }
    figures: list[Figure] = []
    for name in [options.only] if options.only else parts:
        print(name, file=sys.stderr)
        with home() as place:
            figures += parts[name](place)
    return 0 if show(f"The dashboard at 160x50 with {THREADS} busy threads", figures) else 1


if __name__ == "__main__":
    sys.exit(main())
