"""The alerts of a recording: every reading is held against them once, and what changes becomes an event."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from perftui.analysis.alerting import AlertMachine, event_of
from perftui.budgets.spec import WALL
from perftui.model.alert import AlertChange, AlertRule
from perftui.model.reading import METER_BY_METRIC, ResourceReading
from perftui.model.session import Event, EventKind


class AlertDesk:
    """Judges what is read; it belongs to the recording's control thread."""

    def __init__(self, rules: Iterable[AlertRule], *, log: Callable[[Event], None]) -> None:
        """Begin calm; `log` takes what is to stand in the session."""
        self._machines = [AlertMachine(rule) for rule in rules]
        self._log = log
        self._changes = 0

    def reload(self, rules: Iterable[AlertRule]) -> None:
        """Go on with other rules; alerts that are as before stand as they stood."""
        kept = {machine.rule: machine for machine in self._machines}
        self._machines = [kept.get(rule) or AlertMachine(rule) for rule in rules]

    def reading(self, reading: ResourceReading) -> list[AlertChange]:
        """Judge the meters; return what changed."""
        found = []
        for machine in self._machines:
            metric = machine.rule.metric
            if metric in METER_BY_METRIC:
                found += self._judge(machine, reading.at_s, getattr(reading, metric))
            elif metric == WALL:
                found += self._judge(machine, reading.at_s, reading.at_s)
        return found

    def value(self, series: str, at_s: float, value: float) -> list[AlertChange]:
        """Judge a value of a series that is no meter; return what changed."""
        return [
            change
            for machine in self._machines
            if machine.rule.metric == series
            for change in self._judge(machine, at_s, value)
        ]

    def finish(self, at_s: float) -> None:
        """Say which alerts watched over nothing."""
        for machine in self._machines:
            if not machine.readings:
                text = f"alert of {machine.rule.label}: nothing measured it, so it was not judged"
                self._log(Event(at_s, EventKind.ALERT, text, machine.rule.subject))

    def _judge(self, machine: AlertMachine, at_s: float, value: float | None) -> list[AlertChange]:
        change = machine.read(at_s, value, number=self._changes + 1)
        if change is None:
            return []
        self._changes += 1
        self._log(event_of(change))
        return [change]
