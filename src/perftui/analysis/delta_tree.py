"""The union of two call trees with the weights of both sides: what the differential icicle is drawn from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from enum import Enum
from functools import cached_property
from operator import sub
from typing import Protocol

from perftui.analysis.call_tree import NONE, ROOT, FunctionKey, function_key
from perftui.analysis.compare import REST, DeltaKind, Seen, Side, Tolerance, kind_of, tolerance_of
from perftui.analysis.count_tree import CountTree
from perftui.analysis.run_holdings import named_holdings
from perftui.analysis.union_tree import UnionTree, distinct
from perftui.analysis.union_widths import UnionWidths
from perftui.model.change import ChangeVerdict
from perftui.model.frame import Frame

_ROUNDING = 1e-9
_MORE = (DeltaKind.GREW, DeltaKind.APPEARED)
_VERDICTS = {
    DeltaKind.GREW: ChangeVerdict.SLOWER,
    DeltaKind.SHRANK: ChangeVerdict.FASTER,
    DeltaKind.APPEARED: ChangeVerdict.APPEARED,
    DeltaKind.VANISHED: ChangeVerdict.VANISHED,
    DeltaKind.UNCLEAR: ChangeVerdict.WITHIN_NOISE,
}


class Width(Enum):
    """What the width of a node of a delta tree stands for."""

    LARGER = "larger side"
    """The larger self weight of the two sides, summed: it adds up, and what vanished keeps its width."""
    BEFORE = "baseline"
    AFTER = "current"
    CHANGE = "change"
    """The difference of the self weights of the two sides, whichever is larger, summed."""


class JudgesPaths(Protocol):
    """What the samples of a path are held against: a `PathTest`, or what stands in for it."""

    def verdict(self, before: float, after: float) -> ChangeVerdict:
        """Return what so many samples of baseline and current tell."""


class DeltaTree:
    """The union of two call trees; a node's width is the subtree sum of the larger self weight of the two sides.

    That width adds up and keeps vanished paths visible. It serves the same layout as a call tree does. Columns are by
    node of the union. `baseline_scale` and `current_scale` turn weights into what is compared (1 for absolute,
    1/whole for shares).
    """

    def __init__(
        self,
        baseline: Side,
        current: Side,
        *,
        share: bool = False,
        width: Width = Width.LARGER,
        union: UnionTree | None = None,
        test: JudgesPaths | None = None,
        whole: ChangeVerdict | None = None,
    ) -> None:
        """Unite two sides.

        Args:
            baseline: The one side.
            current: The other.
            share: Weights become shares of each side.
            width: What the width of a node stands for.
            union: The union of two trees with the nodes of these, where it is known already.
            test: What samples of a path are held against; without it, against their own deviation.
            whole: What is said of the root, where weights are absolute: its share is all of each side.
        """
        self.unit = baseline.tree.unit
        self.share = share
        """Weights are shares of each side, not absolute."""
        self.width = width
        before, before_names = distinct(baseline.tree, list(map(baseline.named, baseline.tree.functions)))
        after, after_names = distinct(current.tree, list(map(current.named, current.tree.functions)))
        if union is None:
            union = UnionTree(before, after, before_names, after_names)
        self.union = union
        old = CountTree(before) if isinstance(baseline.tree, CountTree) else before
        new = CountTree(after) if isinstance(current.tree, CountTree) else after
        self.baseline_scale = 1 / (baseline.tree.weight or 1.0) if share else 1.0
        self.current_scale = 1 / (current.tree.weight or 1.0) if share else 1.0
        self.baseline_self = union.over_first(old.self_weight, self.baseline_scale)
        self.current_self = union.over_second(new.self_weight, self.current_scale)
        self.baseline_total = union.over_first(old.total_weight, self.baseline_scale)
        self.current_total = union.over_second(new.total_weight, self.current_scale)
        self.baseline_total_count = union.over_first(old.total_count)
        self.current_total_count = union.over_second(new.total_count)
        self._tolerance = tolerance_of(baseline, current, scale=max(self.baseline_scale, self.current_scale))
        self._rest = union.function_ids.get(REST, NONE)
        self._apart = _apart(baseline, current)
        self._test, self._whole = test, None if share else whole
        self._verdicts: dict[int, ChangeVerdict] = {}
        """Of the nodes that were asked for."""
        self._told: dict[tuple[float, float], ChangeVerdict] = {}
        """By what was seen on both sides: thousands of paths were seen as often as others."""
        self.functions = union.functions

    def __len__(self) -> int:
        return len(self.union)

    def as_wide_as(self, width: Width) -> DeltaTree:
        """Return the same tree with another meaning of its widths; all else is shared."""
        if width is self.width:
            return self
        twin = copy(self)
        twin.width = width
        for made in ("self_weight", "total_weight"):
            twin.__dict__.pop(made, None)
        return twin

    # Widths.

    @cached_property
    def self_weight(self) -> Sequence[float]:
        """Width of each node alone."""
        match self.width:
            case Width.BEFORE:
                return self.baseline_self
            case Width.AFTER:
                return self.current_self
            case Width.LARGER:
                return list(map(max, self.baseline_self.values(), self.current_self.values()))
            case Width.CHANGE:
                return list(map(abs, map(sub, self.baseline_self.values(), self.current_self.values())))

    @cached_property
    def total_weight(self) -> Sequence[float]:
        """Width of each node with everything below it."""
        match self.width:
            case Width.BEFORE:
                return self.baseline_total.values()
            case Width.AFTER:
                return self.current_total.values()
            case Width.LARGER:
                return self._both_less(1)
            case Width.CHANGE:
                # Where nothing changed, rounding leaves something.
                return self._both_less(2, least=_ROUNDING * (self.baseline_total[ROOT] + self.current_total[ROOT]))

    @cached_property
    def total_count(self) -> Sequence[int]:
        """The larger number of samples (or allocations) of each node with everything below it."""
        return list(map(int, map(max, self.baseline_total_count.values(), self.current_total_count.values())))

    def _both_less(self, times: int, *, least: float = -1.0) -> Sequence[float]:
        """Return the sum of both sides' totals without so many times what is the same in both, node by node."""
        selfs, totals = (self.baseline_self, self.current_self), (self.baseline_total, self.current_total)
        return UnionWidths(self.union, selfs, totals, times=times, least=least)

    @cached_property
    def parent(self) -> Sequence[int]:
        """Parent of each node, -1 for the root."""
        return self.union.parent

    @cached_property
    def function(self) -> Sequence[int]:
        """Function id of each node, -1 for the root."""
        return self.union.function

    @cached_property
    def depth(self) -> Sequence[int]:
        """Depth of each node, 0 for the root."""
        return self.union.depth

    # Nodes.

    def children(self, node: int) -> Iterator[int]:
        """Yield the children of a node in the order they were first seen, the baseline's before the current's."""
        return self.union.children(node)

    def frame(self, node: int) -> Frame | None:
        """Return the frame of a node; the root has none."""
        return self.union.frame(node)

    def path(self, node: int) -> tuple[FunctionKey, ...]:
        """Return the identities of the functions from below the root to the node."""
        return self.union.path(node)

    def nearest(self, path: Sequence[FunctionKey]) -> int:
        """Return the node of a path, or its nearest living ancestor."""
        return self.union.nearest(path)

    def delta(self, node: int) -> float:
        """Return the change of a node's total weight."""
        return self.current_total[node] - self.baseline_total[node]

    @property
    def sampled(self) -> bool:
        """Whether weights rest on samples, and not on all that happened."""
        return self._tolerance is None

    def verdict(self, node: int) -> ChangeVerdict:
        """Return what is said of a path."""
        found = self._verdicts.get(node)
        if found is None:
            found = self._verdicts[node] = self._judged(node)
        return found

    def _judged(self, node: int) -> ChangeVerdict:
        if node == ROOT and self._whole is not None:
            return self._whole
        if self._test is not None and self.sampled:
            seen = self.baseline_total_count[node], self.current_total_count[node]
            said = self._told.get(seen)
            if said is None:
                said = self._told[seen] = self._test.verdict(*seen)
            # Beyond what all functions share it may have gone the other way: no word says the opposite of its figure.
            grew = self.delta(node)
            against = (said is ChangeVerdict.SLOWER and grew <= 0) or (said is ChangeVerdict.FASTER and grew >= 0)
            return ChangeVerdict.INCONCLUSIVE if against else said
        return _VERDICTS[self.kind(node)]

    def kind(self, node: int) -> DeltaKind:
        """Say what a node's totals tell."""
        before = Seen(self.baseline_total[node], self.baseline_total_count[node])
        after = Seen(self.current_total[node], self.current_total_count[node])
        if self._tolerance is None:
            return kind_of(before, after)
        return self._exact_kind(node, before, after, self._room(node, self._tolerance))

    def _room(self, node: int, tolerance: Tolerance) -> Tolerance:
        """Return what the totals of a path may differ by: also by what its function does between runs of a side."""
        if not self._apart or not node:
            return tolerance
        apart = self._apart.get(function_key(self.functions[self.function[node]]), 0.0)
        return Tolerance(tolerance.share, tolerance.floor + max(self.baseline_scale, self.current_scale) * apart)

    def _exact_kind(self, node: int, before: Seen, after: Seen, tolerance: Tolerance) -> DeltaKind:
        # A side lists what is large enough to be drawn. A node that it does not list may be within the rest of its
        # nearest listed ancestor, so it only appeared where it is more than all of that.
        if node and self.function[node] == self._rest:
            return DeltaKind.UNCLEAR
        hidden_before = 0.0 if before.samples else self._unlisted(node, self.baseline_total)
        hidden_after = 0.0 if after.samples else self._unlisted(node, self.current_total)
        kind = kind_of(
            Seen(before.weight + hidden_before, before.samples + bool(hidden_before)),
            Seen(after.weight + hidden_after, after.samples + bool(hidden_after)),
            tolerance,
        )
        shrank_into_rest = kind in (DeltaKind.SHRANK, DeltaKind.VANISHED) and hidden_before
        return DeltaKind.UNCLEAR if shrank_into_rest or (kind in _MORE and hidden_after) else kind

    def _unlisted(self, node: int, totals: Sequence[float]) -> float:
        while node and not totals[node]:
            node = self.parent[node]
        rest = NONE if self._rest == NONE else self.union.find_child(node, self._rest)
        return 0.0 if rest == NONE else totals[rest]


def _apart(baseline: Side, current: Side) -> dict[FunctionKey, float]:
    """Return how far the totals of functions are apart in the runs of one side; nothing of single runs."""
    found: dict[FunctionKey, float] = {}
    for runs in map(named_holdings, (baseline, current)):
        for key in {key for run in runs for key in run.functions}:
            totals = [run.of(key).total for run in runs]
            found[key] = max(found.get(key, 0.0), max(totals) - min(totals))
    return found
