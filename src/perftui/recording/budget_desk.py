"""The budget of a recording: held against what is known, again and again, while its file may be edited."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from perftui.budgets.evaluate import Evaluator
from perftui.budgets.spec import Budget
from perftui.budgets.watch import BudgetFile
from perftui.model.session import Event, EventKind
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.recording.live_figures import LiveFigures
from perftui.recording.plan import RecordingPlan
from perftui.recording.session_model import SessionModel
from perftui.sources.base import SourceState, SourceStatus

_BUDGET = "budget"
_BREACHES = (Verdict.WARN, Verdict.FAIL)


class BudgetDesk:
    """Judges a session while it is made; it belongs to the recording's control thread."""

    def __init__(
        self,
        budget: Budget,
        plan: RecordingPlan,
        *,
        reloaded: Callable[[Budget], None],
        file: BudgetFile | None = None,
    ) -> None:
        """Begin without verdicts; `reloaded` is told of every edit of the `file` that can be read."""
        self.budget = budget
        """What holds now."""
        self.file = file or (BudgetFile(plan.budget_path) if plan.budget_path else None)
        self._evaluator = Evaluator(budget, baseline=plan.held_against)
        self._figures = LiveFigures(budget)
        self._reloaded = reloaded

    def judge(self, model: SessionModel, elapsed_s: float, *, final: bool) -> tuple[RuleVerdict, ...]:
        """Return the verdicts over what is known of a session now."""
        model.catch_up()
        compares = self._evaluator.baseline is not None
        current = self._figures.of(model, elapsed_s, final=final, compares=compares)
        model.measures.wall_s, model.measures.current = elapsed_s, current
        return tuple(self._evaluator.update(model.measures, at_s=elapsed_s, final=final))

    def reload(self) -> SourceStatus | None:
        """Take over an edit of the file; a broken one leaves the limits as they were, and says so."""
        file = self.file
        if file is None or not file.changed():
            return None
        if file.error:
            return SourceStatus(_BUDGET, SourceState.DEGRADED, file.error, file.hint)
        self.budget = file.budget
        self._evaluator.reload(file.budget)
        self._figures.reload(file.budget)
        self._reloaded(file.budget)
        return SourceStatus(_BUDGET, SourceState.RUNNING)


def breaches(verdicts: Iterable[RuleVerdict], before: Sequence[RuleVerdict], elapsed_s: float) -> list[Event]:
    """Return an event for each rule that was not broken so before."""
    known = {verdict.rule: verdict.verdict for verdict in before}
    return [
        Event(
            elapsed_s if verdict.breached_at_s is None else verdict.breached_at_s,
            EventKind.BREACH,
            f"{verdict.subject}: {verdict.verdict.value}",
            verdict.rule,
        )
        for verdict in verdicts
        if verdict.verdict in _BREACHES and known.get(verdict.rule) is not verdict.verdict
    ]


def budget_desk_of(
    plan: RecordingPlan, before: BudgetDesk | None, *, reloaded: Callable[[Budget], None]
) -> BudgetDesk | None:
    """Return the desk of a recording that has a budget; that of the part `before` says what holds by now."""
    if before is not None:
        return BudgetDesk(before.budget, plan, reloaded=reloaded, file=before.file)
    return BudgetDesk(plan.budget, plan, reloaded=reloaded) if plan.budget is not None else None
