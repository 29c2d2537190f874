"""What is said of a session at its end: one document for scripts, a few lines for people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from perftui.analysis.alerting import standings
from perftui.analysis.data_quality import quality_document
from perftui.analysis.hotspots import SortBy, hotspots
from perftui.budgets.evaluate import overall
from perftui.budgets.spec import Budget, Gate
from perftui.errors import ExitCode
from perftui.model.alert import AlertStanding
from perftui.model.heap import HeapView
from perftui.model.hotspot import Hotspot
from perftui.model.reading import METERS
from perftui.model.sample import SamplingQuality
from perftui.model.session import Event, SessionKind
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.recording.advising import USUAL_TOP, advice_of, found_document
from perftui.recording.held_document import held_document
from perftui.recording.memory_summary import memory_document
from perftui.recording.operation_document import operation_document, scaling_documents
from perftui.recording.series_document import mark_documents, series_documents
from perftui.recording.session_model import SessionModel

SCHEMA = "perftui.session/1"
Document = dict[str, Any]


def document(
    model: SessionModel, path: Path | None, *, top: int | None = None, view: HeapView | None = None
) -> Document:
    """Return the JSON document of a session; `top` hotspots are added where it is given.

    `view` is the one of the heap that the functions of its memory are of; `NoDataError` where there is no such one.
    """
    meta = model.meta
    result: Document = {
        "schema": SCHEMA,
        "id": meta.id,
        "name": meta.name,
        "path": str(path) if path else None,
        "kind": meta.kind.value,
        "state": meta.state.value,
        "created": meta.created,
        "command": list(meta.command),
        "cwd": meta.cwd,
        "tags": list(meta.tags),
        "group": meta.group or None,
        "repeat_index": meta.repeat_index or None,
        "side": meta.side.value or None,
        "exit_code": meta.exit_code,
        "duration_s": round(meta.duration_s, 6),
        "cpu_s": None if meta.cpu_s is None else round(meta.cpu_s, 6),
        "unit": meta.unit,
        "mode": meta.mode,
        "two_pass": meta.two_pass,
        "cpu": {**_cpu(model.quality), "perturbed": meta.perturbed},
        "quality": quality_document(model.quality, perturbed=meta.perturbed),
        "memory": memory_document(model, path, top=top, view=view),
        "readings": _readings(model),
        "metrics": series_documents(model),
        "marks": mark_documents(model),
        "operations": [operation_document(operation, raw=top is not None) for operation in model.operations],
        "verdicts": [_verdict(verdict) for verdict in model.verdicts],
        "alerts": [_alert(standing) for standing in standings(model.events)],
        "events": [_event(event) for event in sorted(model.events, key=lambda event: event.at_s)],
        "trouble": meta.trouble,
    }
    if model.operations:
        result["scaling"] = scaling_documents(model.operations)
    if top is not None:
        rows = hotspots(model.aggregate.tree, sort=SortBy.SELF, top=top, line_counts=model.aggregate.line_counts)
        result["hotspots"] = [_hotspot(row) for row in rows]
        result["advice"] = found_document(advice_of(model, top=min(top, USUAL_TOP)))
    return result


def exit_code(model: SessionModel, budget: Budget | None = None) -> ExitCode:
    """Return the exit code that a finished recording deserves.

    A workload that failed by itself comes before a budget that failed; one that we ended did not fail.
    """
    meta = model.meta
    failed = meta.exit_code is not None and meta.exit_code != 0 and not meta.ended_by_us
    if meta.kind is SessionKind.LAUNCHED and failed:
        return ExitCode.WORKLOAD_FAILED
    if meta.kind is SessionKind.ATTACHED and meta.trouble and not (model.aggregate.samples or model.heap):
        return ExitCode.CANNOT_OBSERVE
    return budget_code(model.verdicts, budget.on_inconclusive if budget else Gate.WARN)


def budget_code(verdicts: Sequence[RuleVerdict], on_inconclusive: Gate = Gate.WARN) -> ExitCode:
    """Return `FAILED_CHECK` where a rule failed, or was inconclusive and the budget takes that for a failure."""
    failed = overall(verdicts, on_inconclusive) is Verdict.FAIL
    return ExitCode.FAILED_CHECK if failed else ExitCode.OK


def _cpu(quality: SamplingQuality) -> Document:
    return {
        "samples": quality.samples,
        "requested_hz": quality.requested_hz,
        "achieved_hz": round(quality.achieved_hz, 3),
        "coverage": round(quality.coverage, 6),
        "errors": quality.failed,
        "late_s": round(quality.late_s, 3),
        "sampler_cpu_percent": round(quality.sampler_cpu_percent, 3),
        "approximate": quality.approximate,
    }


def _readings(model: SessionModel) -> Document:
    result: Document = {"count": model.measures.reading_count}
    for meter in METERS:
        figures = model.measures.figures(meter.metric)
        name = meter.metric
        result[f"peak_{name}"] = figures.peak
        result[f"mean_{name}"] = figures.mean
    return result


def _verdict(verdict: RuleVerdict) -> Document:
    return {
        "rule": verdict.rule,
        "subject": verdict.subject,
        "metric": verdict.metric,
        "unit": verdict.unit.value,
        "current": verdict.current,
        "warn": verdict.warn,
        "fail": verdict.fail,
        "verdict": verdict.verdict.value,
        "reason": verdict.reason,
        "breached_at_s": verdict.breached_at_s,
        "held_against": None if verdict.held_against is None else held_document(verdict.held_against),
    }


def _alert(standing: AlertStanding) -> Document:
    return {
        "alert": standing.series,
        "level": standing.level.value,
        "since_s": round(standing.since_s, 3),
        "fired": standing.fired,
    }


def _event(event: Event) -> Document:
    return {"at_s": round(event.at_s, 3), "kind": event.kind.value, "subject": event.subject, "text": event.text}


def _hotspot(row: Hotspot) -> Document:
    return {
        "function": row.frame.function,
        "file": row.frame.file,
        "line": row.frame.line,
        "self_s": round(row.self_weight, 6),
        "total_s": round(row.total_weight, 6),
        "self_share": round(row.self_share, 6),
        "total_share": round(row.total_share, 6),
        "samples": row.self_count,
        "total_samples": row.total_count,
    }
