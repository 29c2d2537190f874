"""What the dashboard costs and how fast it answers, in a real terminal of 160x50 while 8 threads are sampled.

- processor time of perftui itself; recorders and the workload are not counted
- from a key to the screen: a letter typed into the search line, and a step of the selection
- from a sample to the screen: a function starts at a known moment, and its name appears
- from the start to the first paint, beside a bare Textual application that takes turns with it
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.command import PERFTUI, CommandFailedError, Home, home, workload
from harness.processes import Process, cpu_s, descendants, wait_until
from harness.table import Figure, show
from harness.terminal import Chunk, Replay, Terminal, replayed

BARE_APP = Path(__file__).parent / "harness" / "bare_app.py"
THREADS = 8
# A screen with fewer signs than this is not painted yet.
PAINTED_SIGNS = 60
# Until the selection and the flames have settled after the start.
WARM_S = 4.0
# A key that has shown nothing after this time is counted with this time.
PATIENCE_S = 1.0
# Each prefix of it is a pattern with matches, so each letter searches the whole tree.
PATTERN = "walk|mix|main|run|a."
# The line about the selection, above the bar of keys.
STATUS_ROW = -2
DOWN, UP, ESCAPE = b"\x1b[B", b"\x1b[A", b"\x1b"
Screen = Callable[[Replay], bool]


def painted(replay: Replay) -> bool:
    """Tell whether a screen shows something."""
    return sum(len(line.replace(" ", "")) for line in replay.lines()) >= PAINTED_SIGNS


def holds(text: str) -> Screen:
    """Return a condition that a text is on the screen."""
    return lambda replay: any(text in line for line in replay.lines())


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


def leave(terminal: Terminal) -> None:
    """Quit, whatever is open and whatever is asked."""
    for key in (b"\x1b", b"q", b"q"):
        if terminal.poll() is None:
            terminal.type(key)
            terminal.wait(seconds=0.4)
    terminal.wait(seconds=5)


def until(chunks: Sequence[Chunk], began_s: float, condition: Screen) -> float:
    """Return the seconds until a screen first satisfied a condition, infinity where none did."""
    return next((at_s - began_s for at_s, replay in replayed(chunks) if condition(replay)), float("inf"))


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
            letters += type_pattern(terminal)
        # Two levels down the selection has a parent and a child: every step changes what the status line names.
        for _ in range(2):
            step(terminal, DOWN)
        steps = [step(terminal, (DOWN, UP)[number % 2]) for number in range(count)]
        chunks = terminal.printed()
        leave(terminal)
    search, moved = answer_times(chunks, letters), step_times(chunks, steps)
    return [*latency("key to screen, search", search), *latency("key to screen, selection", moved)]


def type_pattern(terminal: Terminal) -> list[tuple[float, Screen]]:
    """Search for a pattern letter by letter; return when each was typed and the screen that shows it."""
    step(terminal, b"/")
    typed = [(step(terminal, letter.encode()), holds(f" / {PATTERN[: at + 1]}")) for at, letter in enumerate(PATTERN)]
    step(terminal, ESCAPE)
    return typed


def step(terminal: Terminal, key: bytes) -> float:
    """Type a key at no particular moment of the refresh, and return when."""
    at_s = terminal.type(key)
    time.sleep(0.25 + 0.25 * random.random())
    return at_s


def answer_times(chunks: Sequence[Chunk], asked: Sequence[tuple[float, Screen]]) -> list[float]:
    """Return for each key the seconds until the screen satisfied its condition; the keys are in order of time."""
    waiting = list(asked)
    found: list[float] = []
    for at_s, replay in replayed(chunks):
        while waiting and at_s - waiting[0][0] > PATIENCE_S:
            waiting.pop(0)
            found.append(PATIENCE_S)
        if waiting and at_s >= waiting[0][0] and waiting[0][1](replay):
            found.append(at_s - waiting.pop(0)[0])
    return found + [PATIENCE_S] * len(waiting)


def step_times(chunks: Sequence[Chunk], typed: Sequence[float]) -> list[float]:
    """Return for each key the seconds until the status line named another frame."""
    asked: list[tuple[float, Screen]] = []
    named = ""
    waiting = list(typed)
    for at_s, replay in replayed(chunks):
        while waiting and at_s >= waiting[0]:
            asked.append((waiting.pop(0), names_other_than(named)))
        named = selected(replay)
    return answer_times(chunks, asked)


def selected(replay: Replay) -> str:
    """Return the name of the selected frame: the status line up to its first figure."""
    return replay.lines()[STATUS_ROW].partition("  \N{MIDDLE DOT}")[0]


def names_other_than(name: str) -> Screen:
    """Return a condition that another frame is selected."""
    return lambda replay: selected(replay) != name


def latency(name: str, seconds: Sequence[float]) -> list[Figure]:
    """Return median and 95th percentile in milliseconds."""
    if len(seconds) < 2:
        return []
    p95 = statistics.quantiles(seconds, n=20)[-1]
    return [
        Figure(f"{name}, median", 1000 * statistics.median(seconds), "ms", digits=1),
        Figure(f"{name}, p95 of {len(seconds)}", 1000 * p95, "ms", at_most=50, digits=1),
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
