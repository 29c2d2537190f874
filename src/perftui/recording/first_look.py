"""The first picture of two large sessions: the union of their call trees, before anything is judged."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from perftui.analysis.call_tree import CallTree, joined_paths
from perftui.analysis.compare import Side
from perftui.analysis.delta_tree import DeltaTree
from perftui.model.change import ChangeVerdict
from perftui.model.session import SessionKind
from perftui.recording.function_matching import Recorded, matched_by_name
from perftui.storage.outline import Outline, read_outline
from perftui.units import Unit

LARGE_BYTES = 3 << 20
"""Files of both sides together from which they are not read in the twinkling of an eye."""


class _Unjudged:
    """Says of every path that nothing is known yet."""

    def verdict(self, before: float, after: float) -> ChangeVerdict:  # noqa: ARG002 (what a test takes)
        """Return that it cannot be told."""
        return ChangeVerdict.INCONCLUSIVE


def first_look(baseline: Sequence[Path], current: Sequence[Path]) -> DeltaTree | None:
    """Return the union of two large sessions' call trees without verdicts; None where reading them takes no time.

    Raises:
        SessionError: One is not a session, or damaged.
        NoDataError: There is no such file.
    """
    if len(baseline) != 1 or len(current) != 1 or _size(baseline[0]) + _size(current[0]) < LARGE_BYTES:
        return None
    before, after = read_outline(baseline[0]), read_outline(current[0])
    if before is None or after is None or before.meta.unit != after.meta.unit:
        return None
    sides = _side(before), _side(after)
    found = matched_by_name(
        Recorded(sides[0].tree.functions, (before.meta,)), Recorded(sides[1].tree.functions, (after.meta,))
    )
    named = replace(sides[0], names=found.baseline), replace(sides[1], names=found.current)
    share = SessionKind.ATTACHED in (before.meta.kind, after.meta.kind)
    return DeltaTree(*named, share=share, test=_Unjudged(), whole=ChangeVerdict.INCONCLUSIVE)


def _side(outline: Outline) -> Side:
    return Side(_tree(outline), outline.meta.cwd)


def _tree(outline: Outline) -> CallTree:
    """Return the call tree with the weights of its nodes alone: nothing is summed up by function yet."""
    tree = CallTree(Unit(outline.meta.unit))
    functions = list(map(tree.function_id, outline.tables.frames))
    parents, labels, node_of = joined_paths(outline.tables.nodes, functions, len(tree.functions))
    tree.fill_paths(parents, labels, bytes(len(parents)))
    weights = [0.0] * len(tree)
    for node, weight, _ in outline.weights:
        weights[node_of[node]] += weight
    tree.self_weight[:] = array("d", weights)
    # A node has a greater id than its parent: whatever is below it has come when its turn comes.
    for node, parent in zip(range(len(parents), 0, -1), reversed(parents), strict=True):
        if weights[node]:
            weights[parent] += weights[node]
    tree.total_weight[:] = array("d", weights)
    return tree


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
