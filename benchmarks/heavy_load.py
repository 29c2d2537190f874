"""The dashboard under load, at 240x70: 16 threads in each of 8 processes, 250 looks a second, for ten minutes.

No machine of a developer can be sampled so; therefore the load is made up where a sampler would hand its windows over,
and goes through the real recorder into a real session while the real dashboard shows it. `--live` samples real
processes instead, 25 times a second; together they keep half a core busy, because a machine that has nothing left
answers nobody, with or without a profiler (`--cores 8` shows that).

- from a key to the screen, and how long a frame takes to draw
- memory of the process that records and shows, over time
- samples that were handed over, beside those in the session file
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from harness.command import PERFTUI, CommandFailedError, Home, home, workload
from harness.latency import answer_times, latency, leave, step_times, type_pattern, type_steps
from harness.processes import Process, cpu_s, descendants, rss_bytes, wait_until
from harness.table import Figure, show
from harness.terminal import Terminal
from perftui.recording.saved_sums import delta_of_saved
from perftui.storage.session_file import open_session

APP = Path(__file__).parent / "harness" / "heavy_app.py"
COLUMNS, ROWS = 240, 70
WARM_S = 5.0
# As many interpreters and samplers start at once; how a screen answers meanwhile is not how it answers all day.
WARM_LIVE_S = 25.0
STEPS_OF_ROUND = 12
PAUSE_S = 15.0
PATTERN = "step_1|service"
MIB = 1 << 20


def dashboard_of(terminal: Terminal, word: str) -> Process:
    """Return the process that records and shows."""

    def found() -> list[Process]:
        return [one for one in descendants(terminal.pid) if one.parent == terminal.pid and word in one.command]

    wait_until(lambda: bool(found()), seconds=10)
    return found()[0]


class Watch:
    """Types keys while it watches the memory of the dashboard."""

    def __init__(self, terminal: Terminal, pid: int) -> None:
        self.terminal, self.pid = terminal, pid
        self.memory: list[int] = []
        self.letters: list[float] = []
        self.steps: list[float] = []

    def round(self) -> None:
        """Type a pattern and steps of the selection, and find out how fast each was answered."""
        # From a screen that is drawn anew on, what it shows is known without all that was printed before.
        before = len(self.terminal.printed())
        self.terminal.resize(COLUMNS, ROWS - 1)
        time.sleep(0.5)
        self.terminal.resize(COLUMNS, ROWS)
        time.sleep(1.0)
        typed = type_pattern(self.terminal, PATTERN)
        stepped = type_steps(self.terminal, STEPS_OF_ROUND)
        time.sleep(1.0)
        chunks = self.terminal.printed()[before:]
        self.letters += answer_times(chunks, typed, columns=COLUMNS, rows=ROWS)
        self.steps += step_times(chunks, stepped, columns=COLUMNS, rows=ROWS)
        self.note()

    def note(self) -> None:
        """Note how much memory the dashboard holds now."""
        self.memory.append(rss_bytes(self.pid))

    def figures(self) -> list[Figure]:
        """Return what was seen."""
        half = self.memory[(len(self.memory) - 1) // 2 :]
        # Two single readings would tell more of what was just being drawn than of growth.
        rise, start = statistics.linear_regression(range(len(half)), half)
        quarters = statistics.quantiles(range(len(self.memory)), n=4)
        at = ", ".join(f"{self.memory[round(place)] / MIB:.0f}" for place in (*quarters, len(self.memory) - 1))
        return [
            *latency("key to screen, search", self.letters, at_most_ms=50),
            *latency("key to screen, selection", self.steps, at_most_ms=50),
            Figure("memory of the dashboard, most", max(self.memory) / MIB, "MiB", at_most=200 * 1e6 / MIB, digits=0),
            Figure(
                f"  growth over the second half ({at} MiB by quarters)",
                100 * rise * (len(half) - 1) / start,
                "%",
                at_most=5,
                digits=1,
            ),
        ]


def replayed_load(place: Home, options: argparse.Namespace) -> list[Figure]:
    """Show the made-up load and measure."""
    report = place.directory / "report.json"
    command = [sys.executable, str(APP), "--sessions", str(place.directory / "sessions"), "--report", str(report)]
    command += ["--seconds", str(options.seconds), "--processes", str(options.processes)]
    command += ["--threads", str(options.threads), "--rate", str(options.rate)]
    environment = place.environment({"PYTHONPATH": str(APP.parents[1])})
    with Terminal(command, env=environment, columns=COLUMNS, rows=ROWS) as terminal:
        watch, used = observe(terminal, "heavy_app", options.seconds)
        leave(terminal)
        terminal.wait(seconds=60)
        said = b"".join(chunk.data for chunk in terminal.printed()[-3:]).decode("utf-8", "replace")
    if not report.exists():
        raise CommandFailedError(f"the dashboard did not end in order; it said last: {said!r}")
    seen = json.loads(report.read_text(encoding="utf-8"))
    delta = delta_of_saved(open_session(Path(seen["path"])))
    stored = sum(count for _, count in delta.weights.values())
    return [
        *watch.figures(),
        Figure("  of it what the load made up beforehand", seen["load_bytes"] / MIB, "MiB", digits=0),
        Figure("  most while the session was finished", seen["peak_bytes"] / MIB, "MiB", digits=0),
        *drawing("a frame drawn", seen["drawn_s"], at_most_ms=16),
        *drawing("a step of taking in and laying out", seen["ticked_s"]),
        Figure("CPU of the process that records and shows", used, "%", digits=0),
        Figure("samples handed over", seen["emitted"], digits=0),
        Figure("  of them not in the file", seen["emitted"] - stored, at_most=0, digits=0),
        Figure("  a window was late by at most", seen["late_s"], "s"),
        Figure("nodes of the call tree", seen["nodes"], digits=0),
        Figure("size of the session", Path(seen["path"]).stat().st_size / MIB, "MiB", digits=1),
    ]


def live_load(place: Home, options: argparse.Namespace) -> list[Figure]:
    """Sample as many real threads, with the real sampler, and measure."""
    load = workload("crowd", options.processes, options.threads, options.seconds + 30, options.cores)
    command = [PERFTUI, "run", "--rate", str(options.rate), "--name", "crowd", "--", *load]
    # A notice stands over the line by which a step of the selection is known.
    place.run("settings", "set", "alerts.notices", "false")
    with Terminal(command, env=place.environment(), columns=COLUMNS, rows=ROWS) as terminal:
        watch, used = observe(terminal, "perftui", options.seconds, warm_s=WARM_LIVE_S)
        leave(terminal)
        terminal.wait(seconds=30)
    shown = place.json("show", "crowd", "--json")
    sampling = shown["cpu"]
    return [
        *watch.figures(),
        Figure("CPU of the process that records and shows", used, "%", digits=0),
        Figure("samples", sampling["samples"], digits=0),
        Figure("looks a second, of each thread", sampling["achieved_hz"], "Hz", digits=1),
        Figure("wall time covered", 100 * sampling["coverage"], "%", digits=1),
    ]


def observe(terminal: Terminal, word: str, seconds: float, *, warm_s: float = WARM_S) -> tuple[Watch, float]:
    """Type and watch for so long; return what was seen, and the share of a core that the dashboard used."""
    end_s = time.monotonic() + seconds - 2
    watch = Watch(terminal, dashboard_of(terminal, word).pid)
    time.sleep(warm_s)
    watch.note()
    began_s, before = time.monotonic(), cpu_s(watch.pid)
    while time.monotonic() < end_s:
        watch.round()
        time.sleep(min(PAUSE_S, max(0.0, end_s - time.monotonic())))
    return watch, 100 * (cpu_s(watch.pid) - before) / (time.monotonic() - began_s)


def drawing(name: str, seconds: Sequence[float], *, at_most_ms: float | None = None) -> list[Figure]:
    """Return median and 95th percentile in milliseconds."""
    return [
        Figure(f"{name}, median", 1000 * statistics.median(seconds), "ms", digits=1),
        Figure(
            f"{name}, p95 of {len(seconds)}",
            1000 * statistics.quantiles(seconds, n=20)[-1],
            "ms",
            at_most=at_most_ms,
            digits=1,
        ),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--threads", type=int, default=16, help="threads of each process")
    parser.add_argument("--rate", type=int, help="looks a second: 250, and 25 of a live load")
    parser.add_argument("--cores", type=float, default=0.5, help="how many the real processes keep busy together")
    parser.add_argument("--live", action="store_true", help="sample real processes")
    options = parser.parse_args()
    options.rate = options.rate or (25 if options.live else 250)
    with home() as place:
        figures = live_load(place, options) if options.live else replayed_load(place, options)
    kind = "real" if options.live else "made up"
    title = f"{options.processes} processes of {options.threads} threads at {options.rate} Hz, {kind}, {COLUMNS}x{ROWS}"
    return 0 if show(title, figures) else 1


if __name__ == "__main__":
    sys.exit(main())
