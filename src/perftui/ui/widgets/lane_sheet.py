"""The lanes of a time pane over an axis: their columns, lines and values, made once until something changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from perftui.analysis.pyramid import Columns
from perftui.analysis.time_axis import TimeAxis
from perftui.analysis.timeline import GIL, IDLE, RUNNING, BusyTimes, Lane, Timeline, ends_of, value_of
from perftui.model.session import Event
from perftui.ui.widgets.braille import DOTS_ACROSS
from perftui.ui.widgets.cells import clean, fit_middle, width_of
from perftui.ui.widgets.lane_drawing import LaneLine, LaneLook, lane_lines, severity
from perftui.ui.widgets.meter_drawing import MeterLimit
from perftui.units import format_value

_COMPONENTS = {
    RUNNING: "time-pane--busy",
    GIL: "time-pane--gil",
    IDLE: "time-pane--idle",
    "heap_bytes": "time-pane--heap",
}
_NEAR = 4.0
"""A limit that is further away, in peaks, would press the curve flat."""
_NO_LIMIT = MeterLimit()
_MOST_LABEL = 24
"""Cells of a name before what is told of it."""


@dataclass(frozen=True, slots=True)
class TimeFacts:
    """What a time pane shows."""

    timeline: Timeline
    times: BusyTimes
    run_s: float
    """Length of the recording as it is drawn."""
    now_s: float
    """The newest moment."""
    changed: object = None
    """Another one after each change of what was seen."""
    happened: tuple[Event, ...] = ()
    chosen: tuple[float, float] | None = None
    """The range that is looked at."""
    limits: Mapping[str, MeterLimit] = field(default_factory=dict)
    """By metric."""
    live: bool = False
    empty: str = "nothing has been seen yet"
    """What is said where there is no time to show."""


class LaneSheet:
    """What is drawn of each lane; columns and lines are kept while neither the lane nor the axis changes."""

    def __init__(self) -> None:
        self._facts: TimeFacts | None = None
        self.lanes: tuple[Lane, ...] = Timeline().lanes()
        self._axis = TimeAxis()
        self._cells = 1
        self._columns: dict[str, tuple[object, Columns]] = {}
        self._lines: dict[str, tuple[object, tuple[LaneLine, ...]]] = {}

    def take(self, facts: TimeFacts) -> None:
        """Take over what is known now."""
        self._facts = facts
        self.lanes = facts.timeline.lanes()

    def see(self, axis: TimeAxis, cells: int) -> None:
        """Look at what an axis shows, on so many cells."""
        self._axis, self._cells = axis, cells

    def value(self, lane: Lane, cursor: int) -> tuple[str, str]:
        """Return the value at a cell as text, and the component that it is written with."""
        facts, columns = self._known, self._columns_of(lane)
        if facts.live and self._axis.follows:
            value = facts.timeline.latest(lane, times=facts.times, now_s=facts.now_s)
        else:
            value = value_of(lane, columns, slice(cursor * DOTS_ACROSS, (cursor + 1) * DOTS_ACROSS))
        text = "–" if value is None else format_value(value, lane.unit)
        return text, severity(value, self._limit(lane)) or "time-pane--value"

    @property
    def tells(self) -> bool:
        """Whether there are application metrics."""
        return any(lane.told for lane in self.lanes)

    def told(self, lane: Lane, chosen: tuple[float, float] | None) -> str:
        """Return the name of an application metric and what it was in the chosen range, or else in what is in sight."""
        start_s, end_s = chosen or (self._axis.start_s, self._axis.end_s)
        span = self._known.timeline.span(lane, start_s, end_s)
        label = clean(lane.label)
        label = fit_middle(label, _MOST_LABEL) if width_of(label) > _MOST_LABEL else label
        if span is None:
            return label if lane.told else ""
        low, mean, high = (format_value(value, lane.unit) for value in span)
        where = "in the range" if chosen else "in sight"
        return f"{label} {where}: {low} to {high}, mean {mean}"

    def facts_of(self, lane: Lane) -> list[str]:
        """Return what is known of a lane over all of the recording."""
        peak, limit = self._known.timeline.peak(lane), self._limit(lane).strictest
        # Of looks, one may have met many threads at once by chance.
        facts = [f"peak {format_value(peak, lane.unit)}"] if peak is not None and not lane.estimate else []
        least = self._limit(lane).least
        limits = [f"limit {format_value(limit, lane.unit)}"] if limit is not None else []
        return [*facts, *limits, *([f"at least {format_value(least, lane.unit)}"] if least is not None else [])]

    def scale(self, lane: Lane) -> tuple[str, str]:
        """Return what the lowest and the uppermost dots of a lane stand for."""
        bottom, top = self._ends(lane)
        return "0" if not bottom else format_value(bottom, lane.unit), format_value(top, lane.unit)

    def lines(self, lane: Lane, rows: int) -> tuple[LaneLine, ...]:
        """Return a lane drawn on so many rows."""
        columns, (bottom, top) = self._columns_of(lane), self._ends(lane)
        look = LaneLook(self._component(lane), top, self._limit(lane), bottom)
        key = (self._columns[lane.key][0], look, rows)
        kept = self._lines.get(lane.key)
        if kept is None or kept[0] != key:
            kept = self._lines[lane.key] = key, lane_lines(columns, look, self._cells, rows)
        return kept[1]

    @property
    def _known(self) -> TimeFacts:
        assert self._facts is not None
        return self._facts

    def _columns_of(self, lane: Lane) -> Columns:
        facts, axis = self._known, self._axis
        stamp = facts.changed if lane.key == RUNNING else facts.timeline.stamp(lane)
        key = (stamp, self._cells, axis.start_s, axis.end_s)
        kept = self._columns.get(lane.key)
        if kept is None or kept[0] != key:
            count = self._cells * DOTS_ACROSS
            columns = facts.timeline.columns(lane, count, start_s=axis.start_s, end_s=axis.end_s, times=facts.times)
            kept = self._columns[lane.key] = key, columns
        return kept[1]

    def _ends(self, lane: Lane) -> tuple[float, float]:
        peak = self._known.timeline.peak(lane)
        if peak is None or lane.estimate:
            peak = max((value for value in self._columns_of(lane).high if value is not None), default=0.0)
        limits = self._limit(lane)
        near = [limit for limit in (limits.strictest, limits.least) if limit is not None and limit <= _NEAR * peak]
        highest = max([peak, *near])
        return ends_of(lane, self._known.timeline.least(lane), highest)

    def _limit(self, lane: Lane) -> MeterLimit:
        return self._known.limits.get(lane.key, _NO_LIMIT)

    def _component(self, lane: Lane) -> str:
        return _COMPONENTS.get(lane.key, "time-pane--target" if lane.of_target else "time-pane--system")
