"""The ways in which a series is made from others: each takes readings as they come, and says what they lead to."""

from __future__ import annotations

from math import ceil, inf

from perftui.analysis.counter_sums import Buckets, BucketSum, between_readings, quantile_of
from perftui.analysis.series_window import Growth, Known, Selected, Values, Window, read_before
from perftui.model.derivation import DERIVED, Derivation, DerivationKind
from perftui.model.series import Series, SeriesKind
from perftui.units import Unit


class Made:
    """One derivation: the newest value after each reading."""

    def __init__(self, derivation: Derivation) -> None:
        self.derivation = derivation
        self.series = Series(derivation.name, DERIVED, SeriesKind.GAUGE, (), derivation.unit)
        self._factor = 100.0 if derivation.unit is Unit.PERCENT else 1.0

    def take(self, at_s: float, values: Values, known: Known) -> float | None:
        """Return the value that some readings lead to, None where they lead to none."""
        raise NotImplementedError

    def mark(self, name: str) -> None:
        """Take note of a mark."""

    def _select(self, *endings: str) -> list[Selected]:
        return [Selected(selector, endings or ("",)) for selector in self.derivation.of]


class _SumOf(Made):
    """The values of some series, summed."""

    def __init__(self, derivation: Derivation) -> None:
        super().__init__(derivation)
        (self._selected,) = self._select("", "_total")

    def take(self, at_s: float, values: Values, known: Known) -> float | None:
        del at_s, known
        found = self._selected.of(values)
        return sum(value for _, value in found) if found else None


class _RateOf(Made):
    def __init__(self, derivation: Derivation) -> None:
        super().__init__(derivation)
        self._growth = Growth(self._select("", "_total"), derivation.over_s)

    def take(self, at_s: float, values: Values, known: Known) -> float | None:
        grew = self._growth.take(at_s, values, known)
        return None if grew is None else grew[1][0] / grew[0]


class _RatioOf(Made):
    def __init__(self, derivation: Derivation) -> None:
        super().__init__(derivation)
        self._levels = self._select("", "_total")
        self._growth = Growth(self._select("", "_total"), derivation.over_s)

    def take(self, at_s: float, values: Values, known: Known) -> float | None:
        found = [selected.of(values) for selected in self._levels]
        read = [pair for part in found for pair in part]
        if not read:
            return None
        if all(series.kind is SeriesKind.GAUGE for series, _ in read):
            if not all(found):
                return None
            parts = [sum(value for _, value in part) for part in found]
        else:
            grew = self._growth.take(at_s, values, known)
            if grew is None:
                return None
            parts = list(grew[1])
        whole = sum(parts[1:])
        return self._factor * parts[0] / whole if whole > 0 else None


class _AverageOf(Made):
    def __init__(self, derivation: Derivation) -> None:
        super().__init__(derivation)
        of = derivation.of[0]
        parts = [Selected(of, ("_sum",)), Selected(of, ("_count",))]
        self._growth = Growth(parts, derivation.over_s)
        (self._gauge,) = self._select()
        self._window = Window[tuple[float, int]](derivation.over_s)
        self._sum, self._count = 0.0, 0

    def take(self, at_s: float, values: Values, known: Known) -> float | None:
        gauges = self._gauge.of(values)
        if gauges:
            return self._mean(at_s, sum(value for _, value in gauges))
        grew = self._growth.take(at_s, values, known)
        return grew[1][0] / grew[1][1] if grew is not None and grew[1][1] > 0 else None

    def _mean(self, at_s: float, value: float) -> float:
        before = (self._sum, self._count)
        self._sum, self._count = self._sum + value, self._count + 1
        # A value belongs to a window as long as what was known before it does.
        began = self._window.take(at_s, before)
        total, count = began[1] if began is not None else (0.0, 0)
        return (self._sum - total) / (self._count - count)


class _QuantileOf(Made):
    def __init__(self, derivation: Derivation) -> None:
        super().__init__(derivation)
        (self._selected,) = self._select("", "_bucket")
        self._buckets = BucketSum()
        self._window = Window[Buckets](derivation.over_s)
        self._fewest = fewest_observations(derivation.q)

    def take(self, at_s: float, values: Values, known: Known) -> float | None:
        found = self._selected.of(values)
        if not found:
            return None
        self._window.begin({}, at_s, read_before(found, known))
        for origin in {series.origin for series, _ in found}:
            part = [pair for pair in found if pair[0].origin == origin]
            self._buckets.take(part, known=origin in known)
        totals = self._buckets.totals
        began = self._window.take(at_s, totals)
        if began is None:
            return None
        buckets = between_readings(began[1], totals)
        if buckets.get(inf, 0.0) < self._fewest:
            return None
        return quantile_of(buckets, self.derivation.q)


class _DeltaOf(Made):
    def __init__(self, derivation: Derivation) -> None:
        super().__init__(derivation)
        (self._selected,) = self._select("", "_total")
        self._growth = Growth(self._select("", "_total"), derivation.over_s)
        self._window = Window[float](derivation.over_s)
        self._between = derivation.between
        self._level: float | None = None
        """What was read last."""
        self._began: float | None = None
        """What it was at the first mark."""
        self._began_now = self._ends_now = False
        """A mark was set since then."""

    def take(self, at_s: float, values: Values, known: Known) -> float | None:
        found = self._selected.of(values)
        if not found:
            return None
        if all(series.kind is SeriesKind.GAUGE for series, _ in found):
            level = sum(value for _, value in found)
            began = self._window.take(at_s, level)
            change = None if began is None else level - began[1]
        else:
            grew = self._growth.take(at_s, values, known)
            change = None if grew is None else grew[1][0]
            level = change or 0.0
        return change if self._between is None else self._between_marks(level)

    def _between_marks(self, level: float) -> float | None:
        if self._began_now:
            # Nothing was read before the mark, so it is read after it.
            self._began, self._began_now = level, False
        self._level = level
        if not self._ends_now or self._began is None:
            return None
        began, self._began, self._ends_now = self._began, None, False
        return level - began

    def mark(self, name: str) -> None:
        if self._between is None:
            return
        first, last = self._between
        if name == last and (self._began is not None or self._began_now):
            self._ends_now = True
        elif name == first:
            self._began, self._began_now, self._ends_now = self._level, self._level is None, False


def fewest_observations(q: float) -> int:
    """Return the observations below which a quantile would be the greatest or the least of them, or less."""
    rarest = min(q, 1.0 - q)
    return 1 if rarest <= 0 else ceil(round(1.0 / rarest, 9))


WAYS: dict[DerivationKind, type[Made]] = {
    DerivationKind.SERIES: _SumOf,
    DerivationKind.RATE: _RateOf,
    DerivationKind.RATIO: _RatioOf,
    DerivationKind.QUANTILE: _QuantileOf,
    DerivationKind.AVERAGE: _AverageOf,
    DerivationKind.DELTA: _DeltaOf,
}
