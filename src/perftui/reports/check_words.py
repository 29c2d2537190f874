"""What a verdict says, in words and figures: the same in every report of a check."""

from __future__ import annotations

from collections.abc import Mapping

from perftui.model.verdict import HeldAgainst, RuleVerdict, Verdict
from perftui.units import Unit, format_measured, format_percent

_OPERATIONS = "operations."
_INCREASE = ".max_increase_pct"
_LEAST_P = 0.001
_NOUNS = {
    Verdict.FAIL: "failed",
    Verdict.INCONCLUSIVE: "inconclusive",
    Verdict.WARN: "warned",
    Verdict.MISSING: "missing",
    Verdict.UNBUDGETED: "unbudgeted",
}


def word_of(verdict: Verdict) -> str:
    """Return a verdict as it stands in a table: nothing rests on a colour."""
    return verdict.value.upper()


def subject_of(verdict: RuleVerdict) -> str:
    """Return what is judged: an operation by its name where its increase is meant, everything else by its rule."""
    name = verdict.rule.removesuffix(_INCREASE)
    if verdict.rule.startswith(_OPERATIONS):
        return name.removeprefix(_OPERATIONS)
    return name


def value_text(value: float | None, unit: Unit) -> str:
    """Return a measured figure."""
    return "not measured" if value is None else format_measured(value, unit)


def sides_text(verdict: RuleVerdict) -> tuple[str, str]:
    """Return the values of baseline and current of a rule about a change."""
    held = verdict.held_against
    if held is None:
        return "", value_text(verdict.current, verdict.unit)
    return _side_text(held.value, held.unit), _side_text(held.current, held.unit)


def _side_text(value: float | None, unit: Unit) -> str:
    return "–" if value is None else format_measured(value, unit)


def change_text(held: HeldAgainst | None) -> str:
    """Return a change with its sign: `+8.2 %`; empty where there is none."""
    return "" if held is None or held.change_pct is None else signed_percent(held.change_pct)


def signed_percent(value: float) -> str:
    """Return a percentage with its sign."""
    return f"{'+' if value > 0 else ''}{format_percent(value)}"


def interval_text(held: HeldAgainst | None) -> str:
    """Return the interval of a change: `+7.0 … +11.2 %`; empty without one."""
    if held is None or held.interval_pct is None:
        return ""
    low, high = held.interval_pct
    return f"{signed_percent(low).removesuffix(' %')} … {signed_percent(high)}"


def chance_text(held: HeldAgainst | None) -> str:
    """Return how likely such a difference is without a change; empty where that was not tested."""
    if held is None or held.p is None:
        return ""
    return f"p < {_LEAST_P}" if held.p < _LEAST_P else f"p {held.p:.2g}"


def counts_text(held: HeldAgainst | None) -> str:
    """Return how many values stand behind both sides: `5 → 7`, or `7` where the baseline is a number; else nothing."""
    if held is None or not any(held.runs):
        return ""
    before, after = held.runs
    return f"{before:,} → {after:,}" if before else f"{after:,}"


def limit_text(verdict: RuleVerdict) -> str:
    """Return the limit that decides: the failing one, or the one that warns where that was broken or stands alone."""
    limit = verdict.fail if verdict.fail is not None else verdict.warn
    if verdict.verdict is Verdict.WARN and verdict.warn is not None:
        limit = verdict.warn
    if limit is None:
        return ""
    sign = "≤" if verdict.lower_is_better else "≥"
    value = signed_percent(limit) if verdict.held_against is not None and verdict.unit is Unit.PERCENT else None
    return f"{sign} {value or format_measured(limit, verdict.unit)}"


def by_a_hair(verdict: RuleVerdict) -> str:
    """Return how far a value is beyond a limit that looks the same once both are rounded; empty anywhere else."""
    value, limit = verdict.current, verdict.fail if verdict.verdict is Verdict.FAIL else verdict.warn
    if verdict.verdict not in (Verdict.FAIL, Verdict.WARN) or not value or not limit:
        return ""
    if format_measured(value, verdict.unit) != format_measured(limit, verdict.unit):
        return ""
    return f"{100 * abs(value / limit - 1):.2g} % beyond its limit" if value != limit else "at its limit"


def told_of(verdict: RuleVerdict, *, certainty: bool) -> str:
    """Return what is said beside the figures: why, and where it has no column of its own how sure that is."""
    held = verdict.held_against
    words = [interval_text(held) and f"95 %: {interval_text(held)}", chance_text(held)] if certainty else []
    return "; ".join(word for word in (*words, by_a_hair(verdict), verdict.reason) if word)


def summary_text(counts: Mapping[Verdict, int], within: tuple[int, int]) -> str:
    """Return the line that ends a check: `Summary: 7/9 within budget (2 failed, 1 missing)`."""
    rest = [f"{counts[verdict]} {noun}" for verdict, noun in _NOUNS.items() if counts[verdict]]
    return f"Summary: {within[0]}/{within[1]} within budget" + (f" ({', '.join(rest)})" if rest else "")
