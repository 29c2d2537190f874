"""The half-width of a sampled share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.sampling_error import share_half_width, share_interval


def test_half_of_400_samples_is_known_to_five_points() -> None:
    assert share_half_width(0.5, 400) == pytest.approx(0.049, abs=0.001)


def test_nothing_is_said_without_samples() -> None:
    assert share_half_width(0.5, 0) is None


@given(st.floats(0, 1), st.integers(1, 10**7))
def test_more_samples_never_know_less(share: float, samples: int) -> None:
    few, many = share_half_width(share, samples), share_half_width(share, samples * 2)
    assert few is not None
    assert many is not None
    assert 0 < many < few < 1


def test_the_interval_of_a_share_has_the_known_ends() -> None:
    # Wilson's interval of 50 in 100 and of 0 in 20, from his formula.
    assert share_interval(0.5, 100) == pytest.approx((0.40383, 0.59617), abs=1e-5)
    assert share_interval(0.0, 20) == pytest.approx((0.0, 0.16113), abs=1e-5)
    assert share_interval(0.3, 0) == (0.0, 1.0)


@given(st.floats(0, 1), st.integers(1, 10**9))
def test_the_interval_holds_the_share(share: float, samples: int) -> None:
    low, high = share_interval(share, samples)
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1
