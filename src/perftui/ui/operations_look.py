"""How the operations of a session are looked at: a plain value that the screen owns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from perftui.analysis.operation_sheet import SortOperations


class Picture(Enum):
    """How the values of an operation are drawn in a row."""

    BOX = "boxes on the axis of the group"
    DENSITY = "densities on the axis of the group"
    ALONE = "boxes, each on an axis of its own"


@dataclass(frozen=True, slots=True)
class OperationsLook:
    """What is selected, and how the sheet is sorted, filtered and drawn."""

    key: str = ""
    """Of the selected operation; empty where a group's heading is selected, or nothing yet."""
    group: str = ""
    """Of what is selected."""
    sort: SortOperations = SortOperations.MEASURED
    pattern: str = ""
    """Regular expression that keys are filtered by; empty for all."""
    closed: frozenset[str] = frozenset()
    """Groups of which only the heading is seen."""
    picture: Picture = Picture.BOX
    """How distributions are drawn in rows."""
    detail: bool = False
    """All that is known of the selected operation is asked for."""

    def toggled(self, group: str) -> OperationsLook:
        """Return the same look with a group closed that was open, or the other way round."""
        return replace(self, closed=self.closed ^ {group}, group=group, key="")
