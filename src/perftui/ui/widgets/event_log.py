"""What happened when: breaches of the budget, processes that came and went, trouble of the sampler."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment

from perftui.model.session import Event, EventKind
from perftui.ui.widgets.cells import clean, fit
from perftui.ui.widgets.line_canvas import Row
from perftui.ui.widgets.scrolled_canvas import ScrolledCanvas
from perftui.units import format_seconds

_TIME_CELLS = 9
_WORDS = {
    EventKind.BREACH: ("event-log--breach", "budget"),
    EventKind.PROCESS: ("event-log--note", "process"),
    EventKind.SAMPLER: ("event-log--note", "sampler"),
    EventKind.MARK: ("event-log--note", "mark"),
}


class EventLog(ScrolledCanvas, can_focus=True):
    """Events, the newest first."""

    HEADING_ROWS = 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {"event-log--heading", "event-log--breach", "event-log--note"}
    DEFAULT_CSS = """
    EventLog {
        .event-log--heading { color: $text-muted; text-style: bold; }
        .event-log--breach { color: $text-error; }
        .event-log--note { color: $text-muted; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._events: list[Event] = []

    def show(self, events: Iterable[Event]) -> None:
        """Show all events."""
        newest = sorted(events, key=lambda event: -event.at_s)
        if newest != self._events:
            self._events = newest
            self.redraw()

    def line_count(self) -> int:
        """Return the number of events."""
        return max(1, len(self._events))

    def draw_heading(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one)
        """Return the heading."""
        return [Segment(fit("  what happened", width), self.pen("event-log--heading"))]

    def draw_line(self, index: int, width: int) -> Row:
        """Return one event."""
        if not self._events:
            return [Segment(fit("  nothing yet", width), self.pen("event-log--note"))]
        event = self._events[index]
        component, word = _WORDS[event.kind]
        at = format_seconds(round(event.at_s, 1)).rjust(_TIME_CELLS)
        return [
            Segment(f"{at}  ", self.pen()),
            Segment(f"{word:8}", self.pen(component)),
            Segment(fit(clean(event.text), max(0, width - _TIME_CELLS - 10)), self.pen()),
        ]
