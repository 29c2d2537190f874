from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis import time_index
from perftui.analysis.aggregate import delta_of, merged
from perftui.analysis.stack_table import StackTable
from perftui.analysis.time_index import TimeIndex, Weights
from tests.builders import window

EACH = 0.01
samples = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 6)), max_size=12)
lengths = st.floats(0.1, 3.0)
runs = st.lists(st.tuples(lengths, samples), max_size=40)
moment = st.floats(-1.0, 130.0)


@dataclass(frozen=True)
class Packed:
    """A stored window whose samples are unpacked on demand."""

    start_s: float
    end_s: float
    taken: tuple[tuple[int, int], ...]
    interval_s: float = EACH

    @property
    def sample_count(self) -> int:
        return len(self.taken)

    def samples(self) -> Iterable[tuple[int, Sequence[int]]]:
        by_thread: dict[int, list[int]] = defaultdict(list)
        for thread, leaf in self.taken:
            by_thread[thread].append(leaf)
        return tuple(by_thread.items())


def in_a_row(run: list[tuple[float, list[tuple[int, int]]]]) -> list[Packed]:
    windows, at_s = [], 0.0
    for length_s, taken in run:
        windows.append(Packed(at_s, at_s + length_s, tuple(taken)))
        at_s += length_s
    return windows


def live(windows: Iterable[Packed], *, most_cells: int = 10_000, most_totals_bytes: int = 1 << 20) -> TimeIndex:
    index = TimeIndex(most_cells=most_cells, most_totals_bytes=most_totals_bytes)
    for each in windows:
        weights: Weights = {}
        for cell in each.taken:
            weight, count = weights.get(cell, (0.0, 0))
            weights[cell] = (weight + EACH, count + 1)
        if weights:
            index.add(each.start_s, each.end_s, weights)
    return index


def counted(windows: Iterable[Packed], start_s: float, end_s: float) -> dict[tuple[int, int], float]:
    """The weight of each cell inside a range, looked up the slow way."""
    sums: dict[tuple[int, int], float] = defaultdict(float)
    for each in windows:
        inside = max(0.0, min(end_s, each.end_s) - max(start_s, each.start_s)) / (each.end_s - each.start_s)
        for cell in each.taken:
            sums[cell] += each.interval_s * inside
    return {cell: weight for cell, weight in sums.items() if weight > 1e-6}


def weighed(weights: Weights) -> dict[tuple[int, int], float]:
    return {cell: weight for cell, (weight, _) in weights.items() if weight > 1e-6}


def rounded(weights: Weights) -> Weights:
    return {cell: (round(weight, 6), count) for cell, (weight, count) in weights.items()}


@given(runs, moment, moment, st.sampled_from([1 << 20, 600]))
def test_a_range_weighs_what_its_windows_weigh_inside_it(
    run: list[tuple[float, list[tuple[int, int]]]], one: float, other: float, most: int
) -> None:
    start_s, end_s = sorted((one, other))
    windows = in_a_row(run)
    truth = pytest.approx(counted(windows, start_s, end_s), abs=2e-6)
    assert weighed(live(windows, most_totals_bytes=most).weights_between(start_s, end_s)) == truth
    assert weighed(TimeIndex.of_windows(windows).weights_between(start_s, end_s)) == truth


@given(runs, st.lists(moment, min_size=3, max_size=3).map(sorted))
def test_ranges_that_touch_add_up_exactly(run: list[tuple[float, list[tuple[int, int]]]], moments: list[float]) -> None:
    index = live(in_a_row(run))
    first, second, both = (index.weights_between(moments[a], moments[b]) for a, b in ((0, 1), (1, 2), (0, 2)))
    for cell in {*first, *second, *both}:
        (w1, c1), (w2, c2) = first.get(cell, (0.0, 0)), second.get(cell, (0.0, 0))
        assert both.get(cell, (0.0, 0)) == (w1 + w2, c1 + c2)


