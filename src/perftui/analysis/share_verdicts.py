"""Verdicts of functions where shares are compared: a word must not say the opposite of the figures beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from perftui.model.change import ChangeVerdict, FunctionChange

_OTHER_WAY = "its share went the other way: what else ran changed more than it did"


def in_shares(changes: Iterable[FunctionChange]) -> tuple[FunctionChange, ...]:
    """Return changes as they are said of shares.

    Functions are judged against what all of them share, the median; a share is one of the sum. Where few functions
    make most of the sum, one can be slower than the median and have a smaller share: then nothing is said of it.
    """
    return tuple(_open(each) if _contradicts(each) else each for each in changes)


def _open(change: FunctionChange) -> FunctionChange:
    return replace(change, verdict=ChangeVerdict.INCONCLUSIVE, reason=_OTHER_WAY)


def _contradicts(change: FunctionChange) -> bool:
    grew = change.current_share - change.baseline_share
    return (change.verdict is ChangeVerdict.SLOWER and grew < 0) or (
        change.verdict is ChangeVerdict.FASTER and grew > 0
    )
