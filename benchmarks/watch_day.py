"""What a day of `perftui watch` takes: the file, and memory, with readings every five seconds, replayed at speed.

The recorder is the real one, with the real files; its clock is made up, and so are the readings of seven processes,
twenty series of a service's own metrics, and looks at twelve threads. Memory is that of this process, hour by hour.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import tempfile
import time
from pathlib import Path

import psutil

from harness.day import DAY_S, Service, day_watcher
from harness.table import Figure, show
from perftui.recording.playback import open_playback
from perftui.recording.watch_plan import WatchPlan
from perftui.storage.finish import recorded_bytes
from perftui.storage.session_file import verify

HOUR_S = 3_600.0
MOST_FILE_MB, MOST_GROWTH_MB = 100.0, 8.0
MOST_OPENING_S = 6.0
SETTLED_HOURS = 4
"""After so long everything that is kept for a screen has come to its bounds."""


def main() -> int:
    """Watch a day and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--every", type=float, default=5.0, help="seconds from one reading to the next")
    parser.add_argument("--rotate", type=float, default=0.0, help="hours of a part; 0 for a single part")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="perftui-bench-") as directory:
        return 0 if _day(Path(directory), asked) else 1


def _day(directory: Path, asked: argparse.Namespace) -> bool:
    rotate_s = asked.rotate * HOUR_S or None
    watcher = day_watcher(directory, WatchPlan(rotate_s=rotate_s))
    service, began = Service(random.Random(asked.seed)), time.perf_counter()
    until_s = asked.hours / 24.0 * DAY_S
    memory_mb: list[float] = []
    slowest_s = 0.0
    for hour in range(1, int(asked.hours) + 1):
        for _ in watcher.watch(service, until_s=min(until_s, hour * HOUR_S), every_s=asked.every):
            now = time.perf_counter()
            slowest_s = max(slowest_s, now - getattr(_day, "before", now))
            _day.before = now  # type: ignore[attr-defined]
        gc.collect()
        memory_mb.append(psutil.Process(os.getpid()).memory_info().rss / 1e6)
        size_mb = recorded_bytes(watcher.session_file) / 1e6
        print(f"hour {hour:2}: {memory_mb[-1]:7.1f} MB of memory, file {size_mb:6.2f} MB", flush=True)
    took_s = time.perf_counter() - began
    last = watcher.finish()
    files = sorted(directory.glob("*.perftui"))
    opening_s = time.process_time()
    playback = open_playback(last)
    opening_s = time.process_time() - opening_s
    settled = memory_mb[min(SETTLED_HOURS, len(memory_mb)) - 1]
    return show(
        f"{asked.hours:g} hours at a reading each {asked.every:g} s",
        [
            Figure("largest file", max(file.stat().st_size for file in files) / 1e6, "MB", at_most=MOST_FILE_MB),
            Figure("all files", sum(file.stat().st_size for file in files) / 1e6, "MB"),
            Figure("files", len(files), digits=0),
            Figure("memory after an hour", memory_mb[0], "MB", digits=1),
            Figure("growth after hour 4", memory_mb[-1] - settled, "MB", at_most=MOST_GROWTH_MB, digits=1),
            Figure("replayed in", took_s, "s", digits=1),
            Figure("slowest second", slowest_s * 1000, "ms", digits=1),
            Figure("readings of the last part", len(playback.update.readings), digits=0, at_least=1),
            Figure("complaints of its check", len(verify(last)), digits=0, at_most=0),
            Figure("opened in, of one core", opening_s, "s", at_most=MOST_OPENING_S),
        ],
    )


if __name__ == "__main__":
    raise SystemExit(main())
