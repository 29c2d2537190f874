"""From a key to the screen: types in a terminal, and finds out afterwards when the screen showed it."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence

from harness.table import Figure
from harness.terminal import Chunk, Replay, Terminal, replayed

# A key that has shown nothing after this time is counted with this time.
PATIENCE_S = 1.0
# The line about the selection, above the bar of keys.
STATUS_ROW = -2
_LEVELS = 2
DOWN, UP, ESCAPE = b"\x1b[B", b"\x1b[A", b"\x1b"
Screen = Callable[[Replay], bool]


def holds(text: str) -> Screen:
    """Return a condition that a text is on the screen."""
    return lambda replay: any(text in line for line in replay.lines())


def type_pattern(terminal: Terminal, pattern: str) -> list[tuple[float, Screen]]:
    """Search for a pattern letter by letter; return when each was typed and the screen that shows it."""
    step(terminal, b"/")
    typed = [(step(terminal, letter.encode()), holds(f" / {pattern[: at + 1]}")) for at, letter in enumerate(pattern)]
    step(terminal, ESCAPE)
    return typed


def type_steps(terminal: Terminal, count: int) -> list[float]:
    """Step the selection up and down; return when each was typed."""
    # There the selection has a parent and a child: every step changes what the status line names.
    for _ in range(_LEVELS):
        step(terminal, DOWN)
    typed = [step(terminal, (DOWN, UP)[number % 2]) for number in range(count)]
    # Back to where it began: further down a recursion names one function at every step.
    for _ in range(_LEVELS + count % 2):
        step(terminal, UP)
    return typed


def step(terminal: Terminal, key: bytes) -> float:
    """Type a key at no particular moment of the refresh, and return when."""
    at_s = terminal.type(key)
    time.sleep(0.25 + 0.25 * random.random())
    return at_s


def until(chunks: Sequence[Chunk], began_s: float, condition: Screen) -> float:
    """Return the seconds until a screen first satisfied a condition, infinity where none did."""
    return next((at_s - began_s for at_s, replay in replayed(chunks) if condition(replay)), float("inf"))


def answer_times(
    chunks: Sequence[Chunk], asked: Sequence[tuple[float, Screen]], *, columns: int = 160, rows: int = 50
) -> list[float]:
    """Return for each key the seconds until the screen satisfied its condition; the keys are in order of time."""
    waiting = list(asked)
    found: list[float] = []
    for at_s, replay in replayed(chunks, columns=columns, rows=rows):
        while waiting and at_s - waiting[0][0] > PATIENCE_S:
            waiting.pop(0)
            found.append(PATIENCE_S)
        if waiting and at_s >= waiting[0][0] and waiting[0][1](replay):
            found.append(at_s - waiting.pop(0)[0])
    return found + [PATIENCE_S] * len(waiting)


def step_times(chunks: Sequence[Chunk], typed: Sequence[float], *, columns: int = 160, rows: int = 50) -> list[float]:
    """Return for each key the seconds until the status line named another frame."""
    asked: list[tuple[float, Screen]] = []
    named = ""
    waiting = list(typed)
    for at_s, replay in replayed(chunks, columns=columns, rows=rows):
        while waiting and at_s >= waiting[0]:
            asked.append((waiting.pop(0), names_other_than(named)))
        named = selected(replay)
    return answer_times(chunks, asked, columns=columns, rows=rows)


def selected(replay: Replay) -> str:
    """Return the name of the selected frame: the status line up to its first figure."""
    return replay.lines()[STATUS_ROW].partition("  \N{MIDDLE DOT}")[0]


def names_other_than(name: str) -> Screen:
    """Return a condition that another frame is selected."""
    return lambda replay: selected(replay) != name


def latency(name: str, seconds: Sequence[float], *, at_most_ms: float) -> list[Figure]:
    """Return median and 95th percentile in milliseconds."""
    if len(seconds) < 2:
        return []
    p95 = statistics.quantiles(seconds, n=20)[-1]
    return [
        Figure(f"{name}, median", 1000 * statistics.median(seconds), "ms", digits=1),
        Figure(f"{name}, p95 of {len(seconds)}", 1000 * p95, "ms", at_most=at_most_ms, digits=1),
    ]


def leave(terminal: Terminal) -> None:
    """Quit, whatever is open and whatever is asked."""
    for key in (b"\x1b", b"q", b"q"):
        if terminal.poll() is None:
            terminal.type(key)
            terminal.wait(seconds=0.4)
    terminal.wait(seconds=5)
