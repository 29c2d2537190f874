"""Search over function names: which nodes match, and how much of the profile they cover."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence

from perftui.analysis.call_tree import NONE, ROOT, CallTree
from perftui.errors import UsageError
from perftui.model.heap import is_pseudo


class Search:
    """A regular expression held against the functions of a tree that may still grow.

    A function is looked at once; nodes are looked at once. Coverage counts each sample once, however often its stack
    matches.
    """

    def __init__(self, pattern: str, tree: CallTree) -> None:
        try:
            self._regex = re.compile(pattern, 0 if any(c.isupper() for c in pattern) else re.IGNORECASE)
        except (re.error, RecursionError, OverflowError) as error:
            raise UsageError(f"not a regular expression: {error}", hint="escape ( ) [ ] . * with a backslash") from None
        self.pattern = pattern
        self._tree = tree
        self.function_matches = bytearray()
        """1 by function id where it matches."""
        self._covered = bytearray(1)
        self._topmost = array("i")
        self.update()

    def update(self) -> None:
        """Look at what the tree has gained since the last time."""
        tree, matches, covered = self._tree, self.function_matches, self._covered
        for frame in tree.functions[len(matches) :]:
            # What stands for "the rest" is nobody's function: a search for "stacks" does not mean it.
            found = not is_pseudo(frame) and self._regex.search(f"{frame.function} {frame.file}")
            matches.append(1 if found else 0)
        for node in range(len(covered), len(tree)):
            above = covered[tree.parent[node]]
            own = matches[tree.function[node]]
            covered.append(above | own)
            if own and not above:
                self._topmost.append(node)

    @property
    def coverage(self) -> float:
        """Share of the profile (0 to 1) whose stacks hold a match."""
        total = self._tree.total_weight
        whole = total[ROOT]
        return sum(total[node] for node in self._topmost) / whole if whole else 0.0

    @property
    def function_count(self) -> int:
        """Number of functions that match and weigh something, as far as the tree weighs functions at all."""
        weights = self._tree.function_total_weight
        if not self._tree.weight:
            return sum(self.function_matches)
        return sum(matches for matches, weight in zip(self.function_matches, weights, strict=False) if weight > 0)

    def matches(self, node: int) -> bool:
        """Say whether a node's own function matches."""
        return node != ROOT and bool(self.function_matches[self._tree.function[node]])


def next_match(
    search: Search, tree: CallTree, node: int, step: int, *, weights: Sequence[float] | None = None
) -> int | None:
    """Return the matching node that comes next after `node` (before it for a negative step), or None without any.

    Nodes come in the order a person reads them: a frame before what it calls, siblings as first seen; the last is
    followed by the first. Nodes without weight are passed over; `weights` stand in for the tree's own.
    """
    walk = _after if step > 0 else _before
    total = tree.total_weight if weights is None else weights
    at = walk(tree, node)
    while True:
        if search.matches(at) and total[at] > 0:
            return at
        if at == node:
            return None
        at = walk(tree, at)


def _after(tree: CallTree, node: int) -> int:
    if tree.first_child[node] != NONE:
        return tree.first_child[node]
    while node != ROOT:
        if tree.next_sibling[node] != NONE:
            return tree.next_sibling[node]
        node = tree.parent[node]
    return ROOT


def _before(tree: CallTree, node: int) -> int:
    if node == ROOT:
        return _last_below(tree, ROOT)
    parent = tree.parent[node]
    sibling = tree.first_child[parent]
    if sibling == node:
        return parent
    while tree.next_sibling[sibling] != node:
        sibling = tree.next_sibling[sibling]
    return _last_below(tree, sibling)


def _last_below(tree: CallTree, node: int) -> int:
    while tree.last_child[node] != NONE:
        node = tree.last_child[node]
    return node
