"""What amounts of several runs tell, where nothing was sampled."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.compare import Tolerance
from perftui.analysis.run_holdings import judge_amounts, span_of
from perftui.model.change import ChangeVerdict

ROOM = Tolerance(0.005, 1024.0)
MIB = 1024.0 * 1024
AMOUNTS = st.lists(st.floats(0, 1e12), min_size=1, max_size=8)
OPPOSITE = {ChangeVerdict.SLOWER: ChangeVerdict.FASTER, ChangeVerdict.FASTER: ChangeVerdict.SLOWER}


def said(before: list[float], after: list[float]) -> ChangeVerdict:
    return judge_amounts([MIB * each for each in before], [MIB * each for each in after], ROOM)[0]


def test_runs_that_lie_apart_differ_clearly_and_runs_among_each_other_do_not() -> None:
    assert said([5, 5, 5], [8, 8, 8]) is ChangeVerdict.SLOWER
    assert said([8, 8.2], [5, 5.1]) is ChangeVerdict.FASTER
    assert said([1, 2, 2], [2, 5, 3]) is ChangeVerdict.INCONCLUSIVE
    assert said([5, 5, 5], [5, 5, 5.001]) is ChangeVerdict.WITHIN_NOISE
    assert said([5, 5.2], [5.1, 5.3]) is ChangeVerdict.WITHIN_NOISE


def test_a_gap_that_is_smaller_than_what_runs_of_a_side_differ_by_says_nothing() -> None:
    assert said([10, 11], [11.5, 13]) is ChangeVerdict.INCONCLUSIVE
    assert "differ as much" in judge_amounts([10 * MIB, 11 * MIB], [11.5 * MIB, 13 * MIB], ROOM)[1]


def test_one_run_a_side_is_held_against_the_tolerance_alone() -> None:
    assert said([5], [5.02]) is ChangeVerdict.WITHIN_NOISE
    assert said([5], [5.03]) is ChangeVerdict.SLOWER
    assert (span_of([5.0]), span_of([5.0, 4.0])) == (None, (4.0, 5.0))


@given(AMOUNTS, AMOUNTS)
def test_the_other_way_round_the_opposite_is_said_and_a_side_never_differs_from_itself(
    before: list[float], after: list[float]
) -> None:
    verdict, _ = judge_amounts(before, after, ROOM)
    back, _ = judge_amounts(after, before, ROOM)
    assert back is OPPOSITE.get(verdict, verdict)
    assert not judge_amounts(before, before, ROOM)[0].clear
    if verdict is ChangeVerdict.SLOWER:
        assert max(before) < min(after)
