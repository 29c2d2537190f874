"""A session as CSV, one figure a line: what it is of, what it is called, its value and its unit."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from perftui.analysis.hotspots import SortBy, hotspots
from perftui.analysis.operation_figures import operation_figures
from perftui.analysis.series_figures import series_figures, without_buckets
from perftui.model.reading import METERS
from perftui.model.series import SeriesKind
from perftui.model.verdict import RuleVerdict
from perftui.recording.advising import USUAL_TOP, advice_of
from perftui.recording.session_model import SessionModel
from perftui.reports.advice_tables import advice_figures
from perftui.reports.csv_cells import cell

Figure = tuple[str, str, str, float | int | str | None, str]


def session_csv(model: SessionModel, verdicts: tuple[RuleVerdict, ...], *, top: int) -> str:
    """Return the figures of a session; those that are not known are left out."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("kind", "name", "figure", "value", "unit"))
    for row in _figures(model, verdicts, top):
        if row[3] is not None:
            writer.writerow(map(cell, row))
    return text.getvalue()


def _figures(model: SessionModel, verdicts: tuple[RuleVerdict, ...], top: int) -> Iterator[Figure]:
    meta, tree = model.meta, model.aggregate.tree
    yield "session", meta.name, "duration", meta.duration_s if meta.knows_times else None, "s"
    yield "session", meta.name, "cpu", meta.cpu_s, "s"
    yield "session", meta.name, "samples", model.quality.samples, ""
    for verdict in verdicts:
        yield "rule", verdict.rule, "current", verdict.current, verdict.unit.value
        yield "rule", verdict.rule, "verdict", verdict.verdict.value, ""
    for operation in model.operations:
        for name, figure in operation_figures(operation).items():
            yield "operation", operation.key, name, figure.value, figure.unit.value
        yield "operation", operation.key, "n", len(operation.values), ""
    for meter in METERS:
        figures = model.measures.figures(meter.metric)
        yield "meter", meter.metric, "mean", figures.mean, meter.unit.value
        yield "meter", meter.metric, "max", figures.peak, meter.unit.value
    for one in without_buckets(series_figures(model.series)):
        named = (one.series.text, one.series.unit.value)
        yield "metric", named[0], "last", one.last, named[1]
        if one.series.kind is SeriesKind.GAUGE:
            yield "metric", named[0], "mean", one.mean, named[1]
            yield "metric", named[0], "max", one.high, named[1]
    yield from advice_figures(advice_of(model, top=min(top, USUAL_TOP)))
    for row in hotspots(tree, sort=SortBy.SELF, top=top, line_counts=model.aggregate.line_counts):
        name = f"{row.frame.file}:{row.frame.function}"
        yield "function", name, "self", row.self_weight, tree.unit.value
        yield "function", name, "total", row.total_weight, tree.unit.value
        yield "function", name, "samples", row.self_count, ""
