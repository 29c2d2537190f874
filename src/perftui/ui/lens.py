"""What the flames show of a session, CPU or a view of the heap: what there is of it, and how it is put into words."""

from __future__ import annotations

from typing import NamedTuple

from perftui.model.heap import HeapView
from perftui.model.session import SessionKind, SessionMeta
from perftui.model.workload import RecordMode
from perftui.recording.session_model import SessionModel
from perftui.recording.update import Phase
from perftui.units import format_bytes, format_seconds

Lens = HeapView | None
"""A view of the heap, or CPU where it is None."""
CPU: Lens = None

NAMES: dict[Lens, str] = {
    CPU: "CPU",
    HeapView.HELD: "held",
    HeapView.HIGH_WATERMARK: "high watermark",
    HeapView.LEAKED: "leaked",
    HeapView.TEMPORARY: "temporary",
    HeapView.ALLOCATED: "allocated",
}
"""What each lens is called where there is little room."""

_TELLING = (HeapView.HIGH_WATERMARK, HeapView.LEAKED, HeapView.ALLOCATED, HeapView.TEMPORARY, HeapView.HELD)
"""Views of a finished session, the one that tells most first."""


class Wording(NamedTuple):
    """The same said in full, and with fewer words for narrow terminals."""

    full: str
    short: str


CPU_PERTURBED = Wording(
    "memray traced this run: calls take about 4 times as long, so CPU seconds hold what tracing costs",
    "CPU seconds hold what memray costs: calls ~4x slower",
)
_SLOWED = Wording("memray slows the workload: calls take about 4 times as long", "memray slows calls ~4x")
_TWO_RUNS = Wording("CPU and memory come from two runs, one after the other", "CPU and memory: two runs")
_FIRST_RUN = Wording("this is the first of two runs, for CPU; the one for memory follows", "first of two runs: CPU")
_SECOND_RUN = Wording("this is the second of two runs: memory is traced now", "second of two runs: memory")
_SINCE_ATTACHED = Wording(
    "only what was allocated since memray was attached is seen", "only allocations since the attachment"
)
_ARENAS = Wording("small objects show as arenas, charged to whoever needed a new one", "small objects only as arenas")
_EVERY_OBJECT = Wording(
    "every small object is traced, which slows the workload further: 1.1 to 3.2 times", "every small object is traced"
)
_SAMPLED_PEAK = Wording("the peak is the greatest of the pictures that were taken", "peak of the pictures taken")


def mode_of(meta: SessionMeta) -> RecordMode:
    """Return what a session looked at; a mode that this program does not know is taken for CPU."""
    return RecordMode(meta.mode) if meta.mode in {mode.value for mode in RecordMode} else RecordMode.CPU


def mode_word(meta: SessionMeta) -> str:
    """Return what a session looked at, in a word for a list."""
    if meta.ingested_from:
        return "ops"
    if meta.only_metered:
        return "meters"
    return "2 runs" if meta.two_pass else mode_of(meta).value


def mode_sentence(meta: SessionMeta) -> str:
    """Return what a session looked at, and what that did to its CPU seconds."""
    if meta.ingested_from:
        return f"operations that {meta.ingested_from} measured; nothing was sampled"
    if meta.only_metered:
        return "the meters alone"
    if meta.two_pass:
        return "CPU and memory, in two runs one after the other"
    match mode_of(meta):
        case RecordMode.CPU:
            return "CPU"
        case RecordMode.MEMORY:
            return "memory; tracing slowed the workload"
        case RecordMode.BOTH:
            return "CPU and memory; CPU seconds hold what tracing costs"


def has_memory(model: SessionModel) -> bool:
    """Say whether allocations of a session were traced."""
    return bool(model.heap) or mode_of(model.meta).memory


def lenses_of(model: SessionModel) -> tuple[Lens, ...]:
    """Return what a session can be looked at through, CPU first."""
    mode = mode_of(model.meta)
    found: list[Lens] = [CPU] if mode.cpu or model.aggregate.samples else []
    found.extend(view for view in HeapView if view in model.heap)
    if mode.memory and not model.heap:
        found.append(HeapView.HELD)
    return tuple(found)


