"""An alert over a series: it fires after its hold, once for each crossing, and clears when it is calm."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.alerting import CALM_READINGS, AlertMachine, event_of, level_of, standings
from perftui.model.alert import ActionKind as Kind
from perftui.model.alert import AlertAction, AlertChange, AlertLevel, AlertRule
from perftui.model.session import Event, EventKind
from perftui.units import Unit

OK, WARN, CRITICAL = AlertLevel.OK, AlertLevel.WARN, AlertLevel.CRITICAL
CPU = AlertRule("cpu", "cpu_percent", Unit.PERCENT, 70.0, 90.0)
VALUES = st.lists(st.one_of(st.none(), st.floats(0, 120)), max_size=60)
RULES = st.builds(
    lambda low, high, hold, margin: replace(CPU, warn=low, critical=high, for_s=hold, margin=margin),
    st.one_of(st.none(), st.floats(20, 60)),
    st.floats(61, 100),
    st.sampled_from([0.0, 1.0, 3.0, 7.5]),
    st.sampled_from([0.0, 5.0]),
)


def read(rule: AlertRule, values: list[float | None]) -> list[AlertChange]:
    """One reading a second."""
    machine = AlertMachine(rule)
    changes = [machine.read(float(i), value, number=i + 1) for i, value in enumerate(values)]
    return [change for change in changes if change is not None]


def levels(rule: AlertRule, *values: float | None) -> list[tuple[float, AlertLevel]]:
    return [(change.at_s, change.level) for change in read(rule, list(values))]


def test_it_grows_worse_at_once_and_eases_after_three_calm_readings() -> None:
    assert levels(CPU, 50, 75, 95, 80, 80, 80, 60, 60, 60) == [(1, WARN), (2, CRITICAL), (5, WARN), (8, OK)]
    assert levels(CPU, 95, 60, 80, 60, 95, 60, 60, 60) == [(0, CRITICAL), (3, WARN), (4, CRITICAL), (7, OK)]


def test_exactly_at_a_limit_is_not_above_it() -> None:
    assert levels(CPU, 70, 70, 70) == []


def test_a_hold_is_exceeded_without_a_break() -> None:
    held = replace(CPU, for_s=2.0)
    assert levels(held, 80, 80, 60, 80, 80, 80) == [(5, WARN)]
    assert levels(held, 80, 95, 95, 95) == [(2, WARN), (3, CRITICAL)]


def test_within_the_margin_nothing_is_calm() -> None:
    assert levels(replace(CPU, margin=10.0), 75, 65, 65, 65, 65) == [(0, WARN)]
    assert levels(replace(CPU, margin=10.0), 75, 60, 60, 60) == [(0, WARN), (3, OK)]


def test_what_was_not_measured_or_is_not_newer_says_nothing() -> None:
    assert levels(replace(CPU, for_s=2.0), 80, None, 80) == [(2, WARN)]
    machine = AlertMachine(CPU)
    assert machine.read(5.0, 95.0) is not None
    assert [machine.read(at_s, 10.0) for at_s in (5.0, 4.0, 5.0, 3.0)] == [None] * 4
    assert machine.read(6.0, float("nan")) is None
    assert machine.readings == 1


@given(RULES, VALUES)
def test_it_never_fires_before_the_hold(rule: AlertRule, values: list[float | None]) -> None:
    for change in read(rule, values):
        if change.worse:
            limit = rule.limit(change.level)
            began = int(change.at_s - change.lasted_s)
            window = [value for value in values[began : int(change.at_s) + 1] if value is not None]
            assert limit is not None
            assert change.lasted_s >= rule.for_s
            assert min(window) > limit


@given(RULES, VALUES)
def test_it_fires_once_a_crossing_and_clears_only_when_it_fired(rule: AlertRule, values: list[float | None]) -> None:
    changes = read(rule, values)
    assert all(after.before is before.level for before, after in pairwise(changes))
    assert all(change.level is not change.before for change in changes)
    for before, after in pairwise(changes):
        if not after.worse:
            assert (
                len([v for v in values[int(before.at_s) + 1 : int(after.at_s) + 1] if v is not None]) >= CALM_READINGS
            )


@given(RULES, VALUES)
def test_it_clears_however_bad_it_was(rule: AlertRule, values: list[float | None]) -> None:
    changes = read(rule, [*values, *[0.0] * 2 * CALM_READINGS])
    assert not changes or changes[-1].level is OK


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([95.0], "CPU CRITICAL: 95.0 % > 90.0 % · add workers"),
        ([95.0, 10, 10, 10], "CPU clear: 10.0 %, after 3.00 s critical"),
        ([95.0, 80, 80, 80], "CPU back to warn: 80.0 %, after 3.00 s critical"),
    ],
)
def test_a_change_says_what_happened(values: list[float | None], text: str) -> None:
    advised = replace(CPU, critical_actions=(AlertAction(Kind.TEXT, "add workers"),))
    assert read(advised, values)[-1].text == text


def test_the_events_of_a_session_tell_how_its_alerts_stand() -> None:
    changes = read(CPU, [95, 60, 60, 60, 75])
    noise = [
        Event(1.0, EventKind.BREACH, "b", "x=warn"),
        Event(9.0, EventKind.ALERT, "run: exit code 1", "alerts.cpu"),
        Event(9.5, EventKind.ALERT, "of a level that nobody knows", "alerts.cpu=purple"),
    ]
    assert [level_of(event) for event in noise] == [None, None, None]
    (standing,) = standings([*noise, *map(event_of, reversed(changes))])
    assert (standing.series, standing.level, standing.since_s, standing.fired) == ("cpu", WARN, 4.0, 2)
