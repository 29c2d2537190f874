"""How long the list of 1,000 sessions takes, and the trend of one metric over them, from the start of the command.

The sessions are files as recordings leave them: half a minute of samples of 30 functions, readings, an operation and a
verdict, one commit a session; from the 600th on the run takes 6 % longer. What is read for the first time is told apart
from what is read again.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import shutil
import statistics
import tempfile
import time
from array import array
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from harness.command import Home, home
from harness.table import Figure, show
from perftui.analysis.stack_table import StackTable
from perftui.model.frame import Frame
from perftui.model.operation import Operation
from perftui.model.reading import ResourceReading
from perftui.model.sample import SampleWindow, Thread, ThreadSamples
from perftui.model.session import SessionKind, SessionMeta, SessionState
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.storage.connection import connect_editing
from perftui.storage.meta_table import write_meta
from perftui.storage.session_file import SessionWriter, read_meta
from perftui.units import Unit

SESSIONS, TEMPLATES, FUNCTIONS, WINDOWS, SAMPLES = 1_000, 20, 30, 60, 50
CHANGE_AT = 0.6
STEP = 1.06
NOISE = 0.01
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
LIST_GOAL_S, TREND_GOAL_S = 0.2, 1.0


def write_template(directory: Path, number: int, chance: random.Random) -> Path:
    """Write one session as a recording of half a minute leaves it."""
    meta = SessionMeta(
        id=f"template-{number}",
        name=f"template-{number}",
        kind=SessionKind.LAUNCHED,
        state=SessionState.RECORDING,
        created=BEGIN.isoformat(timespec="seconds"),
        command=("python", "bench.py"),
        cwd="/srv/project",
        requested_hz=100.0,
    )
    writer = SessionWriter.create(directory, meta, clock=lambda: 0.0)
    table = StackTable()
    frames = (Frame("main", "app.py", 1), *(Frame(f"work{at}", "app.py", 10 * at) for at in range(FUNCTIONS)))
    stacks = tuple((0, at + 1) for at in range(FUNCTIONS))
    for window in range(WINDOWS):
        seen = array("I", [min(FUNCTIONS - 1, int(chance.expovariate(0.2))) for _ in range(SAMPLES)])
        samples = (ThreadSamples(Thread(100, 100, "MainThread"), stacks, seen),)
        writer.add_window(table.intern(SampleWindow(window / 2, window / 2 + 0.5, 0.01, frames, samples)))
        cpu_percent, rss_bytes = chance.gauss(80, 5), chance.gauss(1e8, 1e6)
        writer.add_reading(ResourceReading(window / 2, cpu_percent=cpu_percent, rss_bytes=rss_bytes))
    times = tuple(chance.gauss(0.010, 0.0002) for _ in range(20))
    writer.set_operations([Operation("bench", "parse", runs=(times,), tool="pytest-benchmark")])
    writer.set_verdicts(
        [RuleVerdict("resources.cpu_percent", "CPU", "cpu_percent", Unit.PERCENT, 80.0, None, 95.0, Verdict.PASS)]
    )
    return writer.finalise(replace(meta, state=SessionState.COMPLETE, exit_code=0))


def write_sessions(directory: Path, count: int, chance: random.Random) -> None:
    """Write sessions, each with a duration, a moment and a commit of its own, from a few recordings."""
    with tempfile.TemporaryDirectory(prefix="perftui-bench-") as workshop:
        templates = [write_template(Path(workshop), number, chance) for number in range(TEMPLATES)]
        for number in range(count):
            template = templates[number % TEMPLATES]
            began = BEGIN + timedelta(hours=6 * number)
            wall_s = 30.0 * (STEP if number >= CHANGE_AT * count else 1.0) * chance.gauss(1, NOISE)
            meta = replace(
                read_meta(template),
                id=f"{began:%Y%m%d-%H%M%S}-{number:04x}",
                name=f"bench-{number}",
                created=began.isoformat(timespec="seconds"),
                duration_s=wall_s,
                cpu_s=wall_s * 0.8,
                environment={"host": "bench-1", "git_branch": "main", "git_commit": f"{number:08x}c0ffee"},
            )
            path = directory / f"{meta.id}.perftui"
            shutil.copyfile(template, path)
            with contextlib.closing(connect_editing(path)) as connection:
                # Each sync to the disk would take as long as all the rest.
                connection.execute("PRAGMA synchronous=OFF")
                write_meta(connection, meta)


def timed(action: Callable[[], object], times: int = 1) -> float:
    """Return the median of how long an action takes, in seconds."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        action()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def succeed(place: Home, *arguments: str) -> str:
    """Run perftui to its end and return what it printed; it must succeed."""
    done = place.run(*arguments, timeout_s=600)
    if done.returncode:
        raise SystemExit(f"perftui {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def main() -> int:
    """Measure, print and return 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=SESSIONS)
    parser.add_argument("--repeat", type=int, default=7)
    options = parser.parse_args()
    with home() as place:
        directory = place.directory / "sessions"
        directory.mkdir()
        chance = random.Random(7)
        write_sessions(directory, options.sessions, chance)
        # Files that were written this moment are not trusted to stay as they are.
        time.sleep(2.5)
        first_list = timed(lambda: succeed(place, "sessions", "list"))
        again_list = timed(lambda: succeed(place, "sessions", "list"), options.repeat)
        first_trend = timed(lambda: succeed(place, "trend", "rss_bytes.max"))
        again_trend = timed(lambda: succeed(place, "trend", "rss_bytes.max"), options.repeat)
        function_trend = timed(lambda: succeed(place, "trend", "app.py:work1"), options.repeat)
        found = json.loads(succeed(place, "trend", "wall_s", "--json"))["changes"]
    at = round(CHANGE_AT * options.sessions)
    rows = [
        Figure("list, first time", first_list, "s", digits=3),
        Figure("list, again", again_list, "s", at_most=LIST_GOAL_S, digits=3),
        Figure("trend of a metric, first time", first_trend, "s", digits=3),
        Figure("trend of a metric, again", again_trend, "s", at_most=TREND_GOAL_S, digits=3),
        Figure("trend of a function, again", function_trend, "s", at_most=TREND_GOAL_S, digits=3),
        Figure("changes found where there is one", len(found), at_least=1, at_most=1, digits=0),
        Figure(
            "sessions between it and where it is", min((abs(one["at"] - at) for one in found), default=at), digits=0
        ),
    ]
    return 0 if show(f"Catalogue of {options.sessions} sessions", rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
