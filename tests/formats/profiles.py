"""Builders and strategies for profiles of other tools."""

from __future__ import annotations

from hypothesis import strategies as st

from perftui.formats.base import StackProfile, StackRow
from perftui.model.frame import Frame, Stack
from perftui.model.sample import Thread
from perftui.units import Unit

MAIN = Thread(100, 100, "MainThread")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
hostile_texts = st.one_of(texts, st.text(alphabet="a ;:()%23B05.\n\r\t/", max_size=10))
frames = st.one_of(
    st.builds(Frame, hostile_texts.filter(bool)),
    st.builds(Frame, hostile_texts, hostile_texts.filter(bool), st.integers(0, 2**31 - 1)),
)
stacks = st.lists(frames, min_size=1, max_size=5).map(tuple)
threads = st.builds(Thread, st.integers(0, 2**31), st.integers(0, 2**40), texts)


def totals(profile: StackProfile) -> dict[Stack, float]:
    """Weight by stack, whatever the thread."""
    sums: dict[Stack, float] = {}
    for row in profile.rows:
        sums[row.stack] = sums.get(row.stack, 0.0) + row.weight
    return sums


def by_thread(profile: StackProfile) -> dict[Thread, list[tuple[Stack, float, int]]]:
    """Each thread's samples in their order, one entry a sample."""
    order: dict[Thread, list[tuple[Stack, float, int]]] = {}
    for row in profile.rows:
        order.setdefault(row.thread, []).extend([(row.stack, row.weight / row.samples, 1)] * row.samples)
    return order


def stack(text: str) -> Stack:
    """`main;work` as frames without a file."""
    return tuple(Frame(name) for name in text.split(";"))


def profile(text: str, unit: Unit = Unit.SAMPLES, *, thread: Thread = MAIN) -> StackProfile:
    """Rows of collapsed lines, a sample weighing one."""
    rows = []
    for line in text.split("\n"):
        path, _, count = line.strip().rpartition(" ")
        rows.append(StackRow(thread, stack(path), float(count), int(count)))
    return StackProfile("test", unit, tuple(rows), ordered=True)
