"""Holding saved sessions against a budget and a baseline: everything that a gate says, before it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from perftui.budgets.gate import Strictness, counts, exit_code, fails, rules_about_changes, warns, within, worst_first
from perftui.budgets.spec import Budget
from perftui.errors import ExitCode
from perftui.model.verdict import RuleVerdict, Verdict


@dataclass(frozen=True, slots=True)
class CheckedSide:
    """What stands on one side of a check, in words."""

    ref: str
    """How a person named it."""
    name: str = ""
    created: str = ""
    runs: int = 0
    """How many sessions stand behind it."""


@dataclass(frozen=True, slots=True)
class Check:
    """One budget held against the runs of one side, and these against a baseline."""

    budget: Budget
    current: CheckedSide
    verdicts: tuple[RuleVerdict, ...]
    """In the order of the budget."""
    baseline: CheckedSide | None = None
    differences: tuple[str, ...] = ()
    """What makes both sides hard to compare: another host, another interpreter; one sentence each."""
    strictness: Strictness = field(default_factory=Strictness)
    remarks: tuple[str, ...] = ()
    """What is to be known of the runs before any verdict is read: one that failed, or was cut off."""

    @property
    def worst_first(self) -> tuple[RuleVerdict, ...]:
        """The verdicts, those first that somebody has to look at."""
        return worst_first(self.verdicts)

    @property
    def counts(self) -> Mapping[Verdict, int]:
        """How many rules have each verdict."""
        return counts(self.verdicts)

    @property
    def within(self) -> tuple[int, int]:
        """How many rules hold, and how many were judged."""
        return within(self.verdicts)

    @property
    def exit_code(self) -> ExitCode:
        """What the gate ends with."""
        found = exit_code(self.verdicts, self.strictness, unheld=self.lacks_baseline, shown=self._shown)
        is_closed = bool(self.remarks) and self.strictness.warn_fails
        return ExitCode.FAILED_CHECK if found is ExitCode.OK and is_closed else found

    @property
    def lacks_baseline(self) -> bool:
        """Whether a rule about a change has nothing that it could be held against."""
        if self.baseline is not None:
            return False
        needing = {rule.name for rule in rules_about_changes(self.budget)}
        return any(each.rule in needing and each.verdict is Verdict.MISSING for each in self.verdicts)

    @property
    def word(self) -> Verdict:
        """The whole in one word: `MISSING` where nothing could be judged; runs that failed are no reason for `PASS`."""
        code = self.exit_code
        if code is not ExitCode.OK:
            return Verdict.FAIL if code is ExitCode.FAILED_CHECK else Verdict.MISSING
        return Verdict.WARN if self.remarks or any(map(self.warns, self.verdicts)) else Verdict.PASS

    def fails(self, verdict: RuleVerdict) -> bool:
        """Say whether a verdict closes the gate."""
        return fails(verdict, self.strictness) and verdict.rule not in self._shown

    def warns(self, verdict: RuleVerdict) -> bool:
        """Say whether a verdict is worth a warning."""
        return warns(verdict, self.strictness)

    @property
    def _shown(self) -> frozenset[str]:
        """Rules with `gate = false`: what nothing measured of them closes no gate, however strict."""
        return frozenset(rule.name for rule in self.budget.rules if not rule.gate)
