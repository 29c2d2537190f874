"""The rows of the time pane that are no lanes: what is read, what happened, and the moments of the axis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from perftui.analysis.time_axis import TimeAxis, moment_text, ticks
from perftui.model.session import Event, EventKind
from perftui.ui.widgets.cells import clean, fit, width_of
from perftui.ui.widgets.lane_drawing import Run

SIGNS = {
    EventKind.BREACH: "▲",
    EventKind.ALERT: "△",
    EventKind.MARK: "◆",
    EventKind.PROCESS: "●",
    EventKind.SAMPLER: "·",
}
"""Told apart by their shapes; the weightiest first."""
COMPONENTS = {
    EventKind.BREACH: "time-pane--fail",
    EventKind.ALERT: "time-pane--warn",
    EventKind.MARK: "time-pane--mark",
    EventKind.PROCESS: "time-pane--process",
    EventKind.SAMPLER: "time-pane--muted",
}
CURSOR = "│"
_ORDER = list(SIGNS)
_TICK_CELLS = 14
"""Room for a moment and a gap."""
_LEAST_NAME, _LONGEST_NAME = 4, 20
"""Cells of a mark's name beside its sign."""
_NO_NAMES: Mapping[int, str] = {}
_NEAR_CELLS = 1
"""So far beside the cursor an event is still read."""


def event_cells(happened: Iterable[Event], axis: TimeAxis, width: int) -> dict[int, EventKind]:
    """Return the kind of what happened in each cell, where anything did: the weightiest of several."""
    found: dict[int, EventKind] = {}
    for event in happened:
        if axis.start_s <= event.at_s <= axis.end_s:
            cell = axis.cell_of(event.at_s, width)
            if cell not in found or _ORDER.index(event.kind) < _ORDER.index(found[cell]):
                found[cell] = event.kind
    return found


def events_read(happened: Iterable[Event], axis: TimeAxis, width: int) -> list[Event]:
    """Return what happened where the cursor is, the nearest and weightiest first."""
    at = axis.cell_of(axis.read_s, width)
    near = [
        (abs(axis.cell_of(event.at_s, width) - at), _ORDER.index(event.kind), event.at_s, event)
        for event in happened
        if axis.start_s <= event.at_s <= axis.end_s
    ]
    return [event for far, _, _, event in sorted(near, key=lambda row: row[:3]) if far <= _NEAR_CELLS]


def event_text(event: Event) -> str:
    """Return an event with its sign and moment."""
    headline, _, _ = event.text.partition("\n")
    return f"{SIGNS[event.kind]} {clean(headline)} ({moment_text(event.at_s, 0.1)})"


def mark_names(happened: Iterable[Event], axis: TimeAxis, width: int) -> dict[int, str]:
    """Return the names of marks by the cell that each stands in, of several in one the first."""
    found: dict[int, str] = {}
    for event in happened:
        if event.kind is EventKind.MARK and axis.start_s <= event.at_s <= axis.end_s:
            found.setdefault(axis.cell_of(event.at_s, width), clean(event.text.partition("\n")[0]))
    return found


def signs_row(marked: dict[int, EventKind], width: int, names: Mapping[int, str] = _NO_NAMES) -> tuple[str, list[Run]]:
    """Return the line of signs, marks with their names as far as there is room, and the component of every cell."""
    cells = [SIGNS[marked[cell]] if cell in marked else " " for cell in range(width)]
    inks = [COMPONENTS[marked[cell]] if cell in marked else "time-pane--muted" for cell in range(width)]
    for cell, until in pairwise([*sorted(marked), width]):
        name = _fitted(names.get(cell, ""), until - cell - 2) if marked[cell] is EventKind.MARK else ""
        cells[cell + 1 : cell + 1 + len(name)] = name
        inks[cell + 1 : cell + 1 + len(name)] = [COMPONENTS[EventKind.MARK]] * len(name)
    edges = [at for at in range(width) if at == 0 or at in marked or inks[at] != inks[at - 1] or at - 1 in marked]
    return "".join(cells), [Run(start, end, inks[start]) for start, end in pairwise([*edges, width])]


def _fitted(name: str, room: int) -> str:
    """Return as much of a name as tells something; nothing where its characters are not of one cell each."""
    if room < _LEAST_NAME or width_of(name) != len(name):
        return ""
    return fit(name, min(room, _LONGEST_NAME, len(name)))


def axis_row(axis: TimeAxis, width: int, chosen: range, cursor: int) -> tuple[str, list[Run]]:
    """Return moments below the lanes, with the chosen range and the cursor drawn over them."""
    cells, step_s = [" "] * width, 0.0
    moments, step_s = ticks(axis.start_s, axis.end_s, max(1, width // _TICK_CELLS))
    free = 0
    for at_s in moments:
        text, at = f"╵{moment_text(at_s, step_s)}", axis.cell_of(at_s, width)
        if free <= at <= width - width_of(text):
            cells[at : at + len(text)] = text
            free = at + len(text) + 1
    for cell in chosen:
        cells[cell] = "━"
    cells[cursor : cursor + 1] = "┃"
    return "".join(cells)[:width], _axis_runs(width, chosen, cursor)


def _axis_runs(width: int, chosen: range, cursor: int) -> list[Run]:
    names = ["time-pane--muted"] * width
    for cell in chosen:
        names[cell] = "time-pane--range-line"
    names[cursor : cursor + 1] = ["time-pane--label"]
    edges = sorted({0, chosen.start, chosen.stop, cursor, cursor + 1, width})
    return [Run(start, end, names[start]) for start, end in pairwise(edges) if end <= width]


def chosen_cells(chosen: tuple[float, float] | None, axis: TimeAxis, width: int) -> range:
    """Return the cells of a range, as far as it is in sight; one however short it is."""
    if chosen is None or axis.span_s <= 0 or chosen[1] <= axis.start_s or chosen[0] >= axis.end_s:
        return range(0)
    cell_s = axis.span_s / width
    first = max(0, int((chosen[0] - axis.start_s) / cell_s + 1e-6))
    last = min(width, max(first + 1, -int(-((chosen[1] - axis.start_s) / cell_s - 1e-6) // 1)))
    return range(min(first, width - 1), last)


def grounds(width: int, chosen: range, cursor: int) -> list[Run]:
    """Return what the cells of every row stand on: the cursor, the chosen range, or nothing of both."""
    edges = sorted({0, chosen.start, chosen.stop, cursor, cursor + 1, width})
    pairs = [(start, end) for start, end in pairwise(edges) if end <= width]
    return [
        Run(start, end, "time-pane--cursor" if start == cursor else "time-pane--range" if start in chosen else "")
        for start, end in pairs
    ]


def with_cursor(line: str, cursor: int) -> str:
    """Return a line in which the cursor is seen without colours too, where nothing else is."""
    return line[:cursor] + CURSOR + line[cursor + 1 :] if line[cursor : cursor + 1] == " " else line


def lane_heights(count: int, rows: int, *, most: int, grown: Sequence[bool]) -> list[int]:
    """Return the rows of each lane that is in sight, one at least; those that may grow do so evenly, up to `most`.

    Where lanes are many, the last ones stay out of sight as long as that makes others readable.
    """
    shown = min(count, max(min(rows, 6), rows - 6))
    given = [1] * shown
    spare = rows - shown
    for tall in range(2, most + 1):
        for i in range(shown):
            if spare > 0 and grown[i]:
                given[i] = tall
                spare -= 1
    return given + [1] * min(spare, count - shown)
