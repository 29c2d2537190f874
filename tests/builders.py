"""Builders that speak the domain: a profile is written as collapsed stacks."""

from __future__ import annotations

from array import array

from perftui.analysis.aggregate import tree_of
from perftui.analysis.call_tree import CallTree
from perftui.model.frame import Frame, Stack
from perftui.model.sample import SampleWindow, Thread, ThreadSamples
from perftui.units import Unit

MAIN = Thread(100, 100, "MainThread")


def stack(text: str) -> Stack:
    """`main;work` as frames of app.py, root first; `work@lib.py:3` names a file and a line."""
    return tuple(_frame(part) for part in text.split(";") if part)


def profile(text: str, unit: Unit = Unit.SECONDS) -> CallTree:
    """A call tree of collapsed lines: `main;work;leaf 3`; a sample weighs one."""
    rows = []
    for line in text.split("\n"):
        path, _, weight = line.strip().rpartition(" ")
        rows.append((stack(path), float(weight), int(float(weight))))
    return tree_of(rows, unit)


def window(
    *samples: str, start_s: float = 0.0, end_s: float = 1.0, thread: Thread = MAIN, interval_s: float = 0.01
) -> SampleWindow:
    """A window of one thread with a sample for each collapsed stack, in order."""
    frames: dict[Frame, int] = {}
    stacks: dict[tuple[int, ...], int] = {}
    order = array("I")
    for text in samples:
        key = tuple(frames.setdefault(frame, len(frames)) for frame in stack(text))
        order.append(stacks.setdefault(key, len(stacks)))
    return SampleWindow(
        start_s=start_s,
        end_s=end_s,
        interval_s=interval_s,
        frames=tuple(frames),
        threads=(ThreadSamples(thread, tuple(stacks), order),),
    )


def _frame(text: str) -> Frame:
    function, _, place = text.partition("@")
    file, _, line = place.partition(":")
    return Frame(function, file or "app.py", int(line or 0))
