"""Which lines a scope charges self weights to: of a stack whose last frames are taken out, a line above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import compress

from perftui.analysis.aggregate import Aggregate
from perftui.analysis.call_tree import ROOT
from perftui.analysis.derived_tree import DerivedTree
from perftui.analysis.reshaped_tree import Reshaped, Rules
from perftui.analysis.time_sums import Held
from perftui.units import Unit

_NOWHERE = (-1, 0)
StackWeights = Mapping[int, Held]
"""Stack table node to (weight, count), all threads together."""


class ScopedLines:
    """The lines of one tree of a scope, by function; where a stack is charged to does not change."""

    def __init__(self, aggregate: Aggregate, tree: DerivedTree, rules: Rules) -> None:
        self.counts: dict[tuple[int, int], int] | None = None
        """(function id of the tree, line) to samples, or bytes where these are the unit; None before one begins."""
        self._aggregate, self._tree, self._rules = aggregate, tree, rules
        self._kept_places: dict[int, int] = {}
        self._line_places: dict[int, tuple[int, int]] = {}
        self._places_of_row: list[tuple[int, int]] = []

    def begin(self) -> None:
        """Count from nothing on."""
        self.counts = {}

    def fold(self, stacks: StackWeights) -> None:
        """Add stacks, where lines are counted at all."""
        lines, places = self.counts, self._line_places
        if lines is None:
            return
        in_bytes = self._tree.unit is Unit.BYTES
        for leaf, (weight, count) in stacks.items():
            place = places.get(leaf) or self._line_place(leaf)
            if place != _NOWHERE:
                lines[place] = lines.get(place, 0) + (int(weight) if in_bytes else count)

    def fold_row(self, leaves: Sequence[int], counts: Sequence[int]) -> None:
        """Add the samples of each of some stacks; in the next row these are the same, and others behind them."""
        lines, places = self.counts, self._places_of_row
        assert lines is not None
        places.extend(map(self._line_place, leaves[len(places) :]))
        for place, count in compress(zip(places, counts, strict=False), counts):
            lines[place] = lines.get(place, 0) + count
        lines.pop(_NOWHERE, None)

    def own_place(self, leaf: int) -> int:
        """Return the stack table node that a stack's self weight is charged to; the root where no frame is left."""
        if not isinstance(self._tree, Reshaped):
            return leaf
        found = self._kept_places.get(leaf)
        if found is None:
            found = self._kept_places[leaf] = self._nearest_kept(leaf)
        return found

    def _line_place(self, leaf: int) -> tuple[int, int]:
        """Return the (function id of the tree, line) that a stack's self weight is charged to."""
        tree, aggregate = self._tree, self._aggregate
        at = self.own_place(leaf)
        node = tree.node_of(aggregate.tree_node[at])
        place = _NOWHERE
        if node != ROOT:
            frame, function = aggregate.frames[aggregate.node_frame[at]], tree.function[node]
            # What stands for a whole package has no lines.
            place = function, frame.line if tree.functions[function].file == frame.file else 0
        self._line_places[leaf] = place
        return place

    def _nearest_kept(self, leaf: int) -> int:
        aggregate, takes_out = self._aggregate, self._rules.takes_out
        while leaf and takes_out(aggregate.frames[aggregate.node_frame[leaf]]):
            leaf = aggregate.node_parent[leaf]
        # Above the function that stacks begin with, no frame is left.
        return ROOT if self._tree.node_of(aggregate.tree_node[leaf]) == ROOT else leaf
