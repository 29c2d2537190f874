"""A verdict in one line: the value, how it stands to its limit, and for a change both values that it lies between."""

from __future__ import annotations

from perftui.model.verdict import RuleVerdict, Verdict
from perftui.reports.check_words import counts_text, sides_text, signed_percent
from perftui.units import Unit, format_measured


def figures_text(verdict: RuleVerdict) -> str:
    """Return the value with its limit: `+12.2 % > +8.0 %`."""
    value = "–" if verdict.current is None else own_text(verdict, verdict.current)
    return f"{value} {text}" if (text := against_limit(verdict)) else value


def against_limit(verdict: RuleVerdict) -> str:
    """Return how the value stands to the limit that decides; empty without one."""
    limit = verdict.warn if verdict.verdict is Verdict.WARN else verdict.fail
    limit = limit if limit is not None else (verdict.fail if verdict.fail is not None else verdict.warn)
    return "" if limit is None else f"{_relation(verdict, limit)} {own_text(verdict, limit)}"


def own_text(verdict: RuleVerdict, value: float) -> str:
    """Return a value in the unit of a rule; a change has a sign."""
    change = verdict.held_against is not None and verdict.unit is Unit.PERCENT
    return signed_percent(value) if change else format_measured(value, verdict.unit)


def held_text(verdict: RuleVerdict) -> str:
    """Return both values of a change and how many stand behind them; empty for a limit of the value itself."""
    held = verdict.held_against
    if held is None or held.value is None:
        return ""
    counted = f"n {counts_text(held)}" if held.runs[0] else ""
    return "  ".join(part for part in (" → ".join(sides_text(verdict)), counted) if part)


def _relation(verdict: RuleVerdict, limit: float) -> str:
    """Return the sign of the verdict; where that is open, the one of the numbers."""
    value, lower = verdict.current, verdict.lower_is_better
    if verdict.verdict in (Verdict.FAIL, Verdict.WARN):
        if value == limit:
            return "≥" if lower else "≤"
        return ">" if lower else "<"
    broken = verdict.verdict is not Verdict.PASS and value is not None and (value > limit if lower else value < limit)
    return (">" if broken else "≤") if lower else ("<" if broken else "≥")
