"""The order of runs is fair, and what is left of them is told from those that have ended."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.model.session import RunSide
from perftui.recording.repeats import Turn, time_left_s, turns_of

BOTH = (RunSide.BASE, RunSide.CURRENT)


def letters(turns: tuple[Turn, ...]) -> str:
    """Turns as letters: `a` and `b` for warm-ups, `A` and `B` for runs."""
    return "".join(("ab" if turn.warmup else "AB")[turn.side is RunSide.CURRENT] for turn in turns)


def test_both_sides_warm_up_and_then_run_by_turns() -> None:
    assert letters(turns_of(BOTH, repeat=4, warmup=2)) == "abab" + "ABBAABBA"
    assert letters(turns_of((RunSide.NONE,), repeat=3, warmup=1)) == "aAAA"


@given(repeat=st.integers(1, 40), warmup=st.integers(0, 5))
def test_each_side_runs_as_often_and_as_early_as_the_other(repeat: int, warmup: int) -> None:
    turns = turns_of(BOTH, repeat=repeat, warmup=warmup)
    assert Counter(turn.side for turn in turns if not turn.warmup) == dict.fromkeys(BOTH, repeat)
    assert len(turns) == 2 * (repeat + warmup)
    for side in BOTH:
        assert [turn.number for turn in turns if turn.side is side and not turn.warmup] == list(range(1, repeat + 1))
    places = {side: sum(at for at, turn in enumerate(turns) if turn.side is side) for side in BOTH}
    if repeat % 2 == 0:
        assert places[RunSide.BASE] + warmup == places[RunSide.CURRENT]


def test_what_is_left_is_told_from_runs_of_the_same_side() -> None:
    turns = turns_of(BOTH, repeat=2, warmup=0)
    assert time_left_s(turns, [], 3.0) is None, "nothing is known before one has ended"
    assert time_left_s(turns, [2.0], 0.0) == pytest.approx(6.0), "until the other side has run, it counts alike"
    assert time_left_s(turns, [2.0, 5.0], 1.0) == pytest.approx(4.0 + 2.0)
    assert time_left_s(turns, [2.0, 5.0], 60.0) == pytest.approx(2.0), "a run that takes longer leaves no less than 0"
    assert time_left_s(turns, [2.0, 5.0, 5.0, 2.0], 0.0) == 0.0
