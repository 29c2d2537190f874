from __future__ import annotations

import pytest

from perftui.analysis.ranked_changes import ShownChanges, SortChanges, counted, effect_of, ranked
from perftui.model.change import Certainty, ChangeVerdict, FunctionChange
from tests.changes import change

CHANGES = [
    change("noisy", weights=(9.0, 5.0), shares=(0.5, 0.3), certainty=Certainty(p=0.4)),
    change("slower", ChangeVerdict.SLOWER, weights=(1.0, 2.0), shares=(0.1, 0.2), certainty=Certainty(p=0.001)),
    change("faster", ChangeVerdict.FASTER, weights=(3.0, 1.0), shares=(0.3, 0.1), certainty=Certainty(p=0.01)),
    change("new", ChangeVerdict.APPEARED, weights=(0.0, 0.5), shares=(0.0, 0.05), certainty=Certainty(p=0.02)),
    change("open", ChangeVerdict.INCONCLUSIVE, weights=(1.0, 1.2), shares=(0.1, 0.12)),
]


def names(changes: list[FunctionChange]) -> list[str]:
    return [each.frame.function for each in changes]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        (SortChanges.EFFECT, ["faster", "slower", "new", "noisy", "open"]),
        (SortChanges.CONFIDENCE, ["slower", "faster", "new", "noisy", "open"]),
        (SortChanges.SHARE, ["noisy", "faster", "slower", "open", "new"]),
        (SortChanges.NAME, ["faster", "new", "noisy", "open", "slower"]),
    ],
)
def test_each_order_puts_what_it_is_about_first(sort: SortChanges, order: list[str]) -> None:
    assert names(ranked(CHANGES, sort=sort)) == order


@pytest.mark.parametrize(
    ("shown", "listed"),
    [
        (ShownChanges.ALL, {"noisy", "slower", "faster", "new", "open"}),
        (ShownChanges.CLEAR, {"slower", "faster", "new"}),
        (ShownChanges.SLOWER, {"slower", "new"}),
        (ShownChanges.FASTER, {"faster"}),
        (ShownChanges.ONE_SIDED, {"new"}),
        (ShownChanges.INCONCLUSIVE, {"open"}),
    ],
)
def test_a_filter_lists_what_it_names(shown: ShownChanges, listed: set[str]) -> None:
    assert set(names(ranked(CHANGES, shown=shown))) == listed


def test_an_effect_in_shares_comes_from_the_shares() -> None:
    more_time_but_less_of_it = change("work", weights=(1.0, 2.0), shares=(0.2, 0.1))
    assert effect_of(more_time_but_less_of_it, share=False) == 1.0
    assert effect_of(more_time_but_less_of_it, share=True) == pytest.approx(-0.1)


def test_verdicts_are_counted_where_there_are_any() -> None:
    assert counted(CHANGES) == dict.fromkeys(
        (
            ChangeVerdict.SLOWER,
            ChangeVerdict.FASTER,
            ChangeVerdict.WITHIN_NOISE,
            ChangeVerdict.INCONCLUSIVE,
            ChangeVerdict.APPEARED,
        ),
        1,
    )
