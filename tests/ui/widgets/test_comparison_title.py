"""The first line of a comparison says the figures before it says dates and whole names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scenes import DEMO, NEXT

from perftui.model.change import Condition
from perftui.recording.comparison import Comparison, compare_paths
from perftui.ui.widgets.cells import width_of
from perftui.ui.widgets.comparison_title import ComparisonTitle, title_phrases
from tests.ui.widgets.stage import Stage


def named(baseline: str, current: str) -> Comparison:
    comparison = compare_paths(DEMO, NEXT)
    for side, name in zip(comparison.sides, (baseline, current), strict=True):
        side.model.meta = replace(side.model.meta, name=name)
    return replace(comparison, conditions=())


def line(comparison: Comparison, width: int) -> str:
    return "".join(text for text, _ in title_phrases(comparison, width))


@pytest.mark.parametrize("width", [80, 100, 120, 160, 240])
@pytest.mark.parametrize("name", ["shop", "漢" * 40, "n" * 100])
def test_both_weights_the_change_and_its_verdict_are_whole_at_every_width(width: int, name: str) -> None:
    text = line(named(name, name), width)
    assert width_of(text) <= width
    whole = line(named("a", "b"), 1000)
    figures = [whole.split("  current")[0].split(") ")[1].strip(), whole.split("Δ ")[1].split(" (95")[0]]
    for figure in figures:
        assert figure in text
    assert any(word in text for word in ("slower", "faster", "inconclusive", "within noise"))


def test_dates_counts_and_the_interval_are_told_where_there_is_room() -> None:
    comparison = named("before", "after")
    for told in ("clear change", "(95 %: ", str(comparison.current.meta.created[:10])):
        assert told in line(comparison, 240)
    assert str(comparison.current.meta.created[:10]) not in line(comparison, 80)


async def test_conditions_that_differ_and_matter_and_several_runs_are_badges() -> None:
    comparison = compare_paths([DEMO, DEMO], NEXT)
    differing = (Condition("Python", "3.11", "3.12"), Condition("load", "0.1", "0.2", matters=False))
    title = ComparisonTitle()
    app = Stage(title)
    async with app.run_test(size=(140, 1)) as pilot:
        title.show(replace(comparison, conditions=differing))
        await pilot.pause()
        assert "2 runs against 1" in app.text
        assert "▲ 1 condition differs" in app.text
