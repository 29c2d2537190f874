"""A tree as rows: all of it is in them or in a remainder, and nothing moves while it grows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.call_tree import ROOT, CallTree
from perftui.analysis.inversion import inverted
from perftui.analysis.open_tree import FIRST_CHILDREN, OpenTree
from tests.builders import profile, stack

DEEP = "main;run;alpha;beta 6\nmain;run;alpha 1\nmain;run;gamma 2\nmain;idle 1\nother 1"


def drawn(opened: OpenTree) -> str:
    """Rows as text: `v` is open, `>` can be opened."""
    lines = []
    for row in opened.rows:
        if row.folded:
            lines.append(f"{row.rails}+{row.folded} {row.weight:g}")
            continue
        frame = opened.tree.functions[opened.tree.function[row.node]] if row.node else None
        sign = (
            "v" if opened.is_open(row.node) and opened.can_open(row.node) else ">" if opened.can_open(row.node) else "-"
        )
        lines.append(f"{row.rails}{sign}{frame.function if frame else 'all'}")
    return "\n".join(lines)


def grown(tree: CallTree, text: str, weight: float) -> None:
    tree.add_stack(stack(text), weight, int(weight))
    tree.flush()


def test_at_first_it_is_open_as_far_as_most_goes_one_way() -> None:
    assert drawn(OpenTree(profile(DEEP))) == "\n".join(
        (
            "vall",
            "  vmain",
            "  │ vrun",
            "  │ │ valpha",
            "  │ │ │ -beta",
            "  │ │ -gamma",
            "  │ -idle",
            "  -other",
        )
    )


def test_rows_open_and_close_and_stay_open_below_what_was_closed() -> None:
    tree = profile(DEEP)
    opened = OpenTree(tree)
    main = tree.nearest([("app.py", "main")])
    opened.close(main)
    assert drawn(opened) == "vall\n  >main\n  -other"
    opened.open(main)
    assert "beta" in drawn(opened)
    opened.close_below(main)
    opened.open(main)
    assert drawn(opened) == "vall\n  vmain\n  │ >run\n  │ -idle\n  -other"
    opened.open(tree.nearest([("app.py", "other")]))
    assert drawn(opened) == "vall\n  vmain\n  │ >run\n  │ -idle\n  -other", "there is nothing below it"


def test_the_hottest_path_is_opened_to_its_end() -> None:
    tree = profile(DEEP)
    opened = OpenTree(tree)
    opened.close_below(ROOT)
    assert drawn(opened) == ">all"
    assert tree.frame(opened.open_hottest(ROOT)).function == "beta"  # type: ignore[union-attr]
    assert drawn(opened).endswith("-gamma\n  │ -idle\n  -other")


def test_children_beyond_the_first_are_one_row_until_they_are_asked_for() -> None:
    tree = profile("\n".join(f"main;f{i:03} {300 - i}" for i in range(200)))
    opened = OpenTree(tree)
    rest = sum(300 - i for i in range(FIRST_CHILDREN, 200))
    assert drawn(opened).endswith(f"-f019\n    +{200 - FIRST_CHILDREN} {rest}")
    main = tree.nearest([("app.py", "main")])
    opened.show_more(main)
    assert "f119\n    +80 " in drawn(opened)
    last = tree.nearest([("app.py", "main"), ("app.py", "f190")])
    row = opened.reveal(last)
    assert opened.rows[row].node == last
    assert opened.rows[-1].folded == 9
    opened.show_more(main)
    assert not opened.rows[-1].folded


def test_what_is_revealed_is_seen_however_deep_it_is_closed() -> None:
    tree = profile(DEEP)
    opened = OpenTree(tree)
    opened.close_below(ROOT)
    beta = tree.nearest([("app.py", name) for name in ("main", "run", "alpha", "beta")])
    row = opened.reveal(beta)
    assert opened.rows[row].node == beta


def test_growing_moves_no_row_until_it_is_sorted_or_opened_again() -> None:
    tree = profile("main;a 5\nmain;b 3\nmain;c 1")
    opened = OpenTree(tree)
    before = drawn(opened)
    grown(tree, "main;c", 10)
    opened.update()
    assert drawn(opened) == before
    grown(tree, "main;d", 50)
    opened.update()
    assert drawn(opened) == before + "\n    -d", "what is new comes last"
    opened.sort()
    assert drawn(opened) == "vall\n  vmain\n    -d\n    -c\n    -a\n    -b"
    opened.sort(by_name=True)
    assert drawn(opened) == "vall\n  vmain\n    -a\n    -b\n    -c\n    -d"
    grown(tree, "main;a", 100)
    main = tree.nearest([("app.py", "main")])
    opened.sort()
    grown(tree, "main;b", 200)
    opened.close(main)
    opened.open(main)
    assert drawn(opened) == "vall\n  vmain\n    -b\n    -a\n    -d\n    -c"


def test_what_weighs_nothing_any_more_is_not_seen() -> None:
    tree = profile("main;a 5\nmain;b 3")
    opened = OpenTree(tree)
    grown(tree, "main;b", -3)
    opened.update()
    assert drawn(opened) == "vall\n  vmain\n    -a"


def test_another_tree_has_the_same_paths_open_and_the_first_has_them_again() -> None:
    first, second = profile(DEEP), profile("main;run;alpha 3\nmain;run;other 2\nmain;idle 9")
    opened = OpenTree(first)
    other = opened.followed_by(second)
    assert drawn(other) == "vall\n  vmain\n    -idle\n    vrun\n      -alpha\n      -other"
    again = other.followed_by(first)
    assert drawn(again) == drawn(opened)


def test_upside_down_it_is_made_as_far_as_it_is_opened() -> None:
    tree = inverted(profile(DEEP))
    opened = OpenTree(tree)
    opened.close_below(ROOT)
    opened.open(ROOT)
    beta = opened.rows[1].node
    assert opened.can_open(beta)
    opened.open(beta)
    assert "alpha" in drawn(opened)


def test_ten_thousand_levels_are_no_trouble() -> None:
    opened = OpenTree(profile(";".join(f"f{i}" for i in range(10_000)) + " 1"))
    opened.open_hottest(ROOT)
    assert len(opened.rows) == 10_001


names = st.sampled_from("abcde")
stacks = st.lists(st.tuples(st.lists(names, min_size=1, max_size=6), st.integers(1, 50)), min_size=1, max_size=40)


@given(stacks, stacks, st.lists(st.tuples(st.sampled_from("ochmrs"), st.integers(0, 10_000)), max_size=30))
def test_whatever_is_opened_all_rows_add_up_and_none_is_seen_twice(
    first: list[tuple[list[str], int]], second: list[tuple[list[str], int]], steps: list[tuple[str, int]]
) -> None:
    tree = CallTree()
    for path, weight in first:
        grown(tree, ";".join(path), weight)
    opened = OpenTree(tree)
    for number, (step, at) in enumerate(steps):
        if number == len(steps) // 2:
            for path, weight in second:
                grown(tree, ";".join(path), weight)
            opened.update()
        node = opened.rows[at % len(opened.rows)].node
        match step:
            case "o":
                opened.open(node)
            case "c":
                opened.close(node)
            case "h":
                opened.open_hottest(node)
            case "m":
                opened.show_more(node)
            case "r":
                opened.reveal(at % len(tree))
            case _:
                opened.sort()
    seen = [row.node for row in opened.rows if not row.folded]
    assert len(seen) == len(set(seen))
    for row in opened.rows:
        assert len(row.rails) == 2 * (tree.depth[row.node] + bool(row.folded))
        if not row.folded and opened.is_open(row.node) and opened.can_open(row.node):
            below = [
                each for each in opened.rows if not each.folded and each.node and tree.parent[each.node] == row.node
            ]
            rest = opened.index_of(row.node, folded=True)
            folded = 0.0 if rest is None else opened.rows[rest].weight
            assert sum(tree.total_weight[each.node] for each in below) + folded == pytest.approx(
                tree.total_weight[row.node] - tree.self_weight[row.node]
            )
