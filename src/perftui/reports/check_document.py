"""A check as one JSON document: every rule with what it was judged by, and what the gate makes of them."""

from __future__ import annotations

from typing import Any

from perftui.model.verdict import RuleVerdict
from perftui.recording.check import Check, CheckedSide

SCHEMA = "perftui.check/1"


def check_document(check: Check) -> dict[str, Any]:
    """Return the document; values are in base units, and changes in percent."""
    return {
        "schema": SCHEMA,
        "verdict": check.word.value,
        "budget": str(check.budget.path) if check.budget.path else check.budget.name,
        "current": _side(check.current),
        "baseline": None if check.baseline is None else _side(check.baseline),
        "remarks": list(check.remarks),
        "differences": list(check.differences),
        "verdicts": [_verdict(verdict) for verdict in check.verdicts],
        "summary": {verdict.value: count for verdict, count in check.counts.items()},
        "exit_code": int(check.exit_code),
    }


def _side(side: CheckedSide) -> dict[str, Any]:
    return {"ref": side.ref, "name": side.name, "created": side.created, "runs": side.runs}


def _verdict(verdict: RuleVerdict) -> dict[str, Any]:
    held = verdict.held_against
    return {
        "rule": verdict.rule,
        "subject": verdict.subject,
        "metric": verdict.metric,
        # What baseline and current count; a limit of a change is in percent whatever changed.
        "unit": (verdict.unit if held is None else held.unit).value,
        "limit_unit": verdict.unit.value,
        "baseline": None if held is None else held.value,
        "baseline_ref": None if held is None else held.ref,
        "current": verdict.current if held is None else held.current,
        "change_pct": None if held is None else held.change_pct,
        "ci": None if held is None or held.interval_pct is None else list(held.interval_pct),
        "p": None if held is None else held.p,
        "n": [0, 0] if held is None else list(held.runs),
        "warn": verdict.warn,
        "fail": verdict.fail,
        "verdict": verdict.verdict.value,
        "reason": verdict.reason,
        "breached_at_s": verdict.breached_at_s,
    }
