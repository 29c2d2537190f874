"""A check as a sheet: what changed, what is held against a limit, what nothing measured, and the sum of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from perftui.model.verdict import BUDGET_FILE, RuleVerdict, Verdict
from perftui.recording.check import Check, CheckedSide
from perftui.reports.check_words import (
    chance_text,
    change_text,
    counts_text,
    interval_text,
    limit_text,
    sides_text,
    subject_of,
    summary_text,
    told_of,
    value_text,
    word_of,
)
from perftui.reports.sheet import WIDE, Column, Row, Sheet, SheetTable

_LONGEST_HEADING = 16
_WORDS = {Verdict.MISSING: "NO DATA"}
_RULES = (
    Column("rule", names=True),
    Column("value", right=True),
    Column("limit", right=True),
    Column("verdict"),
)


def check_sheet(check: Check, *, wide: bool = True) -> Sheet:
    """Return what a check says; where it is not `wide`, intervals stand below the rows that they belong to."""
    return Sheet(
        title=check.current.name or check.current.ref,
        word=_WORDS.get(check.word, word_of(check.word)),
        tone=check.word.value,
        facts=tuple(_facts(check)),
        warnings=(*check.remarks, *check.differences),
        tables=verdict_tables(check.worst_first, check.baseline.ref if check.baseline else "", wide=wide),
        summary=summary_text(check.counts, check.within),
        remarks=check.budget.remarks,
    )


def verdict_tables(verdicts: Sequence[RuleVerdict], baseline: str, *, wide: bool) -> tuple[SheetTable, ...]:
    """Return verdicts by what they are about: changes, limits, what nothing measured, what no rule is about.

    Args:
        verdicts: The worst first.
        baseline: What all were held against, as a person named it; empty without one.
        wide: Whether intervals have columns of their own.
    """
    held = [verdict for verdict in verdicts if verdict.held_against is not None]
    others = [verdict for verdict in verdicts if verdict.held_against is None]
    rules = [verdict for verdict in others if verdict.verdict not in (Verdict.MISSING, Verdict.UNBUDGETED)]
    return (
        _changes(held, baseline, wide=wide),
        SheetTable("Limits", _RULES, tuple(map(_rule_row, rules))),
        _listed(
            "Missing: nothing to judge them by", "rule", [each for each in others if each.verdict is Verdict.MISSING]
        ),
        _listed(
            "Unbudgeted: measured, and no rule is about it",
            "operation",
            [replace(each, reason="") for each in others if each.verdict is Verdict.UNBUDGETED],
        ),
    )


def _facts(check: Check) -> Iterable[tuple[str, str]]:
    yield "current", _side_text(check.current)
    if check.baseline is not None:
        yield "baseline", _side_text(check.baseline)
    elif any(each.held_against is not None and each.held_against.ref == BUDGET_FILE for each in check.verdicts):
        yield "baseline", "as the budget states it"
    yield "budget", str(check.budget.path or check.budget.name)
    if check.budget.description:
        yield "", check.budget.description


def _side_text(side: CheckedSide) -> str:
    words = [side.name if side.name != side.ref else "", f"{side.runs} runs" if side.runs > 1 else "", side.created]
    said = ", ".join(word for word in words if word)
    return f"{side.ref} ({said})" if said else side.ref


def _changes(verdicts: Sequence[RuleVerdict], baseline: str, *, wide: bool) -> SheetTable:
    refs = {verdict.held_against.ref for verdict in verdicts if verdict.held_against is not None}
    # Where values of several places are held against, each row says where its own comes from.
    heading = "baseline" if len(refs) != 1 else "stated" if refs == {BUDGET_FILE} else _heading(baseline, "baseline")
    columns = (
        Column("operation", names=True),
        Column(heading, right=True),
        Column("current", right=True),
        Column("change", right=True),
        Column("95 %", right=True, from_width=WIDE),
        Column("p", right=True, from_width=WIDE),
        Column("n", right=True, from_width=WIDE),
        Column("budget", right=True),
        Column("verdict"),
    )
    title = "" if not verdicts else "Changes"
    return SheetTable(title, columns, tuple(_change_row(each, baseline, wide=wide) for each in verdicts))


def _heading(ref: str, usual: str) -> str:
    """Return what a column is called: the baseline's own name where that is short enough."""
    name = ref.rpartition("/")[2].removesuffix(".json").removeprefix("baseline:")
    return name if name and len(name) <= _LONGEST_HEADING and not name.startswith("@") else usual


def _change_row(verdict: RuleVerdict, baseline: str, *, wide: bool) -> Row:
    held = verdict.held_against
    assert held is not None
    quiet = verdict.verdict is Verdict.PASS and not wide
    told = "" if quiet else told_of(verdict, certainty=not wide)
    if held.ref and held.ref not in (baseline, BUDGET_FILE):
        told = "; ".join(part for part in (f"against {held.ref}", told) if part)
    cells = (
        subject_of(verdict),
        *sides_text(verdict),
        change_text(held),
        interval_text(held),
        chance_text(held).removeprefix("p "),
        counts_text(held),
        limit_text(verdict),
        word_of(verdict.verdict),
    )
    return Row(cells, verdict.verdict.value, told)


def _rule_row(verdict: RuleVerdict) -> Row:
    cells = (
        subject_of(verdict),
        value_text(verdict.current, verdict.unit),
        limit_text(verdict),
        word_of(verdict.verdict),
    )
    return Row(cells, verdict.verdict.value, told_of(verdict, certainty=False))


def _listed(title: str, heading: str, verdicts: Sequence[RuleVerdict]) -> SheetTable:
    """Return names alone, those of one reason together and the reason once, below the last of them."""
    groups: dict[str, list[RuleVerdict]] = {}
    for verdict in verdicts:
        groups.setdefault(verdict.reason, []).append(verdict)
    rows = tuple(
        Row((subject_of(each),), each.verdict.value, reason if each is group[-1] else "")
        for reason, group in groups.items()
        for each in group
    )
    return SheetTable(title if rows else "", (Column(heading, names=True),), rows)
