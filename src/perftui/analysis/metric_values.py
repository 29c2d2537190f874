"""The derived series of a run as judges read them: the newest values of each, and where histograms end."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import isfinite

from perftui.analysis.counter_sums import bound_of, without_bound
from perftui.analysis.series_window import Selected
from perftui.model.derivation import DERIVED, Selector
from perftui.model.series import Series, SeriesKind, SeriesValues

KEPT_VALUES = 600
"""Whoever judges values one by one may come so many of them late."""
_MOST_BUCKETS = 10_000


class MetricValues:
    """What derived series were; memory is bounded by the number of derivations."""

    def __init__(self) -> None:
        self._newest: dict[str, deque[tuple[float, float]]] = {}
        self._counts: dict[str, int] = {}
        self._bounds: dict[Series, set[float]] = {}
        """The finite bounds of each histogram."""
        self._greatest: dict[Selector, tuple[int, float | None]] = {}
        """What was found for so many buckets."""
        self._buckets: set[Series] = set()

    def take(self, values: SeriesValues) -> None:
        """Take in what series were at one moment."""
        for series, value in values.values:
            if series.origin == DERIVED:
                self._newest.setdefault(series.name, deque(maxlen=KEPT_VALUES)).append((values.at_s, value))
                self._counts[series.name] = self._counts.get(series.name, 0) + 1
            elif series.kind is SeriesKind.BUCKET and series not in self._buckets:
                self._note_bound(series)

    def count(self, name: str) -> int:
        """Return how many values of a derived series came."""
        return self._counts.get(name, 0)

    def after(self, name: str, count: int) -> Sequence[tuple[float, float]]:
        """Return the kept values, each with its moment, that came after the first `count`."""
        newest = self._newest.get(name, deque())
        fresh = min(self.count(name) - count, len(newest))
        return [newest[place] for place in range(-fresh, 0)]

    def greatest_bound(self, selector: Selector) -> float | None:
        """Return the greatest finite bound that all histograms meant have: beyond it nothing is told apart."""
        known = self._greatest.get(selector)
        if known is None or known[0] != len(self._buckets):
            meant = Selected(selector, ("", "_bucket")).of([(histogram, 0.0) for histogram in self._bounds])
            shared = set.intersection(*(self._bounds[histogram] for histogram, _ in meant)) if meant else set()
            known = self._greatest[selector] = len(self._buckets), max(shared, default=None)
        return known[1]

    def _note_bound(self, series: Series) -> None:
        if len(self._buckets) >= _MOST_BUCKETS:
            return
        self._buckets.add(series)
        bound = bound_of(series)
        if bound is not None and isfinite(bound):
            self._bounds.setdefault(without_bound(series), set()).add(bound)
