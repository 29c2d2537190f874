"""What is said of an operation beside its baseline where no budget says what is too much."""

from __future__ import annotations

from perftui.analysis.change_words import interval_text, mark_of, ratio_text, word_of
from perftui.analysis.measured_operation import is_rate
from perftui.analysis.scalar_change import MeasuredChange, measured_change
from perftui.analysis.statistics.power import ALPHA
from perftui.model.change import Certainty, ChangeVerdict
from perftui.model.operation import Operation
from perftui.units import Unit

LEAST_PCT = 1.0
"""A smaller change is not worth speaking of, however certain it is."""
TELLING_PCT = 10.0
"""Values that would have shown an increase by so much, and show none, say that there is none."""
_AMOUNTS = (Unit.BYTES, Unit.COUNT)
_OTHER_WAY = {ChangeVerdict.SLOWER: ChangeVerdict.FASTER, ChangeVerdict.FASTER: ChangeVerdict.SLOWER}


def operation_change(baseline: Operation, current: Operation) -> MeasuredChange | None:
    """Return what is known of an operation's change; None where a side has no raw values or counts something else."""
    if baseline.unit is not current.unit or not baseline.values or not current.values:
        return None
    return measured_change(baseline.runs, current.runs)


def verdict_of(change: MeasuredChange, operation: Operation) -> ChangeVerdict:
    """Return whether an operation became worse (slower), better (faster), or neither, or whether nobody can tell."""
    return change_verdict(change, less_is_better=less_is_better(operation))


def change_verdict(change: MeasuredChange, *, less_is_better: bool = True) -> ChangeVerdict:
    """Return whether a figure became worse (slower), better (faster), or neither, or whether nobody can tell."""
    percent = change.change_pct
    if percent is None or change.p is None or change.interval_pct is None:
        return ChangeVerdict.INCONCLUSIVE
    low, high = change.interval_pct
    if change.p < ALPHA and (low > 0 or high < 0) and abs(percent) >= LEAST_PCT:
        return ChangeVerdict.SLOWER if (percent > 0) is less_is_better else ChangeVerdict.FASTER
    within = low > -LEAST_PCT and high < LEAST_PCT
    would_show = change.detectable_pct is not None and change.detectable_pct <= TELLING_PCT
    sure = change.p < ALPHA and abs(percent) >= LEAST_PCT
    return ChangeVerdict.WITHIN_NOISE if within or (would_show and not sure) else ChangeVerdict.INCONCLUSIVE


def less_is_better(operation: Operation) -> bool:
    """Say whether a smaller value is the better one."""
    return operation.lower_is_better and not is_rate(operation)


def verdict_text(verdict: ChangeVerdict, operation: Operation, *, within_run: bool = False) -> str:
    """Return sign and short word of a verdict; a star where only values within one run were compared."""
    said = verdict
    if operation.unit in _AMOUNTS and not less_is_better(operation):
        # Of an amount the word says which way it went.
        said = _OTHER_WAY.get(verdict, verdict)
    star = "*" if within_run and verdict.clear else ""
    return f"{mark_of(verdict)} {word_of(said, operation.unit, short=True)}{star}"


def percent_text(change: MeasuredChange) -> str:
    """Return by how much the median changed: `+12 %`; empty where the baseline is nothing."""
    return ratio_text(change.baseline, change.current)


def interval_words(change: MeasuredChange) -> str:
    """Return the 95 % interval of the change: `+8 … +16 %`; empty without one."""
    if change.interval_pct is None:
        return ""
    low, high = change.interval_pct
    return interval_text(Certainty(ci=(1 + low / 100, 1 + high / 100)))
