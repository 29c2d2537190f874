"""Sides as a test writes them: operations by their keys, functions by their samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from perftui.analysis.measures import Measures
from perftui.budgets.evaluate import Evaluator
from perftui.budgets.load import parse_budget
from perftui.model.operation import Operation
from perftui.model.run_figures import FunctionRuns, RunFigures
from perftui.model.verdict import RuleVerdict

MS = 1e-3
FIVE_RUNS = (0.99, 1.0, 1.01, 0.995, 1.005)
"""Five quiet runs around one."""


def operation(key: str, runs: Sequence[Sequence[float]] = (), **facts: Any) -> Operation:
    """An operation `group.name` with the values of each process."""
    group, _, name = key.rpartition(".")
    return Operation(group, name, runs=tuple(map(tuple, runs)), **facts)


def quiet(key: str, seconds: float, runs: int = 5, **facts: Any) -> Operation:
    """An operation that took about so long in each of several quiet runs."""
    return operation(key, [[seconds * FIVE_RUNS[run % 5]] for run in range(runs)], **facts)


def side(*operations: Operation, ref: str = "@latest", runs: int = 1, **facts: Any) -> RunFigures:
    """The figures of a side."""
    return RunFigures(ref, runs=runs, operations={each.key: each for each in operations}, **facts)


def sampled(
    runs: Sequence[Mapping[str, int]], ref: str = "@latest", *, interval_s: float = 0.01, **facts: Any
) -> RunFigures:
    """A side by the samples of its functions in each run; none of them calls another."""
    names = sorted({name for run in runs for name in run})
    functions = tuple(_function(name, [run.get(name, 0) for run in runs], interval_s) for name in names)
    whole = tuple(sum(run.values()) for run in runs)
    seconds = tuple(count * interval_s for count in whole)
    return RunFigures(ref, runs=len(runs), samples=whole, seconds=seconds, functions=functions, **facts)


def _function(name: str, samples: Sequence[int], interval_s: float) -> FunctionRuns:
    seconds = tuple(count * interval_s for count in samples)
    return FunctionRuns(name, "app/work.py", tuple(samples), seconds, seconds)


def judged(
    text: str, current: RunFigures | None = None, baseline: RunFigures | None = None, *, final: bool = True
) -> dict[str, RuleVerdict]:
    """What a budget says of two sides, by rule."""
    measures = Measures()
    measures.current = current
    found = Evaluator(parse_budget(text), baseline=baseline).update(measures, 1.0, final=final)
    return {verdict.rule: verdict for verdict in found}
