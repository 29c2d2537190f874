"""Which lines a scope charges self weights to: of a stack whose last frames are taken out, a line above them."""

from __future__ import annotations

from array import array
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
        self._kept_places = array("i")
        """By stack table node the nearest one whose frame is kept, itself or above it; the root for none."""
        self._taken_out = bytearray()
        """By frame whether it is taken out."""
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
        sums: dict[int, int] = {}
        # Many stacks are charged to one place: what a line is called is looked up once for all of them.
        for at, (weight, count) in zip(map(self.own_place, stacks), stacks.values(), strict=True):
            sums[at] = sums.get(at, 0) + (int(weight) if in_bytes else count)
        for at, many in sums.items():
            place = places.get(at) or self._line_place(at)
            if place != _NOWHERE:
                lines[place] = lines.get(place, 0) + many

    def fold_row(self, leaves: Sequence[int], counts: Sequence[int]) -> None:
        """Add the samples of each of some stacks; in the next row these are the same, and others behind them."""
        lines, places = self.counts, self._places_of_row
        assert lines is not None
        known = self._line_places
        own = map(self.own_place, leaves[len(places) :])
        places.extend(known.get(at) or self._line_place(at) for at in own)
        for place, count in compress(zip(places, counts, strict=False), counts):
            lines[place] = lines.get(place, 0) + count
        lines.pop(_NOWHERE, None)

    def own_place(self, leaf: int) -> int:
        """Return the stack table node that a stack's self weight is charged to; the root where no frame is left."""
        if not isinstance(self._tree, Reshaped):
            return leaf
        if leaf >= len(self._kept_places):
            self._keep_places()
        return self._kept_places[leaf]

    def _line_place(self, at: int) -> tuple[int, int]:
        """Return the (function id of the tree, line) of a stack table node that self weight is charged to."""
        tree, aggregate = self._tree, self._aggregate
        node = tree.node_of(aggregate.tree_node[at])
        place = _NOWHERE
        if node != ROOT:
            frame, function = aggregate.frames[aggregate.node_frame[at]], tree.function[node]
            # What stands for a whole package has no lines.
            place = function, frame.line if tree.functions[function].file == frame.file else 0
        self._line_places[at] = place
        return place

    def _keep_places(self) -> None:
        """Take in what the aggregate has gained: one pass, parents before their children."""
        aggregate, tree, kept, out = self._aggregate, self._tree, self._kept_places, self._taken_out
        tree.sync()
        out.extend(map(self._rules.takes_out, aggregate.frames[len(out) :]))
        first = len(kept)
        rows = zip(
            range(first, len(aggregate.tree_node)),
            aggregate.node_parent[first:],
            aggregate.node_frame[first:],
            aggregate.tree_node[first:],
            strict=True,
        )
        for leaf, above, frame, node in rows:
            if leaf and out[frame]:
                kept.append(kept[above])
            else:
                # Above the function that stacks begin with, no frame is left.
                kept.append(ROOT if tree.node_of(node) == ROOT else leaf)
