"""What is said of a change, in words and figures: the same on the screen and in every report."""

from __future__ import annotations

from perftui.model.change import Certainty, ChangeVerdict, FunctionChange, Span
from perftui.units import Unit, format_percent, format_value

_LEAST_P = 0.001
"""A smaller chance is only said to be smaller: nobody needs its digits, and tails are not known that well."""
_AS_FACTOR = 11.0
"""A greater ratio is said as a factor: nobody reads thousands of percent."""
_DOUBLED = 2.0
"""From here on the lower end of an interval is a factor where its upper end is one."""
_MOST_FACTOR = 999
_MOST_PERCENT = 999
"""A greater change that would have shown is only said to be greater."""
_MARKS = {
    ChangeVerdict.SLOWER: "▲",
    ChangeVerdict.APPEARED: "▲",
    ChangeVerdict.FASTER: "▼",
    ChangeVerdict.VANISHED: "▼",
    ChangeVerdict.WITHIN_NOISE: "≈",
    ChangeVerdict.INCONCLUSIVE: "?",
}
_OF_AMOUNTS = {
    ChangeVerdict.SLOWER: "more",
    ChangeVerdict.FASTER: "less",
    ChangeVerdict.WITHIN_NOISE: "same",
}
"""Bytes and allocations are not slow."""
_SHORT = {
    ChangeVerdict.WITHIN_NOISE: "noise",
    ChangeVerdict.INCONCLUSIVE: "unclear",
    ChangeVerdict.APPEARED: "new",
    ChangeVerdict.VANISHED: "gone",
}
_SHARED = 0.03
"""What all functions became slower or faster by, from which on it is told."""
_ALIKE = "all alike"
WORSE = frozenset({ChangeVerdict.SLOWER, ChangeVerdict.APPEARED})
BETTER = frozenset({ChangeVerdict.FASTER, ChangeVerdict.VANISHED})


def mark_of(verdict: ChangeVerdict) -> str:
    """Return the sign of a verdict, one cell."""
    return _MARKS[verdict]


def word_of(verdict: ChangeVerdict, unit: Unit = Unit.SECONDS, *, short: bool = False) -> str:
    """Return the word of a verdict, of amounts another one than of time; a shorter one where there is little room."""
    if unit in (Unit.BYTES, Unit.COUNT) and verdict in _OF_AMOUNTS:
        return _OF_AMOUNTS[verdict]
    return _SHORT.get(verdict, verdict.value) if short else verdict.value


def ratio_text(baseline: float, current: float) -> str:
    """Return a change in percent of the baseline: `+37 %`, or as a factor: `×14`; empty where a side has nothing."""
    if baseline <= 0 or current <= 0:
        return ""
    return _change_text(current / baseline)


def interval_text(certainty: Certainty) -> str:
    """Return the interval of the change: `+12 … +48 %`, `×4.1 … ×14`, or `-30 % … ×14`; empty without one."""
    if certainty.ci is None:
        return ""
    least, most = certainty.ci
    high = _change_text(most)
    low = _factor_text(least) if least >= _DOUBLED and high.startswith("×") else _change_text(least)
    return f"{low.removesuffix(' %') if high.endswith('%') else low} … {high}"


def chance_text(chance: float | None) -> str:
    """Return a probability with the digits that it carries: `0.034`, `< 0.001`; empty without one."""
    if chance is None:
        return ""
    return f"< {_LEAST_P}" if chance < _LEAST_P else f"{chance:.2g}" if chance < 0.1 else f"{chance:.2f}"


def detectable_text(smallest: float) -> str:
    """Return the smallest relative change that would have been seen: `12.3 %`, or `> 999 %`."""
    return f"> {_MOST_PERCENT} %" if 100 * smallest > _MOST_PERCENT else format_percent(100 * smallest)


def too_small_to_show(smallest: float) -> str:
    """Say that nothing can be told of changes smaller than a relative one."""
    if 100 * smallest > _MOST_PERCENT:
        return "not even a tenfold change would have shown"
    return f"only a change by {100 * smallest:.0f} % or more would have shown"


