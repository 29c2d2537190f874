"""The lane below the differential icicle: paths that only the baseline has, which an icicle by current widths hides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from perftui.analysis.flame_layout import Box
from perftui.analysis.gone_paths import GonePath, boxes_of
from perftui.ui.widgets.cells import clean, fit
from perftui.ui.widgets.line_canvas import LineCanvas, Row

ROWS = 2
"""What is gone altogether, and the paths beside each other."""


@dataclass(frozen=True, slots=True)
class GoneFacts:
    """What the lane shows."""

    paths: Sequence[GonePath] = ()
    summary: tuple[str, ...] = ()
    """What is gone altogether, from the longest wording to the shortest."""
    name_of: Callable[[int], str] = str
    """Name of a node."""
    is_clear: Callable[[int], bool] = bool
    """Whether the samples tell that a node is gone, and not only too rare to be seen."""
    describe: Callable[[int], str] = str
    """One line about a node."""
    selected: int = -1
    """Node that is selected, wherever that was."""


class GoneLane(LineCanvas, can_focus=True):
    """Boxes in one row, as wide as they weigh beside each other; what is narrower than a cell is one remainder."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "gone-lane--title",
        "gone-lane--gone",
        "gone-lane--unclear",
        "gone-lane--cursor",
        "gone-lane--rest",
    }
    DEFAULT_CSS = """
    GoneLane { height: 2; background: $surface;
        .gone-lane--title { color: $text-muted; }
        .gone-lane--gone { background: $primary 60%; color: auto 90%; }
        .gone-lane--unclear { background: $foreground 18%; color: auto 90%; }
        .gone-lane--cursor { background: $foreground; color: $background; text-style: bold; }
        .gone-lane--rest { background: $foreground 9%; color: $text-muted; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,down", "step(1)", "Next", show=False, id="gone.next"),
        Binding("left,up", "step(-1)", "Previous", show=False, id="gone.previous"),
        Binding("enter", "screen.flames('zoom_in')", "Zoom", show=False, id="gone.zoom"),
    ]

    class Selected(Message):
        """A path was selected."""

        def __init__(self, node: int) -> None:
            super().__init__()
            self.node = node

    class Hovered(Message):
        """The mouse moved onto a path, or off every path."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._facts = GoneFacts()
        self._boxes: list[Box] = []
        self._laid_out: tuple[Sequence[GonePath], int] | None = None
        self._below_mouse: Box | None = None

    def show(self, facts: GoneFacts) -> None:
        """Draw what is gone."""
        self._facts = facts
        self.redraw()

    def content_rows(self, width: int) -> int:  # noqa: ARG002 (it is always as high)
        """Return how many rows there are."""
        return ROWS

    def draw_rows(self, width: int, height: int) -> list[Row]:
        """Return the summary and the boxes."""
        summary = next((text for text in self._facts.summary if len(text) <= width), "")
        return [[Segment(fit(summary, width), self.pen("gone-lane--title"))], self._row(width)][:height]

    def _row(self, width: int) -> Row:
        row: Row = []
        for box in self._boxes_in(width):
            if box.folded:
                count = f"+{box.folded}"
                label = count if len(count) <= box.width else "+"
                row.append(Segment(fit(label, box.width), self.pen("gone-lane--rest")))
                continue
            chosen = box.node == self._facts.selected
            clear = self._facts.is_clear(box.node)
            component = "cursor" if chosen else "gone" if clear else "unclear"
            pen = self.pen(f"gone-lane--{component}")
            label = f"▏{'▼ ' if clear else ''}{clean(self._facts.name_of(box.node))}"
            row.append(Segment(fit(label, box.width), pen))
        return row

    def _boxes_in(self, width: int) -> list[Box]:
        paths = self._facts.paths
        if self._laid_out is None or self._laid_out[0] is not paths or self._laid_out[1] != width:
            self._laid_out, self._boxes = (paths, width), boxes_of(paths, width)
        return self._boxes

    def action_step(self, step: int) -> None:
        """Select the next path."""
        nodes = [box.node for box in self._boxes_in(self.size.width) if not box.folded]
        if not nodes:
            return
        at = nodes.index(self._facts.selected) + step if self._facts.selected in nodes else 0
        self.post_message(self.Selected(nodes[max(0, min(len(nodes) - 1, at))]))

    def on_focus(self) -> None:
        """Select the heaviest path where none of them is."""
        if self._facts.selected not in {path.node for path in self._facts.paths}:
            self.action_step(1)

    def on_click(self, event: events.Click) -> None:
        """Select the path below the mouse."""
        box = self._box_at(event.x, event.y)
        if box is not None and not box.folded:
            self.post_message(self.Selected(box.node))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Tell what is below the mouse."""
        self._hover(self._box_at(event.x, event.y))

    def on_leave(self) -> None:
        """Tell nothing any more."""
        self._hover(None)

    def _hover(self, box: Box | None) -> None:
        if box == self._below_mouse:
            return
        self._below_mouse = box
        if box is None:
            text = ""
        elif box.folded:
            text = f"+{box.folded} paths that are gone, each narrower than a cell"
        else:
            text = self._facts.describe(box.node)
        self.post_message(self.Hovered(text))

    def _box_at(self, x: int, y: int) -> Box | None:
        if y != ROWS - 1:
            return None
        return next((box for box in self._boxes_in(self.size.width) if box.x <= x < box.end), None)
