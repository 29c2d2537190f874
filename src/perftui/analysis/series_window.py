"""What derivations stand on: the series that a selector means, and what was known at each reading of a window."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping, Sequence
from math import inf
from typing import Generic, TypeVar

from perftui.analysis.counter_sums import CounterSum
from perftui.model.derivation import DERIVED, Selector
from perftui.model.series import Series

_MOST_POINTS = 512
"""Readings that are kept of a window; of more every second one is left out, so its edge is less sharp."""
_SHORTEST_S = 0.25
"""A rate over less than this says more of the moment of the reading than of the counter."""
_JITTER = 0.02
"""A reading that is due at the beginning of a window may come so much late, as a share of the window."""
_LONGEST_LABEL = 256
State = TypeVar("State")
Values = Sequence[tuple[Series, float]]
Known = Mapping[str, tuple[float, float]]
"""By origin, when it was read for the first time and when last, as far as it was read before."""


class Selected:
    """The series that one selector means, found once for each."""

    def __init__(self, selector: Selector, endings: Sequence[str]) -> None:
        self.name_seen = False
        """Whether a series of the name ever came, whatever its labels."""
        self.is_read = False
        """Whether one came with the newest readings."""
        self._names = {selector.name + ending for ending in endings}
        self._patterns = [(name, re.compile(pattern)) for name, pattern in selector.labels]
        self._matched: dict[Series, bool] = {}

    def of(self, values: Values) -> list[tuple[Series, float]]:
        """Return those of some readings that are meant."""
        named = [(series, value) for series, value in values if series.name in self._names and series.origin != DERIVED]
        self.is_read = bool(named)
        self.name_seen = self.name_seen or self.is_read
        return [(series, value) for series, value in named if self._matches(series)]

    def _matches(self, series: Series) -> bool:
        found = self._matched.get(series)
        if found is None:
            labels = dict(series.labels)
            found = all(regex.fullmatch(labels.get(name, "")[:_LONGEST_LABEL]) for name, regex in self._patterns)
            self._matched[series] = found
        return found


class Window(Generic[State]):
    """What was known at each reading of a window of time."""

    def __init__(self, over_s: float) -> None:
        self._over_s = over_s
        self._points: deque[tuple[float, State]] = deque()

    def begin(self, state: State, at_s: float, read_s: tuple[float, float] | None) -> None:
        """Say what was so until now, before anything came, of what was read at first and last without it."""
        if not self._points and read_s is not None:
            self._points.append((max(read_s[0], min(read_s[1], at_s - self._over_s)), state))

    def take(self, at_s: float, state: State) -> tuple[float, State] | None:
        """Add what is known now; return the seconds since the window began and what was known then."""
        edge_s = at_s - self._over_s * (1 - _JITTER)
        points = self._points
        while len(points) > 1 and points[1][0] <= edge_s:
            points.popleft()
        began = points[0] if points else None
        if self._over_s < inf or not points:
            points.append((at_s, state))
        if len(points) > _MOST_POINTS:
            self._points = deque([points[0], *list(points)[2::2]])
        return None if began is None or at_s - began[0] < _SHORTEST_S else (at_s - began[0], began[1])


class Growth:
    """What some counters have grown by in a window: of each selector a sum."""

    def __init__(self, selected: Sequence[Selected], over_s: float) -> None:
        self._selected = selected
        self._sums = [CounterSum() for _ in selected]
        self._window = Window[tuple[float, ...]](over_s)

    def take(self, at_s: float, values: Values, known: Known) -> tuple[float, tuple[float, ...]] | None:
        """Return the seconds of the window and what each selector grew by; None as long as nobody can say."""
        found = [selected.of(values) for selected in self._selected]
        if not any(selected.is_read for selected in self._selected):
            return None
        before = tuple(each.total for each in self._sums)
        for each, part in zip(self._sums, found, strict=True):
            for series, value in part:
                each.take([(series, value)], known=series.origin in known)
        self._window.begin(before, at_s, read_before(next((part for part in found if part), ()), known))
        now = tuple(each.total for each in self._sums)
        began = self._window.take(at_s, now)
        # Of a name that never came nobody knows whether it is nothing, or is written otherwise.
        if began is None or not all(selected.name_seen for selected in self._selected):
            return None
        return began[0], tuple(after - then for then, after in zip(began[1], now, strict=True))


def read_before(found: Values, known: Known) -> tuple[float, float] | None:
    """Return when that was read before which the first of some series comes from."""
    return known.get(found[0][0].origin) if found else None
