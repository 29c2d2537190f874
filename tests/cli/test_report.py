from __future__ import annotations

import pytest

from perftui.cli.report import verdict_table
from perftui.model.verdict import RuleVerdict, Verdict
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
