from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.aggregate import Aggregate, delta_of, merged
from perftui.analysis.hotspots import SortBy, hotspots
from perftui.analysis.search import Search, next_match
from perftui.analysis.split import Split
from perftui.analysis.stack_table import StackTable
from perftui.model.sample import ProfileDelta, SampleWindow, Thread, ThreadLook, ThreadLooks
from tests.builders import MAIN, window

OTHER = Thread(100, 101, "worker")
sample = st.lists(st.sampled_from(["a", "b@lib.py:1", "b@lib.py:2", "c"]), min_size=1, max_size=5).map(";".join)
windows = st.lists(
    st.builds(
        lambda samples, thread: window(*samples, thread=thread),
        st.lists(sample, max_size=8),
        st.sampled_from([MAIN, OTHER]),
    ),
    max_size=6,
)


def deltas(parts: list[SampleWindow]) -> list[ProfileDelta]:
    table = StackTable()
    return [delta_of(table.intern(part), after_s=0.0) for part in parts]


def test_lines_of_a_function_are_one_node_and_counted_apart() -> None:
    aggregate = Aggregate()
    for delta in deltas([window("main;work@app.py:3", "main;work@app.py:4", "main;work@app.py:4")]):
        aggregate.apply(delta)
    assert len(aggregate.tree) == 3
    (row,) = hotspots(aggregate.tree, top=1, line_counts=aggregate.line_counts)
    assert (row.frame.function, row.frame.line, row.self_count) == ("work", 4, 3)


@given(windows)
def test_merged_deltas_add_what_single_ones_add(parts: list[SampleWindow]) -> None:
    one, many = Aggregate(), Aggregate()
    total: ProfileDelta | None = None
    for delta in deltas(parts):
        many.apply(delta)
        total = delta if total is None else merged(total, delta)
    if total is not None:
        one.apply(total)
    assert [round(w, 9) for w in one.tree.total_weight] == [round(w, 9) for w in many.tree.total_weight]
    assert one.samples == many.samples == sum(part.samples for part in parts)
    assert one.line_counts == many.line_counts


@given(windows)
def test_a_whole_profile_taken_at_once_is_what_its_parts_are_one_by_one(parts: list[SampleWindow]) -> None:
    whole: ProfileDelta | None = None
    for delta in deltas(parts):
        whole = delta if whole is None else merged(whole, delta)
    if whole is None:
        return
    plain, at_once = Aggregate(), Aggregate()
    plain.apply(whole)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("perftui.analysis.aggregate._MANY", -1)
        at_once.apply(whole)
    for name in (
        "parent",
        "function",
        "depth",
        "outermost",
        "first_child",
        "next_sibling",
        "self_count",
        "total_count",
    ):
        assert getattr(at_once.tree, name) == getattr(plain.tree, name), name
    for name in ("self_weight", "total_weight", "function_self_weight", "function_total_weight"):
        assert list(getattr(at_once.tree, name)) == pytest.approx(list(getattr(plain.tree, name))), name
    for name in ("leaf_weights", "line_counts", "samples", "frames", "tree_node", "node_parent", "node_frame"):
        assert getattr(at_once, name) == getattr(plain, name), name
    shares = [[(share.thread, share.count) for share in each.thread_shares()] for each in (plain, at_once)]
    assert shares[0] == shares[1]
    # What comes later is added as ever.
    for each in (plain, at_once):
        each.apply(replace(whole, frames=(), nodes=(), threads=()))
    assert at_once.tree.total_count == plain.tree.total_count


@given(windows, st.integers(0, 6))
def test_the_tree_by_thread_holds_the_same_weight_whenever_it_was_asked_for(
    parts: list[SampleWindow], ask_after: int
) -> None:
    aggregate = Aggregate()
    for i, delta in enumerate(deltas(parts)):
        if i == ask_after:
            aggregate.split_by(Split.THREAD)
        aggregate.apply(delta)
    tree = aggregate.split_by(Split.THREAD)
    assert abs(tree.weight - aggregate.tree.weight) < 1e-9
    shares = {tree.functions[tree.function[node]].function: tree.total_weight[node] for node in tree.children(0)}
    for share in aggregate.threads:
        name = f"{share.thread.name} [{share.thread.pid}/{share.thread.tid}]"
        assert abs(shares.get(name, 0.0) - share.weight) < 1e-9


