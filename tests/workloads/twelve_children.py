"""Twelve short-lived children, several at a time, run as programs, forked and spawned; each says what CPU it used."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import threading
import time


def spin(seconds: float) -> None:
    """Use a core for so many seconds of CPU time."""
    until = time.process_time() + seconds
    while time.process_time() < until:
        sum(range(2_000))


def child_work(kind: str, seconds: float) -> None:
    """What each child does: work, and say how much CPU it took."""
    import os

    began = time.monotonic()
    spin(seconds)
    print(f"child {os.getpid()} {kind} {time.process_time():.3f} {time.monotonic() - began:.3f}", flush=True)


def run_program(seconds: float) -> None:
    """Run this file once more, as a program of its own."""
    subprocess.run([sys.executable, __file__, "program", str(seconds)], check=True)


def run_forked(seconds: float) -> None:
    """Fork a child."""
    _run("fork", seconds)


def run_spawned(seconds: float) -> None:
    """Spawn a child."""
    _run("spawn", seconds)


def _run(method: str, seconds: float) -> None:
    context = multiprocessing.get_context(method)
    process = context.Process(target=child_work, args=(method, seconds))  # type: ignore[attr-defined]
    process.start()
    process.join()


def main(scale: float) -> None:
    """Start the children in three rows of four, each row one after the other."""
    lengths = [0.5, 1.0, 1.5, 2.0]

    def row(run: object) -> None:
        for seconds in lengths:
            run(seconds * scale)  # type: ignore[operator]

    rows = [threading.Thread(target=row, args=(run,)) for run in (run_program, run_forked, run_spawned)]
    for each in rows:
        each.start()
    for each in rows:
        each.join()


if __name__ == "__main__":
    if sys.argv[1:2] == ["program"]:
        child_work("program", float(sys.argv[2]))
    else:
        main(float(sys.argv[1]) if sys.argv[1:] else 1.0)
