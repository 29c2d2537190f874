from __future__ import annotations

import pytest

from perftui.analysis.share_verdicts import in_shares
from perftui.model.change import ChangeVerdict
from tests.changes import change


@pytest.mark.parametrize(
    ("verdict", "shares"),
    [(ChangeVerdict.SLOWER, (0.2, 0.15)), (ChangeVerdict.FASTER, (0.15, 0.2))],
)
def test_no_word_says_the_opposite_of_the_shares_beside_it(verdict: ChangeVerdict, shares: tuple[float, float]) -> None:
    (said,) = in_shares([change("f", verdict, shares=shares)])
    assert said.verdict is ChangeVerdict.INCONCLUSIVE
    assert "the other way" in said.reason
    alike = change("f", verdict, shares=shares[::-1])
    assert in_shares([alike]) == (alike,)


def test_what_is_not_clear_or_on_one_side_only_stays_as_it_is() -> None:
    rows = (
        change("noise", ChangeVerdict.WITHIN_NOISE, shares=(0.2, 0.1)),
        change("new", ChangeVerdict.APPEARED, shares=(0.0, 0.1)),
    )
    assert in_shares(rows) == rows