def test_overlapping_windows_are_covered_once() -> None:
    table, aggregate, until = StackTable(), Aggregate(), 0.0
    for start, end in ((0.0, 1.0), (0.9, 2.0), (2.5, 3.0)):
        delta = delta_of(table.intern(window("main", start_s=start, end_s=end)), after_s=until)
        aggregate.apply(delta)
        until = aggregate.end_s
    assert round(aggregate.sampled_s, 9) == 2.5
    assert round(aggregate.quality(requested_hz=100, wall_s=5.0).coverage, 9) == 0.5


def test_a_window_whose_looks_all_failed_covers_nothing() -> None:
    table = StackTable()
    lost = delta_of(table.intern(replace(window(end_s=1.0), failed=50)), after_s=0.0)
    idle = delta_of(table.intern(window(end_s=1.0)), after_s=0.0)
    assert (lost.sampled_s, idle.sampled_s) == (0.0, 1.0)


def test_one_failed_look_at_an_idle_target_uncovers_nothing() -> None:
    idle = delta_of(StackTable().intern(replace(window(end_s=1.0), failed=1)), after_s=0.0)
    assert idle.sampled_s == 1.0


def test_looks_give_idle_and_gil_ratios_and_none_where_nobody_looked() -> None:
    aggregate = Aggregate()
    for delta in deltas([window("main"), window("work", thread=OTHER)]):
        aggregate.apply(delta)
    aggregate.look(ThreadLooks(0.5, (ThreadLook(MAIN, active=True, holds_gil=True),)))
    aggregate.look(ThreadLooks(1.5, (ThreadLook(MAIN, active=False, holds_gil=False),)))
    main, other = aggregate.threads
    assert (main.idle_ratio, main.gil_ratio) == (0.5, 0.5)
    assert other.idle_ratio is None


def test_a_search_counts_each_sample_once_and_follows_a_growing_tree() -> None:
    table, aggregate = StackTable(), Aggregate()
    aggregate.apply(delta_of(table.intern(window("main;json;json", "main;other")), after_s=0.0))
    search = Search("json", aggregate.tree)
    assert search.coverage == 0.5
    aggregate.apply(delta_of(table.intern(window("main;json;leaf", "main;json")), after_s=1.0))
    search.update()
    assert search.coverage == 0.75
    assert search.function_count == 1


def test_matches_are_visited_in_reading_order_and_around() -> None:
    table, aggregate = StackTable(), Aggregate()
    aggregate.apply(delta_of(table.intern(window("main;json;leaf", "main;other;json", "json")), after_s=0.0))
    tree = aggregate.tree
    search = Search("^json", tree)
    visited, node = [], 0
    for _ in range(4):
        found = next_match(search, tree, node, 1)
        assert found is not None
        node = found
        visited.append(tree.path(node)[0][1] + "/" + str(tree.depth[node]))
    assert visited == ["main/2", "main/3", "json/1", "main/2"]
    back = [node]
    for _ in range(3):
        found = next_match(search, tree, back[-1], -1)
        assert found is not None
        back.append(found)
    assert back[3] == back[0]
    assert len(set(back)) == 3
    assert next_match(Search("nothing", tree), tree, 0, 1) is None


def test_hotspots_that_cost_the_same_keep_their_order() -> None:
    aggregate = Aggregate()
    for delta in deltas([window("b", "a", "c")]):
        aggregate.apply(delta)
    for sort in SortBy:
        assert [row.frame.function for row in hotspots(aggregate.tree, sort=sort)] == ["a", "b", "c"]
