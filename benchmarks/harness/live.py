"""A recording of memory in this process: every picture of the live heap that a viewer would get, then the session."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from harness.command import Home
from perftui.model.heap import HeapTotals, HeapView
from perftui.model.workload import MemoryOptions, RecordMode, Workload
from perftui.recording.plan import RecordingPlan
from perftui.recording.recorder import Recorder
from perftui.recording.session_model import SessionModel
from perftui.storage.locations import sessions_directory

ROUND_S = 0.05
# Two pictures of a heap at rest differ by less.
REST = 0.001


@dataclass(frozen=True, slots=True)
class Look:
    """What the live table says at one moment."""

    at_s: float
    """Moment of the picture, on the recording's clock."""
    age_s: float
    """How long ago that was when a viewer could have it."""
    totals: HeapTotals
    self_bytes: dict[str, int]
    """By `file:function`, the file without its directory."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A recording that was watched to its end."""

    looks: Sequence[Look]
    began_epoch_s: float
    """Seconds since 1970 at 0 of the recording's clock, some hundredths exact."""
    model: SessionModel
    session: Path


def watch(
    place: Home,
    command: Sequence[str],
    *,
    pymalloc: bool = False,
    on_look: Callable[[Sequence[Look]], None] = lambda _: None,
) -> Watched:
    """Record the memory of a command and look at each picture of what it holds; `on_look` hears of all up to it."""
    plan = RecordingPlan(
        sessions=sessions_directory(environ=place.environment()),
        workload=Workload(tuple(command)),
        mode=RecordMode.MEMORY,
        memory=MemoryOptions(pymalloc=pymalloc),
    )
    recorder = Recorder(plan)
    recorder.start()
    try:
        looks, began_epoch_s = collect(recorder, on_look)
    finally:
        recorder.stop()
        recorder.wait()
    model = recorder.result()
    assert recorder.path is not None
    return Watched(looks, began_epoch_s, model, recorder.path)


def collect(recorder: Recorder, on_look: Callable[[Sequence[Look]], None]) -> tuple[list[Look], float]:
    """Follow a recording to its end; return the pictures, and when its clock began."""
    looks: list[Look] = []
    began_epoch_s = float("inf")
    seen: SessionModel | None = None
    done = False
    while not done:
        done = recorder.wait(ROUND_S)
        update = recorder.feed.take()
        if update is None:
            continue
        began_epoch_s = min(began_epoch_s, time.time() - update.elapsed_s)
        seen = seen or SessionModel(update.meta)
        seen.apply(update)
        if HeapView.HELD in update.heap:
            looks.append(look(seen, time.time() - began_epoch_s))
            on_look(looks)
    return looks, began_epoch_s


def look(model: SessionModel, now_s: float) -> Look:
    """Return what the live table says now, on the recording's clock."""
    held = model.heap[HeapView.HELD]
    rows = {f"{Path(row.frame.file).name}:{row.frame.function}": int(row.self_weight) for row in held.rows()}
    return Look(held.at_s, now_s - held.at_s, next(iter(held.totals.values())), rows)


def at_rest(looks: Sequence[Look]) -> Iterator[tuple[float, Look]]:
    """Yield one look of each time that the heap was at rest, with a moment at which it certainly held just that.

    Two looks in a row that say the same total were taken at rest, and so was every moment between them.
    """
    told = -1
    for before, here in pairwise(looks):
        size, most = here.totals.total_bytes, max(before.totals.total_bytes, here.totals.total_bytes)
        if abs(size - before.totals.total_bytes) <= REST * most and abs(size - told) > REST * most:
            told = size
            yield (before.at_s + here.at_s) / 2, here
