"""A run that still lasts, reduced to what rules about operations and changes are held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perftui.budgets.sides import named_functions
from perftui.budgets.spec import Budget
from perftui.model.run_figures import RunFigures

if TYPE_CHECKING:
    from perftui.model.operation import Operation
    from perftui.recording.session_model import SessionModel

EVERY_S = 5.0
"""Functions are counted so often while a run lasts: one run warns at the most, whenever it is looked at."""


class LiveFigures:
    """The figures of one run; reduced anew only where something new is to be judged."""

    def __init__(self, budget: Budget) -> None:
        self._named = named_functions(budget)
        self._asked = bool(budget.rules or budget.goals)
        self._operations: tuple[Operation, ...] = ()
        self._next_s = 0.0
        self._figures: RunFigures | None = None

    def reload(self, budget: Budget) -> None:
        """Go on for another budget."""
        self._named = named_functions(budget)
        self._asked = bool(budget.rules or budget.goals)
        self._next_s = 0.0

    def of(self, model: SessionModel, at_s: float, *, final: bool, compares: bool) -> RunFigures | None:
        """Return the figures of a model as they are now; None while nothing is known that needs them.

        Args:
            model: What was seen of the run, caught up.
            at_s: How long it has lasted.
            final: It has ended.
            compares: There is a baseline, so that functions are held against something.
        """
        due = bool(self._named) and compares and (final or at_s >= self._next_s)
        if self._asked and (due or model.operations is not self._operations or (final and model.operations)):
            # Reducing takes a while to load, and most budgets are about one run alone.
            from perftui.recording.run_figures import figures_of_model  # noqa: PLC0415

            self._operations, self._next_s = model.operations, at_s + EVERY_S
            # How samples vary from second to second takes a look at each of them: once, when all are there.
            order = model.order if final and compares else None
            self._figures = figures_of_model(model, named=self._named, order=order)
        return self._figures
