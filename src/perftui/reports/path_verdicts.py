"""What is said of one path of a delta tree."""

from __future__ import annotations

from perftui.analysis.delta_tree import DeltaTree
from perftui.model.change import ChangeVerdict


def path_verdict(tree: DeltaTree, node: int) -> ChangeVerdict:
    """Return the verdict of a node's totals, the same that the screen colours it by."""
    return tree.verdict(node)
