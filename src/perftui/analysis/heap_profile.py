"""The heap profile: one view of the heap of all processes, a tree for the flames and an exact table beside it."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from perftui.analysis.aggregate import Aggregate
from perftui.analysis.call_tree import CallTree, FunctionKey, function_key
from perftui.analysis.compare import Evidence, Side
from perftui.analysis.count_tree import CountTree
from perftui.analysis.hotspots import STAYS, Listing, Rest
from perftui.analysis.run_holdings import Amounts, RunHoldings
from perftui.analysis.split import Split
from perftui.model.frame import Frame
from perftui.model.heap import FunctionRow, HeapDelta, HeapTotals
from perftui.model.hotspot import Hotspot
from perftui.units import Unit


class HeapSort(Enum):
    """What the allocation table is ranked by."""

    SELF = "self"
    TOTAL = "total"
    COUNT = "count"
    """Number of allocations, self first."""
    NAME = "name"


@dataclass(slots=True)
class _Sums:
    frame: Frame
    self_bytes: int = 0
    total_bytes: int = 0
    self_count: int = 0
    total_count: int = 0
    most: int = -1
    """Self bytes of the row that the frame was taken from."""


class HeapProfile:
    """One view, fed with deltas; the tree is an ordinary call tree in bytes, counts are allocations."""

    def __init__(self) -> None:
        self.aggregate = Aggregate(Unit.BYTES)
        self.totals: dict[int, HeapTotals] = {}
        """By process."""
        self._functions: dict[int, tuple[FunctionRow, ...]] = {}
        self.counts = CountTree(self.aggregate.tree)
        """The tree by number of allocations; always the same object."""
        self._counts: dict[Split, CountTree] = {Split.NONE: self.counts}

    @property
    def tree(self) -> CallTree:
        """Threads and processes merged."""
        return self.aggregate.tree

    def flames(self, *, split: Split = Split.NONE, by_count: bool = False) -> CallTree | CountTree:
        """Return the tree that flames are drawn from; the same object whenever the same one is asked for."""
        tree = self.aggregate.split_by(split)
        if not by_count:
            return tree
        counts = self._counts.get(split)
        if counts is None:
            counts = self._counts[split] = CountTree(tree)
        return counts

    @property
    def total_bytes(self) -> int:
        """Bytes of all processes together."""
        return sum(totals.total_bytes for totals in self.totals.values())

    @property
    def allocations(self) -> int:
        """Allocations of all processes together."""
        return sum(totals.allocations for totals in self.totals.values())

    @property
    def stacks(self) -> int:
        """Distinct stacks of all processes together."""
        return sum(totals.stacks for totals in self.totals.values())

    @property
    def exact(self) -> bool:
        """Whether every process was seen exactly, not only sampled."""
        return all(totals.exact for totals in self.totals.values())

    @property
    def at_s(self) -> float:
        """Moment of the newest picture."""
        return max((totals.at_s for totals in self.totals.values()), default=0.0)

    def apply(self, delta: HeapDelta) -> None:
        """Fold one delta in."""
        self.aggregate.apply(delta.profile)
        self.totals.update(delta.totals)
        self._functions.update(delta.functions)

    def functions(self) -> Iterator[Frame]:
        """Yield the functions of the exact tables, one of several processes as often as it has them."""
        return (row.frame for rows in self._functions.values() for row in rows)

    def side(self, root: str = "", *, by_count: bool = False) -> Side:
        """Return this view as one side of a comparison; file names are made relative to `root`."""
        evidence = Evidence.EVERYTHING if self.exact else Evidence.LOOKS
        return Side(self.flames(by_count=by_count), root, evidence, self.rows())

    def holdings(self, *, by_count: bool = False) -> RunHoldings:
        """Return what was held in all and by function: bytes, or allocations."""
        rows = self._sums()
        if by_count:
            counts = {function_key(row.frame): Amounts(row.self_count, row.total_count) for row in rows}
            return RunHoldings(self.allocations, counts)
        held = {function_key(row.frame): Amounts(row.self_bytes, row.total_bytes) for row in rows}
        return RunHoldings(self.total_bytes, held)

    def rows(
        self,
        *,
        sort: HeapSort = HeapSort.SELF,
        top: int | None = None,
        accept: Callable[[Frame], bool] | None = None,
        changes: bool = False,
    ) -> list[Hotspot]:
        """Return the functions that hold something, the greatest first; exact however small their stacks are.

        Of `changes`, which may be negative, the greatest in either direction come first.
        """
        holding = (row for row in self._sums() if row.total_bytes or row.total_count)
        accepted = (row for row in holding if accept is None or accept(row.frame))
        return self._ranked(accepted, _by_change(sort) if changes else _KEYS[sort], top)

    def listing(
        self,
        *,
        sort: HeapSort = HeapSort.SELF,
        top: int | None = None,
        changes: bool = False,
        least: float = 0.0,
        listed: Collection[FunctionKey] = (),
        always: FunctionKey | None = None,
    ) -> Listing:
        """Return the functions that hold enough to be listed and what the others hold; see `hotspots.listing`.

        `listed` and `always` name functions by their identity; a ranking by count asks for a share of allocations. Of
        `changes` the share is one of all that changed in either direction.
        """
        holding = [row for row in self._sums() if row.total_bytes or row.total_count]
        if changes:
            whole = sum(abs(_amount(row, sort)) for row in holding)
        else:
            whole = self.allocations if sort is HeapSort.COUNT else self.total_bytes
        enough, still_enough = least * whole, STAYS * least * whole

        def accept(row: _Sums) -> bool:
            amount, key = abs(_amount(row, sort)), function_key(row.frame)
            return amount >= enough or (key in listed and amount >= still_enough) or key == always

        chosen = filter(accept, holding) if least > 0 else holding
        rows = self._ranked(chosen, _by_change(sort) if changes else _KEYS[sort], top)
        left = sum(row.self_bytes for row in holding) - sum(row.self_weight for row in rows)
        return Listing(rows, Rest(len(holding) - len(rows), left / (self.total_bytes or 1)))

    def _ranked(
        self, sums: Iterable[_Sums], key: Callable[[_Sums], tuple[int, int, str, str]], top: int | None
    ) -> list[Hotspot]:
        whole_bytes = self.total_bytes or 1
        ranked = sorted(sums, key=key) if top is None else heapq.nsmallest(top, sums, key=key)
        return [self._hotspot(row, whole_bytes) for row in ranked]

    def _hotspot(self, row: _Sums, whole_bytes: int) -> Hotspot:
        return Hotspot(
            frame=row.frame,
            self_weight=row.self_bytes,
            total_weight=row.total_bytes,
            self_share=row.self_bytes / whole_bytes,
            total_share=row.total_bytes / whole_bytes,
            self_count=row.self_count,
            total_count=row.total_count,
            function_id=self.tree.function_ids.get(function_key(row.frame), -1),
        )

    def _sums(self) -> Iterable[_Sums]:
        found: dict[FunctionKey, _Sums] = {}
        for rows in self._functions.values():
            for row in rows:
                key = function_key(row.frame)
                sums = found.get(key)
                if sums is None:
                    sums = found[key] = _Sums(row.frame)
                if row.self_bytes > sums.most:
                    sums.frame, sums.most = row.frame, row.self_bytes
                sums.self_bytes += row.self_bytes
                sums.total_bytes += row.total_bytes
                sums.self_count += row.self_count
                sums.total_count += row.total_count
        return found.values()


def _amount(row: _Sums, sort: HeapSort) -> int:
    match sort:
        case HeapSort.TOTAL:
            return row.total_bytes
        case HeapSort.COUNT:
            return row.self_count
        case HeapSort.SELF | HeapSort.NAME:
            return row.self_bytes


def _by_self(row: _Sums) -> tuple[int, int, str, str]:
    return -row.self_bytes, -row.total_bytes, row.frame.function, row.frame.file


def _by_total(row: _Sums) -> tuple[int, int, str, str]:
    return -row.total_bytes, -row.self_bytes, row.frame.function, row.frame.file


def _by_count(row: _Sums) -> tuple[int, int, str, str]:
    return -row.self_count, -row.total_count, row.frame.function, row.frame.file


def _by_name(row: _Sums) -> tuple[int, int, str, str]:
    return 0, 0, row.frame.function, row.frame.file


def _by_change(sort: HeapSort) -> Callable[[_Sums], tuple[int, int, str, str]]:
    rank = _KEYS[sort]

    def key(row: _Sums) -> tuple[int, int, str, str]:
        first, second, function, file = rank(row)
        return -abs(first), -abs(second), function, file

    return key


_KEYS = {HeapSort.SELF: _by_self, HeapSort.TOTAL: _by_total, HeapSort.COUNT: _by_count, HeapSort.NAME: _by_name}
