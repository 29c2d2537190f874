"""Which functions of a comparison are listed, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum

from perftui.model.change import ChangeVerdict, FunctionChange


class SortChanges(Enum):
    """What functions are ranked by."""

    EFFECT = "effect"
    """Clear changes first, the greatest of them at the top."""
    CONFIDENCE = "confidence"
    SHARE = "share"
    """The larger of both shares."""
    NAME = "name"


class ShownChanges(Enum):
    """Which functions are listed."""

    ALL = "all"
    CLEAR = "clear changes"
    SLOWER = "slower"
    FASTER = "faster"
    ONE_SIDED = "new and gone"
    INCONCLUSIVE = "inconclusive"


_SHOWN = {
    ShownChanges.ALL: frozenset(ChangeVerdict),
    ShownChanges.CLEAR: frozenset(verdict for verdict in ChangeVerdict if verdict.clear),
    ShownChanges.SLOWER: frozenset({ChangeVerdict.SLOWER, ChangeVerdict.APPEARED}),
    ShownChanges.FASTER: frozenset({ChangeVerdict.FASTER, ChangeVerdict.VANISHED}),
    ShownChanges.ONE_SIDED: frozenset({ChangeVerdict.APPEARED, ChangeVerdict.VANISHED}),
    ShownChanges.INCONCLUSIVE: frozenset({ChangeVerdict.INCONCLUSIVE}),
}


def effect_of(change: FunctionChange, *, share: bool) -> float:
    """Return current less baseline, as weights a run or as shares (0 to 1) of the sides."""
    return change.current_share - change.baseline_share if share else change.delta


def ranked(
    changes: Iterable[FunctionChange],
    *,
    sort: SortChanges = SortChanges.EFFECT,
    shown: ShownChanges = ShownChanges.ALL,
    share: bool = False,
) -> list[FunctionChange]:
    """Return the functions that are shown, in order; equals stand by name."""
    key = _KEYS[sort]
    listed = (change for change in changes if change.verdict in _SHOWN[shown])
    return sorted(listed, key=lambda change: (*key(change, share), change.frame.function, change.frame.file))


def counted(changes: Iterable[FunctionChange]) -> dict[ChangeVerdict, int]:
    """Return how many functions each verdict is about, those with any."""
    found = dict.fromkeys(ChangeVerdict, 0)
    for change in changes:
        found[change.verdict] += 1
    return {verdict: count for verdict, count in found.items() if count}


def _by_effect(change: FunctionChange, share: bool) -> tuple[float, float]:
    return float(not change.verdict.clear), -abs(effect_of(change, share=share))


def _by_confidence(change: FunctionChange, share: bool) -> tuple[float, float]:
    # Without a test there is no confidence to rank by: such ones stand last, unless nothing was sampled at all.
    p = change.certainty.p
    known = p if p is not None else 0.0 if change.verdict.clear else 1.0
    return known, -abs(effect_of(change, share=share))


def _by_share(change: FunctionChange, share: bool) -> tuple[float, float]:  # noqa: ARG001 (shares are shares)
    return -max(change.baseline_share, change.current_share), 0.0


def _by_name(change: FunctionChange, share: bool) -> tuple[float, float]:  # noqa: ARG001
    return 0.0, 0.0


_KEYS: dict[SortChanges, Callable[[FunctionChange, bool], tuple[float, float]]] = {
    SortChanges.EFFECT: _by_effect,
    SortChanges.CONFIDENCE: _by_confidence,
    SortChanges.SHARE: _by_share,
    SortChanges.NAME: _by_name,
}
