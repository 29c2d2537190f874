"""Meters that are a pane of their own: of the whole tree of processes, or of one process that is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType

from perftui.analysis.processes import ProcessRecord
from perftui.model.process import ProcessKey
from perftui.model.reading import METER_BY_METRIC
from perftui.model.verdict import RuleVerdict
from perftui.ui.widgets.cells import clean, fit, width_of
from perftui.ui.widgets.line_canvas import Row
from perftui.ui.widgets.meter import MeterPanel
from perftui.ui.widgets.meter_drawing import Drawing, MeterDrawing

_BACK, _ON = " ◂ ", " ▸ "
_OF_PROCESS = tuple(METER_BY_METRIC[metric] for metric in ("cpu_percent", "rss_bytes", "threads"))


class ProcessMeters(MeterPanel, can_focus=True):
    """The meters of the tree, and where there are several processes a line above them that chooses one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "choose(1)", "Meters of the next process", show=False, id="meters.next"),
        Binding("left", "choose(-1)", "Meters of the previous process", show=False, id="meters.previous"),
        Binding("home", "whole_tree", "Meters of all processes", show=False, id="meters.all"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._records: dict[ProcessKey, ProcessRecord] = {}
        self._commands: Mapping[int, str] = {}
        self._chosen: ProcessKey | None = None
        self._verdicts: tuple[RuleVerdict, ...] = ()

    def show_processes(self, records: Iterable[ProcessRecord], commands: Mapping[int, str]) -> None:
        """Take the processes that can be chosen, and what they run by process id; `show` draws them."""
        self._records = {
            record.process.key: record
            for record in records
            if any(history.is_measured for history in record.histories.values())
        }
        self._commands = commands
        if self._chosen not in self._records:
            self._chosen = None

    def show(
        self,
        *,
        end_s: float,
        verdicts: Iterable[RuleVerdict] = (),
        whole: bool = False,
        between: tuple[float, float] | None = None,
    ) -> None:
        """Draw the meters; limits are about the whole tree, and stand at no single process."""
        self._verdicts = tuple(verdicts)
        shown = self._verdicts if self._chosen is None else ()
        super().show(end_s=end_s, verdicts=shown, whole=whole, between=between)

    def draw_rows(self, width: int, height: int) -> list[Row]:
        """Return the choice of a process where there are several, and below it the meters."""
        if len(self._records) < 2 or height < 2:
            return super().draw_rows(width, height)
        return [self._choice(width), *super().draw_rows(width, height - 1)]

    def action_choose(self, step: int) -> None:
        """Show the next process, or the previous one; before the first is the whole tree."""
        keys: Sequence[ProcessKey | None] = [None, *self._records]
        if len(keys) > 2:
            self._choose(keys[(keys.index(self._chosen) + step) % len(keys)])

    def action_whole_tree(self) -> None:
        """Show the sum of all processes."""
        self._choose(None)

    def on_click(self, event: events.Click) -> None:
        """Step through the processes: back on the left end of the line, on elsewhere."""
        if event.y == 0 and len(self._records) >= 2:
            self.action_choose(-1 if event.x < width_of(_BACK) else 1)

    def _choose(self, key: ProcessKey | None) -> None:
        self._chosen = key
        self._first_meter = 0
        span = self._span
        between = None if span.start_s is None else (span.start_s, span.end_s)
        self.show(end_s=span.end_s, verdicts=self._verdicts, whole=span.whole, between=between)

    def _drawings(self, columns: int) -> list[Drawing]:
        if self._chosen is None:
            return super()._drawings(columns)
        histories = self._records[self._chosen].histories
        measured = [meter for meter in _OF_PROCESS if histories[meter.metric].is_measured]
        return [MeterDrawing(self, self._curve(meter, histories[meter.metric])) for meter in measured]

    def _choice(self, width: int) -> Row:
        names = self._name_of_chosen()
        room = width - width_of(_BACK) - width_of(_ON)
        name = next((name for name in names if width_of(name) <= room), names[-1])
        hint = "   ← → another process, Home all"
        row = [
            Segment(_BACK, self.pen("meter--target")),
            Segment(fit(name, min(width_of(name), max(0, room))), self.pen("meter--label")),
            Segment(_ON, self.pen("meter--target")),
        ]
        if width_of(name) + width_of(hint) <= room:
            row.append(Segment(hint, self.pen("meter--muted")))
        return row

    def _name_of_chosen(self) -> tuple[str, ...]:
        """Return what is shown, from the longest wording to the shortest."""
        count = len(self._records)
        if self._chosen is None:
            return f"all processes together, of {count} that were read", "all processes"
        process = self._records[self._chosen].process
        name = clean(self._commands.get(process.pid) or process.name)
        ended = "" if process.ended_s is None else ", ended"
        at = list(self._records).index(self._chosen) + 1
        return f"{name} {process.pid}{ended}, {at} of {count} processes", f"{name} {process.pid}", f"{process.pid}"
