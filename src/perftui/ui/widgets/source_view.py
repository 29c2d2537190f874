"""The source of a function with who calls it and what it calls: beside it where there is room, else below it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container
from textual.geometry import Size
from textual.message import Message

from perftui.analysis.neighbours import Neighbours
from perftui.ui.widgets.sandwich_half import CALLEES, CALLERS, SandwichHalf
from perftui.ui.widgets.source_pane import SourcePane
from perftui.units import Unit

_BESIDE_COLUMNS, _WIDE_COLUMNS = 90, 140
"""Columns from which the lines keep their figures with the lists beside them, and from which the lists get more."""
_BELOW_ROWS = 11
"""Rows from which the lines of a narrow pane still tell something with the lists below them."""


class SourceView(Container):
    """Lines of source, and two lists beside or below them; one that is too small for both keeps the lines."""

    ARRANGEMENTS: ClassVar[tuple[str, ...]] = ("-alone", "-below", "-beside", "-wide")
    DEFAULT_CSS = """
    SourceView { layout: horizontal; }
    SourceView > SourcePane { width: 1fr; height: 1fr; }
    SourceView > #between { width: 36; layout: vertical; border-left: vkey $foreground 15%; }
    SourceView.-wide > #between { width: 48; }
    SourceView.-below { layout: vertical; }
    SourceView.-below > #between { width: 1fr; height: 33%; max-height: 9; layout: horizontal; border-left: none; }
    SourceView.-alone > #between { display: none; }
    """

    class Arranged(Message):
        """Lines and lists stand in another way now: there may be room for lists that were not drawn."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="-alone")

    def compose(self) -> ComposeResult:
        """Lay out the lines and the lists."""
        yield SourcePane()
        with Container(id="between"):
            yield SandwichHalf(CALLERS)
            yield SandwichHalf(CALLEES)

    @property
    def arrangement(self) -> str:
        """How lines and lists stand to each other now."""
        return next(each for each in self.ARRANGEMENTS if self.has_class(each))

    @property
    def shows_neighbours(self) -> bool:
        """Whether there is room for the lists, and they are seen."""
        return self.display and not self.has_class("-alone")

    def show_neighbours(self, found: Neighbours | None, *, unit: Unit, cwd: str, empty: str) -> None:
        """Draw who calls the function and what it calls, or say why there is none."""
        callers, callees = self.query(SandwichHalf)
        callers.show(found, unit=unit, cwd=cwd, empty=empty)
        callees.show(found, unit=unit, cwd=cwd)

    def on_resize(self) -> None:
        """Arrange lines and lists for the room that there is."""
        wanted = _arrangement(self.size)
        if wanted != self.arrangement:
            for each in self.ARRANGEMENTS:
                self.set_class(each == wanted, each)
            self.post_message(self.Arranged())


def _arrangement(size: Size) -> str:
    if size.width >= _BESIDE_COLUMNS:
        return "-wide" if size.width >= _WIDE_COLUMNS else "-beside"
    return "-below" if size.height >= _BELOW_ROWS else "-alone"
