from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.call_tree import function_key
from perftui.analysis.heap_growth import freed_everything, growth_between
from perftui.analysis.heap_profile import HeapProfile, HeapSort
from perftui.model.heap import HeapSnapshot
from tests.analysis.test_heap_fold import folded, heaps, profile_of
from tests.builders import stack
from tests.heaps import Heap, snapshot

Places = Counter[tuple[object, ...]]


def places(seen: HeapSnapshot) -> Places:
    """Bytes by thread and stack, with the lines of its frames."""
    found: Places = Counter()
    for thread, node, size, _ in seen.cells:
        frames = []
        at = node
        while at:
            parent, frame = seen.nodes[at - 1]
            frames.append(seen.frames[frame])
            at = parent
        found[seen.threads[thread], tuple(frames)] += size
    return found


def functions(seen: HeapSnapshot | None) -> dict[object, int]:
    if seen is None:
        return {}
    return {function_key(seen.frames[row.frame]): row.total_bytes for row in seen.functions}


@given(st.none() | heaps, heaps, st.sampled_from([0, 5_000]))
def test_growth_is_what_stacks_hold_more_and_functions_say_what_they_gained_or_lost(
    first: Heap | None, second: Heap, listed_from: int
) -> None:
    before = None if first is None else snapshot(first, pid=1, at_s=1.0, listed_from=listed_from)
    after = snapshot(second, pid=1, at_s=2.0, listed_from=listed_from)
    growth = growth_between(before, after)
    truth = places(after) - (Counter() if before is None else places(before))
    assert +places(growth) == truth, "a counter's difference keeps what is positive"
    profile = profile_of(folded([growth]))
    assert profile.tree.weight == profile.total_bytes == sum(truth.values())
    assert all(size >= 0 and count >= 0 for _, _, size, count in growth.cells)
    changes, were, are = functions(growth), functions(before), functions(after)
    assert changes == {key: are.get(key, 0) - were.get(key, 0) for key in {*were, *are}}


def test_the_greatest_changes_come_first_whichever_way_they_went() -> None:
    a, b, c = (stack(name) for name in "abc")
    before = snapshot({(1, a): (900, 9), (1, b): (100, 1), (1, c): (50, 5)}, pid=1, at_s=1.0)
    after = snapshot({(1, a): (100, 1), (1, b): (400, 4), (1, c): (50, 5)}, pid=1, at_s=2.0)
    rows = profile_of(folded([growth_between(before, after)])).rows(sort=HeapSort.SELF, changes=True)
    assert [(row.frame.function, row.self_weight, row.self_count) for row in rows] == [("a", -800, -8), ("b", 300, 3)]


def test_a_process_that_is_not_there_any_more_holds_nothing() -> None:
    held = snapshot({(1, stack("a")): (900, 9)}, pid=1, at_s=1.0)
    profile = HeapProfile()
    for delta in folded([held, freed_everything(1, held)]):
        profile.apply(delta)
    assert (profile.tree.weight, profile.total_bytes, profile.rows()) == (0.0, 0, [])
