"""Every figure of the statistics agrees with scipy's to 1e-9, on ten thousand random inputs in all."""

from __future__ import annotations

import random
from math import inf

import numpy as np
import pytest
from scipy import special, stats

from perftui.analysis.statistics import binomial, bootstrap, moderation, multiplicity, normal, ranks, student

CLOSE = 1e-9


def close(found: float, expected: float) -> bool:
    """To nine digits, however small it is; what underflows for one of them must be next to nothing for the other."""
    return found == pytest.approx(expected, rel=CLOSE, abs=1e-290)


def test_normal_tails_keep_their_digits() -> None:
    dice = random.Random(1)
    values = [dice.choice((dice.gauss(0, 1), dice.uniform(-37, 37))) for _ in range(1500)]
    for z, above in zip(values, stats.norm.sf(values), strict=True):
        assert close(normal.upper_tail(z), above)
        assert close(normal.two_sided_p(z), 2 * stats.norm._sf(abs(z)))


def test_normal_quantiles() -> None:
    dice = random.Random(2)
    chances = [dice.choice((dice.random(), 10 ** dice.uniform(-200, -1))) or 0.5 for _ in range(1000)]
    for chance, expected in zip(chances, special.ndtri(chances), strict=True):
        assert normal.quantile(chance) == pytest.approx(expected, rel=CLOSE, abs=1e-12)


def test_tails_and_quantiles_of_t() -> None:
    dice = random.Random(3)
    cases = [(dice.gauss(0, 1) * 10 ** dice.uniform(-2, 3), 10 ** dice.uniform(-0.5, 5)) for _ in range(1500)]
    t, freedom = (np.array(column) for column in zip(*cases, strict=True))
    for case, expected in zip(cases, 2 * special.stdtr(freedom, -abs(t)), strict=True):
        assert student.two_sided_p(*case) == pytest.approx(expected, rel=CLOSE, abs=1e-290)
    for chance, number in ((0.975, 8.0), (0.995, 3.3), (0.025, 40.0), (0.5001, 1.0), (0.99999, 2.0)):
        assert student.quantile(chance, number) == pytest.approx(stats.t.ppf(chance, number), rel=CLOSE)
    assert close(student.two_sided_p(2.5, inf), normal.two_sided_p(2.5))
    assert close(student.quantile(0.975, inf), normal.quantile(0.975))
    assert student.two_sided_p(0.0, 5.0) == 1.0
    assert student.two_sided_p(inf, 5.0) == 0.0


@pytest.mark.parametrize("sizes", [(1, 1), (1, 4), (2, 3), (3, 3), (5, 5), (5, 10), (10, 10), (20, 20), (25, 16)])
def test_mann_whitney_without_ties(sizes: tuple[int, int]) -> None:
    dice = np.random.default_rng(sizes[0] * 100 + sizes[1])
    first, second = dice.normal(0, 1, (160, sizes[0])), dice.normal(0.7, 1, (160, sizes[1]))
    exact = stats.mannwhitneyu(first, second, axis=1, method="exact")
    for row in range(160):
        found = ranks.mann_whitney(first[row].tolist(), second[row].tolist())
        assert found.exact
        assert found.u == exact.statistic[row]
        assert close(found.p, exact.pvalue[row])


@pytest.mark.parametrize("sizes", [(2, 3), (3, 3), (5, 5)])
def test_mann_whitney_with_ties(sizes: tuple[int, int]) -> None:
    dice = np.random.default_rng(sizes[0])
    for round_to in (0, 1):
        first, second = dice.normal(0, 1, (20, sizes[0])), dice.normal(0.7, 1, (20, sizes[1]))
        for one, other in zip(first.round(round_to), second.round(round_to), strict=True):
            found = ranks.mann_whitney(one.tolist(), other.tolist())
            expected = stats.mannwhitneyu(one, other, method=stats.PermutationMethod())
            assert found.exact
            assert found.u == expected.statistic
            assert close(found.p, expected.pvalue)


