"""Functions of a comparison by what is said of them: what is clear first, then what may matter and cannot be told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from perftui.analysis.ranked_changes import ranked
from perftui.model.change import ChangeVerdict, FunctionChange

MATTERS_SHARE = 0.01
"""A change that cannot be told is worth a line where it might be so much of the whole."""


@dataclass(frozen=True, slots=True)
class ChangeGroups:
    """All functions, each in one group; within a group the greatest change comes first."""

    clear: tuple[FunctionChange, ...]
    doubtful: tuple[FunctionChange, ...]
    """Nothing can be told of them, and what may have happened would matter."""
    slight: tuple[FunctionChange, ...]
    """Nothing can be told of them, and whatever happened is small."""
    quiet: tuple[FunctionChange, ...]
    """Within noise."""


def grouped(changes: Iterable[FunctionChange], *, by_share: bool) -> ChangeGroups:
    """Return functions by what is said of them; `by_share` says that shares are what is compared."""
    rows = ranked(changes, share=by_share)
    unknown = [row for row in rows if row.verdict is ChangeVerdict.INCONCLUSIVE]
    return ChangeGroups(
        clear=tuple(row for row in rows if row.verdict.clear),
        doubtful=tuple(row for row in unknown if greatest_share(row) >= MATTERS_SHARE),
        slight=tuple(row for row in unknown if greatest_share(row) < MATTERS_SHARE),
        quiet=tuple(row for row in rows if row.verdict is ChangeVerdict.WITHIN_NOISE),
    )


def greatest_share(row: FunctionChange) -> float:
    """Return how much of the whole a change may be at most, as far as its interval goes."""
    if row.certainty.ci is None or not row.baseline_share:
        return max(row.baseline_share, row.current_share)
    return row.baseline_share * max(abs(end - 1) for end in row.certainty.ci)