@given(runs, st.lists(moment, min_size=2, max_size=2).map(sorted), st.sets(st.integers(0, 2)), st.integers(1, 40))
def test_stacks_and_threads_of_a_range_are_the_sums_of_its_cells(
    run: list[tuple[float, list[tuple[int, int]]]], moments: list[float], threads: set[int], joins: int
) -> None:
    windows = in_a_row(run)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time_index, "_FEW_WINDOWS", 2)
        patch.setattr(time_index, "_FIRST_SPACING", 5)
        patch.setattr(time_index, "_KEPT_FINE", joins)
        for index in (live(windows), live(windows, most_cells=20), TimeIndex.of_windows(windows)):
            cells = index.weights_between(*moments)
            stacks: dict[int, list[float]] = defaultdict(lambda: [0.0, 0])
            some, by_thread = deepcopy(stacks), deepcopy(stacks)
            for (thread, leaf), (weight, count) in cells.items():
                for sums, key in ((stacks, leaf), (by_thread, thread), *(((some, leaf),) if thread in threads else ())):
                    sums[key][0] += weight
                    sums[key][1] += count
            assert {leaf: list(held) for leaf, held in index.stacks_between(*moments).items()} == stacks
            assert {leaf: list(held) for leaf, held in index.stacks_between(*moments, threads=threads).items()} == some
            assert {thread: list(held) for thread, held in index.threads_between(*moments).items()} == by_thread


def test_samples_that_weigh_something_else_from_a_moment_on_stay_exact() -> None:
    slow = [Packed(100.0 + i, 101.0 + i, ((0, 1), (1, 2)) * 3, 0.02) for i in range(100)]
    windows = [*in_a_row([(1.0, [(0, 1), (0, 2)])] * 100), *slow]
    index = TimeIndex.of_windows(windows)
    while index.advance(16):
        pass
    assert rounded({(0, leaf): held for leaf, held in index.stacks_between(0.0, 200.0).items()}) == {
        (0, 1): (7.0, 400),
        (0, 2): (7.0, 400),
    }
    assert weighed(index.weights_between(50.0, 150.0)) == pytest.approx(counted(windows, 50.0, 150.0), abs=1e-6)


def test_long_ranges_are_answered_from_totals_as_from_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_index, "_FIRST_SPACING", 300)
    windows = in_a_row([(0.5, [(i % 3, 1 + (i * 7 + k) % 50) for k in range(20)]) for i in range(1_000)])
    for most in (1 << 20, 2_000):
        packed, grown = TimeIndex.of_windows(windows), live(windows, most_cells=1 << 20, most_totals_bytes=most)
        while packed.advance(100):
            pass
        for start_s, end_s in ((0.0, 500.0), (3.3, 499.9), (100.25, 400.0), (250.0, 251.0), (0.1, 90.0)):
            truth = pytest.approx(counted(windows, start_s, end_s), abs=1e-5)
            assert weighed(packed.weights_between(start_s, end_s)) == truth
            assert weighed(grown.weights_between(start_s, end_s)) == truth


def test_a_saved_session_is_unpacked_only_where_a_range_looks() -> None:
    windows = in_a_row([(0.5, [(0, 1)]) for _ in range(1_000)])
    index = TimeIndex.of_windows(windows)
    assert index.worst(1.0) == (0.0, 1.0)
    assert index.cell_count == 0
    assert rounded(index.weights_between(480.0, 482.0)) == {(0, 1): (0.04, 4)}
    assert index.cell_count == 4
    assert index.unsummed == 1_000


@pytest.mark.parametrize("spacing", [500, 1 << 20])
def test_what_is_long_ago_becomes_coarse_but_is_not_lost(monkeypatch: pytest.MonkeyPatch, spacing: int) -> None:
    monkeypatch.setattr(time_index, "_FIRST_SPACING", spacing)
    windows = in_a_row([(0.5, [(0, 1 + (i + k) % 9) for k in range(8)]) for i in range(2_000)])
    index = live(windows, most_cells=4_000)
    assert index.cell_count <= 4_000
    assert index.rewrites
    whole = index.weights_between(0.0, 1_000.0)
    assert weighed(whole) == pytest.approx(counted(windows, 0.0, 1_000.0))
    assert sum(count for _, count in whole.values()) == 16_000
    assert weighed(index.weights_between(950.0, 960.25)) == pytest.approx(counted(windows, 950.0, 960.25), abs=2e-6)
    late = index.weights_between(100.0, 985.5)
    early = sum(weight for weight, _ in index.weights_between(10.0, 210.0).values())
    assert early == pytest.approx(32.0, abs=1.0)
    assert sum(weight for weight, _ in late.values()) == pytest.approx(141.68, abs=1.0)


