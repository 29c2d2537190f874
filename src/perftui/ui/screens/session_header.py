"""What the header says of a session, live or saved."""

from __future__ import annotations

import shlex

from perftui.analysis.scope import Fading, Last
from perftui.model.heap import HeapView
from perftui.model.sample import SamplingQuality
from perftui.model.session import SessionKind, SessionState
from perftui.recording.ledger import DISK
from perftui.recording.quality_report import doubts_of
from perftui.recording.session_model import SessionModel
from perftui.recording.update import Phase
from perftui.sources.base import SourceState
from perftui.ui.lens import CPU, lenses_of
from perftui.ui.view_state import ViewState
from perftui.ui.widgets.header_bar import HeaderFacts
from perftui.units import format_bytes, format_count, format_seconds


def header_of(
    model: SessionModel, view: ViewState, *, frozen_s: float | None = None, recording: bool = True
) -> HeaderFacts:
    """Return what the header says of a session.

    Args:
        model: The session as far as it is drawn.
        view: What is looked at.
        frozen_s: For how long the view stands still already; None while it does not.
        recording: Whether the recording goes on, which of a frozen view the model does not know.
    """
    meta = model.meta
    return HeaderFacts(
        title=meta.title,
        pinned=meta.pinned,
        command=shlex.join(meta.command),
        pid=meta.pid,
        state=_state_word(model),
        mode=_mode(model, view),
        frozen_s=frozen_s,
        recording=recording,
        elapsed_s=model.elapsed_s if meta.knows_times or model.phase is not Phase.DONE else None,
        quality=_quality_to_show(model),
        sampled=CPU in lenses_of(model),
        memory=_memory_facts(model),
        badge=_badge(model),
        exit_code=None if meta.ended_by_us else meta.exit_code,
        trouble=_trouble(model),
        note=" ".join((f"baseline {meta.baseline}", *meta.tags)) if meta.baseline else " ".join(meta.tags),
        own_cpu_percent=None if model.phase is Phase.DONE else model.own_cpu_percent,
    )


def _mode(model: SessionModel, view: ViewState) -> str:
    """Return over which time a live view of CPU adds up."""
    if model.phase is Phase.DONE or (view.lens is not CPU and view.scope.time is None):
        return ""
    match view.scope.time:
        case None:
            return "total"
        case Last(seconds):
            return f"last {seconds:g} s"
        case Fading():
            return "fading"
        case _:
            return "range"


def _badge(model: SessionModel) -> str:
    """Return what must stand beside every figure: of a run that was traced, or sampled badly."""
    if model.meta.perturbed:
        return "CPU PERTURBED" if CPU in lenses_of(model) else "SLOWED"
    # Torn stacks have a badge of their own beside the rate.
    against = [doubt.badge for doubt in doubts_of(model) if doubt.badge in ("LOW COVERAGE", "LOOKS FAILED")]
    return against[0] if against else ""


def _memory_facts(model: SessionModel) -> tuple[str, ...]:
    """Return what is known of the heap, and what knowing it costs while it is live."""
    facts: list[str] = []
    held, peak = model.heap.get(HeapView.HELD), model.heap.get(HeapView.HIGH_WATERMARK)
    live = model.phase is not Phase.DONE
    if held is not None and live:
        facts.append(f"held {format_bytes(held.total_bytes)}")
    if peak is not None:
        # The picture of a sampled peak is renewed seldom; what is held now may be more already.
        most = peak.total_bytes if peak.exact else max(peak.total_bytes, held.total_bytes if held is not None else 0)
        facts.append(f"peak {format_bytes(most)}{'' if peak.exact else ' sampled'}")
    if not live:
        facts.extend(_capture_facts(model))
    elif held is not None:
        newest = held.totals.values()
        cost = format_seconds(sum(totals.refresh_s for totals in newest))
        facts.append(f"reader {format_bytes(sum(totals.reader_rss_bytes for totals in newest))}, {cost}/look")
    return tuple(facts)


def _capture_facts(model: SessionModel) -> list[str]:
    allocations = [each.allocations for each in model.captures if each.allocations is not None]
    leaked = [each.leaked_bytes for each in model.captures if each.leaked_bytes is not None]
    sizes = [each.size_bytes for each in model.captures if each.file]
    facts = [f"{format_count(sum(allocations))} allocations"] if allocations else []
    if leaked:
        facts.append(f"leaked {format_bytes(sum(leaked))}")
    if sizes:
        facts.append(f"capture {format_bytes(sum(sizes))}")
    return facts


def _quality_to_show(model: SessionModel) -> SamplingQuality:
    # Before the first window there is nothing to be alarmed about.
    waiting = model.phase is not Phase.DONE and not model.aggregate.sampled_s
    return SamplingQuality() if waiting else model.quality


def _state_word(model: SessionModel) -> str:
    if model.phase is not Phase.DONE and model.meta.kind is SessionKind.IMPORTED:
        return "reading"
    if model.phase is not Phase.DONE:
        return str(model.phase.value)
    return "saved" if model.meta.state is SessionState.COMPLETE else model.meta.state.value


def _trouble(model: SessionModel) -> str:
    for status in model.statuses.values():
        # What works, only not as asked, is an event and a colour in the header; the numbers stay in sight.
        if status.state is SourceState.FAILED or (status.source == DISK and status.message):
            return status.told
    return model.meta.trouble
