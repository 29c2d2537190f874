"""What is said of one path of a delta tree."""

from __future__ import annotations

from perftui.analysis.compare import DeltaKind
from perftui.analysis.delta_tree import DeltaTree
from perftui.model.change import ChangeVerdict

_VERDICTS = {
    DeltaKind.GREW: ChangeVerdict.SLOWER,
    DeltaKind.SHRANK: ChangeVerdict.FASTER,
    DeltaKind.APPEARED: ChangeVerdict.APPEARED,
    DeltaKind.VANISHED: ChangeVerdict.VANISHED,
    DeltaKind.UNCLEAR: ChangeVerdict.INCONCLUSIVE,
}


def path_verdict(tree: DeltaTree, node: int) -> ChangeVerdict:
    """Return the verdict of a node's totals."""
    return _VERDICTS[tree.kind(node)]