def test_equal_values_of_one_side_do_not_hide_that_the_sides_lie_apart() -> None:
    apart = ranks.mann_whitney([1.0, 2.0, 3.0, 4.0, 5.0], [6.0, 7.0, 8.0, 9.0, 10.0]).p
    assert ranks.mann_whitney([1.0, 1.0, 3.0, 4.0, 5.0], [6.0, 7.0, 7.0, 9.0, 10.0]).p == apart < 0.01
    assert ranks.mann_whitney([4.0] * 5, [4.0] * 5).p == 1.0


def test_mann_whitney_of_many_values_with_ties_is_normal() -> None:
    dice = np.random.default_rng(8)
    for _ in range(40):
        first, second = dice.normal(0, 1, 25).round(1), dice.normal(0.2, 1, 30).round(1)
        found = ranks.mann_whitney(first.tolist(), second.tolist())
        assert not found.exact
        assert close(found.p, stats.mannwhitneyu(first, second, method="asymptotic").pvalue)


def test_mann_whitney_of_many_values_is_normal() -> None:
    dice = np.random.default_rng(7)
    for _ in range(20):
        first, second = dice.normal(0, 1, 30), dice.normal(0.2, 1, 35)
        found = ranks.mann_whitney(first.tolist(), second.tolist())
        assert not found.exact
        assert close(found.p, stats.mannwhitneyu(first, second, method="asymptotic").pvalue)


def test_the_least_p_of_the_table_is_known() -> None:
    assert [round(ranks.least_p(n, n), 3) for n in (3, 4, 5)] == [0.1, 0.029, 0.008]


def test_benjamini_hochberg_with_ties_and_ones() -> None:
    dice = random.Random(4)
    for _ in range(600):
        p_values = [dice.choice((dice.random(), dice.random() ** 6, 0.5, 1.0, 0.0)) for _ in range(dice.randint(1, 30))]
        expected = stats.false_discovery_control(p_values)
        assert multiplicity.benjamini_hochberg(p_values) == pytest.approx(expected.tolist(), rel=CLOSE, abs=1e-300)
    assert multiplicity.benjamini_hochberg([]) == []


def test_the_conditional_binomial_of_few_counts() -> None:
    dice = random.Random(5)
    for _ in range(700):
        first, second, share = dice.randint(0, 40), dice.randint(0, 40), dice.uniform(0.05, 0.95)
        if first + second:
            expected = stats.binomtest(first, first + second, share).pvalue
            assert close(binomial.conditional_p(first, second, expected_share=share), min(1.0, expected))
    assert binomial.conditional_p(0, 0) == 1.0


def test_the_exact_interval_of_few_counts() -> None:
    dice = random.Random(9)
    for _ in range(300):
        first, second, share = dice.randint(0, 40), dice.randint(0, 40), dice.uniform(0.05, 0.95)
        if not first + second:
            continue
        shares = stats.binomtest(second, first + second).proportion_ci(0.95, method="exact")
        low, high = binomial.conditional_interval(first, second, expected_share=share)
        odds = share / (1 - share)
        assert low == pytest.approx(odds * shares.low / (1 - shares.low), rel=CLOSE)
        assert high == (pytest.approx(odds * shares.high / (1 - shares.high), rel=CLOSE) if first else inf)


def test_the_functions_that_priors_are_fitted_by() -> None:
    dice = random.Random(6)
    values = [10 ** dice.uniform(-2, 3) for _ in range(1000)]
    for x, first, second in zip(values, special.digamma(values), special.polygamma(1, values), strict=True):
        assert moderation.digamma(x) == pytest.approx(first, rel=CLOSE, abs=1e-9)
        assert moderation.trigamma(x) == pytest.approx(second, rel=CLOSE)
    for x in values[:100]:
        assert moderation.inverse_trigamma(moderation.trigamma(x)) == pytest.approx(x, rel=1e-7)


def test_percentiles_lie_where_numpy_has_them() -> None:
    dice = np.random.default_rng(8)
    for _ in range(1500):
        values = np.sort(dice.normal(0, 1, dice.integers(1, 30)))
        share = float(dice.random())
        found = bootstrap.percentile(values.tolist(), share)
        assert found == pytest.approx(np.quantile(values, share), rel=CLOSE, abs=1e-12)