def value_text(value: float, unit: Unit, *, share: bool = False) -> str:
    """Return a weight in its unit, or a share (0 to 1) in percent."""
    return format_percent(100 * value) if share else format_value(value, unit)


def signed_text(value: float, unit: Unit, *, share: bool = False) -> str:
    """Return a difference with its sign; one of shares is in points of percent."""
    text = value_text(value, unit, share=share)
    if not any(digit in text for digit in "123456789"):
        # What rounds to nothing has no sign.
        return text.removeprefix("-")
    return f"+{text}" if value > 0 else text


def shared_text(shared: float | None) -> str:
    """Return what all functions share as a factor, `×1.23`; empty where that is nothing to speak of, or not known."""
    return "" if shared is None or abs(shared - 1) < _SHARED else f"×{shared:.2f}"


def span_text(span: Span | None, unit: Unit) -> str:
    """Return between what several runs lie: `9.98 … 10.3 MiB`; empty of a single run, and where they read the same."""
    if span is None:
        return ""
    low, high = (format_value(end, unit) for end in span)
    if low == high:
        return ""
    number, _, suffix = high.rpartition(" ")
    return f"{low.removesuffix(f' {suffix}') if number else low} … {high}"


def spans_text(spans: tuple[Span | None, Span | None], unit: Unit) -> str:
    """Return between what the runs of both sides lie: `9.98 … 10.3 MiB and 12.1 … 12.2 MiB`; empty where none do."""
    before, after = (span_text(span, unit) for span in spans)
    if not (before or after):
        return ""
    return f"{before or _ALIKE} and {after or _ALIKE}"


def change_facts(change: FunctionChange, unit: Unit, *, share: bool = False) -> list[str]:
    """Return what is known of a function's change: verdict, both sides, interval, chances, counts, what would decide.

    Each is a phrase that stands for itself; the first ones tell most.
    """
    word, mark = word_of(change.verdict, unit), mark_of(change.verdict)
    before, after = (change.baseline_share, change.current_share) if share else (change.baseline, change.current)
    ratio, interval = ratio_text(before, after), interval_text(change.certainty)
    told = f" {ratio}" if ratio else ""
    told += f" (95 %: {interval})" if interval else ""
    facts = [
        f"{mark} {word}{told}",
        f"{value_text(before, unit, share=share)} → {value_text(after, unit, share=share)}",
        *_chances(change.certainty),
        *([f"runs {runs}"] if (runs := "" if share else spans_text(change.spans, unit)) else []),
        f"{change.baseline_count:,} and {change.current_count:,} {_counted_as(unit)}",
        *_limits(change.certainty),
    ]
    return [*facts, change.reason] if change.reason else facts


def _chances(certainty: Certainty) -> list[str]:
    p, q = chance_text(certainty.p), chance_text(certainty.q)
    named = [f"{name} {text}" for name, text in (("p", p), ("q", q)) if text]
    return [" ".join(named)] if named else []


def _limits(certainty: Certainty) -> list[str]:
    facts = []
    if certainty.smallest_detectable is not None:
        facts.append(f"smallest change to be seen here {detectable_text(certainty.smallest_detectable)}")
    if certainty.more_runs:
        runs = "run" if certainty.more_runs == 1 else "runs"
        facts.append(f"about {certainty.more_runs:,} more {runs} a side would decide")
    return facts


def _counted_as(unit: Unit) -> str:
    return "allocations" if unit in (Unit.BYTES, Unit.COUNT) else "samples"


def _factor_text(ratio: float) -> str:
    return f"×{ratio:.3g}" if ratio < _MOST_FACTOR else f"> ×{_MOST_FACTOR}"


def _change_text(ratio: float) -> str:
    if ratio >= _AS_FACTOR:
        return _factor_text(ratio)
    text = f"{100 * (ratio - 1):+,.0f}"
    return "0 %" if text in ("+0", "-0") else f"{text} %"
