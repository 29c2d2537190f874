from __future__ import annotations

import random
import zlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.model.frame import Frame
from perftui.model.heap import FunctionHeap, HeapSnapshot, HeapTimeline, HeapView
from perftui.model.sample import Thread
from perftui.storage.heap_check import check_snapshot, check_timeline
from perftui.storage.heap_chunks import HeapParts, pack_heap, pack_timeline, unpack_heap, unpack_timeline
from perftui.storage.heap_tables import StoredHeap
from tests.storage.heap_sessions import heap, timeline

sizes = st.integers(0, 1 << 60)


@st.composite
def snapshots(draw: st.DrawFn) -> HeapSnapshot:
    """Any snapshot that adds up."""
    frames = draw(st.lists(st.builds(Frame, st.text(max_size=3), st.just("a.py"), st.integers(0, 99)), max_size=5))
    threads = draw(st.lists(st.builds(Thread, st.integers(0, 9), st.integers(-9, 1 << 60), st.text(max_size=3))))
    nodes = [
        (draw(st.integers(0, node)), draw(st.integers(0, len(frames) - 1)))
        for node in range(draw(st.integers(0, 8)) if frames else 0)
    ]
    pairs = st.tuples(st.integers(0, max(0, len(threads) - 1)), st.integers(0, len(nodes)))
    cells = [(*pair, draw(sizes), draw(sizes)) for pair in draw(st.sets(pairs, max_size=3))] if threads else []
    total, count = sum(cell[2] for cell in cells), sum(cell[3] for cell in cells)
    figures = st.tuples(st.integers(0, total), st.integers(0, total), st.integers(0, count), st.integers(0, count))
    functions = []
    for frame in range(len(frames)):
        one, other, few, many = draw(figures)
        functions.append(FunctionHeap(frame, min(one, other), max(one, other), min(few, many), max(few, many)))
    return HeapSnapshot(
        draw(st.sampled_from(HeapView)),
        draw(st.floats(0, 1e9)),
        draw(st.integers(0, 1 << 31)),
        total,
        count,
        len(nodes),
        tuple(frames),
        tuple(nodes),
        tuple(threads),
        tuple(cells),
        tuple(functions),
    )


@given(snapshots())
def test_a_snapshot_is_unpacked_as_it_was_packed(snapshot: HeapSnapshot) -> None:
    check_snapshot(snapshot)
    ids = range(7, 7 + len(snapshot.frames))
    data, raw_bytes = pack_heap(snapshot, ids)
    assert unpack_heap(data, raw_bytes=raw_bytes) == HeapParts(
        tuple(ids), snapshot.nodes, snapshot.threads, snapshot.cells, snapshot.functions
    )


points = st.tuples(*[st.floats(-1e300, 1e300)] * 3)


@given(st.lists(points, max_size=20))
def test_a_timeline_is_unpacked_as_it_was_packed(rows: list[tuple[float, float, float]]) -> None:
    from array import array

    rows.sort()
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    given_one = HeapTimeline(5, *(array("d", column) for column in columns))
    check_timeline(given_one)
    assert unpack_timeline(pack_timeline(given_one), pid=5, points=len(rows)) == given_one


@pytest.mark.parametrize(
    "unsound",
    [
        replace(timeline(), at_s=timeline(points=4).at_s),
        replace(timeline(), at_s=timeline().at_s[::-1]),
        replace(timeline(), pid=1 << 70),
        replace(timeline(), heap_bytes=timeline().heap_bytes.__class__("d", [1, 2, 3, 4, float("nan")])),
    ],
)
def test_a_timeline_that_makes_no_sense_is_refused(unsound: HeapTimeline) -> None:
    with pytest.raises(ValueError, match="timeline"):
        check_timeline(unsound)


def stored(snapshot: HeapSnapshot, raw: bytes) -> StoredHeap:
    return StoredHeap(
        1,
        snapshot.view,
        snapshot.pid,
        snapshot.at_s,
        snapshot.total_bytes,
        snapshot.allocations,
        snapshot.stacks,
        snapshot.exact,
        0,
        0.0,
        len(snapshot.frames),
        len(raw),
        zlib.compress(raw, 1),
    )


def read_or_refused(snapshot: HeapSnapshot, raw: bytes) -> bool:
    """Whether a snapshot with this content was refused; anything but a sentence is an error."""
    try:
        check_snapshot(stored(snapshot, raw).snapshot(snapshot.frames))
    except ValueError:
        return True
    return False


def every_mutation_is_a_sentence(mutations: int) -> None:
    snapshot = heap("main;load 200 3", "main;parse;item 50 10", "main;parse 7 1")
    data, _ = pack_heap(snapshot, range(len(snapshot.frames)))
    raw = zlib.decompress(data)
    chance = random.Random(20260107)
    refused = 0
    for _ in range(mutations):
        spoiled = bytearray(raw)
        for _ in range(chance.choice((1, 1, 2, 9))):
            spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
        if chance.random() < 0.2:
            del spoiled[chance.randrange(len(spoiled)) :]
        refused += read_or_refused(snapshot, bytes(spoiled))
    assert refused > mutations // 2
    assert not read_or_refused(snapshot, raw)


def test_a_mutated_snapshot_is_read_or_refused_and_nothing_else() -> None:
    every_mutation_is_a_sentence(5_000)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_mutated_snapshot_is_read_or_refused_at_length() -> None:
    every_mutation_is_a_sentence(300_000)


@settings(max_examples=60)
@given(st.binary(max_size=90))
def test_any_content_is_unpacked_or_refused(raw: bytes) -> None:
    snapshot = heap("main 5 1")
    for content in (raw, b"\1\0\0\0" + raw, b"\1\0\0\0" + bytes(24) + raw):
        read_or_refused(snapshot, content)
    for points in (0, 1, 3):
        try:
            check_timeline(unpack_timeline(zlib.compress(raw), pid=1, points=points))
        except ValueError:
            continue


def test_counts_that_no_memory_can_hold_are_refused_before_it_is_asked_for() -> None:
    snapshot = heap("main 5 1")
    assert read_or_refused(snapshot, b"\1\0\0\0" + b"\xff" * 24)
