"""What is typed to have the runs that would decide."""

from __future__ import annotations

from dataclasses import replace

from perftui.analysis.deciding import MOST_RUNS, deciding_commands, runs_to_decide
from perftui.model.change import Certainty, ChangeVerdict, TotalChange
from perftui.model.session import RunSide
from tests.changes import change
from tests.storage.sessions import meta

BASE, CURRENT = meta(group="g", side=RunSide.BASE), meta(group="g", side=RunSide.CURRENT)
ALONE = meta(group="h")


def total(verdict: ChangeVerdict, more: int | None) -> TotalChange:
    return TotalChange(1.0, 1.0, verdict, Certainty(more_runs=more))


def test_both_sides_of_a_group_get_runs_by_turns_and_two_groups_each_their_own() -> None:
    assert deciding_commands(BASE, CURRENT, 7) == ("perftui ab --more 7 group:g",)
    assert deciding_commands(ALONE, replace(ALONE, group="i"), 2) == (
        "perftui record --more 2 group:h",
        "perftui record --more 2 group:i",
    )


def test_nothing_is_typed_for_single_sessions_nor_for_what_nobody_waits_for() -> None:
    assert deciding_commands(meta(), CURRENT, 7) == ()
    assert deciding_commands(BASE, ALONE, 7) == ()
    assert deciding_commands(BASE, CURRENT, None) == ()
    assert deciding_commands(BASE, CURRENT, MOST_RUNS + 1) == ()


def test_what_is_open_of_the_whole_comes_before_what_is_open_of_functions() -> None:
    doubtful = change("f", ChangeVerdict.INCONCLUSIVE, certainty=Certainty(more_runs=3))
    assert runs_to_decide([total(ChangeVerdict.INCONCLUSIVE, 9)], [doubtful]) == 9
    assert runs_to_decide([total(ChangeVerdict.SLOWER, None)], [doubtful]) == 3
    assert runs_to_decide([total(ChangeVerdict.WITHIN_NOISE, 9)], []) is None
