"""How good the data of a session are and what getting them costs, for a person: findings by topic."""

from __future__ import annotations

from dataclasses import dataclass

from perftui.analysis.data_quality import Doubt, Finding, conclusion, doubts, sampling_findings
from perftui.model.heap import HeapView
from perftui.recording.session_model import SessionModel
from perftui.recording.update import Phase
from perftui.sources.base import SourceState
from perftui.units import format_bytes, format_percent, format_seconds

_SETTLED_S = 5.0
"""Before that the first windows are still on their way, and a share of the time says nothing."""
_MUCH_PERCENT = 5.0


@dataclass(frozen=True, slots=True)
class QualityReport:
    """What is known about the data of a session."""

    conclusion: str
    """What may be concluded, in one or two sentences."""
    topics: tuple[tuple[str, tuple[Finding, ...]], ...]
    """Findings below the names of their topics."""


def quality_report(model: SessionModel, *, own_rss_bytes: float | None = None) -> QualityReport:
    """Return how good the data of a session are; `own_rss_bytes` is the memory of perftui itself now."""
    meta = model.meta
    sampled = bool(model.aggregate.samples or model.aggregate.failed or meta.requested_hz)
    topics = [("Sampling", sampling_findings(model.quality, perturbed=meta.perturbed))] if sampled else []
    for name, findings in (
        ("Memory", _memory(model)),
        ("What watching costs", _cost(model, own_rss_bytes, sampled=sampled)),
        ("Sources", _sources(model)),
    ):
        if findings:
            topics.append((name, findings))
    sentence = (
        conclusion(model.quality, perturbed=meta.perturbed) if sampled else "CPU was not sampled in this session."
    )
    return QualityReport(sentence, tuple(topics))


def doubts_of(model: SessionModel) -> tuple[Doubt, ...]:
    """Return what speaks against every figure of CPU time, once a share of the time says something."""
    if model.phase is not Phase.DONE and model.aggregate.sampled_s < _SETTLED_S:
        return ()
    return doubts(model.quality, perturbed=model.meta.perturbed)


def _memory(model: SessionModel) -> tuple[Finding, ...]:
    held = model.heap.get(HeapView.HELD)
    findings: list[Finding] = []
    if held is not None and model.phase is not Phase.DONE:
        totals = held.totals.values()
        rss, took = (sum(getattr(each, name) for each in totals) for name in ("reader_rss_bytes", "refresh_s"))
        findings.append(
            Finding("reader memory", format_bytes(rss), "the process that reads the capture, not the workload")
        )
        findings.append(Finding("reader time", f"{format_seconds(took)} a look", "the workload does not wait for it"))
    peak = model.heap.get(HeapView.HIGH_WATERMARK)
    if peak is not None:
        exact = peak.exact
        meaning = (
            "from the capture, after the run" if exact else "from looks twice a second: a short peak may be missed"
        )
        findings.append(Finding("high watermark", "exact" if exact else "sampled", meaning, exact))
    return tuple(findings)


def _cost(model: SessionModel, own_rss_bytes: float | None, *, sampled: bool) -> tuple[Finding, ...]:
    findings: list[Finding] = []
    if sampled and model.meta.requested_hz:
        percent = model.quality.sampler_cpu_percent
        meaning = "of one core, all recorders together; their memory is not measured"
        findings.append(Finding("sampler", format_percent(percent), meaning, percent <= _MUCH_PERCENT))
    if model.own_cpu_percent is not None and model.phase is not Phase.DONE:
        percent = model.own_cpu_percent
        findings.append(Finding("dashboard", format_percent(percent), "of one core, over the last seconds"))
    # What perftui takes to show a saved session says nothing of when it was recorded.
    if own_rss_bytes is not None and model.phase is not Phase.DONE:
        findings.append(Finding("its memory", format_bytes(own_rss_bytes), "resident bytes of perftui itself, now"))
    return tuple(findings)


def _sources(model: SessionModel) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            status.source,
            status.state.value,
            status.told,
            status.state not in (SourceState.FAILED, SourceState.DEGRADED),
        )
        for status in model.statuses.values()
        if status.message
    )
