"""What a verdict says in the budget panel: its word and sign, its figures, and why it is what it is."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from perftui.model.verdict import HeldAgainst, RuleVerdict, Verdict
from perftui.reports.check_words import chance_text, interval_text
from perftui.reports.verdict_words import figures_text, held_text
from perftui.ui.widgets.cells import clean, width_of
from perftui.units import format_seconds

_BETWEEN = "  ·  "
SIGNS = {
    Verdict.FAIL: "✘",
    Verdict.WARN: "▲",
    Verdict.INCONCLUSIVE: "?",
    Verdict.MISSING: "…",
    Verdict.PASS: "✔",
    Verdict.UNBUDGETED: "·",
    Verdict.INFO: "i",
}
"""In the order of urgency: what fails stands first."""


def word_of(verdict: Verdict) -> str:
    """Return a verdict as a word."""
    return verdict.value.upper()


def story_of(verdict: RuleVerdict) -> str:
    """Return what the value was held against, when a limit was broken first, and why the verdict is what it is."""
    when = f"at {format_seconds(verdict.breached_at_s)}" if verdict.breached_at_s is not None else ""
    return "  ".join(part for part in (held_text(verdict), when, clean(verdict.reason)) if part)


def sentence_of(verdict: RuleVerdict) -> str:
    """Return all that is known of a rule and its verdict."""
    held = verdict.held_against
    parts = [f"{word_of(verdict.verdict)} {verdict.rule}", figures_text(verdict)]
    if held is not None:
        parts.extend(part for part in (held_text(verdict), _certainty(held), _against(held)) if part)
    if verdict.headroom is not None:
        parts.append(f"headroom {100 * verdict.headroom:.0f} %")
    if verdict.breached_at_s is not None:
        parts.append(f"first broken at {format_seconds(verdict.breached_at_s)}")
    return clean(_BETWEEN.join([*parts, *([verdict.reason] if verdict.reason else [])]))


def details_of(verdict: RuleVerdict, width: int) -> list[str]:
    """Return what is not in the row of a rule, what says most first, in lines of so many cells."""
    held = verdict.held_against
    parts = [held_text(verdict), _certainty(held) if held is not None else "", verdict.reason]
    parts.append(_against(held) if held is not None else "")
    parts.append(
        f"first broken at {format_seconds(verdict.breached_at_s)}" if verdict.breached_at_s is not None else ""
    )
    parts.append(f"headroom {100 * verdict.headroom:.0f} %" if verdict.headroom is not None else "")
    return _flowed([clean(part) for part in (*parts, verdict.rule) if part], width)


def _flowed(parts: Sequence[str], width: int) -> list[str]:
    """Return parts in lines, several in one where they have room."""
    lines: list[str] = []
    for part in parts:
        if lines and width_of(lines[-1]) + len(_BETWEEN) + width_of(part) <= width:
            lines[-1] += _BETWEEN + part
        else:
            lines.extend(wrap(part, width))
    return lines


def _certainty(held: HeldAgainst) -> str:
    interval = interval_text(held)
    return ", ".join(part for part in (interval and f"95 %: {interval}", chance_text(held)) if part)


def _against(held: HeldAgainst) -> str:
    return f"against {held.ref}" if held.ref else ""
