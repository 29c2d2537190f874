"""The icicle: a call tree as nested boxes, operated by keyboard and mouse.

It draws what the screen gives it. Keys and clicks are shown at once and posted as paths; the screen answers with a
new view state, which is taken over where it differs from the one before.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from perftui.analysis.call_tree import ROOT
from perftui.analysis.flame_layout import Box, Layout, heaviest_child, layout
from perftui.analysis.search import Search
from perftui.ui.view_state import Path, ViewState
from perftui.ui.widgets.cells import clean, fit, width_of
from perftui.ui.widgets.flame_labels import FlameLabels
from perftui.ui.widgets.flame_paint import ANCESTOR, DIMMED, HOVERED, KIN, QUIET, SELECTED, FlamePaint
from perftui.ui.widgets.flame_text import (
    FlameTree,
    bytes_behind,
    memory_facts,
    name_and_place,
    remainder_sentence,
    sentence,
    whole,
)
from perftui.ui.widgets.line_canvas import LineCanvas, Row, cut

_EDGE = "▏"
"""First cell of a box: an eighth of it in the colour of the paper keeps equal neighbours apart."""
_CRUMBS = 3
"""Ancestors of the zoomed node that stay in sight; the others are reached by scrolling up."""
_WHEEL_ROWS = 2
_LEAST_WITH_FACTS = 14
"""Cells from which a box of memory has room for a size beside the shortest name."""


class FlameGraph(LineCanvas, can_focus=True):
    """An icicle of a call tree; the root is the first row."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "flame-graph--own",
        "flame-graph--package",
        "flame-graph--stdlib",
        "flame-graph--root",
        "flame-graph--pseudo",
        "flame-graph--folded",
        "flame-graph--selected",
        "flame-graph--quiet-selected",
        "flame-graph--empty",
        "flame-graph--more",
    }
    DEFAULT_CSS = """
    FlameGraph {
        .flame-graph--own { background: $accent; }
        .flame-graph--package { background: $secondary; }
        .flame-graph--stdlib { background: $foreground 28%; }
        .flame-graph--root { background: $foreground 16%; }
        .flame-graph--pseudo { background: $foreground 11%; }
        .flame-graph--folded { background: $foreground 9%; color: $text-muted; }
        .flame-graph--selected { background: $foreground; color: $background; text-style: bold; }
        .flame-graph--quiet-selected { background: $foreground 55%; color: auto 100%; text-style: bold; }
        .flame-graph--empty { color: $text-muted; }
        .flame-graph--more { background: $primary; color: $background; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "descend", "Widest child", show=False, id="flame.descend"),
        Binding("up", "ascend", "Parent", show=False, id="flame.ascend"),
        Binding("left", "neighbour(-1)", "Box to the left", show=False, id="flame.left"),
        Binding("right", "neighbour(1)", "Box to the right", show=False, id="flame.right"),
        Binding("enter", "zoom_in", "Zoom", show=False, id="flame.zoom"),
        Binding("escape,backspace", "zoom_out", "Zoom out", show=False, id="flame.out"),
        Binding("home", "zoom_home", "Whole", show=False, id="flame.home"),
        Binding("pagedown", "page(1)", "Deeper", show=False, id="flame.deeper"),
        Binding("pageup", "page(-1)", "Shallower", show=False, id="flame.shallower"),
    ]

    class Selected(Message):
        """A box was selected."""

        def __init__(self, flame_graph: FlameGraph, path: Path) -> None:
            super().__init__()
            self.flame_graph = flame_graph
            self.path = path

        @property
        def control(self) -> FlameGraph:
            """The widget that posted it."""
            return self.flame_graph

    class Zoomed(Selected):
        """A box was made as wide as the whole."""

    class Hovered(Message):
        """The mouse moved onto a box, or off every box."""

        def __init__(self, flame_graph: FlameGraph, text: str) -> None:
            super().__init__()
            self.flame_graph = flame_graph
            self.text = text
            """One line about the box; empty when there is none."""

        @property
        def control(self) -> FlameGraph:
            """The widget that posted it."""
            return self.flame_graph

    def __init__(self, *, empty: str = "", id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._flames: FlameTree | None = None
        self._view = ViewState()
        self._search: Search | None = None
        self._empty = empty
        self._boxes: Layout | None = None
        self._first_row = 0
        self._selected = ROOT
        self._selected_path: Path = ()
        self._zoom = ROOT
        self._zoom_path: Path = ()
        self._hovered: Box | None = None
        self._just_zoomed = False
        self._paint = FlamePaint(self, "flame-graph")
        self._labels = FlameLabels()

    # What the screen calls.

    def show(self, tree: FlameTree, *, view: ViewState, search: Search | None = None) -> None:
        """Draw a flushed tree; the same one may come again and again while it grows."""
        if tree is not self._flames:
            self._flames = tree
            self._paint.forget()
            self._labels.forget()
            self._let_go()
        if view.selected != self._view.selected:
            self._selected_path = view.selected
        if view.zoom != self._view.zoom:
            self._zoom_path = view.zoom
        if view.cwd != self._view.cwd:
            self._labels.forget()
        self._view = view
        self._search = search
        self._selected = tree.nearest(self._selected_path)
        self._zoom_to(tree.nearest(self._zoom_path))
        self._boxes = None
        self.redraw()

    def take_note(self, view: ViewState) -> None:
        """Take note that the screen has heard what is selected here, which is drawn already."""
        self._view = replace(self._view, selected=view.selected)

    def show_empty(self, sentence: str) -> None:
        """Say instead of a picture why there is none."""
        self._flames = None
        self._boxes = None
        # Where there is a picture again, the screen says what is selected and what is wide.
        self._selected_path = self._zoom_path = ()
        self._view = replace(self._view, selected=(), zoom=())
        self._let_go()
        self._empty = sentence
        self.redraw()

    def describe(self, node: int) -> str:
        """Return one line about a node: name, place, weights, shares, samples and how sure the share is."""
        return "" if self._flames is None else sentence(self._flames, node, zoom=self._zoom, cwd=self._view.cwd)

    def name_of(self, node: int) -> str:
        """Return a node's function with the place that it is in."""
        return "" if self._flames is None else name_and_place(self._flames, node, self._view.cwd)

    @property
    def selected(self) -> int:
        """Node id of the selected box."""
        return self._selected

    @property
    def selected_path(self) -> Path:
        """Path of the selected box, also before the screen has heard of it."""
        return self._selected_path

    @property
    def zoom(self) -> int:
        """Node id that is as wide as the whole."""
        return self._zoom

    # Drawing.

    def draw_row(self, y: int, width: int) -> Row:
        """Return the boxes of a row as segments."""
        tree = self._flames
        if tree is None or (not tree.total_weight[ROOT] and len(tree) == 1):
            return self._empty_row(y, width)
        shown = self._boxes_shown()
        if y >= len(shown.rows):
            return []
        row: Row = []
        reached = 0
        for box in shown.rows[y]:
            if box.x > reached:
                row.append(Segment(" " * (box.x - reached), self.pen()))
            self._draw_box(tree, box, row)
            reached = box.end
        return self._mark_scroll(row, y, width, shown)

    def forget(self) -> None:
        """Drop everything that was made from colours."""
        super().forget()
        self._paint.forget()

    def on_resize(self) -> None:
        """Lay out for the new size."""
        super().on_resize()
        self._boxes = None

    def on_focus(self) -> None:
        """Show the selection as the one that keys move."""
        self.redraw()

    def on_blur(self) -> None:
        """Show the selection as a quiet one."""
        self.redraw()

    def _boxes_shown(self) -> Layout:
        if self._boxes is None:
            assert self._flames is not None
            width, height = self.size
            self._boxes = layout(
                self._flames,
                zoom=self._zoom,
                width=width,
                rows=height,
                first_row=self._first_row,
                order=self._view.order,
            )
        return self._boxes

    def _draw_box(self, tree: FlameTree, box: Box, row: Row) -> None:
        if box.folded:
            edge, text = self._paint.folded(box == self._hovered or self._holds_selection(tree, box))
            label = self._labels.folded(box.folded, box.width - 1)
        else:
            function = tree.function[box.node]
            frame = tree.functions[function] if box.node else None
            edge, text = self._paint.box(box.node and function + 1, frame, self._state(tree, box))
            if frame is None:
                label = fit(self._root_label(tree), box.width - 1)
            else:
                label = self._labels.box(function, frame, box.width - 1, self._facts(tree, box), self._view.cwd)
        if box.width == 1:
            row.append(Segment("+", text) if box.folded else Segment(_EDGE, edge))
            return
        row.append(Segment(_EDGE, edge))
        row.append(Segment(label, text))

    def _facts(self, tree: FlameTree, box: Box) -> tuple[str, ...]:
        """Return what stands at the right end of a box, the first of it that has room."""
        memory = bytes_behind(tree)
        if memory is not None:
            # Numbers that have no room in any case are not worth their formatting.
            return memory_facts(tree, memory, box.node) if box.width >= _LEAST_WITH_FACTS else ()
        percent = int(100 * box.weight / (tree.total_weight[ROOT] or 1.0) + 0.5)
        return (f"{percent} %",) if percent else ()

    def _state(self, tree: FlameTree, box: Box) -> int:
        node = box.node
        if node == self._selected:
            # The root is selected before anybody selects anything: then it only lights up.
            return (SELECTED if self.has_focus else QUIET) if node else HOVERED
        state = 0
        if self._hovered is not None and not self._hovered.folded and self._hovered.node == node:
            state |= HOVERED
        if tree.depth[node] < tree.depth[self._zoom]:
            return state | ANCESTOR
        if self._search is not None and not self._search.matches(node):
            state |= DIMMED
        if node and self._selected and tree.function[node] == tree.function[self._selected]:
            state |= KIN
        return state

    def _holds_selection(self, tree: FlameTree, remainder: Box) -> bool:
        node = self._selected
        while node > remainder.node:
            if tree.parent[node] == remainder.node:
                return self._box_of(node) == remainder
            node = tree.parent[node]
        return False

    def _root_label(self, tree: FlameTree) -> str:
        return whole(tree)

    def _mark_scroll(self, row: Row, y: int, width: int, shown: Layout) -> Row:
        mark = ""
        if y == 0 and shown.first_row:
            mark = f" ▲ {shown.first_row} "
        elif y == len(shown.rows) - 1 and shown.more_below:
            mark = " ▼ "
        if not mark or width < 20:
            return row
        used = sum(segment.cell_length for segment in row)
        room = width - len(mark)
        padded = [*row, Segment(" " * (width - used), self.pen())]
        return [*cut(padded, room), Segment(mark, self.pen("flame-graph--more"))]

    def _empty_row(self, y: int, width: int) -> Row:
        lines = textwrap.wrap(clean(self._empty), max(1, width - 4))
        at = y - max(0, (self.size.height - len(lines)) // 2)
        if not 0 <= at < len(lines):
            return []
        indent = max(0, (width - width_of(lines[at])) // 2)
        return [Segment(fit(" " * indent + lines[at], width), self.pen("flame-graph--empty"))]

    # Where things are.

    def _describe_box(self, box: Box) -> str:
        tree = self._flames
        if not box.folded or tree is None:
            return self.describe(box.node)
        return remainder_sentence(tree, box, cwd=self._view.cwd)

    def _box_of(self, node: int) -> Box | None:
        """Return the visible box of a node, or the remainder that it is folded into."""
        tree = self._flames
        if tree is None:
            return None
        shown = self._boxes_shown()
        inner = node
        while inner >= 0:
            row = shown.row(tree.depth[inner])
            own = next((box for box in row if box.node == inner and not box.folded), None)
            if own is not None:
                return own if inner == node else None
            rest = next((box for box in row if box.folded and box.node == tree.parent[inner]), None)
            if rest is not None:
                return rest
            inner = tree.parent[inner]
        return None

    def _is_shown(self, node: int) -> bool:
        """Say whether a node belongs to what the zoom shows: below the zoomed node, or one of its ancestors."""
        assert self._flames is not None
        parent = self._flames.parent
        low, high = (node, self._zoom) if node < self._zoom else (self._zoom, node)
        while high > low:
            high = parent[high]
        return high == low

    # What a person does.

    def action_descend(self) -> None:
        """Select the widest child."""
        self._move(lambda tree, node: heaviest_child(tree, node))

    def action_ascend(self) -> None:
        """Select the parent."""
        self._move(lambda tree, node: tree.parent[node] if node else None)

    def action_neighbour(self, step: int) -> None:
        """Select the next box of the row."""
        tree = self._flames
        if tree is None:
            return
        self._reveal(self._selected)
        box = self._box_of(self._selected)
        if box is None:
            self._select(self._zoom)
            return
        depth = tree.depth[box.node] + bool(box.folded)
        row = self._boxes_shown().row(depth)
        others = [other for other in row if (other.x - box.x) * step > 0 and not other.folded]
        if others:
            self._select(others[0].node if step > 0 else others[-1].node)

    def action_zoom_in(self) -> None:
        """Make the selected box as wide as the whole."""
        self._zoom_by_hand(self._selected)

    def action_zoom_out(self) -> None:
        """Zoom to the parent of the zoomed node."""
        if self._flames is not None and self._zoom:
            self._zoom_by_hand(self._flames.parent[self._zoom])

    def action_zoom_home(self) -> None:
        """Show the whole tree; if it is shown already, select its root."""
        if self._zoom:
            self._zoom_by_hand(ROOT)
        elif self._flames is not None:
            self._first_row = 0
            self._boxes = None
            self._select(ROOT)

    def action_page(self, step: int) -> None:
        """Scroll by most of a page."""
        self._scroll_rows(step * max(1, self.size.height - 2))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Leave Escape to the screen where there is nothing to zoom out of."""
        return not (action == "zoom_out" and self._zoom == ROOT)

    def on_click(self, event: events.Click) -> None:
        """Select; zoom on what is selected already; zoom out with the right button."""
        if event.button == 3:
            self.action_zoom_out()
            return
        if event.chain > 1 and self._just_zoomed:
            return
        self._just_zoomed = False
        box, tree = self._box_under(event), self._flames
        if box is None or tree is None:
            return
        if tree.depth[box.node] < tree.depth[self._zoom] or (box.node == self._selected and not box.folded):
            self._just_zoomed = True
            self._zoom_by_hand(box.node)
        if box.node != self._selected:
            self._select(box.node)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Light up the box below the mouse and tell what it is."""
        self._hover(self._box_under(event))

    def on_leave(self) -> None:
        """Put the light out."""
        self._hover(None)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Go deeper."""
        event.stop()
        self._scroll_rows(_WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Come back up."""
        event.stop()
        self._scroll_rows(-_WHEEL_ROWS)

    def _move(self, choose: Callable[[FlameTree, int], int | None]) -> None:
        if self._flames is None:
            return
        node = choose(self._flames, self._selected) if self._is_shown(self._selected) else self._zoom
        if node is not None:
            self._select(node)

    def _select(self, node: int) -> None:
        assert self._flames is not None
        self._selected = node
        self._selected_path = self._flames.path(node)
        self._reveal(node)
        self.redraw()
        self.post_message(self.Selected(self, self._selected_path))

    def _zoom_by_hand(self, node: int) -> None:
        if self._flames is None or node == self._zoom:
            return
        self._zoom_to(node)
        self._zoom_path = self._flames.path(node)
        self._boxes = None
        self.redraw()
        self.post_message(self.Zoomed(self, self._zoom_path))

    def _zoom_to(self, node: int) -> None:
        assert self._flames is not None
        if node != self._zoom:
            self._let_go()
            self._zoom = node
            self._first_row = max(0, self._flames.depth[node] - min(_CRUMBS, self.size.height // 4))

    def _hover(self, box: Box | None) -> None:
        if box == self._hovered:
            return
        before, self._hovered = self._hovered, box
        self.redraw(*(self._row_of(each) for each in (before, box) if each is not None))
        self.post_message(self.Hovered(self, self._describe_box(box) if box is not None else ""))

    def _let_go(self) -> None:
        """Forget the box below the mouse: another stands there now, or none."""
        if self._hovered is not None:
            self._hovered = None
            self.post_message(self.Hovered(self, ""))

    def _row_of(self, box: Box) -> int:
        assert self._flames is not None
        return self._flames.depth[box.node] + bool(box.folded) - self._first_row

    def _box_under(self, event: events.MouseEvent) -> Box | None:
        if self._flames is None:
            return None
        return self._boxes_shown().box_at(event.x, event.y + self._first_row)

    def _scroll_rows(self, step: int) -> None:
        if self._flames is None:
            return
        before = self._first_row
        for _ in range(abs(step)):
            if step > 0 and not self._boxes_shown().more_below:
                break
            self._first_row = max(0, self._first_row + (1 if step > 0 else -1))
            self._boxes = None
        if self._first_row != before:
            self._let_go()
            self.redraw()

    def _reveal(self, node: int) -> None:
        assert self._flames is not None
        depth, rows = self._flames.depth[node], self.size.height
        first = min(self._first_row, depth)
        if rows and depth >= first + rows:
            first = depth - rows + 1
        if first != self._first_row:
            self._first_row = first
            self._boxes = None
