"""What a budget says of several runs of one workload: of each limit the verdict of the run in the middle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from perftui.model.verdict import RuleVerdict, Verdict
from perftui.units import format_value

_SHOWN = 1e-9


def over_runs(runs: Sequence[Sequence[RuleVerdict]]) -> list[RuleVerdict]:
    """Return one verdict for each rule, in the order of the first run that has them.

    Each run is judged by itself. What they say together is the verdict of the run whose value is the median: one slow
    run fails nothing, and one fast run saves nothing. Of an even number it is the worse one of the two in the middle.
    """
    if len(runs) == 1:
        return list(runs[0])
    found: dict[str, list[RuleVerdict]] = {}
    for verdict in (verdict for run in runs for verdict in run):
        found.setdefault(verdict.rule, []).append(verdict)
    return [_middle(verdicts, len(runs)) for verdicts in found.values()]


def _middle(verdicts: Sequence[RuleVerdict], runs: int) -> RuleVerdict:
    measured = sorted((verdict for verdict in verdicts if verdict.current is not None), key=_badness)
    # What most runs did not measure, no run in the middle tells.
    if 2 * len(measured) < runs or not measured:
        silent = [verdict for verdict in verdicts if verdict.current is None]
        return silent[0]
    middle = measured[len(measured) // 2]
    if middle.held_against is not None or _alike(measured):
        return middle
    reason = "; ".join(part for part in (_of_runs(measured, runs), middle.reason) if part)
    return replace(middle, reason=reason)


def _badness(verdict: RuleVerdict) -> float:
    value = verdict.current or 0.0
    return value if verdict.lower_is_better else -value


def _alike(measured: Sequence[RuleVerdict]) -> bool:
    """Say whether all runs have the same value: what is known of them together is said of each of them."""
    return _badness(measured[-1]) - _badness(measured[0]) <= _SHOWN * abs(_badness(measured[0]))


def _of_runs(measured: Sequence[RuleVerdict], runs: int) -> str:
    values = sorted(verdict.current or 0.0 for verdict in measured)
    low, high = (format_value(value, measured[0].unit) for value in (values[0], values[-1]))
    broken = sum(verdict.verdict is Verdict.FAIL for verdict in measured)
    counted = f"{len(measured)} of {runs} runs" if len(measured) < runs else f"{runs} runs"
    failing = f", {broken} of them fail" if broken else ""
    return f"median of {counted}, {low} to {high}{failing}"
