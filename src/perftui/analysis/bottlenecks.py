"""What everything would take, were a part of it faster (Amdahl 1967), for the functions that cost most."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import islice

from perftui.analysis.aggregate import Aggregate
from perftui.analysis.call_tree import NONE, CallTree
from perftui.analysis.code_origin import Origin, origin
from perftui.analysis.hotspots import SortBy, hotspots
from perftui.analysis.steps import STEP, Steps, finished
from perftui.model.finding import Bottleneck
from perftui.model.hotspot import Hotspot

TIMES_FASTER = 5.0
_PASSED_ON = 0.97
"""A function that passes so much on to one other is not what costs: that other is."""
_MOST_CANDIDATES = 200
_LEAST_SHARE = 0.005
"""What has a smaller share of everything is none: nobody would notice were it gone."""
_MODULE = "<module>"
_OF_ITSELF = 0.1
"""What a program must do at its top level itself to be listed."""


def whole_after(whole: float, share: float, times: float) -> float:
    """Return what a whole takes when a share (0 to 1) of it becomes so many times faster, in the unit of the whole."""
    if times <= 0:
        raise ValueError("a part can become more than 0 times faster only")
    return whole * (1 - share + share / times)


def bottlenecks(
    aggregate: Aggregate, *, top: int, times: float = TIMES_FASTER, operations: int = 0, own_only: bool = True
) -> tuple[Bottleneck, ...]:
    """Return the functions with most time, the dearest first, with what it would save to make one of them faster."""
    return finished(bottlenecks_in_steps(aggregate, top=top, times=times, operations=operations, own_only=own_only))


def faster(rows: Iterable[Bottleneck], whole: float, times: float) -> tuple[Bottleneck, ...]:
    """Return bottlenecks with what it would save to make each of them so many times faster; `whole` in seconds."""
    return tuple(
        replace(row, whole_after_s=whole_after(whole, row.total_share, times), gain=row.total_share * (1 - 1 / times))
        for row in rows
    )


def bottlenecks_in_steps(
    aggregate: Aggregate, *, top: int, times: float = TIMES_FASTER, operations: int = 0, own_only: bool = True
) -> Steps[tuple[Bottleneck, ...]]:
    """Work bottlenecks out in steps.

    Ranked by total, because a function is made faster with what it calls; totals overlap, self times add up. What
    holds nearly everything is no bottleneck but the program: of such a chain the last one stands for all.

    Args:
        aggregate: Sampled seconds.
        top: At most so many functions.
        times: How many times faster each of them alone becomes.
        operations: What the cost for each operation is worked out from; 0 where nobody counted.
        own_only: Leave out what only the standard library and packages contain.
    """
    tree = aggregate.tree
    candidates = hotspots(
        tree,
        sort=SortBy.TOTAL,
        top=_MOST_CANDIDATES,
        line_counts=aggregate.line_counts,
        accept=(lambda i: origin(tree.functions[i].file) is Origin.OWN) if own_only else None,
    )
    whole = tree.weight
    yield
    passed = yield from _passed_on(tree, {row.function_id for row in candidates})
    large = (row for row in candidates if row.total_share >= _LEAST_SHARE)
    chosen = (row for row in large if not _is_wrapper(row, passed[row.function_id]))
    found = (
        Bottleneck(
            frame=row.frame,
            self_s=row.self_weight,
            total_s=row.total_weight,
            self_share=row.self_share,
            total_share=row.total_share,
            samples=row.total_count,
            per_operation_s=row.total_weight / operations if operations else None,
            whole_after_s=whole,
            gain=0.0,
        )
        for row in islice(chosen, top)
    )
    return faster(found, whole, times)


def _is_wrapper(row: Hotspot, passed_on: Collection[float]) -> bool:
    """Say whether a function only holds what costs: it passes all on to one other, or is the program itself."""
    nearly_all = _PASSED_ON * row.total_weight
    is_program = row.total_share >= _PASSED_ON and sum(passed_on) >= nearly_all
    is_module = row.frame.function == _MODULE and row.self_weight < _OF_ITSELF * row.total_weight
    return is_program or is_module or max(passed_on, default=0.0) >= nearly_all


def _passed_on(tree: CallTree, functions: set[int]) -> Steps[dict[int, Collection[float]]]:
    """Return for each function what goes on through each other of them that it calls, at once or in between."""
    through: dict[int, dict[int, float]] = {function: defaultdict(float) for function in functions}
    parent, function, total = tree.parent, tree.function, tree.total_weight
    nearest = array("i", [NONE])
    """Of each node: the function of these that it is, or that the nearest one above it is."""
    for node in range(1, len(tree)):
        caller, callee = nearest[parent[node]], function[node]
        nearest.append(callee if callee in through else caller)
        if callee in through and caller not in (NONE, callee) and tree.outermost[node]:
            through[caller][callee] += total[node]
        if not node % STEP:
            yield
    return {caller: callees.values() for caller, callees in through.items()}
