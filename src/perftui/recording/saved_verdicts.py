"""What a budget says of saved sessions: the code that judges live, over one run or over several of one workload."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from perftui.analysis.aggregate import Aggregate
from perftui.analysis.measures import KEPT_READINGS, Measures
from perftui.analysis.metric_values import KEPT_VALUES
from perftui.budgets.evaluate import Evaluator, about_sides
from perftui.budgets.several_runs import over_runs
from perftui.budgets.spec import Budget
from perftui.model.run_figures import RunFigures
from perftui.model.verdict import RuleVerdict
from perftui.recording.derived_series import derived_again
from perftui.recording.saved_sums import delta_of_saved, heap_of_saved
from perftui.storage.session_file import SavedSession
from perftui.units import Unit


def judge_saved(
    sessions: Sequence[SavedSession],
    budget: Budget,
    *,
    current: RunFigures | None = None,
    baseline: RunFigures | None = None,
) -> list[RuleVerdict]:
    """Return the verdicts of one session, or of several runs together, in the order of the budget.

    Args:
        sessions: At least one. Of several, each limit of a run's own figures has the verdict of the run in the middle.
        budget: What they are held against.
        current: The same runs reduced to figures: what rules about operations and changes are held against.
        baseline: What rules about changes are held against.

    Raises:
        SessionError: A part of a session that is needed is damaged.
    """
    runs = [_of_one(session, budget, current, baseline) for session in sessions]
    return over_runs(runs)


def judge_figures(budget: Budget, current: RunFigures, *, baseline: RunFigures | None = None) -> list[RuleVerdict]:
    """Return the verdicts on figures of which there is no session, as in a baseline that was kept as a file."""
    measures = Measures()
    measures.current = current
    return Evaluator(about_sides(budget), baseline=baseline).update(measures, 0.0, final=True)


def _of_one(
    saved: SavedSession, budget: Budget, current: RunFigures | None, baseline: RunFigures | None
) -> list[RuleVerdict]:
    aggregate = Aggregate(Unit(saved.meta.unit))
    measures = Measures(aggregate.tree)
    measures.memory_apart = saved.meta.two_pass
    evaluator = Evaluator(budget, baseline=baseline)
    duration_s = saved.meta.duration_s
    for at_s in chain(_taken(saved, measures), _derived(saved, measures, budget)):
        evaluator.update(measures, min(at_s, duration_s))
    aggregate.apply(delta_of_saved(saved))
    measures.heap = heap_of_saved(saved)
    measures.captures, measures.timelines = saved.captures, saved.timelines
    measures.wall_s, measures.current = duration_s, current
    return [_as_seen(verdict, saved) for verdict in evaluator.update(measures, duration_s, final=True)]


def _taken(saved: SavedSession, measures: Measures) -> Iterator[float]:
    """Give the readings to measures, and yield where their judges have to look before the oldest ones are gone."""
    for number, reading in enumerate(saved.readings, start=1):
        measures.reading(reading)
        if number % KEPT_READINGS == 0:
            yield reading.at_s


def _derived(saved: SavedSession, measures: Measures, budget: Budget) -> Iterator[float]:
    """Give derived series to measures in the same way; they are made anew, for the budget may be another one now."""
    for number, values in enumerate(derived_again(saved, budget), start=1):
        measures.metrics.take(values)
        if number % KEPT_VALUES == 0:
            yield values.at_s


def _as_seen(verdict: RuleVerdict, saved: SavedSession) -> RuleVerdict:
    """Return the verdict that was given live where it is the same: it knows when a limit was first broken."""
    before = next((known for known in saved.verdicts if known.rule == verdict.rule), None)
    same = before is not None and _told(before) == _told(verdict) and before.held_against == verdict.held_against
    return before if same and before is not None else verdict


def _told(verdict: RuleVerdict) -> tuple[object, ...]:
    return verdict.verdict, verdict.current, verdict.warn, verdict.fail, verdict.unit
