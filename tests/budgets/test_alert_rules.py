"""What `[alerts]` may say, and what it means."""

from __future__ import annotations

import pytest

from perftui.budgets.load import parse_budget
from perftui.errors import ConfigError
from perftui.model.alert import NOTIFY, ActionKind, AlertAction, AlertRule

STOP, SNAPSHOT = AlertAction(ActionKind.STOP), AlertAction(ActionKind.SNAPSHOT)


def alert(lines: str, name: str = "cpu") -> AlertRule:
    (rule,) = parse_budget(f"[alerts.{name}]\n{lines}\n").alerts
    return rule


def test_an_alert_without_actions_is_told_on_the_screen() -> None:
    rule = alert("warn = 70")
    assert (rule.metric, rule.label, rule.subject) == ("cpu_percent", "CPU", "alerts.cpu")
    assert rule.warn_actions == rule.critical_actions == rule.clear_actions == (NOTIFY,)


def test_each_level_may_have_actions_of_its_own() -> None:
    rule = alert(
        'warn = 70\ncritical = 90\naction = ["notify", "snapshot"]\nwarn_action = "look at it"\nclear_action = []'
    )
    assert rule.warn_actions == (AlertAction(ActionKind.TEXT, "look at it"),)
    assert rule.critical_actions == (NOTIFY, SNAPSHOT)
    assert rule.clear_actions == ()


def test_an_end_comes_with_the_worse_of_two_levels() -> None:
    both = alert('warn = 70\ncritical = 90\naction = ["snapshot", "stop"]')
    assert (both.warn_actions, both.critical_actions, both.clear_actions) == ((SNAPSHOT,), (SNAPSHOT, STOP), ())
    assert alert('warn = 70\naction = "stop"').warn_actions == (STOP,)


def test_commands_and_addresses_are_kept_as_they_are_written() -> None:
    rule = alert(
        """warn = 70\naction = ["run: sh -c 'echo $X'", "webhook:https://a.example:8443/hook?k=v", "scale: up"]"""
    )
    assert rule.warn_actions == (
        AlertAction(ActionKind.RUN, "sh -c 'echo $X'"),
        AlertAction(ActionKind.WEBHOOK, "https://a.example:8443/hook?k=v"),
        AlertAction(ActionKind.TEXT, "scale: up"),
    )


def test_a_margin_is_in_the_unit_of_its_series() -> None:
    assert alert('warn = "1GB"\nmargin = "100MB"', "rss").margin == 100e6
    assert alert("warn = 500\nmargin = 50", "queue_size").margin == 50


def test_the_defaults_hold_where_they_are_wanted_and_the_file_says_nothing_else() -> None:
    assert parse_budget("[alerts]\ndefaults = false").alerts == ()
    rules = parse_budget("[alerts]\ndefaults = true\n[alerts.system_cpu]\nwarn = 50").alerts
    assert [(rule.series, rule.warn, rule.critical, rule.usual) for rule in rules] == [
        ("system_cpu", 50, None, False),
        ("memory_percent", 80, 95, True),
        ("queue_size", 500, 1000, True),
        ("response_time", 2, 5, True),
    ]
    (cpu, *_) = parse_budget("[alerts]\ndefaults = true").alerts
    assert (cpu.series, cpu.warn, cpu.critical, cpu.for_s) == ("system_cpu_percent", 70, 90, 10)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('warn = 1\naction = "run:"', "names no command"),
        ('warn = 1\naction = "run:sh -c \'x"', "is not closed"),
        ('warn = 1\naction = "webhook:ftp://a.example"', "is no address"),
        ('warn = 1\naction = "webhook:file:///etc/passwd"', "is no address"),
        ('warn = 1\naction = "webhook:https://"', "is no address"),
        ('warn = 1\naction = "webhook:http://[::1"', "is no address"),
        ('warn = 1\naction = "webhook:http://a b/"', "is no address"),
        ("warn = 1\naction = 3", "must be a string"),
        ("warn = 1\naction = [3]", "must hold strings only"),
        ('warn = 1\naction = ["a","a","a","a","a","a","a","a","a"]', "holds 9 actions"),
        ("warn = 10\nmargin = 10", "would never clear"),
    ],
)
def test_an_alert_that_cannot_be_carried_out_is_refused(lines: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        alert(lines)
