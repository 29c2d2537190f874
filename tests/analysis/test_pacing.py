"""How often is looked: oftener at once, seldomer after three calm readings, never slower than an alert asks for."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.alerting import AlertMachine
from perftui.analysis.pacing import PaceMachine, worst
from perftui.model.alert import AlertLevel, AlertRule
from perftui.units import Unit

OK, WARN, CRITICAL = AlertLevel.OK, AlertLevel.WARN, AlertLevel.CRITICAL
CPU = AlertRule("cpu", "cpu_percent", Unit.PERCENT, 70.0, 90.0)
LEVELS = st.sampled_from(list(AlertLevel))
VALUES = st.lists(st.one_of(st.none(), st.floats(0, 120)), max_size=60)


def paced(*levels: AlertLevel) -> list[AlertLevel]:
    pace = PaceMachine()
    return [pace.read(level, OK) for level in levels]


def test_it_follows_what_is_worse_at_once_and_what_is_calm_after_three_readings() -> None:
    assert paced(OK, CRITICAL, WARN, OK, WARN, OK) == [OK, CRITICAL, CRITICAL, CRITICAL, WARN, WARN]
    assert paced(CRITICAL, OK, OK, CRITICAL, OK, OK, OK) == [CRITICAL] * 6 + [OK]


def test_a_watch_begins_close_and_steps_back_when_all_is_calm() -> None:
    pace = PaceMachine(CRITICAL)
    assert [pace.read(OK, OK) for _ in range(4)] == [CRITICAL, CRITICAL, OK, OK]


def test_a_limit_counts_before_its_hold_is_over() -> None:
    machine, pace = AlertMachine(replace(CPU, for_s=60.0)), PaceMachine()
    machine.read(0.0, 95.0)
    assert machine.level is OK
    assert pace.read(machine.pressing, machine.level) is CRITICAL


@given(st.lists(LEVELS, max_size=40))
def test_it_is_never_calmer_than_the_reading_and_eases_to_what_three_in_a_row_allow(levels: list[AlertLevel]) -> None:
    pace, before = PaceMachine(), OK
    for i, level in enumerate(levels):
        now = pace.read(level, OK)
        assert now.rank >= level.rank
        if now.rank < before.rank:
            assert now is worst(*levels[i - 2 : i + 1])
            assert i >= 2
        before = now


@given(VALUES, st.sampled_from([0.0, 2.0, 5.0]), st.sampled_from([0.0, 5.0]))
def test_it_is_never_calmer_than_an_alert_stands(values: list[float | None], hold_s: float, margin: float) -> None:
    machine, pace = AlertMachine(replace(CPU, for_s=hold_s, margin=margin)), PaceMachine()
    for i, value in enumerate(values):
        machine.read(float(i), value)
        assert pace.read(machine.pressing, machine.level).rank >= machine.level.rank


@given(VALUES, st.integers(0, 59), st.floats(0.5, 1e5), st.sampled_from([0.0, 2.0, 5.0]))
def test_an_alert_on_a_clock_that_was_moved_changes_as_it_would_have(
    values: list[float | None], cut: int, by_s: float, hold_s: float
) -> None:
    rule = replace(CPU, for_s=hold_s, margin=3.0)
    whole, parted = AlertMachine(rule), AlertMachine(rule)
    for i, value in enumerate(values):
        moved_s = by_s if i >= cut else 0.0
        if i == cut:
            parted.move(by_s)
        one, other = whole.read(float(i), value), parted.read(i - moved_s, value)
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            assert (one.level, one.before) == (other.level, other.before)
            assert abs(one.lasted_s - other.lasted_s) < 1e-6
