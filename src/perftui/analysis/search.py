"""Search over function names: which nodes match, and how much of the profile they cover."""

from __future__ import annotations

import re
from array import array

from perftui.analysis.call_tree import ROOT, CallTree
from perftui.errors import UsageError


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
            matches.append(1 if self._regex.search(f"{frame.function} {frame.file}") else 0)
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
        """Number of functions that match."""
        return sum(self.function_matches)

    def matches(self, node: int) -> bool:
        """Say whether a node's own function matches."""
        return node != ROOT and bool(self.function_matches[self._tree.function[node]])
