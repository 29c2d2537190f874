"""An alert: the levels of a series at which somebody wants to be told, what is done then, and that it happened."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from perftui.model.reading import METER_BY_METRIC
from perftui.units import Unit, format_seconds, format_value


class AlertLevel(Enum):
    """How bad a series stands."""

    OK = "ok"
    WARN = "warn"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Order by weight: 0 is calm."""
        return _RANKS[self]


_RANKS = {AlertLevel.OK: 0, AlertLevel.WARN: 1, AlertLevel.CRITICAL: 2}


class ActionKind(Enum):
    """What an alert can do."""

    NOTIFY = "notify"
    """A notice on the screen."""
    BELL = "bell"
    """The terminal's bell."""
    RUN = "run"
    """A command; the argument is it."""
    WEBHOOK = "webhook"
    """A POST; the argument is the address."""
    SNAPSHOT = "snapshot"
    """The stacks of all threads, into the session."""
    STOP = "stop"
    """The end of a workload that was launched."""
    TEXT = "text"
    """Nothing: the argument is advice to whoever reads of the alert."""


@dataclass(frozen=True, slots=True)
class AlertAction:
    """One thing that is done when an alert changes its level."""

    kind: ActionKind
    argument: str = ""


NOTIFY = AlertAction(ActionKind.NOTIFY)


@dataclass(frozen=True, slots=True)
class AlertRule:
    """The levels of one series; it gives no verdict."""

    series: str
    """As it was written: the name of the alert."""
    metric: str
    """What is read: the metric of a meter where `series` is a name of one, otherwise the same."""
    unit: Unit
    warn: float | None
    """Above it is a warning; exactly there is not."""
    critical: float | None
    for_s: float = 0.0
    """How long a limit has to be exceeded without a break."""
    margin: float = 0.0
    """So far below a limit a reading has to be before it is called calm."""
    warn_actions: tuple[AlertAction, ...] = (NOTIFY,)
    critical_actions: tuple[AlertAction, ...] = (NOTIFY,)
    clear_actions: tuple[AlertAction, ...] = (NOTIFY,)
    reason: str = ""
    usual: bool = False
    """It comes from the table of defaults: where nothing measures its series, nobody needs to hear of that."""

    @property
    def label(self) -> str:
        """Name of the series for a person."""
        return METER_BY_METRIC[self.metric].label if self.metric in METER_BY_METRIC else self.series

    @property
    def subject(self) -> str:
        """As the file names it: `alerts.cpu_percent`."""
        return f"alerts.{self.series}"

    def limit(self, level: AlertLevel) -> float | None:
        """Return what a reading has to exceed for a level, None where there is no such level."""
        return {AlertLevel.WARN: self.warn, AlertLevel.CRITICAL: self.critical}.get(level)


@dataclass(frozen=True, slots=True)
class AlertChange:
    """An alert that fired, changed its level, or cleared."""

    rule: AlertRule
    number: int
    """From 1, in the order in which alerts of a recording changed."""
    at_s: float
    value: float
    """The reading that decided."""
    level: AlertLevel
    before: AlertLevel
    lasted_s: float
    """How long the limit was exceeded when it grew worse; how long the level before held when it eased."""

    @property
    def worse(self) -> bool:
        """Whether it stands worse than before."""
        return self.level.rank > self.before.rank

    @property
    def limit(self) -> float | None:
        """The limit that was crossed: that of the worse one of both levels."""
        return self.rule.limit(self.level if self.worse else self.before)

    @property
    def actions(self) -> tuple[AlertAction, ...]:
        """What is to be done; a critical alert that eases to a warning asks for nothing but to be told."""
        if self.level is AlertLevel.OK:
            return self.rule.clear_actions
        if not self.worse:
            return tuple(action for action in self.rule.warn_actions if action.kind is ActionKind.NOTIFY)
        return self.rule.warn_actions if self.level is AlertLevel.WARN else self.rule.critical_actions

    @property
    def text(self) -> str:
        """What happened, in a sentence, with the advice of the rule."""
        value = format_value(self.value, self.rule.unit)
        limit = "" if self.limit is None else format_value(self.limit, self.rule.unit)
        if self.worse:
            held = f" for {format_seconds(self.lasted_s)}" if self.rule.for_s else ""
            said = f"{self.rule.label} {self.level.value.upper()}: {value} > {limit}{held}"
        else:
            back = "clear" if self.level is AlertLevel.OK else f"back to {self.level.value}"
            said = f"{self.rule.label} {back}: {value}, after {format_seconds(self.lasted_s)} {self.before.value}"
        advice = [action.argument for action in self.actions if action.kind is ActionKind.TEXT]
        return " · ".join([said, *advice])


@dataclass(frozen=True, slots=True)
class AlertStanding:
    """How an alert stands, or stood when the recording ended."""

    series: str
    level: AlertLevel
    since_s: float
    """When it came to that level."""
    fired: int
    """How often it grew worse."""
