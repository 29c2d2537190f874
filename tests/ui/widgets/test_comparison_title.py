"""The first line of a comparison says the figures before it says dates and whole names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scenes import DEMO, NEXT

from perftui.model.change import Condition
from perftui.recording.comparison import Comparison, compare_paths
from perftui.ui.widgets.cells import width_of
from perftui.ui.widgets.comparison_title import ComparisonTitle, Ranges, title_phrases
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


@pytest.mark.parametrize(
    ("names", "seen"),
    [
        (("packaging-25.0", "packaging-26.0"), ("-25.0", "-26.0")),
        (("before-the-change-of-the-parser", "before-that-change-of-the-parser"), ("…e-", "…at-")),
        (("shop", "shop-with-a-longer-name"), ("shop", "shop-with-")),
    ],
)
def test_what_tells_two_names_apart_stays(names: tuple[str, str], seen: tuple[str, str]) -> None:
    before, after = line(named(*names), 90).split("current")
    assert seen[0] in before
    assert seen[1] in after


@pytest.mark.parametrize("width", [80, 100, 120, 160, 240])
@pytest.mark.parametrize("ranges", [((5.42, 10.4), (5.42, 10.4)), (None, (5.42, 10.4))])
def test_a_range_takes_no_figure_and_no_verdict_away(width: int, ranges: Ranges) -> None:
    text = "".join(text for text, _ in title_phrases(named("packaging-25.0", "packaging-26.0"), width, ranges))
    assert width_of(text) <= width
    assert text.count(" s ") >= 2
    assert "? inconclusive" in text
    if width >= 100:
        assert text.count("10.4 s") == sum(each is not None for each in ranges)


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
