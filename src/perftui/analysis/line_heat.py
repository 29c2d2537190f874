"""The heat of a source file: what each of its lines costs, itself and with what it calls, through any scope."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import NamedTuple

from perftui.analysis.scoped_lines import StackWeights
from perftui.analysis.scoped_profile import ScopedProfile
from perftui.analysis.time_sums import Held


class LineWeight(NamedTuple):
    """What one line costs."""

    self_weight: float
    """Of stacks that end in this line; through a scope, also of what was taken out below it."""
    total_weight: float
    """Of stacks that hold this line, recursion counted once a stack."""
    self_count: int
    total_count: int


# Walking to the root from a stack, by way of its lines in the file, costs about so many steps of one pass.
_WALK = 4
_COLD = LineWeight(0.0, 0.0, 0, 0)


class LineHeat:
    """The lines of one file, from the stacks of a scoped profile; `update` folds only what is new in it."""

    def __init__(self, profile: ScopedProfile, file: str) -> None:
        self.profile = profile
        self.file = file
        self.lines: dict[int, LineWeight] = {}
        """By line number; none that weighs nothing. Line 0 is of frames whose line is not known."""
        self._line_of = array("q", [-1])
        """Line of each stack table node that is in the file, -1 elsewhere."""
        self._counts_at = array("i", [0])
        """The nearest node, itself or above, whose line counts: in the file, and not above itself already; or 0."""
        self._in_file = bytearray()
        """1 by frame id where a frame is in the file."""
        self._function_of: dict[int, str] = {}
        """Line to the function that it is in; none for a line that several share."""
        self._seen = (-1, -1)
        self.update()

    def update(self) -> bool:
        """Take in what the profile has folded since the last time; say whether anything may have changed."""
        profile = self.profile
        now = (profile.rebuilds, profile.folds)
        if now == self._seen:
            return False
        self._grow()
        if now == (self._seen[0], self._seen[1] + 1):
            self._add((leaf, held) for (_, leaf), held in profile.last_change.items())
        else:
            self.lines = {}
            self._add_all(profile.stacks())
        self._seen = now
        return True

    @property
    def hottest(self) -> int | None:
        """The line with most self weight, the first of equals; None where no line has any."""
        best = max(self.lines, key=lambda line: (self.lines[line].self_weight, -line), default=None)
        return best if best is not None and self.lines[best].self_weight > 0 else None

    def _grow(self) -> None:
        """Look at the frames and nodes that the stack table has gained."""
        aggregate = self.profile.aggregate
        for frame in aggregate.frames[len(self._in_file) :]:
            self._in_file.append(frame.file == self.file)
            if frame.file == self.file and self._function_of.setdefault(frame.line, frame.function) != frame.function:
                self._function_of[frame.line] = ""
        frames, in_file, line_of, counts_at = aggregate.frames, self._in_file, self._line_of, self._counts_at
        first = len(line_of)
        new = zip(aggregate.node_parent[first:], aggregate.node_frame[first:], strict=True)
        for node, (parent, frame_id) in enumerate(new, start=first):
            if not in_file[frame_id]:
                line_of.append(-1)
                counts_at.append(counts_at[parent])
                continue
            line_of.append(max(0, frames[frame_id].line))
            counts_at.append(counts_at[parent] if self._stands_above(node, parent) else node)

    def _stands_above(self, node: int, parent: int) -> bool:
        """Say whether a node's line stands above it already."""
        aggregate, line = self.profile.aggregate, self._line_of[node]
        alone = bool(self._function_of.get(line))
        if alone and aggregate.tree.outermost[aggregate.tree_node[node]]:
            return False
        above = self._counts_at[parent]
        while above and self._line_of[above] != line:
            above = self._counts_at[aggregate.node_parent[above]]
        return above != 0

    def _add_all(self, stacks: StackWeights) -> None:
        """Weigh all lines: from the stacks that hold any, or in one pass over the stack table where these are many."""
        counts_at, line_of, own_place = self._counts_at, self._line_of, self.profile.own_place
        holding = [(leaf, held) for leaf, held in stacks.items() if counts_at[leaf] or line_of[own_place(leaf)] >= 0]
        if len(holding) * _WALK < len(line_of):
            self._add(holding)
        else:
            self._add_in_one_pass(holding)

    def _add_in_one_pass(self, stacks: Iterable[tuple[int, Held]]) -> None:
        nodes = len(self._line_of)
        weights, counts = [0.0] * nodes, [0] * nodes
        own_place, line_of = self.profile.own_place, self._line_of
        for leaf, (weight, count) in stacks:
            weights[leaf], counts[leaf] = weight, count
            line = line_of[own_place(leaf)]
            if line >= 0:
                self._put(line, weight, count, 0.0, 0)
        for node, parent in zip(
            range(nodes - 1, 0, -1), reversed(self.profile.aggregate.node_parent[:nodes]), strict=False
        ):
            if weights[node] or counts[node]:
                weights[parent] += weights[node]
                counts[parent] += counts[node]
        self._put_totals(weights, counts)

    def _put_totals(self, weights: list[float], counts: list[int]) -> None:
        totals: dict[int, tuple[float, int]] = {}
        rows = zip(self._counts_at, self._line_of, weights, counts, strict=True)
        for node, (counts_at, line, weight, count) in enumerate(rows):
            if counts_at == node and node and (weight or count):
                known = totals.get(line, (0.0, 0))
                totals[line] = (known[0] + weight, known[1] + count)
        for line, (weight, count) in totals.items():
            self._put(line, 0.0, 0, weight, count)

    def _add(self, stacks: Iterable[tuple[int, Held]]) -> None:
        """Weigh the lines of some stacks, walking to the root from each."""
        parents, counts_at, line_of = self.profile.aggregate.node_parent, self._counts_at, self._line_of
        for leaf, (weight, count) in stacks:
            own = line_of[self.profile.own_place(leaf)]
            if own >= 0:
                self._put(own, weight, count, 0.0, 0)
            node = counts_at[leaf]
            while node:
                self._put(line_of[node], 0.0, 0, weight, count)
                node = counts_at[parents[node]]

    def _put(self, line: int, own: float, own_count: int, total: float, total_count: int) -> None:
        known = self.lines.get(line, _COLD)
        heat = LineWeight(known[0] + own, known[1] + total, known[2] + own_count, known[3] + total_count)
        if heat == _COLD:
            self.lines.pop(line, None)
        else:
            self.lines[line] = heat
