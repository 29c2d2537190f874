"""How far several runs are: a bar with the time left in a terminal, a line a run elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from perftui.cli import console
from perftui.model.session import RunSide
from perftui.recording.repeats import Turn, time_left_s
from perftui.units import format_seconds

if TYPE_CHECKING:
    from rich.progress import Progress

_BAR_CELLS = 28
_EVERY_S = 0.5
"""A bar that is drawn more often takes time from what is measured."""


class Ended(Protocol):
    """How a run went, as far as a line of it says."""

    @property
    def turn(self) -> Turn:
        """Which run it was."""

    @property
    def failed(self) -> bool:
        """Whether the workload failed."""

    @property
    def cut(self) -> bool:
        """Whether it was ended before its time."""


class SeriesProgress:
    """Shows which run is under way and how long all of them will take; `quiet` shows nothing."""

    def __init__(self, turns: Sequence[Turn], *, quiet: bool) -> None:
        self._turns = turns
        self._quiet = quiet
        self._widest = max(len(describe(turn, turns)) for turn in turns)
        self._took_s: list[float] = []
        self._began_s = time.monotonic()
        self._next_s = 0.0
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        if not self._quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
            self._bar = _bar(len(self._turns))
            self._bar.start()
        self._began_s = time.monotonic()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the bar away while something is said, and draw it again below."""
        self._next_s = 0.0
        if self._bar is not None:
            self._bar.stop()
        try:
            yield
        finally:
            if self._bar is not None and len(self._took_s) < len(self._turns):
                self._bar.start()

    def show(self, turn: Turn) -> None:
        """Draw the run that is under way."""
        now_s = time.monotonic()
        if self._bar is None or now_s < self._next_s:
            return
        self._next_s = now_s + _EVERY_S
        elapsed_s = now_s - self._began_s
        left_s = time_left_s(self._turns, self._took_s, elapsed_s)
        left = "" if left_s is None else f"about {_rough(left_s)} left"
        done = len(self._took_s) + min(0.95, self._share(elapsed_s))
        self._bar.update(
            self._bar.task_ids[0],
            completed=done,
            description=describe(turn, self._turns).ljust(self._widest),
            left=left,
        )
        self._bar.refresh()

    def ended(self, outcome: Ended) -> None:
        """Take in that a run has ended."""
        took_s = time.monotonic() - self._began_s
        self._took_s.append(took_s)
        self._began_s = time.monotonic()
        if self._bar is None and not self._quiet:
            failed = ", cut off" if outcome.cut else ", failed" if outcome.failed else ""
            console.say(
                f"{len(self._took_s)} of {len(self._turns)}: {describe(outcome.turn, self._turns)}, "
                f"{format_seconds(took_s)}{failed}"
            )

    def _share(self, elapsed_s: float) -> float:
        """Return how much of the present run is over, by the mean of those before it."""
        return elapsed_s * len(self._took_s) / sum(self._took_s) if self._took_s else 0.0


def describe(turn: Turn, turns: Sequence[Turn]) -> str:
    """Say which run it is among its like: `base, run 3 of 10`."""
    last = max(other.number for other in turns if other.side is turn.side and other.warmup is turn.warmup)
    which = f"{'warm-up' if turn.warmup else 'run'} {turn.number} of {last}"
    return which if turn.side is RunSide.NONE else f"{turn.side.value}, {which}"


def _rough(seconds: float) -> str:
    """Return a time that nobody knows exactly: whole seconds, then minutes."""
    whole = max(1, round(seconds))
    return f"{whole} s" if whole < 100 else format_seconds(whole)


def _bar(total: int) -> Progress:
    # Only where it is drawn: most verbs draw none.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    class SteadyConsole(Console):
        """Leaves the cursor as it is: one that was hidden would stay so when perftui is killed."""

        def show_cursor(self, show: bool = True) -> bool:  # noqa: ARG002 (rich's signature)
            return False

    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(_BAR_CELLS),
        TextColumn("{task.percentage:3.0f} %"),
        TextColumn("{task.fields[left]}", markup=False),
        console=SteadyConsole(stderr=True),
        transient=True,
        auto_refresh=False,
    )
    bar.add_task("", total=total, left="")
    return bar
