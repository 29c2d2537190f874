"""Search in flames that are upside down: as far as these are made, with the coverage that all stacks give."""

from __future__ import annotations

from perftui.analysis.inversion import MergedTree
from perftui.analysis.search import Search

_DEPTH = 100
_MOST_NODES = 4_000
"""Nodes that are made to look for matches in: nobody steps through more of these."""


class InvertedSearch(Search):
    """A search in an inverted tree, whose nodes are made step by step.

    A stack that holds a match holds it upside down too, so coverage is that of the tree it was made from.
    """

    def __init__(self, pattern: str, tree: MergedTree) -> None:
        tree.expand(_DEPTH, most=max(0, _MOST_NODES - len(tree)))
        self._upright = Search(pattern, tree.source)
        super().__init__(pattern, tree)

    def update(self) -> None:
        """Look at what both trees have gained since the last time."""
        self._upright.update()
        super().update()

    @property
    def coverage(self) -> float:
        """Share of the profile (0 to 1) whose stacks hold a match."""
        return self._upright.coverage
