from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.compare import Side
from perftui.analysis.delta_tree import DeltaTree
from perftui.analysis.gone_paths import GonePath, boxes_of, gone_paths, inside
from tests.builders import profile

TREE = DeltaTree(
    Side(profile("main;kept;old;deeper 4\nmain;kept 6\nmain;gone 9\nmain;shrank 5")),
    Side(profile("main;kept 6\nmain;shrank 1\nmain;new 3")),
)
GONE = gone_paths(TREE.parent, TREE.baseline_total, TREE.current_total)


def shown(zoom: int) -> tuple[GonePath, ...]:
    return inside(GONE, zoom, TREE.union.is_within, TREE.baseline_total)


def test_what_is_gone_is_named_where_it_left_the_paths_of_both_sides() -> None:
    assert [(TREE.path(path.node)[-1][1], path.weight) for path in GONE] == [("gone", 9.0), ("old", 4.0)]


def test_only_what_lies_within_the_zoom_is_shown() -> None:
    kept = TREE.nearest([("app.py", "main"), ("app.py", "kept")])
    assert [path.weight for path in shown(kept)] == [4.0]
    assert shown(0) == GONE


def test_all_of_what_lies_below_something_gone_is_gone() -> None:
    deeper = TREE.nearest([("app.py", name) for name in ("main", "kept", "old", "deeper")])
    assert shown(deeper) == (GonePath(deeper, 4.0),)


@given(st.lists(st.floats(0.001, 100.0), max_size=40), st.integers(0, 60))
def test_boxes_fill_the_lane_and_none_is_lost(weights: list[float], width: int) -> None:
    paths = [GonePath(node, weight) for node, weight in enumerate(sorted(weights, reverse=True))]
    boxes = boxes_of(paths, width)
    if not weights or not width:
        assert boxes == []
        return
    assert boxes[0].x == 0
    assert boxes[-1].end == width
    assert all(box.width > 0 for box in boxes)
    assert sum(box.folded or 1 for box in boxes) == len(weights)
