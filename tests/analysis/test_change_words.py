from __future__ import annotations

import pytest

from perftui.analysis.change_words import (
    chance_text,
    change_facts,
    interval_text,
    mark_of,
    ratio_text,
    signed_text,
    word_of,
)
from perftui.model.change import Certainty, ChangeVerdict
from perftui.units import Unit
from tests.changes import change

SLOWER = change(
    "resolve",
    ChangeVerdict.SLOWER,
    weights=(1.31, 3.11),
    counts=(131, 1311),
    certainty=Certainty(ci=(1.98, 2.85), p=0.0000002, q=0.0341, smallest_detectable=0.23),
)


def test_every_verdict_has_a_sign_and_its_own_word() -> None:
    assert all(mark_of(verdict) for verdict in ChangeVerdict)
    for short in (False, True):
        assert len({word_of(verdict, short=short) for verdict in ChangeVerdict}) == len(ChangeVerdict)


def test_amounts_are_more_and_not_slow() -> None:
    assert word_of(ChangeVerdict.SLOWER, Unit.BYTES) == "more"
    assert word_of(ChangeVerdict.FASTER, Unit.SECONDS) == "faster"


def test_figures_carry_the_digits_that_they_have() -> None:
    assert ratio_text(2.0, 3.0) == "+50 %"
    assert ratio_text(0.0, 3.0) == ""
    assert ratio_text(3.0, 2.999) == "0 %", "what rounds to nothing has no sign"
    assert signed_text(-0.0001, Unit.PERCENT) == "0.0 %"
    assert interval_text(Certainty(ci=(0.92, 1.36))) == "-8 … +36 %"
    assert interval_text(Certainty()) == ""
    assert interval_text(Certainty(ci=(10.79, 57.4))) == "×10.8 … ×57.4"
    assert interval_text(Certainty(ci=(1.6, 40_612.0))) == "+60 % … > ×999"
    assert interval_text(Certainty(ci=(0.001, 217.26))) == "-100 % … ×217"
    assert ratio_text(1.0, 14.2) == "×14.2"
    assert [chance_text(p) for p in (None, 0.0004, 0.034, 0.6)] == ["", "< 0.001", "0.034", "0.60"]


def test_a_change_says_all_that_is_known_of_it() -> None:
    assert change_facts(SLOWER, Unit.SECONDS) == [
        "▲ slower +137 % (95 %: +98 … +185 %)",
        "1.31 s → 3.11 s",
        "p < 0.001 q 0.034",
        "131 and 1,311 samples",
        "smallest change to be seen here 23.0 %",
    ]


@pytest.mark.parametrize(("runs", "said"), [(1, "about 1 more run a side"), (12, "about 12 more runs a side")])
def test_what_would_decide_is_said(runs: int, said: str) -> None:
    undecided = change(
        "rare",
        ChangeVerdict.INCONCLUSIVE,
        weights=(0.0, 0.2),
        certainty=Certainty(more_runs=runs),
        reason="too few samples",
    )
    facts = change_facts(undecided, Unit.SECONDS)
    assert facts[0] == "? inconclusive"
    assert any(fact.startswith(said) for fact in facts)
    assert facts[-1] == "too few samples"
