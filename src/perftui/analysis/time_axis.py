"""The part of the time that is seen, and the moment in it that is read: a plain value, moved and zoomed by cells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, floor

from perftui.units import format_seconds

SHORTEST_S = 2.0
"""Meters are read once a second: what is shown is never shorter than two of these."""
_STEPS_S = (
    *(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0),
    *(60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 21_600.0, 43_200.0, 86_400.0),
)
"""Distances of moments that are written below the axis."""


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """From when to when is shown; by default all of the recording, and its end is read."""

    run_s: float = 0.0
    """Length of the recording."""
    start_s: float = 0.0
    end_s: float = 0.0
    cursor_s: float | None = None
    """The moment that is read; None for the newest one."""
    whole: bool = True
    """All of the recording is shown, however long it gets."""

    @property
    def span_s(self) -> float:
        """How much is shown."""
        return self.end_s - self.start_s

    @property
    def read_s(self) -> float:
        """The moment that is read."""
        return self.run_s if self.cursor_s is None else min(self.cursor_s, self.run_s)

    @property
    def follows(self) -> bool:
        """Whether the newest moment is read, and stays in sight."""
        return self.cursor_s is None

    def grown(self, run_s: float) -> TimeAxis:
        """Return the axis of a recording that has become longer; without a cursor it follows the end."""
        if run_s == self.run_s:
            return self
        grown = replace(self, run_s=run_s)
        if self.whole:
            return replace(grown, start_s=0.0, end_s=run_s)
        return grown._placed(run_s - self.span_s, self.span_s) if self.follows else grown

    def zoomed(self, factor: float, about_s: float) -> TimeAxis:
        """Return an axis that shows `factor` times as much; the moment `about_s` stays where it is.

        It is read from then on, where what was read before is no longer in sight.
        """
        if self.span_s <= 0:
            return self
        span_s = max(min(SHORTEST_S, self.run_s), self.span_s * factor)
        if span_s >= self.run_s * (1 - 1e-9):
            return self.home()
        place = min(1.0, max(0.0, (about_s - self.start_s) / self.span_s))
        zoomed = replace(self, whole=False)._placed(about_s - place * span_s, span_s)
        in_sight = zoomed.start_s <= zoomed.read_s <= zoomed.end_s
        return zoomed if in_sight else replace(zoomed, cursor_s=min(about_s, self.run_s))

    def home(self) -> TimeAxis:
        """Return an axis that shows everything; what is read stays."""
        return replace(self, start_s=0.0, end_s=self.run_s, whole=True)

    def following(self) -> TimeAxis:
        """Return an axis that reads the newest moment."""
        return replace(self, cursor_s=None)._placed(self.run_s - self.span_s, self.span_s)

    def panned(self, by_s: float) -> TimeAxis:
        """Return an axis that shows what lies beside; what is read stays in sight."""
        moved = self._placed(self.start_s + by_s, self.span_s)
        at_s = min(max(self.read_s, moved.start_s), moved.end_s)
        return moved if self.follows and moved.end_s >= self.run_s else replace(moved, cursor_s=at_s)

    def moved(self, cells: int, width: int) -> TimeAxis:
        """Return an axis whose cursor is so many cells further; beyond the edge it pans, at the end it follows."""
        cell_s = self.span_s / max(1, width)
        # From the middle of a cell to the middle of another: rounding must not skip one.
        cell = self.cell_of(self.read_s, width)
        to_s = self.start_s + (cell + cells + 0.5) * cell_s
        if to_s >= self.run_s:
            return self.following() if not self.follows else self
        return self.read_at(max(0.0, to_s))

    def read_at(self, at_s: float) -> TimeAxis:
        """Return an axis that reads a moment, panned as little as need be to show it."""
        at_s = min(max(0.0, at_s), self.run_s)
        moved = replace(self, cursor_s=at_s)
        if at_s < self.start_s:
            return moved._placed(at_s, self.span_s)
        return moved._placed(at_s - self.span_s, self.span_s) if at_s > self.end_s else moved

    def showing(self, start_s: float, end_s: float, *, read_s: float) -> TimeAxis:
        """Return an axis on which a range is seen whole, with the cursor at a moment of it."""
        read = replace(self, cursor_s=min(read_s, self.run_s))
        if self.whole or (self.start_s <= start_s and end_s <= self.end_s):
            return read
        span_s = max(self.span_s, end_s - start_s)
        return read._placed((start_s + end_s - span_s) / 2, span_s)

    def cell_of(self, at_s: float, width: int) -> int:
        """Return the cell of a moment among `width` ones; the nearest for one that is out of sight."""
        if self.span_s <= 0 or width < 1:
            return 0
        return min(width - 1, max(0, floor((at_s - self.start_s) / self.span_s * width + 1e-9)))

    def second_of(self, cell: int, width: int) -> float:
        """Return the moment at which a cell begins."""
        return self.start_s + min(max(0, cell), width) * self.span_s / max(1, width)

    def _placed(self, start_s: float, span_s: float) -> TimeAxis:
        """Return an axis that shows so much from a moment on, as far as there is anything."""
        span_s = min(span_s, self.run_s)
        start_s = max(0.0, min(start_s, self.run_s - span_s))
        return replace(self, start_s=start_s, end_s=start_s + span_s)


def ticks(start_s: float, end_s: float, most: int) -> tuple[list[float], float]:
    """Return at most `most` round moments of a range, and how far they are apart, in seconds."""
    least_s = (end_s - start_s) / max(1, most)
    if least_s <= 0:
        return [], _STEPS_S[-1]
    step_s = next((each for each in _STEPS_S if each >= least_s), ceil(least_s / _STEPS_S[-1]) * _STEPS_S[-1])
    first = ceil(start_s / step_s - 1e-9)
    found = [(first + i) * step_s for i in range(most + 1)]
    return [each for each in found if each < end_s][:most], step_s


def moment_text(at_s: float, step_s: float) -> str:
    """Return a moment with the digits that steps of so many seconds need: `12.5 s`, `2m 05s`, `2m 05.25s`."""
    digits = 0 if step_s >= 1 else 1 if step_s >= 0.1 else 2
    if at_s < 99.95:
        return f"{at_s:.{digits}f} s"
    if not digits or at_s >= 3600:
        return format_seconds(at_s)
    minutes, seconds = divmod(round(at_s, digits), 60)
    return f"{minutes:.0f}m {seconds:0{digits + 3}.{digits}f}s"
