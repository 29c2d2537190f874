"""What waits for a viewer keeps its moments, in bounded memory."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis import delta_spans
from perftui.analysis.aggregate import delta_of, merged
from perftui.analysis.delta_spans import MOST_CELLS, MOST_SPANS, bounded, joined_weights
from perftui.analysis.stack_table import StackTable
from perftui.analysis.time_index import TimeIndex
from perftui.model.sample import DeltaSpan
from tests.builders import window

cells = st.dictionaries(
    st.tuples(st.integers(0, 3), st.integers(0, 9)), st.tuples(st.just(0.25), st.integers(1, 5)), max_size=6
)


def spans_of(parts: list[dict[tuple[int, int], tuple[float, int]]]) -> tuple[DeltaSpan, ...]:
    return tuple(DeltaSpan(float(i), i + 1.0, part) for i, part in enumerate(parts))


def summed(spans: tuple[DeltaSpan, ...]) -> dict[tuple[int, int], tuple[float, int]]:
    found: dict[tuple[int, int], tuple[float, int]] = {}
    for span in spans:
        found = joined_weights(found, span.weights)
    return found


@given(st.lists(cells, max_size=60), st.integers(1, 9), st.integers(1, 40))
def test_joining_loses_no_weight_and_keeps_the_order_of_time(
    parts: list[dict[tuple[int, int], tuple[float, int]]], most_spans: int, most_cells: int
) -> None:
    spans = spans_of(parts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delta_spans, "MOST_SPANS", most_spans)
        patch.setattr(delta_spans, "MOST_CELLS", most_cells)
        kept = bounded(spans)
    assert summed(kept) == summed(spans)
    assert len(kept) <= max(1, most_spans)
    assert len(kept) <= 1 or sum(len(span.weights) for span in kept) <= most_cells
    assert all(before.end_s <= after.start_s for before, after in pairwise(kept))
    assert [span.end_s for span in kept[-1:]] == [span.end_s for span in spans[-1:]]


def test_a_viewer_that_comes_late_sees_when_everything_was() -> None:
    table = StackTable()
    windows = [window("main;work", *["main;busy"] * (9 * (i == 30)), start_s=i, end_s=i + 1) for i in range(60)]
    deltas = [delta_of(table.intern(each), after_s=each.start_s) for each in windows]
    late, direct = TimeIndex(), TimeIndex()
    whole = deltas[0]
    for delta in deltas[1:]:
        whole = merged(whole, delta)
    late.follow(whole)
    for delta in deltas:
        direct.follow(delta)
    assert late.per_second() == direct.per_second()
    assert late.worst(1.0) == (30.0, 31.0)


def test_a_viewer_that_stalls_for_an_hour_costs_little_and_sees_the_latest_minute_as_it_was() -> None:
    table, whole = StackTable(), None
    for i in range(7_200):
        each = window("main;work", start_s=i / 2, end_s=(i + 1) / 2)
        delta = delta_of(table.intern(each), after_s=i / 2)
        whole = delta if whole is None else merged(whole, delta)
        assert len(whole.spans) <= MOST_SPANS
    assert whole is not None
    assert sum(len(span.weights) for span in whole.spans) <= MOST_CELLS
    assert [span.start_s for span in whole.spans[-100:]] == [(7_100 + i) / 2 for i in range(100)]
    assert sum(count for span in whole.spans for _, count in span.weights.values()) == 7_200
