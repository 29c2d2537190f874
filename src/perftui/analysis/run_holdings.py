"""What each run of a side held, where nothing was sampled: how far runs of one program differ, and what that leaves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import TYPE_CHECKING, NamedTuple

from perftui.analysis.call_tree import FunctionKey, function_key
from perftui.model.change import ChangeVerdict, Span
from perftui.model.frame import Frame

if TYPE_CHECKING:
    from perftui.analysis.compare import Side, Tolerance

TELLING = 0.1
"""Runs that all lie within a tenth of each other would have shown a change by more than that."""


class Amounts(NamedTuple):
    """What a function held: in itself, and in it with what it called; bytes or allocations."""

    own: float
    total: float


_NOTHING = Amounts(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class RunHoldings:
    """What one run held, in all and by function."""

    weight: float
    functions: Mapping[FunctionKey, Amounts]
    """By (file, name) as the run saw it; by the names for both sides after `named`."""

    def of(self, function: FunctionKey) -> Amounts:
        """Return what a function held: nothing where the run has none of it."""
        return self.functions.get(function, _NOTHING)


def named_holdings(side: Side) -> tuple[RunHoldings, ...]:
    """Return what the runs of a side held under the names that functions have for both sides; none of a single run."""
    return tuple(_named(run, side) for run in side.holdings) if len(side.holdings) > 1 else ()


def _named(run: RunHoldings, side: Side) -> RunHoldings:
    functions: dict[FunctionKey, Amounts] = defaultdict(lambda: _NOTHING)
    for (file, function), amounts in run.functions.items():
        key = function_key(side.named(Frame(function, file)))
        before = functions[key]
        functions[key] = Amounts(before.own + amounts.own, before.total + amounts.total)
    return RunHoldings(run.weight, dict(functions))


def span_of(values: Sequence[float]) -> Span | None:
    """Return the least and the greatest of several runs; None of fewer than two."""
    return (min(values), max(values)) if len(values) > 1 else None


def judge_amounts(before: Sequence[float], after: Sequence[float], tolerance: Tolerance) -> tuple[ChangeVerdict, str]:
    """Return what amounts of each run of both sides tell, and why nothing can be told.

    They differ clearly where every run of a side lies above every run of the other: by more than says nothing, and by
    more than the runs of a side are apart.
    """
    lowest, highest = (min(before), min(after)), (max(before), max(after))
    room = tolerance.of(median_low(before), median_low(after))
    apart = max(high - low for low, high in zip(lowest, highest, strict=True))
    gap = max(lowest[1] - highest[0], lowest[0] - highest[1])
    if gap > max(room, apart):
        return (ChangeVerdict.SLOWER if lowest[1] > highest[0] else ChangeVerdict.FASTER), ""
    reach = max(highest) - min(lowest)
    if reach <= max(room, TELLING * max(highest) if apart else 0.0):
        return ChangeVerdict.WITHIN_NOISE, ""
    return ChangeVerdict.INCONCLUSIVE, "runs of one side differ as much as the sides do"
