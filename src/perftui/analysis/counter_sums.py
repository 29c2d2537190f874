"""What counters and the buckets of histograms have grown by since they were first read, resets taken out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import inf, isnan

from perftui.model.series import Series

BOUND_LABEL = "le"
Buckets = Mapping[float, float]
"""Upper bounds of buckets, infinity among them, each with the number of observations up to it."""


def grown(before: float, now: float) -> float:
    """Return what a counter grew by between two readings; one that fell began anew at zero."""
    return now - before if now >= before else now


class CounterSum:
    """Some counters, summed: what they have grown by since they were first read."""

    def __init__(self) -> None:
        self.total = 0.0
        self._last: dict[Series, float] = {}

    def take(self, values: Iterable[tuple[Series, float]], *, known: bool) -> None:
        """Take in readings; of what is `known` from before, a counter that comes late began at zero since then."""
        for series, value in values:
            before = self._last.get(series, 0.0 if known else value)
            self.total += grown(before, value)
            self._last[series] = value


class BucketSum:
    """Histograms with equal names, summed bucket by bucket: observations since they were first read."""

    def __init__(self) -> None:
        self._last: dict[Series, dict[float, float]] = {}
        self._totals: dict[Series, dict[float, float]] = {}

    def take(self, values: Iterable[tuple[Series, float]], *, known: bool) -> None:
        """Take in one reading of buckets."""
        read: dict[Series, dict[float, float]] = {}
        for series, value in values:
            bound = bound_of(series)
            if bound is not None:
                read.setdefault(without_bound(series), {})[bound] = value
        for histogram, now in read.items():
            before = self._last.get(histogram)
            if before is None:
                before = dict.fromkeys(now, 0.0) if known else now
            # A histogram begins anew as a whole: some of its buckets may have passed their old values already.
            anew = any(value < before.get(bound, 0.0) for bound, value in now.items())
            totals = self._totals.setdefault(histogram, dict.fromkeys(now, 0.0))
            for bound, value in now.items():
                grew = value if anew else value - before.get(bound, value)
                totals[bound] = totals.get(bound, 0.0) + grew
            self._last[histogram] = now

    @property
    def totals(self) -> dict[float, float]:
        """Observations up to each bound that all of the histograms have."""
        histograms = list(self._totals.values())
        if not histograms:
            return {}
        shared = set(histograms[0]).intersection(*histograms[1:])
        return {bound: sum(totals[bound] for totals in histograms) for bound in sorted(shared)}


def bound_of(series: Series) -> float | None:
    """Return the upper bound of a bucket, None where its label is no number."""
    try:
        bound = float(dict(series.labels)[BOUND_LABEL])
    except (KeyError, ValueError):
        return None
    return None if isnan(bound) else bound


def without_bound(series: Series) -> Series:
    """Return what all buckets of one histogram have in common."""
    labels = tuple(label for label in series.labels if label[0] != BOUND_LABEL)
    return Series(series.name, series.origin, series.kind, labels, series.unit)


def between_readings(before: Buckets, now: Buckets) -> dict[float, float]:
    """Return the observations of each bucket between two readings of a `BucketSum`."""
    return {bound: max(0.0, count - before.get(bound, 0.0)) for bound, count in now.items()}


def quantile_of(buckets: Buckets, q: float) -> float | None:
    """Return a quantile by linear interpolation in the bucket that it falls into.

    Beyond the greatest finite bound it is that bound. None where there are no observations, or no bucket for the
    greatest of them.
    """
    # Readings of a counter that is being changed may be torn: up to a greater bound there are never less.
    counts: Sequence[tuple[float, float]] = _rising(buckets)
    if len(counts) < 2 or counts[-1][0] != inf or counts[-1][1] <= 0:
        return None
    rank = q * counts[-1][1]
    if counts[-2][1] < rank:
        return counts[-2][0]
    first_bound, first_count = counts[0]
    if first_count >= rank:
        if first_bound <= 0:
            return first_bound
        return first_bound * (rank / first_count if first_count else 1.0)
    for (low, below), (high, up_to) in pairwise(counts[:-1]):
        if up_to >= rank:
            return min(high, low + (high - low) * (rank - below) / (up_to - below))
    return None


def _rising(buckets: Buckets) -> list[tuple[float, float]]:
    rising: list[tuple[float, float]] = []
    most = 0.0
    for bound in sorted(buckets):
        most = max(most, buckets[bound])
        rising.append((bound, most))
    return rising
