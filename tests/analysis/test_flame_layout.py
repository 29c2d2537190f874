"""The layout partitions cells exactly and hides nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.analysis.aggregate import tree_of
from perftui.analysis.call_tree import ROOT, CallTree
from perftui.analysis.flame_layout import Box, Layout, Order, heaviest_child, heaviest_node, layout, split
from perftui.model.frame import Frame
from perftui.units import Unit

stacks = st.lists(
    st.tuples(st.lists(st.sampled_from("abcdefgh"), min_size=0, max_size=7), st.floats(1e-6, 1e6)),
    min_size=1,
    max_size=60,
)


def tree(*folded: str) -> CallTree:
    """Build a tree of folded lines: `main;work 3`."""
    rows = []
    for line in folded:
        path, weight = line.rsplit(" ", 1)
        rows.append(([Frame(name) for name in path.split(";")], float(weight), round(float(weight))))
    return tree_of(rows, Unit.SAMPLES)


def grown(rows: list[tuple[list[str], float]]) -> CallTree:
    return tree_of([([Frame(name) for name in names], weight, 1) for names, weight in rows], Unit.SECONDS)


def drawing(shown: Layout, of: CallTree) -> str:
    """Draw a layout as text: letters for boxes, `+` for remainders, blanks for self weight."""
    lines = []
    for row in shown.rows:
        line = ""
        for box in row:
            frame = of.frame(box.node)
            sign = "+" if box.folded else frame.function[0] if frame else "*"
            line = line.ljust(box.x) + sign * box.width
        lines.append(line)
    return "\n".join(lines)


def test_children_stand_from_the_left_in_the_order_they_were_first_seen() -> None:
    of = tree("m;b 2", "m;a 6", "m 2")
    assert drawing(layout(of, width=10, rows=5), of) == "**********\nmmmmmmmmmm\nbbaaaaaa"


def test_order_by_weight_puts_the_widest_first() -> None:
    of = tree("m;b 2", "m;a 6", "m 2")
    assert drawing(layout(of, width=10, rows=5, order=Order.WEIGHT), of).endswith("\naaaaaabb")


def test_order_by_name_is_alphabetical() -> None:
    of = tree("c 1", "a 1", "b 1")
    assert drawing(layout(of, width=6, rows=2, order=Order.NAME), of) == "******\naabbcc"


def test_children_narrower_than_a_cell_are_folded_into_one_remainder() -> None:
    of = tree("a 97", "b 1", "c 1", "d 1")
    shown = layout(of, width=20, rows=2)
    assert drawing(shown, of) == "*" * 20 + "\n" + "a" * 19 + "+"
    assert shown.rows[1][-1] == Box(ROOT, 19, 1, 3.0, 3)


def test_a_remainder_takes_a_cell_even_where_its_weight_is_next_to_nothing() -> None:
    of = tree("a 999999", "b 1")
    assert drawing(layout(of, width=8, rows=2), of) == "********\naaaaaaa+"


def test_many_thin_children_fill_the_cells_that_their_weight_earns() -> None:
    of = tree(*(f"x{i} 1" for i in range(40)))
    shown = layout(of, width=10, rows=2)
    assert drawing(shown, of) == "**********\n++++++++++"
    assert shown.rows[1][0].folded == 40


def test_where_every_cell_is_taken_the_lightest_makes_room_for_the_remainder() -> None:
    of = tree("a 1", "b 1.0000000001", "c 0.0000000001")
    shown = layout(of, width=2, rows=2)
    assert [box.folded for box in shown.rows[1]] == [0, 2]


def test_ancestors_of_the_zoomed_node_are_full_rows_above_it() -> None:
    of = tree("m;a;x 5", "m;a;y 5", "m;b 90")
    zoom = of.nearest((("", "m"), ("", "a")))
    assert drawing(layout(of, zoom=zoom, width=10, rows=9), of) == "**********\nmmmmmmmmmm\naaaaaaaaaa\nxxxxxyyyyy"


def test_rows_may_begin_anywhere() -> None:
    of = tree("m;a;x 5", "m;a;y 5", "m;b 90")
    whole = layout(of, width=40, rows=9)
    part = layout(of, width=40, rows=2, first_row=2)
    assert part.rows == whole.rows[2:4]
    assert part.more_below is False
    assert layout(of, width=40, rows=2).more_below is True


def test_a_row_below_the_zoom_may_be_the_first() -> None:
    of = tree("m;a;x 5", "m;a;y 5", "m;b 90")
    zoom = of.nearest((("", "m"), ("", "a")))
    assert drawing(layout(of, zoom=zoom, width=4, rows=3, first_row=3), of) == "xxyy"


def test_an_empty_tree_is_one_row_of_the_root() -> None:
    of = CallTree()
    assert layout(of, width=5, rows=3).rows == ((Box(ROOT, 0, 5, 0.0),),)


@pytest.mark.parametrize(("width", "rows"), [(0, 5), (5, 0), (-1, 5)])
def test_no_room_gives_no_rows(width: int, rows: int) -> None:
    assert layout(tree("a 1"), width=width, rows=rows).rows == ()


def test_the_box_under_a_cell_is_found() -> None:
    of = tree("m;b 2", "m;a 6", "m 2")
    shown = layout(of, width=10, rows=2, first_row=1)
    assert shown.box_at(3, 2) == shown.rows[1][1]
    assert shown.box_at(9, 2) is None
    assert shown.box_at(0, 0) is None


def test_the_heaviest_child_is_the_first_seen_of_equals() -> None:
    of = tree("m;a 2", "m;b 3", "m;c 3")
    m = of.find_child(ROOT, 0)
    found = heaviest_child(of, m)
    assert found is not None
    assert of.path(found) == (("", "m"), ("", "b"))
    assert heaviest_child(of, found) is None


def test_the_heaviest_node_of_a_function_is_found_among_all_its_paths() -> None:
    of = tree("m;a 2", "n;a 3", "a 1")
    found = heaviest_node(of, of.function_ids["", "a"])
    assert found is not None
    assert of.path(found) == (("", "n"), ("", "a"))
    assert heaviest_node(of, 99) is None


@given(stacks, st.integers(1, 250), st.sampled_from(Order))
def test_boxes_lie_side_by_side_within_their_parent(
    rows: list[tuple[list[str], float]], width: int, order: Order
) -> None:
    of = grown(rows)
    shown = layout(of, width=width, rows=20, order=order)
    for above, row in zip(shown.rows, shown.rows[1:], strict=False):
        parents = {box.node: box for box in above if not box.folded}
        reached = 0
        for box in row:
            parent = parents[box.node if box.folded else of.parent[box.node]]
            assert box.width >= 1
            assert box.x >= reached
            assert parent.x <= box.x
            assert box.end <= parent.end
            reached = box.end


@given(stacks, st.integers(1, 250), st.sampled_from(Order))
def test_every_child_with_weight_has_a_box_or_is_counted_in_a_remainder(
    rows: list[tuple[list[str], float]], width: int, order: Order
) -> None:
    of = grown(rows)
    box = Box(ROOT, 7, width, of.weight)
    parts = split(of, box, order)
    children = {child for child in of.children(ROOT) if of.total_weight[child] > 0}
    boxed = {part.node for part in parts if not part.folded}
    folded = [part for part in parts if part.folded]
    assert boxed <= children
    assert len(boxed) + sum(part.folded for part in folded) == len(children)
    assert sum(part.weight for part in parts) + of.self_weight[ROOT] == pytest.approx(of.weight)


@given(stacks, st.integers(1, 250))
def test_boxes_remainder_and_self_gap_add_up_to_the_parent(rows: list[tuple[list[str], float]], width: int) -> None:
    of = grown(rows)
    parts = split(of, Box(ROOT, 0, width, of.weight))
    gap = width - sum(part.width for part in parts)
    assert gap >= 0
    # Edges move by less than a cell, and by one more where the remainder must be seen.
    assert gap == pytest.approx(of.self_weight[ROOT] / of.weight * width, abs=1.5 if parts else width)
    reached = 0.0
    for part in parts:
        assert part.x == pytest.approx(reached / of.weight * width, abs=1.51)
        reached += part.weight


@given(stacks, st.integers(1, 120), st.integers(0, 8), st.integers(1, 8), st.randoms())
def test_a_scrolled_layout_is_a_part_of_the_whole_one(
    rows: list[tuple[list[str], float]], width: int, first: int, count: int, random: object
) -> None:
    of = grown(rows)
    zoom = random.randrange(len(of))  # type: ignore[attr-defined]
    whole = layout(of, zoom=zoom, width=width, rows=30)
    assert layout(of, zoom=zoom, width=width, rows=count, first_row=first).rows == whole.rows[first : first + count]


@settings(max_examples=50)
@given(stacks, stacks, st.integers(20, 200))
def test_growth_moves_no_box_past_its_sibling(
    first: list[tuple[list[str], float]], more: list[tuple[list[str], float]], width: int
) -> None:
    of = grown(first)
    before = [box.node for box in layout(of, width=width, rows=3).rows[-1] if not box.folded]
    for names, weight in more:
        of.add_stack([Frame(name) for name in names], weight)
    of.flush()
    after = {box.node: box.x for row in layout(of, width=width, rows=3).rows for box in row if not box.folded}
    places = [after[node] for node in before if node in after]
    assert places == sorted(places)
