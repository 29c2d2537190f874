"""A call tree as rows that open and close: which of them are seen, in an order that stays while weights grow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from perftui.analysis.call_tree import ROOT, FunctionKey
from perftui.analysis.flame_layout import WeightedTree, heaviest_child

FIRST_CHILDREN = 20
"""Children of a node that are seen at first; the others are folded into one row."""
MORE_CHILDREN = 100
"""Children that are taken out of that row at once."""
MOST_REMEMBERED = 2_000
"""Open paths that another tree does not have and that are kept until it is looked at again."""
_HOT_SHARE = 0.5
_FIRST_LEVELS = 12
_ROUNDING = 1e-9
_RAIL, _NO_RAIL = "│ ", "  "


class OpenableTree(WeightedTree, Protocol):
    """What is needed of a tree beside its layout."""

    @property
    def self_weight(self) -> Sequence[float]:
        """Weight of each node alone."""

    def path(self, node: int) -> tuple[FunctionKey, ...]:
        """Return the identities of the functions from below the root to the node."""

    def nearest(self, path: Sequence[FunctionKey]) -> int:
        """Return the node of a path, or its nearest living ancestor."""


class TreeRow(NamedTuple):
    """A row: a node, or the remainder of a node's children."""

    node: int
    """The node; of a remainder, the parent of what is folded."""
    rails: str = ""
    """What leads to it from the left, two cells a level: a line for each node above that has siblings below."""
    last: bool = True
    """Whether no sibling follows."""
    folded: int = 0
    """Number of children in a remainder, 0 for a node's own row."""
    weight: float = 0.0
    """Weight of a remainder."""


