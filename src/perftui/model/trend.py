"""What one figure of a workload was over its sessions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from perftui.units import Unit


class TrendKind(Enum):
    """What is followed over sessions."""

    METRIC = "metric"
    OPERATION = "operation"
    FUNCTION = "function"


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One session, or the runs of one group together."""

    id: str
    """Of the newest run."""
    name: str
    created: str
    """ISO 8601, of the newest run."""
    value: float
    """In base units; of several runs their median."""
    low: float | None = None
    """Where its noise begins: the lowest run of several, else the 95 % interval of one; None where nothing tells."""
    high: float | None = None
    runs: int = 1
    commit: str = ""
    branch: str = ""
    dirty: bool = False
    """Whether files were changed that no commit holds."""
    verdict: str = ""
    """The worst verdict of its budget, the value of a `Verdict`; empty where nothing was judged."""
    ref: str = ""
    """What names it, or all of its runs, on a command line."""


@dataclass(frozen=True, slots=True)
class TrendChange:
    """Where a series stepped to another level."""

    at: int
    """Index of the first point of the new level."""
    before: float
    """Median of the level before, as far as the change before that."""
    after: float

    @property
    def change_pct(self) -> float | None:
        """(after / before - 1) * 100; None where there was nothing before."""
        return (self.after / self.before - 1) * 100 if self.before else None


@dataclass(frozen=True, slots=True)
class Trend:
    """One figure over the sessions of one workload on one machine, the oldest first."""

    subject: str
    """As it can be named again: `wall_s`, `group.name[100]:median`, `app.py:work`."""
    kind: TrendKind
    unit: Unit
    workload: str
    host: str
    points: tuple[TrendPoint, ...]
    changes: tuple[TrendChange, ...] = ()
    noise_pct: float | None = None
    """Robust spread of the points of the last level about its median, in percent of it; None for fewer than three."""
    lower_is_better: bool = True
    remarks: tuple[str, ...] = ()
    """What was left out, one sentence each."""

    @property
    def level_begins(self) -> int:
        """Index of the first point of the last level."""
        return self.changes[-1].at if self.changes else 0
