"""One figure over the sessions of a workload: its values with their noise, its levels, and a cursor on one session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from perftui.analysis.trend_columns import TrendColumns
from perftui.model.trend import Trend, TrendChange
from perftui.reports.trend_sheet import (
    change_text,
    commit_text,
    direction,
    noise_text,
    summary,
    value_text,
)
from perftui.ui.widgets.cells import clean, fit, fit_middle, width_of
from perftui.ui.widgets.line_canvas import LineCanvas, Row
from perftui.ui.widgets.trend_drawing import DrawnTrend, columns_in, drawn_trend
from perftui.units import format_percent

_FACTS = 4
"""Lines about the session below the cursor."""
_LEAST_ROWS = 3
_ROWS_OF_TICK = 3
_FEW = 12
"""Sessions below which hardly any change could be told."""
_SEPARATOR = "  ·  "
_WORSE = frozenset({"fail", "missing"})
_DOUBTFUL = frozenset({"warn", "inconclusive"})
_ONE = "a trend begins with the second session"


class TrendPlot(LineCanvas, can_focus=True):
    """A chart with what is known of the session below its cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "trend-plot--heading",
        "trend-plot--title",
        "trend-plot--text",
        "trend-plot--muted",
        "trend-plot--noise",
        "trend-plot--level",
        "trend-plot--step",
        "trend-plot--curve",
        "trend-plot--cursor",
        "trend-plot--here",
        "trend-plot--worse",
        "trend-plot--better",
        "trend-plot--doubtful",
    }
    DEFAULT_CSS = """
    TrendPlot {
        .trend-plot--heading { background: $foreground 6%; color: $text-muted; }
        .trend-plot--title { background: $foreground 6%; color: $text; text-style: bold; }
        .trend-plot--text { color: $text; }
        .trend-plot--muted { color: $text-muted; }
        .trend-plot--noise { color: $foreground 25%; }
        .trend-plot--level { color: $foreground 60%; }
        .trend-plot--step { color: $text-warning; }
        .trend-plot--curve { color: $text-primary; }
        .trend-plot--cursor { color: $foreground 45%; }
        .trend-plot--here { color: $text-accent; text-style: bold; }
        .trend-plot--worse { color: $text-error; text-style: bold; }
        .trend-plot--better { color: $text-success; text-style: bold; }
        .trend-plot--doubtful { color: $text-warning; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("home", "edge(0)", "First session", show=False, id="trend.first"),
        Binding("end", "edge(-1)", "Newest session", show=False, id="trend.last"),
        Binding("pagedown", "page(1)", "Later sessions", show=False, id="trend.page_down"),
        Binding("pageup", "page(-1)", "Earlier sessions", show=False, id="trend.page_up"),
    ]

    class Moved(Message):
        """The cursor is on the session of another point."""

        def __init__(self, point: int) -> None:
            super().__init__()
            self.point = point

    class Chosen(Moved):
        """The session of a point is to be opened."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._trend: Trend | None = None
        self._point = 0
        self._empty = ""
        self._drawing: tuple[object, DrawnTrend] | None = None
        self._spread: tuple[Trend, int, TrendColumns] | None = None
        """The trend that was spread over so many cells: what does not change while the cursor moves."""

    def show(self, trend: Trend | None, point: int, *, empty: str = "") -> None:
        """Show a trend with the cursor on a point; without one, what stands there instead."""
        self._trend, self._point, self._empty = trend, point, empty
        self.redraw()

    @property
    def point(self) -> int:
        """The point below the cursor."""
        return self._point

    def step(self, step: int) -> None:
        """Move the cursor to an earlier or a later session."""
        if self._trend is not None:
            self._go(self._point + step)

    def step_to_change(self, step: int) -> None:
        """Move the cursor to the change before or after it."""
        if self._trend is None:
            return
        starts = [change.at for change in self._trend.changes]
        beyond = [at for at in starts if (at > self._point if step > 0 else at < self._point)]
        if beyond:
            self._go(beyond[0] if step > 0 else beyond[-1])

    def action_edge(self, point: int) -> None:
        """Move the cursor to the first or the newest session."""
        if self._trend is not None:
            self._go(point if point >= 0 else len(self._trend.points) - 1)

    def action_page(self, step: int) -> None:
        """Move the cursor by a tenth of all sessions."""
        if self._trend is not None:
            self.step(step * max(1, len(self._trend.points) // 10))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the nearest session, and open it with a double click."""
        self.focus()
        if self._trend is None or not 0 < event.y <= self._chart_rows:
            return
        self._go(self._nearest(event.x))
        if event.chain == 2:
            self.post_message(self.Chosen(self._point))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Go to the next session."""
        event.stop()
        self.step(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Go to the session before."""
        event.stop()
        self.step(-1)

    def on_focus(self) -> None:
        """Say by the cursor who has the keys."""
        self.redraw()

    def on_blur(self) -> None:
        """Say by the cursor who has the keys."""
        self.redraw()

    def _go(self, point: int) -> None:
        assert self._trend is not None
        point = max(0, min(point, len(self._trend.points) - 1))
        if point != self._point:
            self._point = point
            self.redraw()
            self.post_message(self.Moved(point))

    # Drawing.

    def draw_row(self, y: int, width: int) -> Row:
        """Return one row."""
        return self.draw_rows(width, self.size.height)[y]

    def draw_rows(self, width: int, height: int) -> list[Row]:
        """Return heading, chart, marks and dates, and what is known of the session."""
        trend = self._trend
        if trend is None:
            return [[Segment(f" {self._empty}", self.pen("trend-plot--muted"))], *([[]] * (height - 1))][:height]
        chart = self._chart(trend, width) if self._chart_rows >= _LEAST_ROWS else []
        rows = [self._heading(trend, width), *chart]
        facts = [cut_to(row, width) for row in self._facts(trend, width)][: max(0, height - len(rows))]
        return [*rows, *facts, *([[]] * (height - len(rows) - len(facts)))][:height]

    @property
    def _chart_rows(self) -> int:
        """Rows of the chart itself, without heading, marks, dates and facts."""
        return self.size.height - 3 - _FACTS

    def _heading(self, trend: Trend, width: int) -> Row:
        name = clean(trend.subject)
        noise = "" if trend.noise_pct is None else f"noise ±{format_percent(trend.noise_pct)}"
        told = next((each for each in (clean(summary(trend)), noise) if width_of(name + each) + 5 <= width), "")
        room = max(1, width - width_of(told) - 5)
        shown = name if width_of(name) <= room else fit_middle(name, room)
        left = max(0, width - width_of(shown) - 1)
        return [
            Segment(f" {shown}", self.pen("trend-plot--title")),
            Segment(fit(f"   {told}", left), self.pen("trend-plot--heading")),
        ]

    def _chart(self, trend: Trend, width: int) -> list[Row]:
        rows = self._chart_rows
        drawing = self._drawn(trend, max(1, width - self._margin(trend) - 1), rows)
        labels = self._labels(trend, drawing, rows)
        muted = self.pen("trend-plot--muted")
        margin = self._margin(trend)
        drawn: list[Row] = []
        for y, row in enumerate(drawing.rows):
            label = labels.get(y, "")
            edge = fit(label, margin - 2, right=True) + (" ┤" if label else " │")
            drawn.append([Segment(edge, muted), *(Segment(text, self._chart_pen(whose)) for text, whose in row)])
        return [*drawn, self._marks(trend, drawing, margin), self._dates(trend, drawing, margin, width)]

    def _chart_pen(self, whose: str) -> Style:
        if whose == "blank":
            return self.pen()
        return self.pen("trend-plot--curve" if whose == "point" else f"trend-plot--{whose}")

    def _drawn(self, trend: Trend, cells: int, rows: int) -> DrawnTrend:
        made_for = (id(trend), cells, rows, self._point)
        if self._drawing is None or self._drawing[0] != made_for:
            spread = self._spread
            if spread is None or spread[0] is not trend or spread[1] != cells:
                spread = self._spread = trend, cells, columns_in(trend, cells)
            self._drawing = made_for, drawn_trend(trend, spread[2], cells, rows, at=self._point)
        return self._drawing[1]

    def _margin(self, trend: Trend) -> int:
        values = [point.value for point in trend.points]
        return max(width_of(value_text(value, trend.unit)) for value in (min(values), max(values))) + 4

    def _labels(self, trend: Trend, drawing: DrawnTrend, rows: int) -> dict[int, str]:
        """Return what is written beside rows; of values that are written alike only the first."""
        axis = drawing.columns.axis
        found: dict[int, str] = {}
        for value in axis.ticks(max(2, rows // _ROWS_OF_TICK)):
            text = value_text(value, trend.unit)
            row = round((1 - axis.place(value)) * (rows - 1))
            if text not in found.values() and width_of(text) <= self._margin(trend) - 2:
                found[row] = text
        return found

    def _marks(self, trend: Trend, drawing: DrawnTrend, margin: int) -> Row:
        row: Row = [Segment(" " * (margin - 1) + "└", self.pen("trend-plot--muted"))]
        at = 0
        for change in trend.changes:
            cell = drawing.cell_of(change.at)
            if cell >= at:
                row.append(Segment(" " * (cell - at), self.pen()))
                row.append(Segment(_sign(change), self.pen(f"trend-plot--{direction(change, trend)}")))
                at = cell + 1
        return row

    def _dates(self, trend: Trend, drawing: DrawnTrend, margin: int, width: int) -> Row:
        """Return the dates of the first and the newest session, and of those at changes where they have room."""
        first, last = trend.points[0].created[:10], trend.points[-1].created[:10]
        row = list(" " * max(0, width - margin - 1))
        taken: list[tuple[int, int]] = []
        wanted = [(0, first), (len(row) - len(last), last)]
        starts = [change.at for change in trend.changes]
        wanted += [(drawing.cell_of(at) - 5, trend.points[at].created[:10]) for at in starts]
        for at, text in wanted if first != last else wanted[:1]:
            end = at + len(text)
            if at >= 0 and end <= len(row) and all(end + 2 <= begin or at >= stop + 2 for begin, stop in taken):
                row[at:end] = text
                taken.append((at, end))
        return [Segment(" " * margin + "".join(row), self.pen("trend-plot--muted"))]

    def _facts(self, trend: Trend, width: int) -> Iterator[Row]:
        """Yield what is known of the session below the cursor."""
        point = trend.points[self._point]
        text, muted = self.pen("trend-plot--text"), self.pen("trend-plot--muted")
        noise = noise_text(point, trend.unit)
        told = [
            f"{self._point + 1} of {len(trend.points)}",
            f"{point.runs} runs" if point.runs > 1 else "",
            f"noise {noise}" if noise else "",
        ]
        yield [
            Segment(" ◆ ", self.pen("trend-plot--here")),
            Segment(value_text(point.value, trend.unit), self.pen("trend-plot--here")),
            Segment(f"  {_when(point.created)}  {clean(point.name)}", text),
            Segment(_SEPARATOR + _SEPARATOR.join(each for each in told if each), muted),
        ]
        branch = f" on {clean(point.branch)}" if point.branch else ""
        dirty = " with changes that no commit holds" if point.dirty and width >= 100 else ""
        commit = f"commit {clean(commit_text(point))}{branch}{dirty}" if point.commit else "no commit known"
        yield [
            Segment(f"   {commit}", text),
            Segment(_SEPARATOR, muted),
            *self._verdict(point.verdict),
            Segment(f"{_SEPARATOR}on {clean(trend.host)}" if trend.host else "", muted),
        ]
        yield self._level(trend)
        remarks = [*([_ONE] if len(trend.points) == 1 else []), *trend.remarks]
        yield [Segment("   " + _SEPARATOR.join(map(clean, remarks)), muted)] if remarks else []

    def _verdict(self, verdict: str) -> Row:
        if not verdict:
            return [Segment("no verdict", self.pen("trend-plot--muted"))]
        pen = "worse" if verdict in _WORSE else "doubtful" if verdict in _DOUBTFUL else "better"
        return [Segment(verdict.upper(), self.pen(f"trend-plot--{pen}"))]

    def _level(self, trend: Trend) -> Row:
        """Return what the level of the session is, and how it came to it."""
        change = next((each for each in reversed(trend.changes) if each.at <= self._point), None)
        muted = self.pen("trend-plot--muted")
        if change is None:
            noise = "" if trend.noise_pct is None or trend.changes else f", noise ±{format_percent(trend.noise_pct)}"
            few = len(trend.points) < _FEW
            none = "too few sessions to tell a change from chance" if few else "no change that noise does not explain"
            told = "the first level" if trend.changes else f"{none}{noise}"
            return [Segment(f"   {told}", muted)]
        when = "with this session" if change.at == self._point else f"since {_when(trend.points[change.at].created)}"
        levels = f"{value_text(change.before, trend.unit)} → {value_text(change.after, trend.unit)}"
        word = direction(change, trend)
        return [
            Segment(f"   {_sign(change)} {change_text(change)} {word} ", self.pen(f"trend-plot--{word}")),
            Segment(f" {levels}  {when}", muted),
        ]

    def _nearest(self, x: int) -> int:
        assert self._trend is not None
        margin = self._margin(self._trend)
        drawing = self._drawn(self._trend, max(1, self.size.width - margin - 1), self._chart_rows)
        places = range(len(self._trend.points))
        return min(places, key=lambda point: abs(drawing.cell_of(point) - (x - margin)))


def cut_to(row: Row, width: int) -> Row:
    """Return a row whose last text ends with an ellipsis where it is too long."""
    left = width
    kept: Row = []
    for segment in row:
        cells = segment.cell_length
        if cells > left:
            return [*kept, Segment(fit(segment.text, left), segment.style)]
        kept.append(segment)
        left -= cells
    return kept


def _sign(change: TrendChange) -> str:
    return "▲" if change.after > change.before else "▼"


def _when(created: str) -> str:
    return created[:16].replace("T", " ")
