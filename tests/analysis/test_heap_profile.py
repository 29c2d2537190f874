from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.call_tree import ROOT, FunctionKey, function_key
from perftui.analysis.compare import Evidence
from perftui.analysis.flame_layout import heaviest_child, heaviest_node, layout
from perftui.analysis.heap_fold import HeapFold
from perftui.analysis.heap_profile import HeapProfile, HeapSort
from perftui.analysis.hotspots import hotspots
from perftui.analysis.search import Search, next_match
from perftui.analysis.split import Split
from perftui.model.heap import HeapView
from perftui.units import Unit
from tests.analysis.test_heap_fold import Series, folded, newest, profile_of, series, snapshots
from tests.heaps import Heap, heap_profile, held, snapshot


def after(*texts: str) -> HeapProfile:
    """The profile of one process that held one text after the other."""
    fold, profile = HeapFold(HeapView.HELD), HeapProfile()
    for text in texts:
        profile.apply(fold.fold(snapshot(held(text))))
    return profile


@given(series)
def test_rows_are_the_exact_tables_however_much_of_the_trees_was_pruned(of: Series) -> None:
    seen = snapshots(of)
    truth: dict[FunctionKey, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for each in newest(seen):
        for row in each.functions:
            sums = truth[function_key(each.frames[row.frame])]
            for i, figure in enumerate((row.self_bytes, row.total_bytes, row.self_count, row.total_count)):
                sums[i] += figure
    rows = profile_of(folded(seen)).rows()
    found = {
        function_key(row.frame): [row.self_weight, row.total_weight, row.self_count, row.total_count] for row in rows
    }
    assert found == {key: sums for key, sums in truth.items() if any(sums)}
    assert [row.self_weight for row in rows] == sorted((row.self_weight for row in rows), reverse=True)


@given(series)
def test_rows_agree_with_the_tree_where_nothing_was_pruned(of: Series) -> None:
    whole: Series = [(pid, heap, 0) for pid, heap, _ in of]
    profile = profile_of(folded(snapshots(whole)))
    exact = {function_key(row.frame): (row.self_weight, row.total_weight) for row in profile.rows() if row.total_weight}
    table = hotspots(profile.tree)
    assert {function_key(row.frame): (row.self_weight, row.total_weight) for row in table} == exact


def test_rows_rank_by_what_they_are_asked_for() -> None:
    profile = heap_profile("main;load 900 1\nmain;parse 100 50\nmain;tidy 100 2")
    assert [row.frame.function for row in profile.rows()] == ["load", "parse", "tidy", "main"]
    assert [row.frame.function for row in profile.rows(sort=HeapSort.TOTAL)] == ["main", "load", "parse", "tidy"]
    assert [row.frame.function for row in profile.rows(sort=HeapSort.COUNT)] == ["parse", "tidy", "load", "main"]
    assert [row.frame.function for row in profile.rows(sort=HeapSort.NAME, top=2)] == ["load", "main"]
    (only,) = profile.rows(accept=lambda frame: frame.function == "parse")
    assert (only.self_share, only.total_share, only.self_count) == (100 / 1100, 100 / 1100, 50)


def test_a_function_of_two_processes_has_the_line_that_holds_most() -> None:
    fold, profile = HeapFold(HeapView.HELD), HeapProfile()
    for pid, text in ((1, "main;load@app.py:3 200 1"), (2, "main;load@app.py:7 300 1")):
        profile.apply(fold.fold(snapshot(held(text), pid=pid)))
    top = profile.rows()[0]
    assert (top.frame.function, top.frame.line, top.self_weight) == ("load", 7, 500)


def test_one_sampled_process_makes_the_whole_sampled() -> None:
    fold, profile = HeapFold(HeapView.HIGH_WATERMARK), HeapProfile()
    profile.apply(fold.fold(snapshot(held("main 5 1"), pid=1, at_s=3.0)))
    assert profile.exact
    profile.apply(fold.fold(snapshot(held("main 5 1"), pid=2, at_s=2.0, exact=False)))
    assert not profile.exact
    assert profile.at_s == 3.0
    assert profile.side().evidence is Evidence.LOOKS


def test_the_line_of_a_function_is_the_one_with_most_bytes_not_with_most_objects() -> None:
    profile = heap_profile("main;load@app.py:3 1000000 1\nmain;load@app.py:9 1000 900")
    (row,) = hotspots(profile.tree, top=1, line_counts=profile.aggregate.line_counts)
    assert (row.frame.function, row.frame.line) == ("load", 3)


# What was freed altogether.


def test_what_was_freed_is_not_laid_out_and_not_counted_as_folded() -> None:
    many = "\n".join(f"main;f{i} 1 1" for i in range(50))
    profile = after(f"main;kept 1000 1\n{many}", "main;kept 1000 1")
    assert len(profile.tree) > 50
    for tree in (profile.flames(), profile.flames(by_count=True), profile.flames(split=Split.THREAD)):
        boxes = [box for row in layout(tree, width=20, rows=9).rows for box in row]
        assert all(box.folded == 0 and box.width == 20 for box in boxes)
        assert tree.functions[tree.function[boxes[-1].node]].function == "kept"


def test_a_search_passes_over_what_was_freed() -> None:
    profile = after("main;load_a 500 1\nmain;load_b 500 1", "main;load_b 500 1")
    search = Search("load", profile.tree)
    assert search.coverage == 1.0
    assert search.function_count == 1
    found = next_match(search, profile.tree, ROOT, 1)
    assert found is not None
    assert profile.tree.path(found)[-1] == ("app.py", "load_b")
    assert next_match(search, profile.tree, found, 1) == found
    gone = Search("load_a", profile.tree)
    assert (gone.coverage, gone.function_count, next_match(gone, profile.tree, ROOT, 1)) == (0.0, 0, None)


def test_a_freed_function_has_no_heaviest_node_and_no_row() -> None:
    profile = after("main;load 500 1\nmain;other 1 1", "main;other 1 1")
    tree = profile.tree
    assert heaviest_node(tree, tree.function_ids["app.py", "load"]) is None
    assert [row.frame.function for row in hotspots(tree)] == ["other", "main"]
    assert [row.frame.function for row in profile.rows()] == ["other", "main"]
    assert tree.path(heaviest_child(tree, 1) or 0)[-1][1] == "other"


def test_what_comes_back_comes_back_as_the_same_node() -> None:
    profile = after("main;load 500 1", "main;other 1 1", "main;load 700 3")
    tree = profile.tree
    node = heaviest_node(tree, tree.function_ids["app.py", "load"])
    assert node == 2
    assert (tree.total_weight[node], tree.total_count[node]) == (700, 3)


# By number of allocations.


@given(st.dictionaries(st.tuples(st.just(1), st.just(())), st.tuples(st.integers(1, 9), st.integers(1, 9)), max_size=1))
def test_even_an_empty_heap_has_a_tree_by_count(heap: Heap) -> None:
    fold, profile = HeapFold(HeapView.HELD), HeapProfile()
    profile.apply(fold.fold(snapshot(heap)))
    assert profile.counts.weight == profile.allocations
    assert len(profile.counts) == 1


@given(series)
def test_the_tree_by_count_is_the_same_tree_with_other_weights(of: Series) -> None:
    profile = profile_of(folded(snapshots(of)))
    tree, counts = profile.flames(), profile.flames(by_count=True)
    assert counts.unit is Unit.COUNT
    assert len(counts) == len(tree)
    assert counts.weight == counts.count == profile.allocations
    for node in range(len(tree)):
        assert counts.path(node) == tree.path(node)
        assert counts.nearest(tree.path(node)) == node
        assert counts.frame(node) == tree.frame(node)
        assert counts.total_weight[node] == tree.total_count[node]
        assert (
            sum(counts.total_weight[c] for c in counts.children(node)) + counts.self_weight[node]
            == (counts.total_weight[node])
        )


def test_the_tree_by_count_grows_with_its_tree_and_stays_the_same_object() -> None:
    fold, profile = HeapFold(HeapView.HELD), HeapProfile()
    counts, apart = profile.flames(by_count=True), profile.flames(by_count=True, split=Split.THREAD)
    profile.apply(fold.fold(snapshot(held("main;load 1000 1\nmain;parse 10 99"))))
    assert counts is profile.flames(by_count=True)
    assert apart is profile.flames(by_count=True, split=Split.THREAD)
    assert counts.weight == apart.weight == 100
    widest = layout(counts, width=100, rows=3).row(2)
    assert [(counts.path(box.node)[-1][1], box.width) for box in widest] == [("load", 1), ("parse", 99)]


@pytest.mark.parametrize("by_count", [False, True])
def test_a_view_is_a_side_of_a_comparison(by_count: bool) -> None:
    side = heap_profile("main;load 1000 1").side("/srv", by_count=by_count)
    assert (side.root, side.evidence, side.tree.unit) == (
        "/srv",
        Evidence.EVERYTHING,
        Unit.COUNT if by_count else Unit.BYTES,
    )
    assert side.rows
