"""How soon every view follows a range of time, on a session of an hour at 100 Hz with 8 threads.

The session is written through the storage writer: 2,880,000 samples on 20,000 stacks of 3,000 functions, a call tree
of about 100,000 nodes, each thread on all of the stacks. The dashboard runs in a terminal of 160x50. With each of its
panes in front, ranges are moved and widened by keys, and drawn with the mouse over anything from seconds to most of
the run. An answer has come when the screen is at rest again: the last byte counts, not the first.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.command import PERFTUI, home
from harness.latency import PATIENCE_S, latency, leave, step
from harness.long_session import Shape, write_session
from harness.table import Figure, show
from harness.terminal import Chunk, Terminal

COLUMNS = 160
# Row of the strip that shows how busy the run was, below the two of the header; terminals count from 1.
STRIP_ROW = 3
PANES = {"hotspots": b"1", "tree": b"8", "callers": b"6", "source": b"7"}
WORST, EARLIER, LATER, NARROWER, WIDER, HOME = b"r", b"\x1b[D", b"\x1b[C", b"-", b"+", b"\x1b[H"
# A pause between two chunks that is longer than this ends an answer.
REST_S = 0.12
# Until a session of that size is read, and summed up so that long ranges come at once.
OPENING_S = 60.0
SUMMING_S = 25.0
APART_S = 0.7


def mouse(button: int, column: int, *, up: bool = False) -> bytes:
    """Return what a terminal sends for the mouse over the strip: button 0 pressed or let go, 32 dragged."""
    return f"\x1b[<{button};{column};{STRIP_ROW}{'m' if up else 'M'}".encode()


def press(terminal: Terminal, keys: bytes) -> float:
    """Type, wait until the answer must be there, and return when it was typed."""
    at_s = terminal.type(keys)
    time.sleep(APART_S + 0.1 * random.random())
    return at_s


def by_keys(terminal: Terminal, count: int) -> Iterator[float]:
    """Move and widen a range; yield when each key was typed."""
    press(terminal, WORST)
    for number in range(count):
        yield press(terminal, (LATER, WIDER, EARLIER, WIDER, LATER, NARROWER, WIDER)[number % 7])


def by_mouse(terminal: Terminal, count: int, dice: random.Random) -> Iterator[float]:
    """Draw ranges of every length; yield when each step of the mouse came."""
    for _ in range(max(1, count // 3)):
        start = dice.randint(2, COLUMNS - 20)
        press(terminal, mouse(0, start))
        for _ in range(3):
            yield press(terminal, mouse(32, dice.randint(start + 1, COLUMNS - 1)))
        press(terminal, mouse(0, COLUMNS - 1, up=True))


def rests(chunks: Sequence[Chunk], typed: Sequence[float]) -> list[float]:
    """Return for each key the seconds until the screen was at rest again."""
    found = []
    for at_s in typed:
        last_s = at_s
        for chunk in chunks:
            if chunk.at_s <= at_s:
                continue
            # The first byte may take longer than a pause inside an answer.
            if last_s > at_s and chunk.at_s - last_s > REST_S:
                break
            if chunk.at_s - at_s > PATIENCE_S:
                break
            last_s = chunk.at_s
        found.append(last_s - at_s if last_s > at_s else PATIENCE_S)
    return found


def measured(session: Path, environment: dict[str, str], count: int) -> list[Figure]:
    """Brush a session with each pane in front."""
    dice = random.Random(5)
    figures: list[Figure] = []
    with Terminal([PERFTUI, "open", str(session)], env=environment) as terminal:
        opened = terminal.shows("total", seconds=OPENING_S)
        took_s = time.monotonic() - terminal.started_s
        if not opened:
            raise RuntimeError("the session did not open")
        time.sleep(SUMMING_S)
        for key in (b"1", HOME):
            step(terminal, key)
        figures.append(Figure("opening", took_s, "s", digits=1))
        for pane, key in PANES.items():
            step(terminal, key)
            keys = list(by_keys(terminal, count))
            drawn = list(by_mouse(terminal, count, dice))
            chunks = terminal.printed()
            figures += latency(f"{pane}: key", rests(chunks, keys), at_most_ms=150)
            figures += latency(f"{pane}: mouse", rests(chunks, drawn), at_most_ms=150)
            press(terminal, b"U")
        leave(terminal)
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=40, help="steps of each kind with each pane")
    parser.add_argument("--seconds", type=int, default=Shape().seconds, help="length of the session")
    parser.add_argument("--session", type=Path, help="brush this session instead of one that is written first")
    options = parser.parse_args()
    with home() as place:
        session = options.session
        if session is None:
            session = write_session(place.directory, Shape(seconds=options.seconds))
        figures = measured(session, place.environment(), options.steps)
    return 0 if show("Brushing a range of time at 160x50: until the screen is at rest", figures) else 1


if __name__ == "__main__":
    sys.exit(main())
