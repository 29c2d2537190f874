"""What a person has chosen to see of a comparison: a plain value that the screen owns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from perftui.analysis.delta_tree import Width
from perftui.analysis.paired_times import SideName
from perftui.analysis.ranked_changes import ShownChanges, SortChanges
from perftui.analysis.timeline import Range


class FlamesShown(Enum):
    """Which icicles stand on the screen."""

    DIFFERENCE = "difference"
    SIDES = "both sides"
    ALL = "both sides and their difference"


CHANGES, TIME, METERS, CONDITIONS = "changes", "timelines", "figures", "conditions"
OPERATIONS = "operations"
PANES = (
    *((CHANGES, "Changes"), (TIME, "Time"), (METERS, "Meters"), (CONDITIONS, "Conditions")),
    (OPERATIONS, "Operations"),
)
"""(id, title) of what stands beside the flames, one at a time."""


@dataclass(frozen=True, slots=True)
class CompareView:
    """How a comparison is looked at, beside selection, zoom and search."""

    share: bool = False
    """Weights are shares of each side, otherwise in their own unit."""
    width: Width = Width.LARGER
    flames: FlamesShown = FlamesShown.DIFFERENCE
    sort: SortChanges = SortChanges.EFFECT
    shown: ShownChanges = ShownChanges.ALL
    pane: str = CHANGES
    held: SideName = SideName.CURRENT
    """Side whose range the keys move."""
    baseline_range: Range | None = None
    current_range: Range | None = None

    @property
    def ranges(self) -> dict[SideName, Range | None]:
        """The range of each side."""
        return {SideName.BASELINE: self.baseline_range, SideName.CURRENT: self.current_range}

    @property
    def ranged(self) -> bool:
        """Whether a part of the time of either side is looked at."""
        return self.baseline_range is not None or self.current_range is not None

    def between(self, sides: tuple[SideName, ...], chosen: Range | None) -> CompareView:
        """Return the same view with another range of some sides."""
        baseline = chosen if SideName.BASELINE in sides else self.baseline_range
        current = chosen if SideName.CURRENT in sides else self.current_range
        return replace(self, baseline_range=baseline, current_range=current)
