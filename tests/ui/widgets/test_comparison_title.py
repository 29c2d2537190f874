"""The first line of a comparison says the figures before it says dates and whole names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scenes import DEMO, NEXT

from perftui.recording.comparison import Comparison, compare_paths
from perftui.ui.widgets.comparison_title import comparison_title


def named(baseline: str, current: str) -> Comparison:
    comparison = compare_paths(DEMO, NEXT)
    sides = {"baseline": baseline, "current": current}
    for side, name in sides.items():
        model = getattr(comparison, side)
        model.meta = replace(model.meta, name=name)
    return comparison


@pytest.mark.parametrize("width", [80, 100, 120, 160, 240])
@pytest.mark.parametrize("name", ["shop", "漢" * 40, "n" * 100])
def test_both_weights_and_the_change_are_whole_at_every_width(width: int, name: str) -> None:
    comparison = named(name, name)
    line = comparison_title(comparison, width)
    assert line.cell_len <= width
    whole = comparison_title(named("a", "b"), 1000).plain
    figures = [whole.split("  current")[0].split(") ")[1].strip(), whole.split("Δ ")[1].split("   ")[0]]
    for figure in figures:
        assert figure in line.plain
    assert "Δ" in line.plain


def test_dates_and_counts_are_told_where_there_is_room() -> None:
    comparison = named("before", "after")
    assert "clear changes of" in comparison_title(comparison, 240).plain
    assert str(comparison.current.meta.created[:10]) in comparison_title(comparison, 240).plain
    assert str(comparison.current.meta.created[:10]) not in comparison_title(comparison, 80).plain
