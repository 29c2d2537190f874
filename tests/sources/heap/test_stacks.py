"""The call tree of a heap: whatever is pruned, cells add up and the table of functions is exact."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.model.heap import NO_PYTHON, SMALLER
from perftui.sources.heap import BOOT_FILE, TRACKER_FILE
from perftui.sources.heap.stacks import (
    COUNT_BITS,
    COUNT_MASK,
    DEEPEST,
    Picture,
    Pruning,
    RawFrame,
    StackTree,
    without_ours,
)
from perftui.sources.heap.stacks import weight as weigh
from tests.sources.heap.heaps import ALL, leaf_first

frames = st.sampled_from([(function, "/app.py", line) for function in "abcd" for line in (1, 2)])
stacks = st.lists(st.tuples(st.lists(frames, max_size=6), st.integers(0, 2), st.integers(1, 10**12), st.integers(1, 9)))
prunings = st.builds(
    Pruning, share=st.sampled_from([0.0, 0.01, 0.3, 1.0]), nodes=st.integers(0, 8), functions=st.integers(1, 3)
)

Heap = list[tuple[list[RawFrame], int, int, int]]
"""Stack leaf first, thread, bytes, count."""


def picture(heap: Heap, pruning: Pruning) -> tuple[StackTree, Picture]:
    tree = StackTree()
    slots = [tree.slot(thread, stack) for stack, thread, _, _ in heap]
    return tree, tree.picture(slots, [weigh(size, count) for _, _, size, count in heap], pruning)


def rows(flat: list[int], width: int) -> list[tuple[int, ...]]:
    return [tuple(flat[start : start + width]) for start in range(0, len(flat), width)]


def exact_functions(heap: Heap) -> dict[str, tuple[int, int, int, int]]:
    """Self bytes, total bytes, self count, total count by adding every stack up on its own."""
    sums: dict[str, list[int]] = {}
    for stack, _, size, count in heap:
        names = [function for function, _, _ in stack] or [NO_PYTHON]
        for name in set(names):
            entry = sums.setdefault(name, [0, 0, 0, 0])
            entry[1] += size
            entry[3] += count
        sums[names[0]][0] += size
        sums[names[0]][2] += count
    return {name: (entry[0], entry[1], entry[2], entry[3]) for name, entry in sums.items()}


@given(stacks)
def test_the_table_of_functions_is_what_adding_every_stack_up_gives(heap: Heap) -> None:
    tree, shown = picture(heap, ALL)
    found = {tree.frames[frame][0]: tuple(figures) for frame, *figures in rows(shown.functions, 5)}
    assert found == exact_functions(heap)


@given(stacks, prunings)
def test_pruned_functions_keep_their_exact_figures(heap: Heap, pruning: Pruning) -> None:
    tree, shown = picture(heap, pruning)
    exact = exact_functions(heap)
    found = {tree.frames[frame][0]: tuple(figures) for frame, *figures in rows(shown.functions, 5)}
    assert all(exact[name] == figures for name, figures in found.items())
    greatest = max((figures[0] for figures in exact.values()), default=0)
    assert greatest == max((figures[0] for figures in found.values()), default=0)


@given(stacks, prunings)
def test_cells_add_up_by_thread_however_much_is_pruned(heap: Heap, pruning: Pruning) -> None:
    _, shown = picture(heap, pruning)
    wanted: dict[int, tuple[int, int]] = {}
    for _, thread, size, count in heap:
        known = wanted.get(thread, (0, 0))
        wanted[thread] = (known[0] + size, known[1] + count)
    found: dict[int, tuple[int, int]] = {}
    for thread, _, size, count in rows(shown.cells, 4):
        known = found.get(thread, (0, 0))
        found[thread] = (known[0] + size, known[1] + count)
    assert found == wanted
    assert (shown.total_bytes, shown.allocations) == (
        sum(size for _, _, size, _ in heap),
        sum(count for _, _, _, count in heap),
    )
    pairs = [cell[:2] for cell in rows(shown.cells, 4)]
    assert len(set(pairs)) == len(pairs)


@given(stacks, prunings)
def test_a_listed_node_has_its_exact_total_below_it(heap: Heap, pruning: Pruning) -> None:
    tree, shown = picture(heap, pruning)
    paths: list[tuple[RawFrame, ...]] = [()]
    for parent, frame in rows(shown.nodes, 2):
        assert parent < len(paths)
        paths.append((*paths[parent], tree.frames[frame]))
    assert len(set(paths)) == len(paths)
    totals = [[0, 0] for _ in paths]
    for _, node, size, count in rows(shown.cells, 4):
        totals[node][0] += size
        totals[node][1] += count
    parents = [0, *(parent for parent, _ in rows(shown.nodes, 2))]
    for node in range(len(paths) - 1, 0, -1):
        totals[parents[node]][0] += totals[node][0]
        totals[parents[node]][1] += totals[node][1]
    for path, total in zip(paths, totals, strict=True):
        if path and path[-1][0] == SMALLER:
            assert total != [0, 0]
            continue
        inside = [
            (size, count)
            for stack, _, size, count in heap
            if tuple(reversed(stack or [(NO_PYTHON, "", 0)]))[: len(path)] == path
        ]
        assert total == [sum(size for size, _ in inside), sum(count for _, count in inside)]
    assert sum(path[-1][0] != SMALLER for path in paths if path) <= pruning.nodes


@given(stacks)
def test_stacks_are_counted_once_however_many_threads_have_them(heap: Heap) -> None:
    _, shown = picture(heap, ALL)
    assert shown.stacks == len({tuple(stack) for stack, _, _, _ in heap})


def test_the_line_of_a_function_is_the_one_with_most_bytes_of_its_own() -> None:
    heap: Heap = [(leaf_first("main@m.py:1;load@l.py:3"), 0, 5, 1), (leaf_first("main@m.py:1;load@l.py:9"), 0, 50, 1)]
    tree, shown = picture(heap, ALL)
    assert ("load", "l.py", 9) in [tree.frames[row[0]] for row in rows(shown.functions, 5)]
    assert ("load", "l.py", 3) not in [tree.frames[row[0]] for row in rows(shown.functions, 5)]


def test_what_was_freed_leaves_no_node_and_no_row() -> None:
    tree = StackTree()
    first = tree.slot(0, leaf_first("main;load"))
    second = tree.slot(0, leaf_first("main;parse"))
    assert len(rows(tree.picture([first, second], [weigh(5, 1), weigh(6, 1)], ALL).nodes, 2)) == 3
    shown = tree.picture([second], [weigh(6, 1)], ALL)
    assert [tree.frames[frame][0] for _, frame in rows(shown.nodes, 2)] == ["main", "parse"]
    assert {tree.frames[row[0]][0] for row in rows(shown.functions, 5)} == {"main", "parse"}


def test_a_node_is_listed_for_its_count_even_where_its_bytes_are_few() -> None:
    heap: Heap = [(leaf_first("main;big"), 0, 10**9, 1), (leaf_first("main;many"), 0, 10, 1000)]
    tree, shown = picture(heap, Pruning(share=0.1))
    assert "many" in [tree.frames[frame][0] for _, frame in rows(shown.nodes, 2)]


def test_one_integer_holds_bytes_and_count() -> None:
    both = weigh(123, 4) + weigh(10**15, 10**11)
    assert (both >> COUNT_BITS, both & COUNT_MASK) == (123 + 10**15, 4 + 10**11)


@pytest.mark.parametrize(
    ("stack", "left"),
    [
        ("main;load", "main;load"),
        (f"run_program@{BOOT_FILE};main;load", "main;load"),
        (f"<module>@{BOOT_FILE};run_program@{BOOT_FILE};_run_code@<frozen runpy>;main", "main"),
        (f"run_program@{BOOT_FILE}", ""),
        (f"__exit__@{TRACKER_FILE};close_all@{TRACKER_FILE}", ""),
        (f"main;__call__@{TRACKER_FILE}", f"main;__call__@{TRACKER_FILE}"),
        ("<module>@/bin/memray;main@/x/memray/commands/__init__.py;run@/x/memray/commands/run.py;"
         "run_path@/usr/lib/python3.10/runpy.py;<module>@w.py", "<module>@w.py"),
        ("_run_module_as_main@<frozen runpy>;_run_code@<frozen runpy>;<module>@/x/memray/__main__.py;"
         "main@/x/memray/commands/__init__.py;main", "main"),
        ("main;_run_code@<frozen runpy>;load", "main;_run_code@<frozen runpy>;load"),
    ],
)  # fmt: skip
def test_frames_that_ran_the_program_are_no_part_of_it(stack: str, left: str) -> None:
    assert list(without_ours(leaf_first(stack))) == leaf_first(left)


def test_a_recursion_without_end_is_cut_in_its_middle() -> None:
    stack = [("leaf", "/app.py", 1), *[("deep", "/app.py", 2)] * 50_000, ("main", "/app.py", 3)]
    tree, seen = picture([(stack, 0, 700, 1)], ALL)
    assert len(seen.nodes) == 2 * DEEPEST
    assert [tree.frames[frame][0] for frame in (seen.nodes[1], seen.nodes[-1])] == ["main", "leaf"]
    totals = {tree.frames[row[0]][0]: row[1:3] for row in rows(seen.functions, 5)}
    assert totals == {"main": (0, 700), "deep": (0, 700), "leaf": (700, 700)}


def test_relative_names_are_understood_from_where_the_workload_was_started(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("")
    tree = StackTree(str(tmp_path))
    tree.slot(0, leaf_first("main@app.py:1;native@../sysdeps/x.c:2;frozen@<frozen os>:3"))
    assert ("main", str(tmp_path / "app.py"), 1) in tree.frames
    assert ("native", "../sysdeps/x.c", 2) in tree.frames
    assert ("frozen", "<frozen os>", 3) in tree.frames


def test_a_name_that_is_no_path_at_all_stays_as_it_is(tmp_path: Path) -> None:
    tree = StackTree(str(tmp_path))
    tree.slot(0, [("main", "a\0b.py", 1), ("x" * 5000, "y" * 5000, 2), ("\udc80", "\x1b[31m", 3)])
    assert {frame[1] for frame in tree.frames} >= {"a\0b.py", "y" * 5000, "\x1b[31m"}
