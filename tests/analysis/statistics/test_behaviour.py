"""What the statistics promise, beside their digits."""

from __future__ import annotations

import random
from math import exp, log
from statistics import median

import pytest

from perftui.analysis.statistics.bootstrap import ratio_of_medians
from perftui.analysis.statistics.dispersion import Spread, pooled, spread_of
from perftui.analysis.statistics.moderation import Prior, prior_of
from perftui.analysis.statistics.normal import quantile
from perftui.analysis.statistics.power import more_runs, smallest_detectable


def test_independent_counts_have_a_dispersion_of_one_however_slowly_their_rate_changes() -> None:
    dice = random.Random(1)
    calm = [sum(dice.random() < 0.1 for _ in range(100)) for _ in range(3000)]
    drifting = [count + block // 100 for block, count in enumerate(calm)]
    assert spread_of(calm).dispersion == pytest.approx(0.9, abs=0.05), "1 - p of a binomial"
    assert spread_of(drifting).squares == pytest.approx(spread_of(calm).squares, rel=0.02)


def test_bursts_have_a_greater_dispersion_and_pools_weigh_by_events() -> None:
    bursts = spread_of([0, 10] * 50)
    assert bursts.dispersion == pytest.approx(10)
    assert spread_of([]).dispersion is None
    assert spread_of([0, 0]).dispersion is None
    assert pooled([]) is None
    assert bursts + Spread() == bursts
    assert pooled([bursts, Spread(), spread_of([5, 5, 5])]) == pytest.approx(10 * 500 / 515)


def test_variances_of_one_kind_are_drawn_together_and_others_are_left_apart() -> None:
    dice = random.Random(2)
    alike = [sum(dice.gauss(0, 1) ** 2 for _ in range(8)) / 8 for _ in range(200)]
    prior = prior_of(alike, 8)
    assert prior.scale == pytest.approx(1, abs=0.1)
    assert prior.freedom > 50
    mixed = [ratio * exp(dice.gauss(0, 1.5)) for ratio in alike]
    assert prior_of(mixed, 8).freedom < 5
    assert prior_of(alike[:3], 8) == Prior()
    assert Prior(1.0, 8.0).moderated(3.0, 8.0) == 2.0
    assert prior_of([1.0] * 6, 8).freedom == 40, "not worth more than what they were measured with"


def test_an_interval_of_medians_holds_the_truth_as_often_as_it_says() -> None:
    dice = random.Random(3)
    held = 0
    for seed in range(100):
        before, after = ([dice.gauss(mean, 1) for _ in range(15)] for mean in (20, 24))
        low, high = ratio_of_medians(before, after, resamples=400, seed=seed)
        held += low <= 1.2 <= high
        assert low <= median(after) / median(before) <= high
    assert held >= 88
    assert ratio_of_medians(before, after, resamples=50) == ratio_of_medians(before, after, resamples=50)
    assert ratio_of_medians([2.0], [3.0], resamples=10) == (1.5, 1.5)


def test_what_is_found_four_times_in_five_is_found_so_often() -> None:
    dice = random.Random(4)
    least = smallest_detectable(0.1)
    found = sum(abs(dice.gauss(log(1 + least), 0.1)) > quantile(0.995) * 0.1 for _ in range(4000)) / 4000
    assert found == pytest.approx(0.8, abs=0.02)


def test_four_times_the_runs_show_half_the_change() -> None:
    effect = log(1 + smallest_detectable(0.2)) / 2
    assert more_runs(effect, 0.2, 5) == 15
    assert more_runs(1e-6, 0.2, 5) is None
    assert more_runs(0.0, 0.2, 5) is None
    assert more_runs(9.0, 0.2, 5) == 1
