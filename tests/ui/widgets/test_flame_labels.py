"""Labels of boxes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from perftui.model.frame import Frame
from perftui.ui.widgets.flame_labels import FlameLabels
from tests.ui.widgets.test_cells import HOSTILE

WORK = Frame("Batch.work", "/srv/shop/app/services/batch.py", 3)


def label(width: int, percent: int = 0, frame: Frame = WORK) -> str:
    return FlameLabels().box(0, frame, width, (f"{percent} %",) if percent else (), "/srv/shop").rstrip()


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (60, "Batch.work (services/batch.py)"),
        (26, "Batch.work (services/bat…)"),
        (20, "Batch.work (servic…)"),
        (19, "Batch.work"),
        (9, "work"),
        (3, "wo…"),
        (2, ""),
        (0, ""),
    ],
)
def test_the_name_comes_first_then_the_file(width: int, shown: str) -> None:
    assert label(width) == shown


def test_the_share_stands_at_the_right_where_there_is_room() -> None:
    assert label(50, 42) == "Batch.work (services/batch.py)               42 %"
    assert label(32, 42) == "Batch.work (services/batch.py)"


@given(HOSTILE, HOSTILE, st.integers(0, 90), st.integers(0, 100))
def test_a_label_has_exactly_its_cells(function: str, file: str, width: int, percent: int) -> None:
    assert cell_len(FlameLabels().box(0, Frame(function, file), width, (f"{percent} %",), "/x")) == width


@given(st.integers(1, 10**9), st.integers(0, 30))
def test_a_remainder_is_counted_or_at_least_marked(count: int, width: int) -> None:
    shown = FlameLabels().folded(count, width)
    assert len(shown) == width
    assert width == 0 or shown.strip() in (f"+{count}", "+")