def test_a_day_of_a_quiet_program_does_not_take_what_a_busy_one_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_index, "MOST_WINDOWS", 300)
    windows = in_a_row([(0.5, [(0, 1)])] * 1_000)
    index = live(windows)
    assert len(index) == 300
    assert weighed(index.weights_between(0.0, 500.0)) == pytest.approx(counted(windows, 0.0, 500.0))
    assert weighed(index.weights_between(450.0, 460.0)) == pytest.approx(counted(windows, 450.0, 460.0))


def test_windows_overlap_by_a_moment_when_one_recorder_takes_over_from_another() -> None:
    index = TimeIndex()
    index.add(0.0, 1.0, {(0, 1): (0.5, 50)})
    index.add(0.98, 2.0, {(0, 2): (0.4, 40)})
    assert rounded(index.weights_between(0.0, 1.0)) == {(0, 1): (0.5, 50)}
    assert rounded(index.weights_between(1.0, 2.0)) == {(0, 2): (0.4, 40)}


def test_a_window_inside_the_one_before_it_is_a_part_of_that() -> None:
    index = TimeIndex()
    index.add(0.0, 1.0, {(0, 1): (0.5, 50)})
    index.add(0.0, 1.0, {(0, 1): (0.25, 25), (0, 2): (0.5, 10)})
    assert len(index) == 1
    assert index.rewrites == 1
    assert rounded(index.weights_between(0.0, 9.0)) == {(0, 1): (0.75, 75), (0, 2): (0.5, 10)}
    packed = TimeIndex.of_windows(
        [Packed(0.0, 1.0, ((0, 1),)), Packed(0.0, 1.0, ((0, 2),)), Packed(1.0, 2.0, ((0, 1),))]
    )
    assert len(packed) == 2
    assert {cell: count for cell, (_, count) in packed.weights_between(0.0, 1.0).items()} == {(0, 1): 1, (0, 2): 1}


def test_deltas_are_followed_also_when_several_came_as_one() -> None:
    table = StackTable()
    parts = [window("main;a", "main;b", start_s=i * 1.0, end_s=i + 1.0) for i in range(4)]
    deltas = [delta_of(table.intern(part), after_s=i * 1.0) for i, part in enumerate(parts)]
    index = TimeIndex()
    index.follow(deltas[0])
    index.follow(merged(deltas[1], deltas[2]))
    index.follow(deltas[3])
    assert (len(index), index.start_s, index.end_s) == (4, 0.0, 4.0)
    assert sum(weight for weight, _ in index.weights_between(1.0, 3.0).values()) == pytest.approx(0.04)


def test_the_worst_second_is_where_most_threads_were_busy() -> None:
    calm, busy = [(0, 1)] * 10, [(0, 1), (1, 2), (2, 3)] * 20
    index = TimeIndex.of_windows(in_a_row([(0.5, calm)] * 7 + [(0.5, busy)] * 2 + [(0.5, calm)] * 5))
    assert index.worst(1.0) == (3.5, 4.5)
    assert index.worst(100.0) == (0.0, 7.0)
    assert index.per_second() == pytest.approx([0.2, 0.2, 0.2, 0.7, 0.7, 0.2, 0.2])
    assert TimeIndex().worst(1.0) is None
    assert TimeIndex().per_second() == []


@given(runs, st.floats(0.1, 20.0), moment)
def test_no_range_of_that_length_weighs_more_than_the_worst(
    run: list[tuple[float, list[tuple[int, int]]]], seconds: float, start_s: float
) -> None:
    index = live(in_a_row(run))
    worst = index.worst(seconds)
    if worst is not None:
        most = index.weight_until(worst[1]) - index.weight_until(worst[0])
        assert index.weight_until(start_s + seconds) - index.weight_until(start_s) <= most + 1e-5


def test_a_window_that_never_ends_is_dated_somewhere() -> None:
    index = TimeIndex.of_windows([Packed(float("inf"), float("inf"), ((0, 1),)), Packed(0.0, 1.0, ((0, 1),))])
    assert len(index.per_second()) == time_index.MOST_SECONDS
    assert sum(count for _, count in index.weights_between(0.0, 1e12).values()) == 2
