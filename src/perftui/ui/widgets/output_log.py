"""What the workload printed, followed as it comes or scrolled through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType

from perftui.model.session import OutputChunk
from perftui.ui.widgets.cells import clean, fit, width_of
from perftui.ui.widgets.line_canvas import Row
from perftui.ui.widgets.output_text import MAX_LINES, OutputText
from perftui.ui.widgets.scrolled_canvas import ScrolledCanvas
from perftui.ui.widgets.time_strip import Range
from perftui.units import format_seconds

_SHIFT = 8


class OutputLog(ScrolledCanvas, can_focus=True):
    """A bounded log; at its end it follows, anywhere else it stands still."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"output-log--text", "output-log--dropped", "output-log--empty"}
    DEFAULT_CSS = """
    OutputLog {
        .output-log--text { color: $text; }
        .output-log--dropped { color: $text-muted; text-style: italic; }
        .output-log--empty { color: $text-muted; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "scroll_by(1)", "Line down", show=False, id="output.down"),
        Binding("up", "scroll_by(-1)", "Line up", show=False, id="output.up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="output.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="output.page_up"),
        Binding("home", "to_start", "First line", show=False, id="output.first"),
        Binding("end", "follow", "Follow", show=False, id="output.follow"),
        Binding("right", "shift(1)", "Right", show=False, id="output.right"),
        Binding("left", "shift(-1)", "Left", show=False, id="output.left"),
    ]

    def __init__(
        self,
        *,
        empty: str = "no output yet",
        max_lines: int = MAX_LINES,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._empty = empty
        self._max_lines = max_lines
        self._output = OutputText(max_lines=max_lines)
        self._follows = True
        self._shifted = 0
        self._held: int | None = None
        self._between: Range | None = None
        self._shown = range(0)
        """The lines of the range that is looked at."""
        self._place_of_all: tuple[int, bool, int | None] = (0, True, None)
        """Where the whole was scrolled to before a range was looked at."""

    def show_between(self, between: Range | None) -> None:
        """Show only what was printed in a range of time, in seconds; None for everything, where it was left."""
        if between == self._between:
            return
        had_none = self._between is None
        if had_none:
            self._place_of_all = self._first_line, self._follows, self._held
        self._between = between
        if between is None:
            self._first_line, self._follows, self._held = self._place_of_all
        else:
            self._shown = self._output.between(*between)
            if had_none:
                self._first_line, self._held = 0, None
                # A range that ends with the output goes on as that does.
                self._follows = self._shown.stop >= len(self._output)
        self._stay_in_place()
        self._refresh_view()

    def write(self, chunks: Iterable[OutputChunk]) -> None:
        """Take the next output and draw it."""
        for chunk in chunks:
            self._output.feed(chunk.data, chunk.at_s)
        if self._between is not None:
            self._shown = self._output.between(*self._between)
        self._stay_in_place()
        self._refresh_view()

    def finish(self) -> None:
        """Draw what was still waiting for its end."""
        self._output.finish()
        self._refresh_view()

    def clear(self) -> None:
        """Forget all output: another session."""
        self._output = OutputText(max_lines=self._max_lines)
        self._follows, self._held, self._shifted = True, None, 0
        self._first_line = 0
        self._between, self._shown, self._place_of_all = None, range(0), (0, True, None)
        self.redraw()

    def show_empty(self, sentence: str) -> None:
        """Say why there is no output."""
        if sentence != self._empty:
            self._empty = sentence
            self.redraw()

    @property
    def follows(self) -> bool:
        """Whether the end stays in sight while lines come."""
        return self._follows

    @property
    def note(self) -> str:
        """How many lines there are, for a heading: `1 204 lines, 300 dropped, following`."""
        count = self._output.dropped + len(self._output)
        dropped = f", {self._output.dropped} dropped" if self._output.dropped else ""
        return f"{count} {'line' if count == 1 else 'lines'}{dropped}" + (", following" if self._follows else "")

    @property
    def heading_rows(self) -> int:
        """A range has a line above it that says what is hidden."""
        return 0 if self._between is None else 1

    def line_count(self) -> int:
        """Return the number of lines, one for those that were dropped included."""
        if self._between is not None:
            return len(self._shown)
        return len(self._output) + bool(self._output.dropped)

    def draw_heading(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one)
        """Return which part is seen, and how much is hidden."""
        if self._between is None:
            return []
        text = next((text for text in self._wordings(*self._between) if len(text) <= width), "")
        return [Segment(fit(text, width), self.pen("output-log--dropped"))]

    def _wordings(self, start_s: float, end_s: float) -> Iterator[str]:
        before, after = self._shown.start, len(self._output) - self._shown.stop
        span, count = f"{format_seconds(start_s)} to {format_seconds(end_s)}", len(self._shown)
        lines = f"{count:,} {'line' if count == 1 else 'lines'}"
        lost = f"; {self._output.dropped:,} earlier lines are not kept" if self._output.dropped and not before else ""
        yield f"printed from {span}: {lines}; {before:,} before and {after:,} after are hidden{lost}"
        yield f"{span}: {lines}, {before + after:,} hidden{lost}"
        yield f"{lines}, {before + after:,} hidden"
        yield f"{before + after:,} hidden"

    def draw_row(self, y: int, width: int) -> Row:
        """Return a line, or why there is none."""
        if not self.line_count() and y == self.heading_rows:
            text = self._empty if self._between is None else "nothing was printed in this range"
            return [Segment(fit(clean(text), width), self.pen("output-log--empty"))]
        return super().draw_row(y, width)

    def draw_line(self, index: int, width: int) -> Row:
        """Return one line."""
        if self._between is not None:
            index += self._shown.start
        elif self._output.dropped:
            if not index:
                text = f"({self._output.dropped} earlier lines are not kept)"
                return [Segment(fit(text, width), self.pen("output-log--dropped"))]
            index -= 1
        # A line may be long, and what is measured is kept: no more of it than can be seen.
        text = self._output.line(index)[self._shifted : self._shifted + 2 * width]
        return [Segment(fit(text, width), self.pen("output-log--text"))] if width_of(text) else []

    def scroll_lines(self, step: int) -> bool:
        """Scroll; at the end the log follows again."""
        moved = super().scroll_lines(step)
        self._note_place()
        return moved

    def action_scroll_by(self, step: int) -> None:
        """Scroll by a line."""
        self.scroll_lines(step)

    def action_page(self, step: int) -> None:
        """Scroll by a page."""
        self.scroll_lines(step * max(1, self.page_rows - 1))

    def action_to_start(self) -> None:
        """Go to the first line that is kept."""
        self.scroll_lines(-self.line_count())

    def action_follow(self) -> None:
        """Go to the end and stay there."""
        self.scroll_lines(self.line_count())

    def action_shift(self, step: int) -> None:
        """Move long lines sideways."""
        self._shifted = max(0, self._shifted + step * _SHIFT)
        self.redraw()

    def on_resize(self) -> None:
        """Keep the end in sight."""
        super().on_resize()
        if self._follows:
            self._first_line = max(0, self.line_count() - self.page_rows)

    def _note_place(self) -> None:
        self._follows = self.first_line + self.page_rows >= self.line_count()
        self._held = None if self._follows else self.first_line + self._before_shown

    @property
    def _before_shown(self) -> int:
        """Number of lines that were printed before the first that is shown; for those not kept stands one."""
        dropped = self._output.dropped
        return dropped - bool(dropped) if self._between is None else dropped + self._shown.start

    def _stay_in_place(self) -> None:
        if self._held is not None:
            # Lines fall out at the top while the view stands still: what is read must not move away.
            self._first_line = max(0, self._held - self._before_shown)

    def _refresh_view(self) -> None:
        if self._follows:
            self._first_line = max(0, self.line_count() - self.page_rows)
        self.redraw()
