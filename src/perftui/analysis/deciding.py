"""What a person types to have the runs that would decide."""

from __future__ import annotations

from collections.abc import Sequence

from perftui.model.change import ChangeVerdict, FunctionChange, TotalChange
from perftui.model.session import RunSide, SessionMeta

MOST_RUNS = 200
"""Nobody waits for more."""


def deciding_commands(baseline: SessionMeta, current: SessionMeta, runs: int | None) -> tuple[str, ...]:
    """Return the commands that give both sides so many more runs: one where they were recorded by turns, or two.

    None where a side is no group, where nothing would decide, and where it would take more than anybody waits for.
    """
    if runs is None or not 0 < runs <= MOST_RUNS or not (baseline.group and current.group):
        return ()
    if baseline.group == current.group:
        return (f"perftui ab --more {runs} group:{current.group}",)
    if RunSide.NONE is baseline.side is current.side:
        return tuple(f"perftui record --more {runs} group:{meta.group}" for meta in (baseline, current))
    return ()


def runs_to_decide(totals: Sequence[TotalChange], changes: Sequence[FunctionChange]) -> int | None:
    """Return how many more runs a side the whole takes, or where that is decided, what is most doubtful below it."""
    open_totals = (total for total in totals if total.verdict is ChangeVerdict.INCONCLUSIVE)
    asked = [total.certainty.more_runs for total in open_totals]
    asked += [change.certainty.more_runs for change in changes]
    return next((runs for runs in asked if runs), None)
