"""The flat table: functions ranked by what they cost."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum

from perftui.analysis.call_tree import CallTree
from perftui.model.hotspot import Hotspot


class SortBy(Enum):
    """What the flat table is ranked by."""

    SELF = "self"
    TOTAL = "total"
    NAME = "name"


def hotspots(
    tree: CallTree,
    *,
    sort: SortBy = SortBy.SELF,
    top: int | None = None,
    line_counts: Mapping[tuple[int, int], int] | None = None,
    accept: Callable[[int], bool] | None = None,
) -> list[Hotspot]:
    """Return the functions of a flushed tree, the dearest first.

    Args:
        tree: Weights in any unit.
        sort: What to rank by; ties go by name, so rows that cost the same keep still.
        top: At most so many rows.
        line_counts: (function id, line) to samples or bytes; where given, a row's line is the one with most.
        accept: Function ids to keep.
    """
    own, total = tree.function_self_weight, tree.function_total_weight
    ids = [i for i in range(len(tree.functions)) if total[i] and (accept is None or accept(i))]
    functions = tree.functions

    def by_self(i: int) -> tuple[float, float, str, str]:
        return -own[i], -total[i], functions[i].function, functions[i].file

    def by_total(i: int) -> tuple[float, float, str, str]:
        return -total[i], -own[i], functions[i].function, functions[i].file

    def by_name(i: int) -> tuple[float, float, str, str]:
        return 0.0, 0.0, functions[i].function, functions[i].file

    key = {SortBy.SELF: by_self, SortBy.TOTAL: by_total, SortBy.NAME: by_name}[sort]
    ranked = sorted(ids, key=key) if top is None else heapq.nsmallest(top, ids, key=key)
    lines = _hottest_lines(line_counts or {}, set(ranked))
    return [_hotspot(tree, i, lines.get(i)) for i in ranked]


def _hotspot(tree: CallTree, function: int, line: int | None) -> Hotspot:
    whole = tree.weight or 1.0
    frame = tree.functions[function]
    return Hotspot(
        frame=frame if line is None else replace(frame, line=line),
        self_weight=tree.function_self_weight[function],
        total_weight=tree.function_total_weight[function],
        self_share=tree.function_self_weight[function] / whole,
        total_share=tree.function_total_weight[function] / whole,
        self_count=tree.function_self_count[function],
        total_count=tree.function_total_count[function],
        function_id=function,
    )


def _hottest_lines(line_counts: Mapping[tuple[int, int], int], wanted: set[int]) -> dict[int, int]:
    best: dict[int, tuple[int, int]] = {}
    for (function, line), count in line_counts.items():
        if function in wanted and (count, -line) > best.get(function, (0, 0)):
            best[function] = (count, -line)
    return {function: -line for function, (_, line) in best.items()}
