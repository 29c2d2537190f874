"""What a workload pays for telling metrics: alone, where nobody listens, and while it is recorded; and a day of them.

A day is twenty series, scraped every five seconds and committed as a recording does, in one session.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from harness.command import Home, home, workload
from harness.table import Figure, show
from perftui.model.series import Series, SeriesKind, SeriesValues
from perftui.model.session import SessionKind, SessionMeta, SessionState
from perftui.recording.playback import open_playback
from perftui.storage.session_file import SessionWriter

CALLS = ("gauge", "count", "mark")
SERIES, EVERY_S, DAY_S = 20, 5.0, 86_400.0
ALONE_GOAL_US, TOLD_GOAL_US, IMPORT_GOAL_MS, DAY_GOAL_MB = 2.0, 15.0, 2.0, 10.0


def alone(place: Home) -> dict[str, float]:
    """Return what the workload says of itself where nobody listens, its modules compiled before."""
    for _ in range(2):
        done = subprocess.run(
            workload("telling"), env=place.environment(), capture_output=True, text=True, check=True, timeout=120
        )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def recorded(place: Home) -> dict[str, float]:
    """Return what it says while it is recorded."""
    done = place.run("record", "--name", "telling", "--", *workload("telling"), timeout_s=120)
    line = next(line for line in done.stderr.splitlines() if line.startswith('{"import_ms'))
    found: dict[str, float] = json.loads(line)
    return found


def day(directory: Path, length_s: float) -> tuple[float, float, float]:
    """Return the bytes of a day of scraped series, the median of a commit in seconds, and how long opening it takes."""
    chance = random.Random(7)
    meta = SessionMeta(
        "20260101-000000-aaaa", "day", SessionKind.ATTACHED, SessionState.RECORDING, "2026-01-01T00:00:00+0000"
    )
    writer = SessionWriter.create(directory, meta, clock=lambda: 0.0)
    kinds = [SeriesKind.COUNTER if at % 2 else SeriesKind.GAUGE for at in range(SERIES)]
    series = [Series(f"series_{at}", "svc", kind) for at, kind in enumerate(kinds)]
    sums, took = [0.0] * SERIES, []
    for step in range(int(length_s / EVERY_S)):
        sums = [total + chance.randrange(300) for total in sums]
        levels = (sums[at] if at % 2 else chance.gauss(100, 20) for at in range(SERIES))
        began = time.perf_counter()
        writer.add_series(SeriesValues(step * EVERY_S + chance.random() / 100, tuple(zip(series, levels, strict=True))))
        writer.commit()
        took.append(time.perf_counter() - began)
    path = writer.finalise(replace(meta, state=SessionState.COMPLETE, duration_s=length_s))
    began = time.perf_counter()
    open_playback(path)
    return path.stat().st_size, statistics.median(took), time.perf_counter() - began


def main() -> int:
    """Measure, print and return 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=DAY_S / 3_600)
    options = parser.parse_args()
    with home() as place:
        nobody, heard = alone(place), recorded(place)
        with tempfile.TemporaryDirectory(prefix="perftui-bench-") as directory:
            size, commit_s, open_s = day(Path(directory), options.hours * 3_600)
    rows = [Figure("import and first call", nobody["import_ms"], "ms", at_most=IMPORT_GOAL_MS)]
    rows += [
        Figure(f"{call}, {what}", found[f"{call}_us"], "µs", at_most=goal)
        for what, found, goal in (("nobody listens", nobody, ALONE_GOAL_US), ("recorded", heard, TOLD_GOAL_US))
        for call in CALLS
    ]
    hours = f"{options.hours:g} h of {SERIES} series, every {EVERY_S:g} s"
    rows += [
        Figure(f"{hours}: file", size / 1e6, "MB", at_most=DAY_GOAL_MB),
        Figure(f"{hours}: one commit", commit_s * 1e3, "ms"),
        Figure(f"{hours}: opening", open_s, "s"),
    ]
    return 0 if show(f"Telling metrics, Python {sys.version.split()[0]}", rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
