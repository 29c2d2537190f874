"""Application metrics as lanes over the axis of time: levels as they are, of counters what they grow by each second."""

from __future__ import annotations

from collections.abc import Mapping

from perftui.analysis.counter_sums import grown
from perftui.analysis.meter_history import MeterHistory, MeterSpan
from perftui.analysis.pyramid import Columns
from perftui.analysis.series_histories import SeriesHistories
from perftui.model.derivation import DERIVED, METRIC_KEY
from perftui.model.series import Series, SeriesKind, SeriesValues
from perftui.text import printable
from perftui.units import Unit

_MOST_RATES = 1_000
_RATE_POINTS = 512
_CREATED = "_created"
"""What clients of Prometheus tell beside each counter: the time of day at which it began."""
_PER_SECOND = {
    Unit.BYTES: Unit.BYTES_PER_SECOND,
    Unit.SECONDS: Unit.SECONDS_PER_SECOND,
    Unit.COUNT: Unit.PER_SECOND,
}


class _Rate:
    """What one counter grows by, a second, between its readings."""

    __slots__ = ("at_s", "history", "value")

    def __init__(self, at_s: float, value: float) -> None:
        self.at_s, self.value = at_s, value
        self.history = MeterHistory(most_points=_RATE_POINTS)

    def add(self, at_s: float, value: float) -> None:
        if at_s > self.at_s:
            self.history.append(at_s, grown(self.value, value) / (at_s - self.at_s))
            self.at_s, self.value = at_s, value


class SeriesLanes:
    """The series that can be drawn; neither buckets of histograms nor moments of creation are."""

    def __init__(self, histories: SeriesHistories | None = None) -> None:
        """Draw what some histories hold; `add` is called with what is added to them."""
        self._histories = SeriesHistories() if histories is None else histories
        self._rates: dict[Series, _Rate] = {}
        self._drawn: dict[str, Series] = {}
        self._seen = 0

    def add(self, values: SeriesValues) -> None:
        """Take in what was added to the histories."""
        for series, value in values.values:
            if series.kind is not SeriesKind.COUNTER:
                continue
            rate = self._rates.get(series)
            if rate is not None:
                rate.add(values.at_s, value)
            elif len(self._rates) < _MOST_RATES:
                self._rates[series] = _Rate(values.at_s, value)

    @property
    def version(self) -> float:
        """Another one after each change."""
        return self._histories.last_s

    @property
    def drawn(self) -> Mapping[str, Series]:
        """Series by the key of their lane: derived ones first, then what the workload tells, then what is scraped."""
        if self._seen != len(self._histories):
            self._seen = len(self._histories)
            drawn = [series for series in self._histories.all if _is_drawn(series)]
            drawn.sort(key=lambda series: (series.origin != DERIVED, series.origin != "", series.kind.value != "gauge"))
            self._drawn = {key_of(series): series for series in drawn}
        return self._drawn

    def history(self, key: str) -> MeterHistory:
        """Return what a lane shows; a lane of another recording shows nothing."""
        series = self.drawn.get(key)
        if series is None:
            return MeterHistory()
        if series.kind is SeriesKind.COUNTER:
            rate = self._rates.get(series)
            return MeterHistory() if rate is None else rate.history
        return self._histories.all[series]

    def columns(self, key: str, count: int, *, start_s: float, end_s: float) -> Columns:
        """Return a lane in equal spans, the greatest value of each."""
        high = tuple(self.history(key).columns(count, start_s=start_s, end_s=end_s))
        return Columns(high, high)

    def span(self, key: str, start_s: float, end_s: float) -> MeterSpan | None:
        """Return the least, mean and greatest value in a range."""
        return self.history(key).between(start_s, end_s)


def _is_drawn(series: Series) -> bool:
    return series.kind is not SeriesKind.BUCKET and not (series.origin and series.name.endswith(_CREATED))


def key_of(series: Series) -> str:
    """Return the key of a series' lane: of a derived one the name that verdicts about it have."""
    return f"{METRIC_KEY}{series.name}" if series.origin == DERIVED else f"series:{series.origin}:{series.text}"


def drawn_unit(series: Series) -> Unit:
    """Return what a lane counts."""
    return _PER_SECOND.get(series.unit, series.unit) if series.kind is SeriesKind.COUNTER else series.unit


def drawn_label(series: Series) -> str:
    """Return what a lane is called."""
    text = printable(series.text)
    return f"{text}/s" if series.kind is SeriesKind.COUNTER else text
