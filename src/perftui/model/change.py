"""What is said of a difference between two sides of a comparison, and how sure one may be of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from perftui.model.frame import Frame

Span = tuple[float, float]
"""The least and the greatest of several runs."""


class ChangeVerdict(Enum):
    """Words of a comparison, the same for time, memory and operations; lower is better."""

    SLOWER = "slower"
    FASTER = "faster"
    WITHIN_NOISE = "within noise"
    """These data would have shown a change worth speaking of, and did not."""
    INCONCLUSIVE = "inconclusive"
    """These data cannot tell: there may be a change, or none."""
    APPEARED = "appeared"
    VANISHED = "vanished"

    @property
    def clear(self) -> bool:
        """Whether it says that something changed."""
        return self not in (ChangeVerdict.WITHIN_NOISE, ChangeVerdict.INCONCLUSIVE)


class MatchKind(Enum):
    """How a function of one side was found on the other."""

    SAME = "same"
    """By its file, however that is reached, and its qualified name."""
    RENAMED = "renamed"
    """By a rename that git knows, by an equal body, or by what the settings say."""
    AMBIGUOUS = "ambiguous"
    """By a bare name that several functions share: the figures may be of more than one."""
    ONE_SIDE = "one side"
    """It is on one side only."""


@dataclass(frozen=True, slots=True)
class Certainty:
    """How sure one may be of a ratio of current to baseline."""

    ci: tuple[float, float] | None = None
    """95 % interval of the ratio; None where there is none to give."""
    p: float | None = None
    """Chance of so great a difference between equal sides."""
    q: float | None = None
    """The same for the whole list of functions: after Benjamini and Hochberg."""
    smallest_detectable: float | None = None
    """The smallest relative change that these data would have shown four times in five, such as 0.2 for 20 %."""
    more_runs: int | None = None
    """About so many more runs a side would decide; None where nothing is left to decide, or that many would not."""


@dataclass(frozen=True, slots=True)
class FunctionChange:
    """One function on both sides; weights are self weights a run, in the unit of the comparison."""

    frame: Frame
    """With the file as it is called on both sides; of the current side where it is there."""
    verdict: ChangeVerdict
    baseline: float
    current: float
    baseline_total: float
    current_total: float
    baseline_share: float
    """Self share, 0 to 1, of its own side."""
    current_share: float
    baseline_count: int
    """Samples (or allocations) in all runs of the side."""
    current_count: int
    certainty: Certainty = field(default_factory=Certainty)
    match: MatchKind = MatchKind.SAME
    was: Frame | None = None
    """What it is called on the baseline's side, where that differs."""
    reason: str = ""
    """Why nothing can be told, in one sentence; empty where something is."""
    spans: tuple[Span | None, Span | None] = (None, None)
    """Of baseline and current: between what its self weight lay in the runs; None where nobody knows, or samples do."""

    @property
    def delta(self) -> float:
        """Current less baseline."""
        return self.current - self.baseline


@dataclass(frozen=True, slots=True)
class TotalChange:
    """The whole of both sides, a run each."""

    baseline: float
    current: float
    verdict: ChangeVerdict
    certainty: Certainty = field(default_factory=Certainty)
    runs: tuple[int, int] = (1, 1)
    reason: str = ""
    spans: tuple[Span | None, Span | None] = (None, None)
    """Of baseline and current: between what the runs lay; None where nobody knows, or where an interval says it."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One fact of the surroundings of both sides."""

    name: str
    baseline: str
    current: str
    matters: bool = True
    """Whether figures of two sides that differ in it cannot be held against each other without a thought."""
    sentence: str = ""
    """What a difference in it means for the figures; empty where the sides say the same, or where it means nothing."""
    mixed: bool = False
    """Whether the runs of one side differ in it among themselves."""

    @property
    def same(self) -> bool:
        """Whether all runs of both sides say the same."""
        return self.baseline == self.current and not self.mixed