def telling_view(model: SessionModel) -> HeapView | None:
    """Return the view of the heap that tells most: what is held now, and of a finished session its high watermark."""
    if not has_memory(model):
        return None
    if model.phase is not Phase.DONE:
        return HeapView.HELD
    return next((view for view in _TELLING if view in model.heap), HeapView.HELD)


def first_lens(model: SessionModel) -> Lens:
    """Return the lens that a session opens with: CPU where that was sampled."""
    return CPU if CPU in lenses_of(model) else telling_view(model)


def title_of(model: SessionModel, lens: Lens) -> str:
    """Return what a lens shows, with its moment: `high watermark at 4.2 s`."""
    profile = None if lens is None else model.heap.get(lens)
    moment = "" if profile is None else f" at {format_seconds(_moment_s(model, lens, profile.at_s))}"
    match lens:
        case None:
            return "seen running on CPU"
        case HeapView.HELD:
            return "held now" if model.phase in (Phase.STARTING, Phase.RUNNING) else f"held{moment}"
        case HeapView.HIGH_WATERMARK:
            return f"high watermark{moment}"
        case HeapView.LEAKED:
            attached = model.meta.kind is SessionKind.ATTACHED
            return f"leaked: not freed {'while it was traced' if attached else 'at exit'}"
        case HeapView.TEMPORARY:
            return "temporary: freed before the next allocation"
        case HeapView.ALLOCATED:
            return "allocated in all, freed or not"


def headlines(model: SessionModel, lens: Lens, *, by_count: bool = False) -> tuple[str, ...]:
    """Return what a lens shows, how much of it, and whether that is exact: from the longest wording to the shortest."""
    title = title_of(model, lens)
    profile = None if lens is None else model.heap.get(lens)
    if lens is None:
        return (title, "")
    if profile is None:
        return (f"{title}: no picture yet", "no picture yet")
    size, count = format_bytes(profile.total_bytes), f"{profile.allocations:,}"
    sure = "exact" if profile.exact else "sampled"
    width = " · width: allocations" if by_count else ""
    return (
        f"{title} · {size} in {count} allocations · {sure}{width}",
        f"{size} in {count} allocations · {sure}{width}",
        f"{size} · {sure}{' · by count' if by_count else ''}",
        size,
    )


def notes_of(model: SessionModel, lens: Lens) -> tuple[Wording, ...]:
    """Return what has to be known to read a lens honestly, the weightiest first."""
    if not has_memory(model):
        return ()
    two_runs = (_which_run(model),) if model.meta.two_pass else ()
    if lens is None:
        return (CPU_PERTURBED,) if model.meta.perturbed else two_runs
    profile = model.heap.get(lens)
    sampled = lens is HeapView.HIGH_WATERMARK and profile is not None and not profile.exact
    return (
        *_troubles(model),
        *((_SINCE_ATTACHED,) if model.meta.kind is SessionKind.ATTACHED else ()),
        objects_note(model),
        *((_SAMPLED_PEAK,) if sampled else ()),
        *(two_runs or (_SLOWED,)),
    )


def objects_note(*models: SessionModel) -> Wording:
    """Return how small objects are seen in sessions: one by one only where that was asked for in each of them."""
    traced = all(any(capture.pymalloc for capture in model.captures) for model in models)
    return _EVERY_OBJECT if traced else _ARENAS


def _troubles(model: SessionModel) -> list[Wording]:
    """Return what is wrong with captures, once for all that share it."""
    found = dict.fromkeys(capture.trouble for capture in model.captures if capture.trouble)
    return [Wording(trouble, trouble) for trouble in found]


def _which_run(model: SessionModel) -> Wording:
    if model.phase not in (Phase.STARTING, Phase.RUNNING):
        return _TWO_RUNS
    return _SECOND_RUN if model.heap else _FIRST_RUN


def _moment_s(model: SessionModel, lens: Lens, at_s: float) -> float:
    # The capture knows the moment itself; of several processes each has its own.
    if lens is HeapView.HIGH_WATERMARK and len(model.captures) == 1:
        known = model.captures[0].high_watermark_at_s
        return at_s if known is None else known
    return at_s
