"""A check as JUnit XML, which every CI server shows: one test a rule, with the line of the budget that states it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from perftui.model.verdict import RuleVerdict, Verdict
from perftui.recording.check import Check
from perftui.reports.check_words import change_text, interval_text, limit_text, sides_text, word_of
from perftui.reports.rule_places import RulePlaces
from perftui.text import printable

_NOT_XML = re.compile("[\ufffe\uffff]")
_SKIPPED = (Verdict.MISSING, Verdict.INCONCLUSIVE, Verdict.UNBUDGETED)


def check_junit(check: Check) -> str:
    """Return the document: what closes the gate is a failure, what could not be judged is skipped."""
    places = RulePlaces(check.budget.path)
    cases = [_case(check, verdict, places) for verdict in check.verdicts]
    failures = sum(map(check.fails, check.verdicts))
    skipped = sum(each.verdict in _SKIPPED and not check.fails(each) for each in check.verdicts)
    counts = f'tests="{len(cases)}" failures="{failures}" errors="0" skipped="{skipped}"'
    name = _attribute(check.budget.name)
    suite = [f'  <testsuite name="{name}" {counts}{_created(check)}>', *cases, "  </testsuite>"]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="perftui" {counts}>', *suite, "</testsuites>"]
    return "\n".join(lines) + "\n"


def _created(check: Check) -> str:
    return f' timestamp="{_attribute(check.current.created)}"' if check.current.created else ""


def _case(check: Check, verdict: RuleVerdict, places: RulePlaces) -> str:
    table, _, key = verdict.rule.rpartition(".")
    where = f' file="{_attribute(str(check.budget.path))}"' if check.budget.path else ""
    if (line := places.line(verdict.rule)) is not None:
        where += f' line="{line}"'
    begin = f'    <testcase classname="{_attribute(table)}" name="{_attribute(key)}"{where}'
    inside = list(_inside(check, verdict))
    return "\n".join([f"{begin}>", *inside, "    </testcase>"]) if inside else f"{begin}/>"


def _inside(check: Check, verdict: RuleVerdict) -> Iterator[str]:
    said = sentence_of(verdict)
    if check.fails(verdict):
        yield f'      <failure type="{verdict.verdict.value}" message="{_attribute(said)}">{_text(said)}</failure>'
    elif verdict.verdict in _SKIPPED:
        yield f'      <skipped message="{_attribute(said)}"/>'
    else:
        yield f"      <system-out>{_text(said)}</system-out>"


def sentence_of(verdict: RuleVerdict) -> str:
    """Return one verdict in one sentence: what, what was measured, the limit, and why."""
    before, after = sides_text(verdict)
    held = verdict.held_against
    figures = f"{before} → {after} ({change_text(held) or 'no change known'})" if held is not None else after
    interval = interval_text(held)
    parts = [
        f"{word_of(verdict.verdict)} {figures}" if verdict.verdict is not Verdict.UNBUDGETED else "UNBUDGETED",
        f"limit {limit_text(verdict)}" if limit_text(verdict) else "",
        f"95 % {interval}" if interval else "",
    ]
    said = ", ".join(part for part in parts if part)
    return f"{verdict.subject}: {said}" + (f": {verdict.reason}" if verdict.reason else "")


def _attribute(text: str) -> str:
    return escape(_xml(text), quote=True)


def _text(text: str) -> str:
    return escape(_xml(text), quote=False)


def _xml(text: str) -> str:
    """Return a text of characters that XML allows; others would make the whole document unreadable."""
    return _NOT_XML.sub("\ufffd", printable(text))
