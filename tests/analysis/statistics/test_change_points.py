"""Steps are found, noise is not: change points of a series."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.analysis.statistics.change_points import SMALLEST_SEGMENT, change_points

Noise = Callable[[random.Random, int], list[float]]


def white(chance: random.Random, n: int) -> list[float]:
    return [100 + chance.gauss(0, 1) for _ in range(n)]


def with_outliers(chance: random.Random, n: int) -> list[float]:
    return [value + (chance.uniform(5, 30) if chance.random() < 0.1 else 0) for value in white(chance, n)]


def one_sided(chance: random.Random, n: int) -> list[float]:
    return [100 + chance.expovariate(1) for _ in range(n)]


def in_whole_steps(chance: random.Random, n: int) -> list[float]:
    return [float(round(value)) for value in white(chance, n)]


def alike_neighbours(chance: random.Random, n: int, *, likeness: float = 0.3) -> list[float]:
    values, level = [], chance.gauss(0, 1)
    for _ in range(n):
        level = likeness * level + chance.gauss(0, math.sqrt(1 - likeness * likeness))
        values.append(100 + level)
    return values


def much_alike_neighbours(chance: random.Random, n: int) -> list[float]:
    return alike_neighbours(chance, n, likeness=0.5)


def stepped(values: list[float], at: int, height: float) -> list[float]:
    return [value + (height if number >= at else 0) for number, value in enumerate(values)]


@pytest.mark.parametrize("noise", [white, with_outliers, one_sided, in_whole_steps, alike_neighbours])
def test_of_a_hundred_flat_series_at_most_one_is_cut(noise: Noise) -> None:
    chance = random.Random(2_026)
    lengths = [12, 20, 30, 50, 100] * 20
    cut = [n for n in lengths if change_points(noise(chance, n))]
    assert len(cut) <= 1, cut


# An outlier of every tenth value looks like the level after the step: then it is found less often.
@pytest.mark.parametrize(
    ("noise", "least"), [(white, 18), (with_outliers, 14), (one_sided, 18), (alike_neighbours, 18)]
)
def test_a_step_of_six_deviations_is_found_where_it_is(noise: Noise, least: int) -> None:
    chance = random.Random(7)
    found = [change_points(stepped(noise(chance, 40), 28, 6.0)) for _ in range(20)]
    assert sum(len(cuts) == 1 and abs(cuts[0] - 28) <= 1 for cuts in found) >= least, found


# What is put right again, or comes and goes with a branch, looks the same at both ends.
@pytest.mark.parametrize(("n", "begin", "end", "height"), [(34, 14, 25, 6.0), (60, 20, 40, 5.0), (100, 45, 55, 6.0)])
def test_a_level_that_passes_again_is_found_where_it_is(n: int, begin: int, end: int, height: float) -> None:
    chance = random.Random(5)
    found = []
    for _ in range(12):
        values = white(chance, n)
        found.append(change_points([v + height * (begin <= at < end) for at, v in enumerate(values)]))
    assert sum(cuts == (begin, end) for cuts in found) >= 10, found


def test_a_level_that_passes_among_a_thousand_sessions_is_found() -> None:
    values = white(random.Random(2), 1_000)
    begin, end = change_points([value + 4 * (700 <= at < 730) for at, value in enumerate(values)])
    assert abs(begin - 700) <= 1
    assert abs(end - 730) <= 1


def test_flat_series_with_much_alike_neighbours_are_seldom_cut() -> None:
    chance = random.Random(7)
    cut = [n for n in [12, 20, 30, 50, 100] * 60 if change_points(much_alike_neighbours(chance, n))]
    assert len(cut) <= 3, cut


def test_two_steps_are_found_in_their_order() -> None:
    values = stepped(stepped(white(random.Random(3), 90), 30, 8.0), 60, -5.0)
    assert change_points(values) == (30, 60)


def test_a_step_among_a_thousand_sessions_is_found() -> None:
    (cut,) = change_points(stepped(white(random.Random(1), 1_000), 600, 2.0))
    assert abs(cut - 600) <= 3


def test_two_outliers_side_by_side_are_no_level() -> None:
    values = white(random.Random(4), 30)
    values[14] = values[15] = 190.0
    assert change_points(values) == ()


def test_what_never_varies_has_no_change() -> None:
    assert change_points([5.0] * 40) == ()
    assert change_points([]) == ()
    assert change_points([1.0, 9.0, 1.0]) == ()


def test_a_step_without_any_noise_is_found() -> None:
    assert change_points([5.0] * 12 + [6.0] * 12) == (12,)


SERIES = st.lists(st.integers(-50, 50), min_size=0, max_size=40)


@settings(max_examples=60, deadline=None)
@given(SERIES, st.integers(-(2**20), 2**20), st.sampled_from([0.25, 2.0, 1024.0, -1.0]))
def test_shift_and_scale_do_not_move_changes(values: list[int], shift: int, scale: float) -> None:
    assert change_points([(value + shift) * scale for value in values]) == change_points([float(v) for v in values])


@settings(max_examples=60, deadline=None)
@given(SERIES)
def test_every_level_has_enough_values(values: list[int]) -> None:
    ends = [0, *change_points([float(value) for value in values]), len(values)]
    assert ends == sorted(ends)
    if len(ends) > 2:
        assert min(after - before for before, after in pairwise(ends)) >= SMALLEST_SEGMENT
