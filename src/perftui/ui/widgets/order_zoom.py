"""Which part of a run a chart over time shows: zoomed about a moment, one step back, and following the end."""

from __future__ import annotations

SHORTEST_S = 0.02
"""A few samples; less says nothing."""
STEP = 1.6
"""Each step of the wheel shows so many times more, or less."""
_MOST_STEPS = 50

Span = tuple[float, float]


class OrderZoom:
    """The shown part of a run that may still grow; without one all of it is shown."""

    def __init__(self) -> None:
        self.run: Span = (0.0, 0.0)
        """All that can be shown."""
        self._span: Span | None = None
        self._before: list[Span | None] = []

    @property
    def span(self) -> Span:
        """From when to when is shown, in seconds of the recording."""
        return self.run if self._span is None else self._span

    @property
    def is_whole(self) -> bool:
        """Whether everything is shown; then the end is followed."""
        return self._span is None

    def to(self, start_s: float, end_s: float) -> None:
        """Show a part, as far as there is one."""
        low, high = self.run
        if end_s - start_s < SHORTEST_S:
            middle = (start_s + end_s) / 2
            start_s, end_s = middle - SHORTEST_S / 2, middle + SHORTEST_S / 2
        start_s = max(low, min(start_s, high - SHORTEST_S))
        end_s = min(high, max(end_s, start_s + SHORTEST_S))
        span = None if (start_s, end_s) == self.run else (start_s, end_s)
        if span != self._span:
            self._before = [*self._before[-_MOST_STEPS:], self._span]
            self._span = span

    def about(self, at_s: float, step: int) -> None:
        """Show less around a moment (a positive step), or more; the moment stays where it is."""
        start_s, end_s = self.span
        factor = STEP**-step
        self.to(at_s - (at_s - start_s) * factor, at_s + (end_s - at_s) * factor)

    def pan(self, share: float) -> None:
        """Show what lies before or after, by a share of what is shown."""
        start_s, end_s = self.span
        by = share * (end_s - start_s)
        by = max(self.run[0] - start_s, min(by, self.run[1] - end_s))
        if not self.is_whole:
            self.to(start_s + by, end_s + by)

    def back(self) -> bool:
        """Show what was shown before; say whether there was anything."""
        if self._span is None:
            return False
        self._span = self._before.pop() if self._before else None
        return True

    def whole(self) -> None:
        """Show everything."""
        self._span = None
        self._before.clear()