class OpenTree:
    """The rows of a tree that may grow; siblings stand by weight, or by name, as it was when their parent was opened.

    `update` takes in what the tree has gained: new siblings come last, so that no row changes its place.
    """

    def __init__(self, tree: OpenableTree, *, by_name: bool = False) -> None:
        self.tree = tree
        self.rows: list[TreeRow] = []
        """What is seen from top to bottom, the root first."""
        self._by_name = by_name
        self._open: set[int] = set()
        self._order: dict[int, list[int]] = {}
        """By open node, its children as they stand, with those that weigh nothing."""
        self._most: dict[int, int] = {}
        """Children that are seen, of a node where these are more than at first."""
        self._below: dict[int, tuple[list[int], int, float]] = {}
        """By open node, since the last update: children seen, number of the others, their weight."""
        self._index: dict[tuple[int, bool], int] = {}
        self._elsewhere: dict[tuple[FunctionKey, ...], None] = {}
        """Open paths that this tree does not have."""
        self._open_first()
        self._lay_out()

    def followed_by(self, tree: OpenableTree, *, by_name: bool = False) -> OpenTree:
        """Return the rows of another tree, with the same paths open as far as it has them."""
        other = OpenTree(tree, by_name=by_name)
        wanted = dict.fromkeys((*self._elsewhere, *map(self.tree.path, sorted(self._open))))
        found = [(path, tree.nearest(path)) for path in wanted]
        known = [node for path, node in found if tree.depth[node] == len(path)]
        if len(known) > 1:
            other._open, other._order = set(), {}
            other._set_open(known)
        missing = [path for path, node in found if tree.depth[node] != len(path)]
        other._elsewhere = dict.fromkeys(missing[-MOST_REMEMBERED:])
        other.update()
        return other

    def update(self) -> None:
        """Take in what the tree has gained or lost; nothing changes its place."""
        self._below.clear()
        self._lay_out()

    def sort(self, *, by_name: bool = False) -> None:
        """Let all siblings stand as they weigh now, or by name."""
        self._by_name = by_name
        for node in self._order:
            self._order[node] = self._sorted(node)
        self.update()

    def is_open(self, node: int) -> bool:
        """Say whether a node's children are seen."""
        return node in self._open

    def can_open(self, node: int) -> bool:
        """Say whether a node has children that weigh anything."""
        own = self.tree.self_weight[node]
        return self.tree.total_weight[node] > own + _ROUNDING * abs(own)

    def index_of(self, node: int, *, folded: bool = False) -> int | None:
        """Return the row of a node, or that of the remainder of its children; None where it is not seen."""
        return self._index.get((node, folded))

    def open(self, node: int) -> None:
        """Show a node's children, as they weigh now."""
        if self.can_open(node):
            self._set_open([node])
            self._lay_out()

    def close(self, node: int) -> None:
        """Hide a node's children; what is open below is open again when it is opened."""
        self._open.discard(node)
        self._order.pop(node, None)
        self._below.pop(node, None)
        self._most.pop(node, None)
        self._lay_out()

    def close_below(self, node: int) -> None:
        """Hide a node's children and close all of them."""
        parent = self.tree.parent
        for inner in [each for each in self._open if each >= node]:
            above = inner
            while above > node:
                above = parent[above]
            if above == node:
                self._open.discard(inner)
                for known in (self._order, self._below, self._most):
                    known.pop(inner, None)
        self._lay_out()

    def open_hottest(self, node: int) -> int:
        """Open the heaviest child of each node from a node on; return the last of them."""
        path = list(self._hottest(node))
        self._set_open(path)
        for above in path:
            child = heaviest_child(self.tree, above)
            if child is not None:
                self._make_room(above, child)
                node = child
        self._lay_out()
        return node

    def show_more(self, node: int) -> None:
        """Take children of a node out of its remainder, the first of them."""
        self._most[node] = self._most.get(node, FIRST_CHILDREN) + MORE_CHILDREN
        self._below.pop(node, None)
        self._lay_out()

    def reveal(self, node: int) -> int:
        """Open all above a node, and return its row."""
        parent = self.tree.parent
        above, closed, inner = parent[node], [], node
        while above >= 0:
            if above not in self._open:
                closed.append(above)
            inner, above = above, parent[above]
        self._set_open(closed)
        inner, above = node, parent[node]
        while above >= 0:
            self._make_room(above, inner)
            inner, above = above, parent[above]
        if closed or (node, False) not in self._index:
            self._lay_out()
        return self._index.get((node, False), 0)

    def _open_first(self) -> None:
        """Open the root and what follows of its heaviest stacks, as long as most goes one way."""
        total, opened, node = self.tree.total_weight, [ROOT], ROOT
        while len(opened) < _FIRST_LEVELS:
            child = heaviest_child(self.tree, node)
            if child is None or total[child] < _HOT_SHARE * total[node] or not self.can_open(child):
                break
            opened.append(child)
            node = child
        self._set_open(opened)

    def _hottest(self, node: int) -> Iterator[int]:
        at: int | None = node
        while at is not None and self.can_open(at):
            yield at
            at = heaviest_child(self.tree, at)

    def _set_open(self, nodes: Iterable[int]) -> None:
        for node in nodes:
            self._open.add(node)
            if node not in self._order:
                self._order[node] = self._sorted(node)
                self._below.pop(node, None)

    def _sorted(self, node: int) -> list[int]:
        tree, total = self.tree, self.tree.total_weight
        children = list(tree.children(node))
        if self._by_name:
            frames = [tree.functions[tree.function[child]] for child in children]
            names = {child: (frame.function, frame.file) for child, frame in zip(children, frames, strict=True)}
            return sorted(children, key=names.__getitem__)
        # Of equals the first seen stays the first.
        return sorted(children, key=total.__getitem__, reverse=True)

    def _make_room(self, node: int, child: int) -> None:
        """Let a child be seen that is folded into the remainder."""
        seen, folded, _ = self._children(node)
        if folded and child not in seen:
            weighing = [each for each in self._order[node] if self.tree.total_weight[each] > 0]
            if child in weighing:
                self._most[node] = weighing.index(child) + 1
                self._below.pop(node, None)

    def _children(self, node: int) -> tuple[list[int], int, float]:
        """Return the children of an open node that are seen, the number of the others, and their weight."""
        found = self._below.get(node)
        if found is None:
            order, total = self._order[node], self.tree.total_weight
            # Children are linked in the order in which they were first seen: what is new stands at the end.
            order.extend(list(self.tree.children(node))[len(order) :])
            weighing = [child for child in order if total[child] > 0]
            most = self._most.get(node, FIRST_CHILDREN)
            # A row for one that is folded takes as much room as that one.
            most += len(weighing) == most + 1
            rest = weighing[most:]
            found = self._below[node] = (weighing[:most], len(rest), sum(total[child] for child in rest))
        return found

    def _lay_out(self) -> None:
        rows: list[TreeRow] = []
        waiting = [TreeRow(ROOT)]
        while waiting:
            row = waiting.pop()
            rows.append(row)
            if not row.folded and row.node in self._open:
                waiting.extend(reversed(self._rows_below(row)))
        self.rows = rows
        self._index = {(row.node, bool(row.folded)): number for number, row in enumerate(rows)}

    def _rows_below(self, row: TreeRow) -> list[TreeRow]:
        children, folded, rest = self._children(row.node)
        rails = row.rails + (_NO_RAIL if row.last else _RAIL)
        last = len(children) - 1 if not folded else -1
        found = [TreeRow(child, rails, number == last) for number, child in enumerate(children)]
        return [*found, TreeRow(row.node, rails, True, folded, rest)] if folded else found
