"""What application metrics were over a whole recording: last, least, mean and greatest value of each series."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import inf

from perftui.analysis.series_histories import SeriesHistories
from perftui.model.series import Series, SeriesKind
from perftui.model.session import Event, EventKind


@dataclass(frozen=True, slots=True)
class SeriesFigures:
    """Figures of one series, in its unit."""

    series: Series
    n: int
    """Number of values."""
    last: float
    low: float
    mean: float
    """Of the values, however far they are apart; a counter has none that says anything."""
    high: float


def series_figures(histories: SeriesHistories) -> Iterator[SeriesFigures]:
    """Yield the figures of each series, in the order of first sight."""
    for series, history in histories.all.items():
        span = history.between(-inf, inf)
        if span is not None and history.last is not None:
            yield SeriesFigures(series, history.count, history.last, span.low, span.mean, span.high)


def without_buckets(figures: Iterable[SeriesFigures]) -> list[SeriesFigures]:
    """Return figures without the buckets of histograms, each of which says little alone."""
    return [one for one in figures if one.series.kind is not SeriesKind.BUCKET]


def marks(events: Iterable[Event]) -> list[Event]:
    """Return the moments that the workload has named."""
    return [event for event in events if event.kind is EventKind.MARK]
