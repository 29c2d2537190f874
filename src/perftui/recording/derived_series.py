"""Series that a budget makes from others, while they come and again over a saved session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from perftui.analysis.derivations import Derivations
from perftui.budgets.spec import Budget
from perftui.model.derivation import DERIVED
from perftui.model.reading import ResourceReading
from perftui.model.series import SeriesValues
from perftui.model.session import Event, EventKind
from perftui.storage.session_file import SavedSession


class DerivedSeries:
    """What a recording derives; `keep` takes everything that is to be stored, shown and judged."""

    def __init__(self, budget: Budget | None, *, keep: Callable[[SeriesValues], None], begins: bool) -> None:
        """Derive what a budget asks for; the workload `begins` with the first part of a watch alone."""
        self._derivations = Derivations(budget.derivations if budget else (), begins=begins)
        self._keep = keep

    def reload(self, budget: Budget) -> None:
        """Go on with what an edited budget asks for."""
        self._derivations.reload(budget.derivations)

    def take(self, values: SeriesValues) -> None:
        """Keep values of series, and what they lead to as of the same moment."""
        made = self._derivations.take(values)
        self._keep(values if made is None else replace(values, values=values.values + made.values))

    def reading(self, reading: ResourceReading) -> None:
        """Keep what a look at the meters leads to."""
        made = self._derivations.reading(reading)
        if made is not None:
            self._keep(made)

    def event(self, event: Event) -> None:
        """Take note of marks."""
        if event.kind is EventKind.MARK:
            self._derivations.mark(event.text)


def derived_again(saved: SavedSession, budget: Budget) -> Iterator[SeriesValues]:
    """Yield the application metrics of a saved session with what a budget makes of them now."""
    if not budget.derivations:
        return
    found: list[SeriesValues] = []
    derived = DerivedSeries(budget, keep=found.append, begins=saved.meta.part <= 1)
    # What came late was late for the judges, too: the same order has the same verdicts.
    for seen in saved.metered():
        match seen:
            case SeriesValues():
                told = tuple((series, value) for series, value in seen.values if series.origin != DERIVED)
                if told:
                    derived.take(replace(seen, values=told))
            case ResourceReading():
                derived.reading(seen)
            case Event():
                derived.event(seen)
        yield from found
        found.clear()
