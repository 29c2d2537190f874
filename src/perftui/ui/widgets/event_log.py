"""What happened when: breaches of the budget, processes that came and went, trouble of the sampler."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import ClassVar

from rich.segment import Segment

from perftui.analysis.alerting import level_of
from perftui.model.alert import AlertLevel
from perftui.model.session import Event, EventKind
from perftui.ui.widgets.cells import clean, fit
from perftui.ui.widgets.line_canvas import Row
from perftui.ui.widgets.scrolled_canvas import ScrolledCanvas
from perftui.ui.widgets.time_strip import Range
from perftui.units import format_seconds

_TIME_CELLS = 9
_WORDS = {
    EventKind.BREACH: ("event-log--breach", "budget"),
    EventKind.ALERT: ("event-log--alert", "alert"),
    EventKind.PROCESS: ("event-log--note", "process"),
    EventKind.SAMPLER: ("event-log--note", "sampler"),
    EventKind.MARK: ("event-log--note", "mark"),
}


class EventLog(ScrolledCanvas, can_focus=True):
    """Events, the newest first."""

    HEADING_ROWS = 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "event-log--heading",
        "event-log--breach",
        "event-log--alert",
        "event-log--critical",
        "event-log--calm",
        "event-log--note",
    }
    DEFAULT_CSS = """
    EventLog {
        .event-log--heading { color: $text-muted; text-style: bold; }
        .event-log--breach { color: $text-error; }
        .event-log--alert { color: $text-warning; }
        .event-log--critical { color: $text-error; text-style: bold; }
        .event-log--calm { color: $text-success; }
        .event-log--note { color: $text-muted; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._events: list[Event] = []
        self._hidden = 0
        self._between: Range | None = None

    def show(self, events: Iterable[Event], *, between: Range | None = None) -> None:
        """Show all events, or those in a range of time."""
        newest = sorted(events, key=lambda event: -event.at_s)
        start_s, end_s = between or (-inf, inf)
        kept = [event for event in newest if start_s <= event.at_s <= end_s]
        if (kept, len(newest) - len(kept), between) != (self._events, self._hidden, self._between):
            self._events, self._hidden, self._between = kept, len(newest) - len(kept), between
            self.redraw()

    def line_count(self) -> int:
        """Return the number of events."""
        return max(1, len(self._events))

    def draw_heading(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one)
        """Return the heading."""
        text = "  what happened"
        if self._between is not None:
            start_s, end_s = map(format_seconds, self._between)
            text += f" from {start_s} to {end_s}  ·  {self._hidden:,} outside are hidden"
        return [Segment(fit(text, width), self.pen("event-log--heading"))]

    def draw_line(self, index: int, width: int) -> Row:
        """Return one event."""
        if not self._events:
            text = "  nothing yet" if self._between is None else "  nothing in this range"
            return [Segment(fit(text, width), self.pen("event-log--note"))]
        event = self._events[index]
        component, word = _WORDS[event.kind]
        if level_of(event) is AlertLevel.CRITICAL:
            component = "event-log--critical"
        elif level_of(event) is AlertLevel.OK:
            component = "event-log--calm"
        at = format_seconds(round(event.at_s, 1)).rjust(_TIME_CELLS)
        return [
            Segment(f"{at}  ", self.pen()),
            Segment(f"{word:8}", self.pen(component)),
            Segment(fit(clean(event.text.partition("\n")[0]), max(0, width - _TIME_CELLS - 10)), self.pen()),
        ]
