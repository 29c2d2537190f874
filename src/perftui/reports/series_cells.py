"""Application metrics as cells of a table: name, where it comes from, and what it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from perftui.analysis.series_figures import SeriesFigures, marks, series_figures, without_buckets
from perftui.model.series import SeriesKind
from perftui.recording.session_model import SessionModel
from perftui.units import format_seconds, format_value

HEAD = ("metric", "from", "values", "last", "min", "mean", "max")
MOST_ROWS = 200
"""A scrape may bring hundreds; the document has all."""
MOST_MARKS = 50
_LONGEST_NAME, _SHOWN_HEAD = 80, 48
_WORKLOAD = "workload"


def series_rows(model: SessionModel) -> Iterator[Sequence[str]]:
    """Yield the cells of each series; of a counter the mean says nothing, and of buckets there is no row."""
    for figures in without_buckets(series_figures(model.series))[:MOST_ROWS]:
        series, unit = figures.series, figures.series.unit
        is_level = series.kind is SeriesKind.GAUGE
        levels = (figures.low, figures.mean, figures.high) if is_level else ()
        words = [format_value(value, unit) for value in levels] or ["", _counted(figures), ""]
        yield (
            _shortened(series.text),
            series.origin or _WORKLOAD,
            f"{figures.n:,}",
            format_value(figures.last, unit),
            *words,
        )


def series_remark(model: SessionModel) -> str:
    """Say what stands in no row: buckets, and series beyond the bounds; empty where that is nothing."""
    figures = list(series_figures(model.series))
    rows = without_buckets(figures)
    buckets = [one.series for one in figures if one.series.kind is SeriesKind.BUCKET]
    parts = []
    if buckets:
        names = len({(one.name, one.origin) for one in buckets})
        parts.append(f"{_number(names, 'histogram')} of {_number(len(buckets), 'bucket')} not listed")
    if len(rows) > MOST_ROWS:
        parts.append(f"{len(rows) - MOST_ROWS:,} more series are in the JSON")
    if model.series.left_out:
        parts.append(f"{_number(model.series.left_out, 'series', 'series')} beyond {len(model.series):,} left out")
    return "; ".join(parts)


def mark_rows(model: SessionModel) -> list[tuple[str, str]]:
    """Return when each mark was set, and its name; the first of very many."""
    return [(format_seconds(event.at_s), _shortened(event.text)) for event in marks(model.events)[:MOST_MARKS]]


def _shortened(name: str) -> str:
    """Return a name of which the middle is left out where it is long: the last label often tells series apart."""
    return name if len(name) <= _LONGEST_NAME else f"{name[:_SHOWN_HEAD]}…{name[_SHOWN_HEAD + 1 - _LONGEST_NAME :]}"


def _counted(figures: SeriesFigures) -> str:
    return "counter" if figures.series.kind is SeriesKind.COUNTER else ""


def _number(count: int, word: str, several: str = "") -> str:
    return f"{count:,} {word if count == 1 else several or f'{word}s'}"
