"""The alerts of a recording: every reading is held against them once, and what changes becomes an event."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from perftui.analysis.alerting import AlertMachine, carried, event_of, let_go
from perftui.analysis.pacing import worst
from perftui.budgets.spec import WALL
from perftui.model.alert import AlertChange, AlertLevel, AlertRule
from perftui.model.derivation import DERIVED
from perftui.model.reading import METER_BY_METRIC, ResourceReading
from perftui.model.series import SeriesKind, SeriesValues
from perftui.model.session import Event, EventKind, SessionMeta
from perftui.recording.alert_actions import LAST_ACTIONS_S, AlertActions
from perftui.recording.plan import RecordingPlan


class AlertDesk:
    """Judges what is read; it belongs to the recording's control thread."""

    def __init__(
        self,
        rules: Iterable[AlertRule],
        *,
        log: Callable[[Event], None],
        actions: AlertActions,
        usual: Iterable[AlertRule] = (),
    ) -> None:
        """Begin calm; `log` takes what is to stand in the session, `usual` holds for series that no rule is about."""
        self._usual = tuple(usual)
        self._machines = [AlertMachine(rule) for rule in self._with_usual(rules)]
        self.log = log
        self._actions = actions
        self._changes = 0

    def reload(self, rules: Iterable[AlertRule], at_s: float) -> None:
        """Go on with other rules from a moment on; alerts that are as before stand as they stood, others begin calm."""
        kept = {machine.rule: machine for machine in self._machines}
        wanted = self._with_usual(rules)
        self._machines = [kept.pop(rule) if rule in kept else AlertMachine(rule) for rule in wanted]
        for machine in kept.values():
            if machine.level is not AlertLevel.OK:
                self.log(let_go(machine.rule, machine.level, at_s))

    def move(self, by_s: float, log: Callable[[Event], None]) -> None:
        """Go on in another session, whose clock is so many seconds behind; what stands is said there first."""
        self.log = log
        self._actions.begin_anew()
        for machine in self._machines:
            machine.move(by_s)
            if machine.level is not AlertLevel.OK:
                log(carried(machine.rule, machine.level, -machine.since_s))

    @property
    def pressing(self) -> AlertLevel:
        """The worst level that the last reading of any series speaks for."""
        return worst(*(machine.pressing for machine in self._machines))

    @property
    def standing(self) -> AlertLevel:
        """The worst level that any alert stands at."""
        return worst(*(machine.level for machine in self._machines))

    @property
    def worst(self) -> tuple[AlertRule, AlertLevel, float] | None:
        """The alert that stands worst with its level and since when; None where all is calm."""
        machine = max(self._machines, key=lambda machine: machine.level.rank, default=None)
        if machine is None or machine.level is AlertLevel.OK:
            return None
        return machine.rule, machine.level, machine.since_s

    def reading(self, reading: ResourceReading, meta: SessionMeta) -> list[AlertChange]:
        """Judge the meters; return what changed."""
        found = []
        for machine in self._machines:
            metric = machine.rule.metric
            if metric in METER_BY_METRIC:
                found += self._judge(machine, reading.at_s, getattr(reading, metric), meta)
            elif metric == WALL:
                found += self._judge(machine, reading.at_s, reading.at_s, meta)
        return found

    def value(self, series: str, at_s: float, value: float, meta: SessionMeta) -> list[AlertChange]:
        """Judge a value of a series that is no meter; return what changed."""
        return [
            change
            for machine in self._machines
            if machine.rule.metric == series
            for change in self._judge(machine, at_s, value, meta)
        ]

    def series(self, values: SeriesValues, meta: SessionMeta) -> list[AlertChange]:
        """Judge application metrics; a name without labels stands for the greatest of its series.

        Where a derived one has the name, it is meant.
        """
        asked = {machine.rule.metric for machine in self._machines}
        found: dict[str, float] = {}
        derived = {series.name: value for series, value in values.values if series.origin == DERIVED}
        for series, value in values.values:
            if series.name in derived:
                found |= {name: derived[name] for name in {series.name} & asked}
            elif series.kind is not SeriesKind.BUCKET:
                for name in {series.name, series.text} & asked:
                    found[name] = max(value, found.get(name, value))
        return [change for name, value in found.items() for change in self.value(name, values.at_s, value, meta)]

    def report(self, at_s: float) -> None:
        """Log what has been done about alerts since it was asked last."""
        for event in self._actions.report(at_s):
            self.log(event)

    def close(self) -> None:
        """End what is still done about alerts."""
        self._actions.close()

    def finish(self, at_s: float, hurried: Callable[[], bool]) -> None:
        """Let what is still done about alerts come to its end, and say which alerts watched over nothing.

        Args:
            at_s: When the run ended.
            hurried: Tells whether somebody waits for the end.
        """
        self._actions.wait(LAST_ACTIONS_S, hurried)
        self.close()
        self.report(at_s)
        for machine in self._machines:
            if not machine.readings and not machine.rule.usual:
                text = f"alert of {machine.rule.label}: nothing measured it, so it was not judged"
                self.log(Event(at_s, EventKind.ALERT, text, machine.rule.subject))

    def _with_usual(self, rules: Iterable[AlertRule]) -> list[AlertRule]:
        found = list(rules)
        stated = {rule.metric for rule in found}
        return [*found, *(rule for rule in self._usual if rule.metric not in stated)]

    def _judge(self, machine: AlertMachine, at_s: float, value: float | None, meta: SessionMeta) -> list[AlertChange]:
        change = machine.read(at_s, value, number=self._changes + 1)
        if change is None:
            return []
        self._changes += 1
        self.log(event_of(change))
        self._actions.carry_out(change, meta)
        return [change]


def desk_of(plan: RecordingPlan, *, log: Callable[[Event], None], stop: Callable[[], None]) -> AlertDesk:
    """Return the desk of a recording; `stop` asks for its end."""

    def end_workload() -> str:
        if plan.workload is None:
            return "the process was attached to, so it is left alone"
        if plan.keep_target:
            return "the workload is to be kept, so it is left alone"
        stop()
        return "the workload is ended"

    rules = plan.budget.alerts if plan.budget else ()
    return AlertDesk(rules, log=log, actions=AlertActions(stop=end_workload), usual=plan.usual_alerts)
