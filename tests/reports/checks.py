"""Checks made by hand, in the words of the field."""

from __future__ import annotations

from pathlib import Path

from perftui.budgets.gate import Strictness
from perftui.budgets.load import load_budget, parse_budget
from perftui.budgets.spec import Budget
from perftui.model.verdict import HeldAgainst, RuleVerdict, Verdict
from perftui.recording.check import Check, CheckedSide
from perftui.units import Unit

BUDGET = """\
[performance_budget]
allowed_regression = 5.0

[operations.memory]
recall = { max_increase_pct = 8, p95_ms = 60 }
set = { max_increase_pct = 5 }

[resources.cpu_percent]
limit = 180

[functions."app/se.arch.py:Index.query"]
max_share_pct = 25
"""
HOSTILE = '<img src=x onerror=1>|`=1+1`\x1b[31m]]> & "q" \n::error::x \ufffe \ud800'


def change(
    rule: str = "operations.memory.recall.max_increase_pct",
    *,
    baseline: float | None = 0.045,
    current: float | None = 0.0495,
    verdict: Verdict = Verdict.FAIL,
    ref: str = "baseline:v1.1.5",
    limit: float = 8.0,
    interval: tuple[float, float] | None = (7.25, 12.5),
    p: float | None = 0.008,
    runs: tuple[int, int] = (5, 7),
    reason: str = "",
) -> RuleVerdict:
    """Return a verdict about a change of seconds."""
    changed = None if not baseline or current is None else (current / baseline - 1) * 100
    held = HeldAgainst(baseline, Unit.SECONDS, current, ref, changed, interval, p, runs)
    return RuleVerdict(
        rule, rule, "max_increase_pct", Unit.PERCENT, changed, None, limit, verdict, reason, held_against=held
    )


def limit(
    rule: str = "resources.cpu_percent",
    *,
    current: float | None = 95.1,
    unit: Unit = Unit.PERCENT,
    warn: float | None = None,
    fail: float | None = 180.0,
    verdict: Verdict = Verdict.PASS,
    reason: str = "",
    lower_is_better: bool = True,
) -> RuleVerdict:
    """Return a verdict about a limit of the value itself."""
    return RuleVerdict(rule, rule, "metric", unit, current, warn, fail, verdict, reason, lower_is_better)


def check_of(
    *verdicts: RuleVerdict,
    budget: Budget | None = None,
    strictness: Strictness | None = None,
    baseline: CheckedSide | None = None,
    differences: tuple[str, ...] = (),
) -> Check:
    """Return a check with these verdicts."""
    return Check(
        budget or parse_budget(BUDGET),
        CheckedSide("@latest", "shop", "2026-11-20T05:50:58+0000", 5),
        verdicts,
        baseline,
        differences,
        strictness or Strictness(),
    )


def stored_budget(directory: Path) -> Budget:
    """Return the budget from a file."""
    path = directory / "budget.toml"
    path.write_text(BUDGET, encoding="utf-8")
    return load_budget(path)


def every_kind() -> tuple[RuleVerdict, ...]:
    """Return one verdict of each kind."""
    return (
        change(),
        change("operations.memory.set.max_increase_pct", current=0.0451, verdict=Verdict.PASS, limit=5.0),
        limit(),
        limit("resources.rss", current=3e8, unit=Unit.BYTES, fail=4e8, warn=2e8, verdict=Verdict.WARN),
        limit(
            "throughput.qps.min",
            current=900,
            unit=Unit.PER_SECOND,
            fail=1000,
            verdict=Verdict.FAIL,
            lower_is_better=False,
        ),
        limit(
            'functions."app/se.arch.py:Index.query".max_share_pct',
            current=25.0,
            fail=25.0,
            verdict=Verdict.INCONCLUSIVE,
            reason="the interval holds the limit",
        ),
        limit(
            "operations.memory.recall.p95_ms",
            current=None,
            unit=Unit.SECONDS,
            fail=0.06,
            verdict=Verdict.MISSING,
            reason="no operation is called that: `perftui ingest FORMAT FILE`",
        ),
        limit("operations.memory.batch_set", current=0.085, unit=Unit.SECONDS, fail=None, verdict=Verdict.UNBUDGETED),
        limit("operations.llm.call.target", current=2.5, unit=Unit.SECONDS, fail=None, warn=2.0, verdict=Verdict.INFO),
    )
