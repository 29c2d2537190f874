from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.sources.pyspy_governor import MIN_RATE_HZ, Governor


def windows(
    governor: Governor, look_s: float, *, seconds: float = 6.0, window_s: float = 0.5, processes: int = 1
) -> None:
    """Feed windows in which every look takes so long, each at the rate that the governor chose."""
    for _ in range(round(seconds / window_s)):
        rate_hz = governor.rate_hz
        cpu_s = look_s * rate_hz * window_s
        governor.learn(cpu_s=cpu_s, duration_s=window_s, rate_hz=rate_hz, processes=processes)


def test_a_cheap_target_is_sampled_as_asked() -> None:
    governor = Governor(100, 5.0)
    windows(governor, 0.000_3)
    assert governor.rate_hz == 100
    assert not governor.lowered


def test_deep_stacks_lower_the_rate_until_the_price_is_right() -> None:
    governor = Governor(100, 5.0)
    windows(governor, 0.001_2)
    assert governor.lowered
    assert 0.035 <= governor.rate_hz * 0.001_2 <= 0.05


def test_the_rate_recovers_when_stacks_become_shallow_again() -> None:
    governor = Governor(100, 5.0)
    windows(governor, 0.002)
    assert governor.rate_hz < 30
    windows(governor, 0.000_2, seconds=20)
    assert governor.rate_hz == 100


def test_one_bad_short_window_changes_nothing_but_a_terrible_one_does() -> None:
    governor = Governor(100, 5.0)
    governor.learn(cpu_s=0.000_8 * 20, duration_s=0.2, rate_hz=100)
    assert governor.rate_hz == 100
    governor = Governor(100, 5.0)
    governor.learn(cpu_s=0.005 * 20, duration_s=0.2, rate_hz=100)
    assert governor.rate_hz == 9


def test_several_processes_share_the_price() -> None:
    governor = Governor(100, 5.0)
    windows(governor, 0.001_2, processes=4)
    assert governor.rate_hz == 100


def test_a_window_cheaper_than_its_start_counts_as_free() -> None:
    governor = Governor(100, 5.0)
    governor.learn(cpu_s=-0.01, duration_s=0.5, rate_hz=100)
    assert governor.look_s == 0


def test_a_new_target_is_judged_anew() -> None:
    governor = Governor(100, 5.0)
    windows(governor, 0.01)
    governor.forget()
    assert governor.rate_hz == 100


@given(
    st.integers(1, 1000),
    st.floats(0, 100),
    st.lists(st.tuples(st.floats(-1, 10), st.floats(0, 10), st.integers(0, 50)), max_size=30),
)
def test_the_rate_stays_between_the_least_and_what_was_asked(
    asked: int, percent: float, seen: list[tuple[float, float, int]]
) -> None:
    governor = Governor(asked, percent)
    for cpu_s, duration_s, processes in seen:
        governor.learn(cpu_s=cpu_s, duration_s=duration_s, rate_hz=governor.rate_hz, processes=processes)
        assert min(MIN_RATE_HZ, asked) <= governor.rate_hz <= asked


@pytest.mark.parametrize("look_s", [0.000_52, 0.000_6])
def test_the_rate_does_not_waver(look_s: float) -> None:
    governor = Governor(100, 5.0)
    windows(governor, look_s)
    settled = governor.rate_hz
    rates = set()
    for _ in range(20):
        windows(governor, look_s, seconds=0.5)
        rates.add(governor.rate_hz)
    assert rates == {settled}
