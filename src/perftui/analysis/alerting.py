"""When an alert fires, changes its level and clears: a state machine over the readings of one series."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite

from perftui.model.alert import AlertChange, AlertLevel, AlertRule, AlertStanding
from perftui.model.session import Event, EventKind
from perftui.units import format_seconds

CALM_READINGS = 3
"""So many readings in a row have to be calm before an alert steps down, so that it does not flutter at its limit."""
_ROUNDING_S = 1e-6
"""A hold that ends at the very reading has been held, whatever the last digit of the difference is."""
_LEVELS = (AlertLevel.WARN, AlertLevel.CRITICAL)
_MARK, _CARRIED = "=", "~"


class AlertMachine:
    """One alert: it grows worse as soon as a limit was exceeded for its hold, and eases after calm readings."""

    def __init__(self, rule: AlertRule) -> None:
        self.rule = rule
        self.level = AlertLevel.OK
        self.pressing = AlertLevel.OK
        """The level that the last reading itself speaks for: its limit is exceeded, or not yet left by the margin."""
        self.readings = 0
        """Readings that were judged."""
        self._read_s: float | None = None
        self._exceeded_s: dict[AlertLevel, float] = {}
        """Since when each limit is exceeded without a break."""
        self._since_s = 0.0
        self._calm: list[AlertLevel] = []
        """What the latest calm readings would still be."""

    def read(self, at_s: float, value: float | None, *, number: int = 1) -> AlertChange | None:
        """Judge a reading, and return what changed by it.

        What was not measured, and what is no newer than the reading before, says nothing.
        """
        if value is None or not isfinite(value) or (self._read_s is not None and at_s <= self._read_s):
            return None
        self._read_s = at_s
        self.readings += 1
        self.pressing = self._pressed(value)
        reached = self._reached(at_s, value)
        if reached.rank > self.level.rank:
            return self._change(reached, at_s, value, at_s - self._exceeded_s[reached], number)
        eased = self._eased(value)
        return None if eased is None else self._change(eased, at_s, value, at_s - self._since_s, number)

    def _reached(self, at_s: float, value: float) -> AlertLevel:
        """Return the worst level whose limit was exceeded for the hold."""
        reached = AlertLevel.OK
        for level in _LEVELS:
            limit = self.rule.limit(level)
            if limit is None or value <= limit:
                self._exceeded_s.pop(level, None)
                continue
            began_s = self._exceeded_s.setdefault(level, at_s)
            if at_s - began_s >= self.rule.for_s - _ROUNDING_S:
                reached = level
        return reached

    def move(self, by_s: float) -> None:
        """Go on with a clock that is so many seconds behind the one before; how long anything lasts stays true."""
        self._read_s = None if self._read_s is None else self._read_s - by_s
        self._since_s -= by_s
        self._exceeded_s = {level: at_s - by_s for level, at_s in self._exceeded_s.items()}

    @property
    def since_s(self) -> float:
        """When it came to its level; below 0 where that was before the clock began."""
        return self._since_s

    def _pressed(self, value: float) -> AlertLevel:
        """Return the worst level whose limit a reading exceeds, or is too close to where the alert stands at it."""
        pressed = AlertLevel.OK
        for level in _LEVELS:
            limit = self.rule.limit(level)
            margin = self.rule.margin if level.rank <= self.level.rank else 0.0
            if limit is not None and value > limit - margin:
                pressed = level
        return pressed

    def _eased(self, value: float) -> AlertLevel | None:
        """Return the level to step down to, once enough readings were calm."""
        still = AlertLevel.OK
        for level in _LEVELS:
            limit = self.rule.limit(level)
            if limit is not None and value > limit - self.rule.margin:
                still = level
        if still.rank >= self.level.rank:
            self._calm.clear()
            return None
        self._calm.append(still)
        if len(self._calm) < CALM_READINGS:
            return None
        return max(self._calm, key=lambda level: level.rank)

    def _change(self, level: AlertLevel, at_s: float, value: float, lasted_s: float, number: int) -> AlertChange:
        before, self.level, self._since_s = self.level, level, at_s
        self._calm.clear()
        return AlertChange(self.rule, number, at_s, value, level, before, lasted_s)


def event_of(change: AlertChange) -> Event:
    """Return a change as an event; its subject tells `standings` the level."""
    return Event(change.at_s, EventKind.ALERT, change.text, f"{change.rule.subject}{_MARK}{change.level.value}")


def level_of(event: Event) -> AlertLevel | None:
    """Return the level that an alert changed to, by its event; None for an event of anything else."""
    _, mark, word = event.subject.removesuffix(_CARRIED).rpartition(_MARK)
    if event.kind is not EventKind.ALERT or not mark:
        return None
    return next((level for level in AlertLevel if level.value == word), None)


def carried(rule: AlertRule, level: AlertLevel, lasted_s: float) -> Event:
    """Return that an alert stands at a level since before the beginning, as the first event of a part of a watch."""
    text = f"{rule.label} still {level.value.upper()} when this part began, for {format_seconds(lasted_s)} by then"
    return Event(0.0, EventKind.ALERT, text, f"{rule.subject}{_MARK}{level.value}{_CARRIED}")


def is_carried(event: Event) -> bool:
    """Say whether an event only tells a new part of a watch how an alert stands."""
    return event.kind is EventKind.ALERT and event.subject.endswith(_CARRIED)


def let_go(rule: AlertRule, level: AlertLevel, at_s: float) -> Event:
    """Return that an alert that stood at a level is watched no longer, because an edit changed it or took it away."""
    text = f"{rule.label} no longer {level.value.upper()}: an edit of the budget changed this alert, or took it away"
    return Event(at_s, EventKind.ALERT, text, f"{rule.subject}{_MARK}{AlertLevel.OK.value}")


def standings(events: Iterable[Event]) -> list[AlertStanding]:
    """Return how each alert stands that has fired, by the events of a session."""
    found: dict[str, AlertStanding] = {}
    for event in sorted(events, key=lambda event: event.at_s):
        level = level_of(event)
        if level is None:
            continue
        series = event.subject.rpartition(_MARK)[0].removeprefix("alerts.")
        before = found.get(series, AlertStanding(series, AlertLevel.OK, 0.0, 0))
        # It fired in the part before.
        worse = level.rank > before.level.rank and not event.subject.endswith(_CARRIED)
        found[series] = AlertStanding(series, level, event.at_s, before.fired + worse)
    return list(found.values())
