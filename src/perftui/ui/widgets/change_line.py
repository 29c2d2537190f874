"""What is known of the selected function's change: interval, chances, counts, and what would decide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment

from perftui.analysis.change_words import BETTER, WORSE
from perftui.model.change import ChangeVerdict
from perftui.ui.widgets.cells import clean, fit, width_of
from perftui.ui.widgets.line_canvas import LineCanvas, Row

_BETWEEN = "  ·  "


class ChangeLine(LineCanvas):
    """Phrases beside each other on as many rows as it has; one that has no room stands on the next row, or nowhere."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "change-line--name",
        "change-line--worse",
        "change-line--better",
        "change-line--text",
        "change-line--muted",
    }
    DEFAULT_CSS = """
    ChangeLine { height: 2; background: $panel;
        .change-line--name { color: $text; text-style: bold; }
        .change-line--worse { color: $text-error; text-style: bold; }
        .change-line--better { color: $text-primary; text-style: bold; }
        .change-line--text { color: $text; }
        .change-line--muted { color: $text-muted; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._of = ""
        self._facts: tuple[str, ...] = ()
        self._verdict: ChangeVerdict | None = None

    def show(self, name: str, facts: Sequence[str], verdict: ChangeVerdict | None) -> None:
        """Show what is known of a function; without a verdict the name is a hint."""
        self._of, self._facts, self._verdict = name, tuple(facts), verdict
        self.redraw()

    def draw_rows(self, width: int, height: int) -> list[Row]:
        """Return the phrases, the weightiest first; a phrase is never cut in two."""
        if self._verdict is None:
            pen = self.pen("change-line--muted")
            hints = [[Segment(fit(f" {text}", width), pen)] for text in (self._of, *self._facts)]
            return [*hints, *([] for _ in range(height))][:height]
        phrases = [(f" {clean(self._of)}", "name")]
        phrases += [(clean(fact), "text" if at else self._told()) for at, fact in enumerate(self._facts)]
        rows: list[Row] = [[] for _ in range(height)]
        y = used = 0
        for text, component in phrases:
            cells = width_of(text) + (width_of(_BETWEEN) if used else 1)
            if used and used + cells > width:
                y, used, cells = y + 1, 0, width_of(text) + 1
            if y >= height:
                break
            lead = _BETWEEN if used else "" if component == "name" else " "
            rows[y].append(Segment(lead, self.pen("change-line--muted")))
            rows[y].append(
                Segment(text if cells <= width else fit(text, width - 1), self.pen(f"change-line--{component}"))
            )
            used += cells
        return rows

    def _told(self) -> str:
        if self._verdict in WORSE:
            return "worse"
        return "better" if self._verdict in BETTER else "text"
