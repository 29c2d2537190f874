"""One side of the sandwich by itself: the callers of a function, or its callees."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment

from perftui.analysis.neighbours import Neighbour
from perftui.ui.widgets.cells import clean, fit
from perftui.ui.widgets.line_canvas import Row
from perftui.ui.widgets.sandwich import Sandwich, heading

CALLERS, CALLEES = 0, 1


class SandwichHalf(Sandwich):
    """Callers or callees in one column, for a place beside something else; it has no title of its own."""

    HEADING_ROWS = 1

    def __init__(self, side: int, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._side = side

    def draw_heading(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one row)
        """Return the names of the columns."""
        return [Segment(fit(heading(self._side, width), width + 1), self.pen("sandwich--heading"))]

    def draw_line(self, index: int, width: int) -> Row:
        """Return a caller, or a callee."""
        if self._shown is None:
            return [Segment(fit(f"  {clean(self._empty)}", width), self.pen("sandwich--muted"))]
        return self._half(self._side, index, width)

    def _side_at(self, x: int) -> int:  # noqa: ARG002 (there is one side)
        return self._side

    @property
    def _sides(self) -> tuple[Sequence[Neighbour], Sequence[Neighbour]]:
        callers, callees = super()._sides
        return (callers, ()) if self._side == CALLERS else ((), callees)
