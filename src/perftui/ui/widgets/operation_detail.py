"""All of one operation, to be scrolled through; the next and the previous one are a key away."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.message import Message

from perftui.ui.widgets.cells import fit
from perftui.ui.widgets.distribution_strip import Part
from perftui.ui.widgets.line_canvas import Row
from perftui.ui.widgets.operation_charts import Row as PartRow
from perftui.ui.widgets.operation_sections import OperationFacts, sections
from perftui.ui.widgets.scrolled_canvas import ScrolledCanvas

_NOTHING = "select an operation: all that is known of it stands here"


class OperationDetail(ScrolledCanvas, can_focus=True):
    """Sections of rows about one operation; they are made once for an operation and a width."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"operation-detail--{name}"
        for name in (
            *("heading", "text", "muted", "current", "baseline", "line", "median"),
            *("pass", "warn", "fail", "worse", "better"),
        )
    }
    DEFAULT_CSS = """
    OperationDetail {
        .operation-detail--heading { color: $text; text-style: bold; }
        .operation-detail--text { color: $text; }
        .operation-detail--muted { color: $text-muted; }
        .operation-detail--current { color: $primary; }
        .operation-detail--baseline { color: $secondary; }
        .operation-detail--line { color: $foreground 55%; }
        .operation-detail--median { color: $accent; text-style: bold; }
        .operation-detail--pass { color: $success; }
        .operation-detail--warn { color: $warning; text-style: bold; }
        .operation-detail--fail { color: $error; text-style: bold; }
        .operation-detail--worse { color: $text-error; text-style: bold; }
        .operation-detail--better { color: $text-primary; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "scroll_by(1)", "Down", show=False, id="operation.down"),
        Binding("up", "scroll_by(-1)", "Up", show=False, id="operation.up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="operation.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="operation.page_up"),
        Binding("home", "scroll_by(-1000000)", "First", show=False, id="operation.first"),
        Binding("end", "scroll_by(1000000)", "Last", show=False, id="operation.last"),
        Binding("escape,backspace,enter", "screen.leave_operations", "Back", show=False, id="operation.leave"),
        Binding("right", "step(1)", "Next operation", show=False, id="operation.next"),
        Binding("left", "step(-1)", "Previous operation", show=False, id="operation.previous"),
    ]

    class Stepped(Message):
        """The next operation is asked for, or the previous one."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._facts: OperationFacts | None = None
        self._rows_made: list[PartRow] = []
        self._made_for: OperationFacts | None = None
        self._made_width = 0

    def show(self, facts: OperationFacts | None) -> None:
        """Show what is known of an operation; of another one from the top on."""
        before = self._facts
        if before is None or facts is None or facts.key != before.key:
            self._first_line = 0
        self._facts = facts
        self.redraw()

    def action_scroll_by(self, step: int) -> None:
        """Show other lines."""
        self.scroll_lines(step)

    def action_page(self, pages: int) -> None:
        """Show the next page, or the one before."""
        self.scroll_lines(pages * max(1, self.page_rows - 1))

    def action_step(self, step: int) -> None:
        """Ask for another operation."""
        self.post_message(self.Stepped(step))

    def line_count(self) -> int:
        """Return the number of rows for the width that there is."""
        return len(self._rows_for(max(0, self.size.width - 1)))

    def draw_line(self, index: int, width: int) -> Row:
        """Return one row."""
        rows = self._rows_for(width)
        if index >= len(rows):
            return []
        return [
            Segment(part.text, self.pen("" if part.what == "blank" else f"operation-detail--{part.what}"))
            for part in rows[index]
            if part.text
        ]

    def _rows_for(self, width: int) -> list[PartRow]:
        # By identity: a million values are not compared for each row.
        if self._made_for is not self._facts or self._made_width != width or not self._rows_made:
            self._rows_made = _rows(self._facts, width)
            self._made_for, self._made_width = self._facts, width
        return self._rows_made


def _rows(facts: OperationFacts | None, width: int) -> list[PartRow]:
    if facts is None or width < 20:
        return [[Part(fit(f" {_NOTHING}", max(0, width)), "muted")]]
    return sections(facts, width)
