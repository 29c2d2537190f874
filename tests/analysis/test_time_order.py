"""The order of time: no sample is lost between two cells, none is seen twice, and a moment keeps its cell."""

from __future__ import annotations

from array import array
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.call_tree import ROOT
from perftui.analysis.order_chart import Axis, Block, ThreadOrder, axis_of, blocks, most_seen
from perftui.analysis.time_order import TimeOrder
from perftui.model.sample import WindowOrder
from tests.builders import profile


def ordered(*windows: tuple[float, float, list[int]], thread: int = 0, interval_s: float = 0.1) -> list[WindowOrder]:
    """Windows of one thread: (start, end, leaves)."""
    return [WindowOrder(start, end, interval_s, ((thread, array("I", leaves)),)) for start, end, leaves in windows]


lengths = st.floats(0.05, 3.0)
taken = st.lists(st.tuples(lengths, st.lists(st.integers(0, 5), max_size=12)), min_size=1, max_size=12)


def in_a_row(parts: list[tuple[float, list[int]]]) -> list[WindowOrder]:
    at, found = 0.0, []
    for length, leaves in parts:
        found.append((at, at + length, leaves))
        at += length
    return ordered(*found)


@given(taken, st.integers(1, 40), st.integers(1, 4))
def test_cells_beside_each_other_hold_every_sample_once(
    parts: list[tuple[float, list[int]]], cells: int, most: int
) -> None:
    order = TimeOrder(in_a_row(parts))
    axis = axis_of(0.0, order.end_s, cells)
    sums: Counter[int] = Counter()
    for cell in range(cells):
        counts, busy_s = order.seen({0}, axis.begin_of(cell), axis.begin_of(cell + 1) if cell < cells - 1 else 1e9)
        sums.update(counts)
        assert busy_s == pytest.approx(0.1 * sum(counts.values()))
    assert sums == Counter(leaf for _, leaves in parts for leaf in leaves)
    assert order.seen({1}, 0.0, 1e9)[0] == {}
    assert order.unpack(0.0, 1e9, most=most) >= -1


def test_inside_a_window_samples_keep_their_order_and_lie_evenly() -> None:
    order = TimeOrder(ordered((10.0, 12.0, [1, 1, 2, 3])))
    assert order.seen({0}, 10.0, 11.0)[0] == {1: 2}
    assert order.seen({0}, 11.0, 11.5)[0] == {2: 1}
    assert order.seen({0}, 11.5, 12.0)[0] == {3: 1}
    assert order.seen({0}, 0.0, 10.0)[0] == {}


def test_a_live_order_keeps_the_last_of_it_and_says_from_when_on() -> None:
    order = TimeOrder(most_s=10.0)
    for second in range(30):
        order.follow(ordered((float(second), second + 1.0, [second])))
    assert order.start_s == 19.0
    assert order.is_cut
    assert order.seen({0}, 0.0, 20.0)[0] == {19: 1}
    assert order.seen({0}, 0.0, 100.0)[1] == pytest.approx(1.1)


def test_windows_that_come_late_are_put_where_they_belong() -> None:
    order = TimeOrder()
    order.follow(ordered((0.0, 1.0, [1]), (2.0, 3.0, [3])))
    assert order.seen({0}, 0.0, 9.0)[0] == {1: 1, 3: 1}
    order.follow(ordered((1.0, 2.0, [2])))
    assert order.seen({0}, 1.0, 2.0)[0] == {2: 1}


@given(st.floats(0.0, 1e5), st.floats(0.1, 1e4), st.integers(10, 300))
def test_a_steady_axis_holds_the_range_and_a_moment_keeps_its_cell(start_s: float, length_s: float, cells: int) -> None:
    axis = axis_of(start_s, start_s + length_s, cells, steady=True)
    assert axis.start_s <= start_s + 1e-6 * (1 + start_s)
    assert axis.end_s >= (start_s + length_s) * (1 - 1e-9)
    later = axis_of(start_s + axis.step_s, start_s + length_s + axis.step_s, cells, steady=True)
    if later.step_s == axis.step_s:
        assert (later.start_s - axis.start_s) / axis.step_s == pytest.approx(
            round((later.start_s - axis.start_s) / axis.step_s), abs=1e-3
        )


def test_what_was_seen_most_is_found_frame_by_frame() -> None:
    tree = profile("main;a;x 1\nmain;a;y 1\nmain;b 1\nidle 1")
    nodes = {
        name: tree.nearest([("app.py", part) for part in name.split(";")])
        for name in ("main;a;x", "main;a;y", "main;b", "idle", "main;a", "main")
    }

    def seen(*counts: tuple[str, int]) -> int:
        return most_seen({nodes[name]: count for name, count in counts}, 1.0, lambda node: node, tree.parent).node

    assert seen(("main;b", 3), ("main;a;x", 2), ("main;a;y", 2)) == nodes["main;a;x"], "a as a whole was seen most"
    assert seen(("main;a", 5), ("main;a;x", 2)) == nodes["main;a"], "it was itself, more than what it called"
    assert seen() == ROOT
    half = most_seen(
        {nodes["idle"]: 1, nodes["main"]: 3}, 0.4, lambda node: node if node != nodes["main"] else None, tree.parent
    )
    assert (half.node, half.samples) == (nodes["idle"], 1)
    assert half.busy_s == pytest.approx(0.1)


@given(st.lists(st.sampled_from(["", "main", "main;a", "main;a;x", "main;b", "idle"]), min_size=1, max_size=30))
def test_blocks_are_the_cells_again(cells: list[str]) -> None:
    tree = profile("main;a;x 1\nmain;b 1\nidle 1")
    nodes = [tree.nearest([("app.py", part) for part in name.split(";") if part]) for name in cells]
    rows = blocks(nodes, tree.parent, tree.depth)
    for cell, node in enumerate(nodes):
        path = [block.node for row in rows for block in row if block.first <= cell < block.end]
        assert tree.path(node) == tuple(tree.path(each)[-1] for each in path)
    for row in rows:
        assert all(one.end <= other.first for one, other in pairwise(row))
        assert all(
            one.node != other.node or one.end < other.first or tree.depth[one.node] > 1 for one, other in pairwise(row)
        )


def test_neighbouring_equal_frames_are_one_block() -> None:
    tree = profile("main;a 1\nmain;b 1")
    a, b = tree.nearest([("app.py", "main"), ("app.py", "a")]), tree.nearest([("app.py", "main"), ("app.py", "b")])
    rows = blocks([a, a, b, ROOT, b], tree.parent, tree.depth)
    main = tree.parent[a]
    assert rows == [[Block(main, 0, 3), Block(main, 4, 5)], [Block(a, 0, 2), Block(b, 2, 3), Block(b, 4, 5)]]


def test_much_is_looked_at_in_several_turns_with_the_same_result() -> None:
    tree = profile("main;a 1\nmain;b 1")
    windows = ordered(*((i / 2, i / 2 + 0.5, [2 + i % 2] * 5) for i in range(100)))
    axis = Axis(0.0, 0.5, 100)
    at_once = ThreadOrder(TimeOrder(windows), {0}, tree=tree, node_of=lambda leaf: leaf).cells(axis, most_windows=1_000)
    step_by_step = ThreadOrder(TimeOrder(windows), {0}, tree=tree, node_of=lambda leaf: leaf)
    first = step_by_step.cells(axis, most_windows=10)
    assert first.count(None) == 90
    for _ in range(12):
        last = step_by_step.cells(axis, most_windows=10)
    assert last == at_once
    assert None not in last
