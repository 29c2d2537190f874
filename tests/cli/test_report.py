from __future__ import annotations

import pytest

from perftui.cli.report import alert_table, verdict_table
from perftui.model.session import Event, EventKind
from perftui.model.verdict import HeldAgainst, RuleVerdict, Verdict
from perftui.units import Unit


@pytest.mark.parametrize(
    ("verdict", "lower_is_better", "shown"),
    [
        (Verdict.PASS, True, "≤ 9.00 s"),
        (Verdict.WARN, True, "> 5.00 s"),
        (Verdict.FAIL, True, "> 9.00 s"),
        (Verdict.PASS, False, "≥ 9.00 s"),
        (Verdict.WARN, False, "< 5.00 s"),
        (Verdict.INCONCLUSIVE, True, "≤ 9.00 s"),
    ],
)
def test_the_limit_that_was_broken_is_the_one_that_is_shown(
    verdict: Verdict, lower_is_better: bool, shown: str
) -> None:
    rule = RuleVerdict(
        "resources.wall", "wall", "wall_s", Unit.SECONDS, 7.0, 5.0, 9.0, verdict, lower_is_better=lower_is_better
    )
    assert shown in verdict_table((rule,))


def test_a_change_shows_its_sign_and_both_values_and_an_open_verdict_where_it_stands() -> None:
    held = HeldAgainst(0.045, Unit.SECONDS, 0.0505, "baseline:main", 12.2, runs=(3, 3))
    rule = RuleVerdict(
        "operations.a.b.max_increase_pct", "a.b increase", "max_increase_pct", Unit.PERCENT, 12.2, None, 8.0,
        Verdict.INCONCLUSIVE, "too few values", held_against=held,
    )  # fmt: skip
    line = verdict_table((rule,)).split("\n")[1]
    assert line.split() == [
        *("INCONCLUSIVE", "a.b", "increase", "+12.2", "%", ">", "+8.0", "%"),
        *("45.0", "ms", "→", "50.5", "ms", "n", "3", "→", "3;", "too", "few", "values"),
    ]


def test_alerts_that_fired_are_listed_with_how_they_stand() -> None:
    def said(at_s: float, subject: str) -> Event:
        return Event(at_s, EventKind.ALERT, "told", subject)

    happened = [said(1.0, "alerts.cpu=warn"), said(2.0, "alerts.cpu=critical"), said(2.5, "alerts.cpu")]
    happened += [said(4.0, "alerts.rss=warn"), said(9.0, "alerts.rss=ok")]
    rows = [line.split() for line in alert_table(happened).split("\n")]
    assert rows == [
        ["alert", "of", "grew", "worse"],
        ["CRITICAL", "cpu", "since", "2.00", "s", "2", "times"],
        ["OK", "rss", "since", "9.00", "s", "once"],
    ]
    assert alert_table([said(2.5, "alerts.cpu")]) == ""
