from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.noise import Noise
from perftui.analysis.path_test import PathTest, path_test
from perftui.model.change import Certainty, ChangeVerdict
from tests.changes import change

NOISE = Noise(dispersion=1.5, between=0.02, runs=(5, 5))
TEST = PathTest(NOISE, least_sure=0.01)
COUNTS = st.integers(0, 5000)


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (500, 900, ChangeVerdict.SLOWER),
        (900, 500, ChangeVerdict.FASTER),
        (5000, 5100, ChangeVerdict.WITHIN_NOISE),
        (100, 104, ChangeVerdict.INCONCLUSIVE),
        (0, 300, ChangeVerdict.APPEARED),
        (300, 0, ChangeVerdict.VANISHED),
        (10, 15, ChangeVerdict.INCONCLUSIVE),
    ],
)
def test_a_path_is_told_by_its_own_counts(before: int, after: int, verdict: ChangeVerdict) -> None:
    assert TEST.verdict(before, after) is verdict


@given(COUNTS, COUNTS)
def test_where_no_function_changed_no_path_did(before: int, after: int) -> None:
    assert not PathTest(NOISE).verdict(before, after).clear


def test_a_path_that_is_certain_beyond_all_digits_needs_a_function_that_changed() -> None:
    assert not PathTest(NOISE).verdict(363, 4937).clear
    certain = change("a", ChangeVerdict.SLOWER, certainty=Certainty(ci=(9.0, 11.0), p=0.0, q=0.0))
    assert path_test([certain], NOISE, per_sample=(0.01, 0.01)).verdict(363, 4937) is ChangeVerdict.SLOWER


@given(COUNTS)
def test_equal_counts_are_never_a_change(count: int) -> None:
    assert not TEST.verdict(count, count).clear


def test_what_all_functions_share_is_no_change_of_a_path() -> None:
    twice = PathTest(NOISE, least_sure=0.01, exchange=0.5)
    assert twice.verdict(5000, 10_000) is ChangeVerdict.WITHIN_NOISE
    assert twice.verdict(500, 500) is ChangeVerdict.FASTER


def test_a_path_must_be_as_sure_as_the_functions_are_and_their_errors_are_its_errors() -> None:
    sure = Certainty(ci=(1.2, 1.8), p=0.0004, q=0.01)
    vague = Certainty(ci=(0.5, 2.0), p=0.4, q=0.5)
    functions = [change("a", ChangeVerdict.SLOWER, certainty=sure), change("b", certainty=vague), change("c")]
    made = path_test(functions, NOISE, per_sample=(0.01, 0.01))
    assert made.least_sure == 0.0004
    assert made.wider > 1.0
    assert made.exchange == pytest.approx(1.0)
    assert path_test([], NOISE, per_sample=(0.0, 0.01)) == PathTest(NOISE)
