"""The delta table: functions by how much they changed, with both sides, and a word for what the samples say."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from perftui.analysis.call_tree import FunctionKey, function_key
from perftui.analysis.code_origin import tail
from perftui.model.change import ChangeVerdict, FunctionChange
from perftui.ui.widgets.cells import clean, fit
from perftui.ui.widgets.line_canvas import Row
from perftui.ui.widgets.scrolled_canvas import ScrolledCanvas
from perftui.units import Unit, format_percent, format_value

_CELLS = {"delta": 10, "baseline": 9, "current": 9, "change": 8, "verdict": 11}
_WORSE = (ChangeVerdict.SLOWER, ChangeVerdict.APPEARED)
_BETTER = (ChangeVerdict.FASTER, ChangeVerdict.VANISHED)
_MARKS = {
    ChangeVerdict.SLOWER: "▲ slower",
    ChangeVerdict.FASTER: "▼ faster",
    ChangeVerdict.APPEARED: "▲ new",
    ChangeVerdict.VANISHED: "▼ gone",
    ChangeVerdict.WITHIN_NOISE: "· noise",
    ChangeVerdict.INCONCLUSIVE: "? unclear",
}
# Nothing was sampled for memory: it takes more or less, not more or less time.
_MEMORY_MARKS = {
    **_MARKS,
    ChangeVerdict.SLOWER: "▲ grew",
    ChangeVerdict.FASTER: "▼ shrank",
    ChangeVerdict.WITHIN_NOISE: "· same",
}


class SortDeltas(Enum):
    """What deltas are ranked by."""

    CHANGE = "change"
    CONFIDENCE = "confidence"
    NAME = "name"


class DeltaTable(ScrolledCanvas, can_focus=True):
    """A row a function; self weights, absolute or as shares of each side."""

    HEADING_ROWS = 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "delta-table--heading",
        "delta-table--worse",
        "delta-table--better",
        "delta-table--muted",
        "delta-table--cursor",
    }
    DEFAULT_CSS = """
    DeltaTable {
        .delta-table--heading { color: $text-muted; text-style: bold; }
        .delta-table--worse { color: $text-error; text-style: bold; }
        .delta-table--better { color: $text-primary; text-style: bold; }
        .delta-table--muted { color: $text-muted; }
        .delta-table--cursor { background: $foreground; color: $background; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "step(1)", "Next", show=False, id="deltas.down"),
        Binding("up", "step(-1)", "Previous", show=False, id="deltas.up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="deltas.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="deltas.page_up"),
        Binding("home", "step(-1000000)", "First", show=False, id="deltas.first"),
        Binding("end", "step(1000000)", "Last", show=False, id="deltas.last"),
    ]

    class Selected(Message):
        """A row was selected."""

        def __init__(self, function: FunctionKey) -> None:
            super().__init__()
            self.function = function

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._deltas: list[FunctionChange] = []
        self._unit = Unit.SECONDS
        self._share = False
        self._sort = SortDeltas.CHANGE
        self._selected: FunctionKey | None = None

    def show(self, deltas: Sequence[FunctionChange], *, unit: Unit, share: bool, sort: SortDeltas) -> None:
        """Show deltas in an order of ours."""
        self._unit, self._share, self._sort = unit, share, sort
        keys = {
            SortDeltas.CHANGE: lambda d: (-abs(self._delta(d)), d.frame.function, d.frame.file),
            SortDeltas.CONFIDENCE: lambda d: (_doubt(d), -abs(self._delta(d)), d.frame.function, d.frame.file),
            SortDeltas.NAME: lambda d: (d.frame.function, d.frame.file),
        }
        self._deltas = sorted(deltas, key=keys[sort])
        self.redraw()

    def select(self, function: FunctionKey | None) -> None:
        """Mark a function without telling anybody."""
        self._selected = function
        index = self._index()
        if index is not None:
            self.reveal(index)
        self.redraw()

    def next_clear(self, step: int) -> FunctionKey | None:
        """Return the next (or previous) function with a clear change, in the table's order."""
        clear = [i for i, delta in enumerate(self._deltas) if delta.verdict.clear]
        if not clear:
            return None
        at = self._index()
        if at is None:
            return function_key(self._deltas[clear[0 if step > 0 else -1]].frame)
        later = [i for i in clear if (i > at if step > 0 else i < at)]
        chosen = (later[0] if step > 0 else later[-1]) if later else clear[0 if step > 0 else -1]
        return function_key(self._deltas[chosen].frame)

    def line_count(self) -> int:
        """Return the number of functions."""
        return len(self._deltas)

    def draw_heading(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one)
        """Return the names of the columns; the one it is sorted by is marked."""
        names = {"delta": "Δ self", "verdict": ""}
        if self._sort is SortDeltas.CHANGE:
            names["delta"] = "▾ Δ self"
        if self._sort is SortDeltas.CONFIDENCE:
            names["verdict"] = "▾ surest"
        text = "".join(
            " " + fit(names.get(c, c), _CELLS[c] - 1) if c == "verdict" else fit(names.get(c, c), _CELLS[c], right=True)
            for c in self._columns(width)
        )
        function = "▾ function" if self._sort is SortDeltas.NAME else "function"
        return [Segment(fit(f"{text}  {function}", width), self.pen("delta-table--heading"))]

    def draw_line(self, index: int, width: int) -> Row:
        """Return one function."""
        delta = self._deltas[index]
        chosen = function_key(delta.frame) == self._selected
        columns = self._columns(width)
        used = sum(_CELLS[column] for column in columns)
        before, after = self._sides(delta)
        values = {
            "delta": self._signed(after - before),
            "baseline": self._value(before),
            "current": self._value(after),
            "change": f"{100 * (after / before - 1):+.0f} %" if before > 0 and after > 0 else "",
            "verdict": self._marks[delta.verdict],
        }
        colour = self._component(delta.verdict)
        row: Row = []
        for column in columns:
            text = values[column]
            cell = " " + fit(text, _CELLS[column] - 1) if column == "verdict" else fit(text, _CELLS[column], right=True)
            component = colour if column in ("delta", "verdict") or not delta.verdict.clear else ""
            row.append(Segment(cell, self.pen("delta-table--cursor" if chosen else component)))
        frame = delta.frame
        place = f"  {clean(tail(frame.file))}" if frame.file else ""
        name = fit(f"  {clean(frame.function)}{place}", max(0, width - used))
        muted = "" if delta.verdict.clear else "delta-table--muted"
        row.append(Segment(name, self.pen("delta-table--cursor" if chosen else muted)))
        return row

    def action_step(self, step: int) -> None:
        """Select another row."""
        if not self._deltas:
            return
        at = self._index()
        wanted = 0 if at is None else max(0, min(len(self._deltas) - 1, at + step))
        self._choose(wanted)

    def action_page(self, pages: int) -> None:
        """Select a row a page away."""
        self.action_step(pages * self.page_rows)

    def on_click(self, event: events.Click) -> None:
        """Select the row under the mouse."""
        index = self.first_line + event.y - self.HEADING_ROWS
        if event.y >= self.HEADING_ROWS and index < len(self._deltas):
            self._choose(index)

    def _choose(self, index: int) -> None:
        self.select(function_key(self._deltas[index].frame))
        assert self._selected is not None
        self.post_message(self.Selected(self._selected))

    def _index(self) -> int | None:
        return next((i for i, d in enumerate(self._deltas) if function_key(d.frame) == self._selected), None)

    def _columns(self, width: int) -> tuple[str, ...]:
        if width >= 70:
            return ("delta", "baseline", "current", "change", "verdict")
        return ("delta", "change", "verdict") if width < 56 else ("delta", "baseline", "current", "verdict")

    def _sides(self, delta: FunctionChange) -> tuple[float, float]:
        return (delta.baseline_share, delta.current_share) if self._share else (delta.baseline, delta.current)

    def _delta(self, delta: FunctionChange) -> float:
        before, after = self._sides(delta)
        return after - before

    def _value(self, value: float) -> str:
        return format_percent(100 * value) if self._share else format_value(value, self._unit)

    def _signed(self, value: float) -> str:
        return ("+" if value > 0 else "") + self._value(value)

    @property
    def _marks(self) -> dict[ChangeVerdict, str]:
        return _MARKS if self._unit is Unit.SECONDS else _MEMORY_MARKS

    def _component(self, verdict: ChangeVerdict) -> str:
        if verdict in _WORSE:
            return "delta-table--worse"
        return "delta-table--better" if verdict in _BETTER else "delta-table--muted"


def _doubt(change: FunctionChange) -> float:
    """Return what the surest changes have least of: the q value; where nothing was sampled all are sure."""
    certainty = change.certainty
    known = [value for value in (certainty.q, certainty.p) if value is not None]
    return known[0] if known else float(not change.verdict.clear)
