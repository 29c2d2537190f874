"""The figures of a workload as lines of a list: what each stands at, since when, sorted and filtered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from math import inf
from typing import Any

from perftui.errors import UsageError
from perftui.model.trend import TrendChange, TrendKind
from perftui.units import Unit


class SortTrends(Enum):
    """What figures are ranked by."""

    KIND = "kind"
    CHANGE = "last change"
    NAME = "name"
    COUNT = "sessions"


@dataclass(frozen=True, slots=True)
class TrendLine:
    """One figure over the sessions of a workload."""

    kind: TrendKind
    key: str
    """What tells it from the others of its kind: name of a metric, key of an operation, `file:function`."""
    name: str
    place: str
    """File of a function; empty for the others."""
    unit: Unit
    values: Sequence[float]
    """In base units, the oldest first; at least one."""
    lower_is_better: bool = True
    changes: tuple[TrendChange, ...] | None = None
    """Where it stepped; None as long as that was not worked out."""

    @property
    def last(self) -> float:
        """The newest value."""
        return self.values[-1]

    @property
    def last_change(self) -> TrendChange | None:
        """The newest change; None where there is none, or none is known yet."""
        return self.changes[-1] if self.changes else None

    @property
    def is_worse(self) -> bool | None:
        """Whether the newest change went the wrong way; None without one."""
        change = self.last_change
        return None if change is None else (change.after > change.before) is self.lower_is_better


@dataclass(frozen=True, slots=True)
class KindLine:
    """The heading of the figures of one kind."""

    kind: TrendKind
    count: int


ListLine = TrendLine | KindLine


def list_lines(lines: Iterable[TrendLine], *, sort: SortTrends, pattern: str = "") -> list[ListLine]:
    """Return figures below the headings of their kinds, or in one list where they are ranked by something else.

    Args:
        lines: As they were found.
        sort: What they are ranked by.
        pattern: A regular expression that name or file hold, whatever the case; empty for all.

    Raises:
        UsageError: The expression is none.
    """
    try:
        wanted = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise UsageError(f"not a regular expression: {error}", hint="write letters of the name") from None
    found = [line for line in lines if wanted.search(line.name) or wanted.search(line.place)]
    if sort is SortTrends.KIND:
        return _below_headings(found)
    return [*sorted(found, key=_RANKS[sort])]


def _below_headings(lines: Sequence[TrendLine]) -> list[ListLine]:
    listed: list[ListLine] = []
    for kind in TrendKind:
        members = [line for line in lines if line.kind is kind]
        if members:
            listed += [KindLine(kind, len(members)), *members]
    return listed


def _by_change(line: TrendLine) -> tuple[bool, bool, float]:
    """Rank what became worse first, the greatest change first; what changed out of nothing is the greatest."""
    change = line.last_change
    if change is None:
        return True, False, 0.0
    size = inf if change.change_pct is None else abs(change.change_pct)
    return False, not line.is_worse, -size


_RANKS: dict[SortTrends, Callable[[TrendLine], tuple[Any, ...]]] = {
    SortTrends.CHANGE: _by_change,
    SortTrends.NAME: lambda line: (line.name.lower(), line.place),
    SortTrends.COUNT: lambda line: (-len(line.values), line.name.lower()),
}
