"""The path of the selected frame, from the root to it; a click on one of its callers selects that."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from rich.segment import Segment
from textual import events
from textual.message import Message

from perftui.ui.view_state import Path
from perftui.ui.widgets.cells import clean, fit, width_of
from perftui.ui.widgets.line_canvas import LineCanvas, Row

_ROOT = "all"
_CALLS, _CALLED_BY = " › ", " ‹ "
_LEFT_OUT = "…"
_MOST_NAME = 40
"""Cells of the longest name: one must not push the others out."""


class Crumb(NamedTuple):
    """A step of the path, as it is drawn."""

    label: str
    start: int
    depth: int
    """How many functions of the path lead to it; -1 for steps that have no room."""

    @property
    def end(self) -> int:
        """First cell to the right."""
        return self.start + width_of(self.label)


class Breadcrumb(LineCanvas):
    """One line: the path, shortened in the middle."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "breadcrumb--step",
        "breadcrumb--lit",
        "breadcrumb--here",
        "breadcrumb--between",
    }
    DEFAULT_CSS = """
    Breadcrumb { height: 1; background: $surface;
        .breadcrumb--step { color: $text-muted; }
        .breadcrumb--lit { color: $primary; text-style: underline; }
        .breadcrumb--here { color: $text; text-style: bold; }
        .breadcrumb--between { color: $foreground 45%; }
    }
    """

    class Chosen(Message):
        """A step of the path was clicked."""

        def __init__(self, path: Path) -> None:
            super().__init__()
            self.path = path

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._path: Path = ()
        self._between = _CALLS
        self._lit: int | None = None

    def show(self, path: Path, *, inverted: bool = False) -> None:
        """Draw a path; inverted, each step was called by the next one."""
        self._path, self._between = path, _CALLED_BY if inverted else _CALLS
        self.redraw()

    def draw_row(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one row)
        """Return the steps of the path."""
        row: Row = [Segment(" ", self.pen())]
        for number, crumb in enumerate(self._crumbs(width)):
            if number:
                row.append(Segment(self._between, self.pen("breadcrumb--between")))
            row.append(Segment(crumb.label, self.pen(self._component(crumb))))
        return row

    def on_click(self, event: events.Click) -> None:
        """Ask for the step under the mouse."""
        depth = self._under(event.x)
        if depth is not None and depth < len(self._path):
            self.post_message(self.Chosen(self._path[:depth]))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Light up the step below the mouse."""
        self._light(self._under(event.x))

    def on_leave(self) -> None:
        """Put the light out."""
        self._light(None)

    def _light(self, depth: int | None) -> None:
        if depth != self._lit:
            self._lit = depth
            self.redraw()

    def _component(self, crumb: Crumb) -> str:
        if crumb.depth < 0:
            return "breadcrumb--between"
        if crumb.depth == len(self._path):
            return "breadcrumb--here"
        return "breadcrumb--lit" if crumb.depth == self._lit else "breadcrumb--step"

    def _under(self, x: int) -> int | None:
        crumbs = self._crumbs(self.size.width)
        return next((crumb.depth for crumb in crumbs if crumb.start <= x < crumb.end and crumb.depth >= 0), None)

    def _crumbs(self, width: int) -> list[Crumb]:
        return crumbs_of(self._path, width - 2, between=self._between)


def crumbs_of(path: Path, width: int, *, between: str = _CALLS) -> list[Crumb]:
    """Return the steps of a path that have room in so many cells: the root, the last ones, and what fits between."""
    names = [_ROOT, *(_name(function) for _, function in path)]
    kept = _kept(names, width, width_of(between))
    found: list[Crumb] = []
    at, before = 1, -1
    for depth in kept:
        if depth > before + 1 and (before >= 0 or _led_in(names[depth], width, width_of(between))):
            found.append(Crumb(_LEFT_OUT, at, -1))
            at = found[-1].end + width_of(between)
        room = max(1, width + 1 - at)
        found.append(Crumb(fit(names[depth], min(room, width_of(names[depth]))), at, depth))
        at = found[-1].end + width_of(between)
        before = depth
    return found


def _kept(names: list[str], width: int, gap: int) -> list[int]:
    """Return the steps that are drawn: the last, the first, then the ones before the last as long as there is room."""
    last = len(names) - 1
    if sum(map(width_of, names)) + gap * last <= width:
        return list(range(len(names)))
    used = width_of(names[last]) + width_of(_LEFT_OUT) + gap
    if used > width:
        return [last]
    kept = [last]
    if used + width_of(names[0]) + gap <= width:
        used += width_of(names[0]) + gap
        kept = [0, last]
    for depth in range(last - 1, 0, -1):
        used += width_of(names[depth]) + gap
        if used > width:
            break
        kept.insert(len(kept) - (last - depth), depth)
    return kept


def _led_in(name: str, width: int, gap: int) -> bool:
    """Say whether there is room to show that something stands before a step."""
    return width_of(_LEFT_OUT) + gap + width_of(name) <= width


def _name(function: str) -> str:
    name = clean(function).replace(".<locals>", "")
    return name if width_of(name) <= _MOST_NAME else fit(name, _MOST_NAME)
