"""Application metrics and marks as parts of a session's document."""

from __future__ import annotations

from typing import Any

from perftui.analysis.series_figures import SeriesFigures, marks, series_figures
from perftui.model.series import SeriesKind
from perftui.recording.session_model import SessionModel


def series_documents(model: SessionModel) -> list[dict[str, Any]]:
    """Return what each series was; of counters and buckets only the last value means anything alone."""
    return [_document(figures) for figures in series_figures(model.series)]


def mark_documents(model: SessionModel) -> list[dict[str, Any]]:
    """Return the moments that the workload has named."""
    return [{"at_s": round(event.at_s, 3), "name": event.text} for event in marks(model.events)]


def _document(figures: SeriesFigures) -> dict[str, Any]:
    series = figures.series
    is_level = series.kind is SeriesKind.GAUGE
    return {
        "name": series.name,
        "labels": dict(series.labels),
        "origin": series.origin or "workload",
        "kind": series.kind.value,
        "unit": series.unit.value,
        "n": figures.n,
        "last": figures.last,
        "min": figures.low if is_level else None,
        "mean": figures.mean if is_level else None,
        "max": figures.high if is_level else None,
    }
