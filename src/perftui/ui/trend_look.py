"""How trends are looked at: what is selected, ranked and filtered. Plain data, so that a refresh changes none of it."""

from __future__ import annotations

from dataclasses import dataclass

from perftui.analysis.trend_lines import SortTrends, TrendLine
from perftui.model.trend import TrendKind

LineKey = tuple[TrendKind, str]
"""What tells one figure from all others of a workload."""


def key_of(line: TrendLine) -> LineKey:
    """Return what tells a figure from the others."""
    return line.kind, line.key


@dataclass(frozen=True, slots=True)
class TrendLook:
    """What a person has chosen."""

    selected: LineKey | None = None
    """The figure whose trend is drawn; None for the first."""
    session: str = ""
    """Id of the session that the cursor is on; empty for the newest."""
    sort: SortTrends = SortTrends.KIND
    pattern: str = ""
