from __future__ import annotations

import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.aggregate import Aggregate, delta_of
from perftui.formats import bridge
from perftui.formats.base import StackProfile, StackRow, profile_of_records
from perftui.formats.bridge import to_window_records
from perftui.formats.collapsed import read
from perftui.model.frame import Frame, Stack
from perftui.model.sample import Thread, WindowRecord
from perftui.units import Unit
from tests.formats.profiles import MAIN, by_thread, profile, stack, stacks, threads, totals


def folded(rows: StackProfile) -> Aggregate:
    aggregate = Aggregate(rows.unit)
    for record in to_window_records(rows):
        aggregate.apply(delta_of(record, after_s=aggregate.end_s))
    return aggregate


weights = st.one_of(st.sampled_from([0.01, 0.02, 1.0]), st.floats(1e-6, 50))
rows = st.lists(st.tuples(threads, stacks, weights, st.integers(1, 6)), max_size=12)


@given(rows, st.sampled_from([Unit.SAMPLES, Unit.SECONDS, Unit.BYTES]), st.booleans())
def test_an_import_weighs_in_a_session_what_it_weighs_in_its_file(
    data: list[tuple[Thread, Stack, float, int]], unit: Unit, ordered: bool
) -> None:
    original = StackProfile("x", unit, [StackRow(t, s, each * n, n) for t, s, each, n in data], ordered=ordered)
    records = list(to_window_records(original))

    assert math.fsum(r.interval_s * r.sample_count for r in records) == pytest.approx(original.weight, rel=1e-12)
    assert sum(record.sample_count for record in records) == original.samples
    again = profile_of_records("x", unit, records)
    assert totals(again) == pytest.approx(totals(original), rel=1e-12)
    assert all(record.end_s >= record.start_s >= 0 and record.interval_s > 0 for record in records)


@given(rows)
def test_a_thread_with_one_sampling_rate_keeps_its_order(data: list[tuple[Thread, Stack, float, int]]) -> None:
    # A thread that is renamed is still one thread.
    known: dict[tuple[int, int], Thread] = {}
    named = [(known.setdefault((thread.pid, thread.tid), thread), stack, count) for thread, stack, _, count in data]
    original = StackProfile("x", Unit.SECONDS, [StackRow(t, s, 0.25 * n, n) for t, s, n in named], ordered=True)
    again = profile_of_records("x", Unit.SECONDS, to_window_records(original))
    assert by_thread(again) == by_thread(original)


def test_a_sampled_import_lies_on_a_time_axis() -> None:
    text = profile("main;a 250\nmain;b 150").rows
    original = StackProfile("x", Unit.SECONDS, [row._replace(weight=row.samples / 100) for row in text], ordered=True)
    records = list(to_window_records(original))

    assert [(r.start_s, r.end_s) for r in records] == [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert [r.sample_count for r in records] == [100] * 4
    aggregate = folded(original)
    quality = aggregate.quality(requested_hz=100, wall_s=4)
    assert (quality.coverage, quality.achieved_hz) == pytest.approx((1.0, 100.0))


def test_what_is_not_in_the_order_of_time_has_no_time() -> None:
    assert {(r.start_s, r.end_s) for r in to_window_records(profile("a 3\nb 1"))} == {(0.0, 0.0)}


def test_a_file_that_counts_bytes_as_samples_does_not_fill_the_memory() -> None:
    records = list(to_window_records(read(b"main;a 999999999999999\nmain;b 7\n", name="x")))
    assert sum(record.sample_count for record in records) == 2
    assert sum(record.interval_s for record in records) == 999999999999999 + 7


def test_a_long_record_is_divided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "SAMPLES_A_RECORD", 10)
    records = list(to_window_records(profile("a 25\nb 3")))
    assert [record.sample_count for record in records] == [10, 10, 8]
    assert [record.samples[0][1] for record in records][2] == array("I", [1] * 5 + [2] * 3)


def test_runs_of_one_stack_become_one_row_in_the_order_of_time() -> None:
    frames = (Frame("main"), Frame("a"), Frame("b"))
    record = WindowRecord(0, 1, 0.5, frames, ((0, 0), (1, 1), (1, 2)), (MAIN,), ((0, array("I", [2, 2, 3, 2, 0])),))
    again = profile_of_records("x", Unit.SECONDS, [record])
    assert again.rows == (
        StackRow(MAIN, stack("main;a"), 1.0, 2),
        StackRow(MAIN, stack("main;b"), 0.5, 1),
        StackRow(MAIN, stack("main;a"), 0.5, 1),
        StackRow(MAIN, (), 0.5, 1),
    )


def test_a_thread_that_is_named_after_its_first_samples_is_one_thread() -> None:
    nameless, named, other = Thread(1, 2, ""), Thread(1, 2, "worker"), Thread(1, 3, "")
    samples = ((0, array("I", [1])), (1, array("I", [1])), (2, array("I", [1])))
    record = WindowRecord(0.0, 1.0, 0.01, (Frame("f", "a.py", 1),), ((0, 0),), (nameless, named, other), samples)
    again = profile_of_records("x", Unit.SECONDS, [record])
    assert [row.thread for row in again.rows] == [named, named, other]


def test_an_import_folds_into_the_tree_that_its_file_describes() -> None:
    tree = folded(profile("main;work;leaf 3\nmain;idle 1")).tree
    assert (tree.weight, tree.count, tree.unit) == (4.0, 4, Unit.SAMPLES)
    assert tree.total_weight[tree.nearest([("", "main"), ("", "work")])] == 3.0
