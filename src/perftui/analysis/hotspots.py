"""The flat table: functions ranked by what they cost, and what the rest that is not listed costs together."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from typing import NamedTuple

from perftui.analysis.call_tree import CallTree
from perftui.model.hotspot import Hotspot


class SortBy(Enum):
    """What the flat table is ranked by."""

    SELF = "self"
    TOTAL = "total"
    NAME = "name"


STAYS = 0.8
"""A row that is listed stays until it is so much below the least share, so that none comes and goes."""


class Rest(NamedTuple):
    """Functions that a table does not list one by one."""

    functions: int
    self_share: float
    """Their self weight together, 0 to 1 of the whole."""


class Listing(NamedTuple):
    """The rows of a table and what they leave out; together they are the whole."""

    rows: list[Hotspot]
    rest: Rest


def listing(
    tree: CallTree,
    *,
    sort: SortBy = SortBy.SELF,
    top: int | None = None,
    line_counts: Mapping[tuple[int, int], int] | None = None,
    least: float = 0.0,
    listed: Collection[int] = (),
    always: int | None = None,
) -> Listing:
    """Return the functions of a flushed tree that are large enough to be listed, the dearest first.

    Args:
        tree: Weights in any unit.
        sort: What to rank by, and what must be large enough: self, but for a ranking by total.
        top: At most so many rows.
        line_counts: As `hotspots` takes them.
        least: Share of the whole, 0 to 1, below which functions are not listed.
        listed: Function ids that are listed already.
        always: A function id that is listed however small it is.
    """
    weights = tree.function_total_weight if sort is SortBy.TOTAL else tree.function_self_weight
    enough, still_enough = least * tree.weight, STAYS * least * tree.weight

    def accept(i: int) -> bool:
        return weights[i] >= enough or (i in listed and weights[i] >= still_enough) or i == always

    rows = hotspots(tree, sort=sort, top=top, line_counts=line_counts, accept=accept if least > 0 else None)
    return Listing(rows, rest_of(tree, rows))


def rest_of(tree: CallTree, rows: Sequence[Hotspot]) -> Rest:
    """Return what rows of a tree leave out."""
    seen = sum(1 for weight in tree.function_total_weight if weight)
    left = sum(tree.function_self_weight) - sum(row.self_weight for row in rows)
    return Rest(seen - len(rows), max(0.0, left / (tree.weight or 1.0)))


def rows_of(
    tree: CallTree, functions: Iterable[int], line_counts: Mapping[tuple[int, int], int] | None = None
) -> list[Hotspot]:
    """Return the rows of functions, by id, in the order given."""
    chosen = list(functions)
    lines = _hottest_lines(line_counts or {}, set(chosen))
    return [_hotspot(tree, i, lines.get(i)) for i in chosen]


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
    return rows_of(tree, ranked, line_counts)


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
