"""What the extraction makes of memray's figures, as far as that needs no memray."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from perftui.sources.heap.extract import summed, thinned
from perftui.sources.heap.stacks import RawFrame

points = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**12), st.integers(0, 10**12)), max_size=60)
FREE = 5


@dataclass
class SingleRecord:
    """One allocation, or what takes it back."""

    stack_id: int
    size: int
    allocator: int = 6
    tid: int = 1
    thread_name: str = "main"

    def stack_trace(self) -> list[RawFrame]:
        return [(f"f{self.stack_id}", "/app.py", 1)]


@given(points, st.integers(1, 20))
def test_a_thinned_timeline_keeps_its_peak_and_rises(found: list[tuple[int, int, int]], most: int) -> None:
    found.sort()
    ms, heap, rss = thinned(found, most)
    assert len(ms) == len(heap) == len(rss) <= most
    assert ms == sorted(set(ms))
    assert set(zip(ms, heap, rss, strict=True)) <= set(found)
    if len({point[0] for point in found}) == len(found):
        assert max(heap, default=0) == max((point[1] for point in found), default=0)


def test_single_allocations_are_added_up_by_stack_and_frees_left_out() -> None:
    records = [SingleRecord(1, 10), SingleRecord(2, 5), SingleRecord(1, 7), SingleRecord(0, 10, FREE)]
    sums = summed(records, frees={FREE})
    assert [(each.stack_id, each.size, each.n_allocations) for each in sums] == [(1, 17, 2), (2, 5, 1)]
    assert [each.stack_trace()[0][0] for each in sums] == ["f1", "f2"]
