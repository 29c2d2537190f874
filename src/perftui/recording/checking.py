"""From saved sessions and a budget to a check."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from perftui.analysis.heap_profile import HeapProfile
from perftui.budgets.evaluate import evaluate
from perftui.budgets.gate import Strictness
from perftui.budgets.spec import Budget
from perftui.model.heap import HeapView
from perftui.model.verdict import RuleVerdict
from perftui.recording.check import Check, CheckedSide
from perftui.recording.playback import delta_of_saved, heap_of_snapshots
from perftui.storage.session_file import SavedSession, open_session
from perftui.units import Unit


def check_sessions(paths: Sequence[Path], ref: str, budget: Budget, strictness: Strictness) -> Check:
    """Hold the runs of one side against a budget; raises `SessionError` where one of them cannot be read."""
    runs = [open_session(path) for path in paths]
    newest = runs[-1]
    side = CheckedSide(ref, newest.meta.name, newest.meta.created, len(runs))
    return Check(budget, side, tuple(_judged(newest, budget)), strictness=strictness)


def _judged(saved: SavedSession, budget: Budget) -> list[RuleVerdict]:
    heap: dict[HeapView, HeapProfile] = {}
    for view, delta in heap_of_snapshots(saved.latest_heap()).items():
        heap[view] = HeapProfile()
        heap[view].apply(delta)
    return evaluate(
        budget,
        readings=saved.readings,
        deltas=[delta_of_saved(saved)],
        heap=heap,
        captures=saved.captures,
        timelines=saved.timelines,
        wall_s=saved.meta.duration_s,
        unit=Unit(saved.meta.unit),
    )
