"""How soon two sessions of an hour at 100 Hz with 8 threads are compared: the first picture, and every verdict.

Both sessions are written through the storage writer: 2,880,000 samples each on call trees of about 100,000 nodes. The
comparison is started in a terminal of 160x50 as a person would start it, several times. The first picture is the union
of both call trees; the rest has come when the table of changes stands beside it.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from harness.command import PERFTUI, home
from harness.latency import leave
from harness.long_session import Shape, write_session
from harness.table import Figure, show
from harness.terminal import Replay, Terminal

FRAME, PICTURE, VERDICTS = "reading both sides", "the paths of both sides", "verdict"
GOAL_S = 1.0
PATIENCE_S = 60.0


def opening(sessions: Sequence[Path], environment: dict[str, str]) -> list[float]:
    """Return the seconds from the start of the command to its frame, to the first picture, and to all verdicts."""
    with Terminal([PERFTUI, "compare", *map(str, sessions)], env=environment) as terminal:
        if not terminal.shows(VERDICTS, seconds=PATIENCE_S):
            raise RuntimeError(f"the screen never said {VERDICTS!r}")
        found = [first_s(terminal, text) for text in (FRAME, PICTURE, VERDICTS)]
        leave(terminal)
    return found


def first_s(terminal: Terminal, text: str) -> float:
    """Return when the screen first held a text, in seconds after the start."""
    replay = Replay(terminal.columns, terminal.rows)
    for chunk in terminal.printed():
        replay.feed(chunk.data)
        if any(text in line for line in replay.lines()):
            return chunk.at_s - terminal.started_s
    raise RuntimeError(f"the screen never said {text!r}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="how often they are compared")
    parser.add_argument("--seconds", type=int, default=Shape().seconds, help="length of each session")
    parser.add_argument("--sessions", type=Path, nargs=2, help="compare these instead of two that are written first")
    options = parser.parse_args()
    with home() as place:
        sessions = options.sessions
        if sessions is None:
            sessions = []
            for name in ("before", "after"):
                directory = place.directory / name
                directory.mkdir()
                sessions.append(write_session(directory, Shape(seconds=options.seconds)))
        took = [opening(sessions, place.environment()) for _ in range(options.runs)]
    frame, picture, verdicts = (statistics.median(times) for times in zip(*took, strict=True))
    figures = [
        Figure("frame, median", frame, "s"),
        Figure("first picture, median", picture, "s", at_most=GOAL_S),
        Figure("first picture, worst", max(times[1] for times in took), "s"),
        Figure("all verdicts, median", verdicts, "s"),
    ]
    return 0 if show("Comparing two sessions of an hour at 160x50, from the start of the command", figures) else 1


if __name__ == "__main__":
    sys.exit(main())
