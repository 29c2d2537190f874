"""The interval of a ratio of medians: what drawing anew, often, tends to."""

from __future__ import annotations

from random import Random
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.analysis.statistics.bootstrap import ratio_of_medians
from perftui.analysis.statistics.median_ratio import ratio_interval

positive = st.floats(min_value=1e-9, max_value=1e9)
sides = st.lists(positive, min_size=1, max_size=14)


@pytest.mark.parametrize("sizes", [(5, 5), (5, 8), (6, 6), (12, 11), (20, 31), (150, 40), (301, 260)])
def test_it_is_what_ten_thousand_resamples_say(sizes: tuple[int, int]) -> None:
    dice = Random(sum(sizes))
    before, after = ([dice.gauss(10, 0.5) for _ in range(size)] for size in sizes)
    drawn, exact = ratio_of_medians(before, after, resamples=10_000), ratio_interval(before, after)
    spread = drawn[1] - drawn[0]
    assert exact == pytest.approx(drawn, abs=0.06 * spread)


@given(sides, sides)
@settings(max_examples=60)
def test_it_holds_the_ratio_and_lies_between_the_extremes(before: list[float], after: list[float]) -> None:
    low, high = ratio_interval(before, after)
    assert min(after) / max(before) <= low * (1 + 1e-9)
    assert high <= max(after) / min(before) * (1 + 1e-9)
    assert low <= median(after) / median(before) * (1 + 1e-9)
    assert high >= median(after) / median(before) * (1 - 1e-9)


def test_equal_values_have_no_spread() -> None:
    assert ratio_interval([2.0] * 5, [2.1] * 6) == (1.05, 1.05)


@given(sides, sides, st.floats(min_value=1.0, max_value=3.0))
@settings(max_examples=60)
def test_it_grows_with_the_current_side(before: list[float], after: list[float], factor: float) -> None:
    low, high = ratio_interval(before, after)
    lower, higher = ratio_interval(before, [factor * value for value in after])
    assert lower >= low * (1 - 1e-9)
    assert higher >= high * (1 - 1e-9)
