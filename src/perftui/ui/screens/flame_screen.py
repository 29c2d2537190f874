"""What screens with flames share: the view state, selection and zoom, search, and panes that fill the screen."""

from __future__ import annotations

import re
from abc import abstractmethod
from asyncio import TimerHandle
from dataclasses import replace
from typing import ClassVar

from perftui.analysis.call_tree import CallTree, FunctionKey
from perftui.analysis.flame_layout import Order, heaviest_node
from perftui.analysis.search import Search, next_match
from perftui.analysis.split import Split
from perftui.errors import UsageError
from perftui.model.heap import HeapView
from perftui.ui.later import later
from perftui.ui.lens import CPU, Lens
from perftui.ui.screens.base import BaseScreen
from perftui.ui.view_state import Path, ViewState
from perftui.ui.widgets.flame_graph import FlameGraph
from perftui.ui.widgets.flame_text import FlameTree
from perftui.ui.widgets.key_bar import KeyBar
from perftui.ui.widgets.lens_strip import LensStrip
from perftui.ui.widgets.search_bar import SearchBar
from perftui.ui.widgets.status_line import StatusLine
from perftui.units import format_percent

_SEARCHED_AT_ONCE = 20_000
"""Nodes of a profile that is searched faster than anybody types."""
_SEARCH_AFTER_S = 0.04


class FlameScreen(BaseScreen):
    """A screen whose flames, tables and search follow one view state."""

    SEARCH_COVERS: ClassVar[bool] = True
    """Whether a search can say how much of the profile it covers."""
    NO_CPU: ClassVar[str] = ""
    """Why CPU cannot be looked at."""
    NO_MEMORY: ClassVar[str] = ""
    """Why memory cannot be looked at."""
    ONE_VIEW: ClassVar[str] = ""
    """Why there is no other view of the heap."""

    def __init__(self, view: ViewState) -> None:
        super().__init__()
        self._view = view
        self._search: Search | None = None
        self._search_waits: TimerHandle | None = None
        """The search for what is being typed, until it begins."""
        self._searched: CallTree | None = None
        """The tree that was searched."""
        self._places: dict[tuple[Lens, Split, bool], tuple[Path, Path]] = {}
        """Selection and zoom of the lenses that are not looked through, by split, upright or not."""
        self._last_view: HeapView | None = None

    # What a screen says of itself.

    @property
    @abstractmethod
    def _flames(self) -> FlameGraph:
        """The flames that have the keys."""

    @property
    @abstractmethod
    def _named_tree(self) -> CallTree:
        """The tree that names and paths are looked up in."""

    @property
    def _weighed_tree(self) -> FlameTree:
        """The tree that weights are taken from; its nodes are those of the named one."""
        return self._named_tree

    @abstractmethod
    def _draw_view(self) -> None:
        """Draw everything that follows the view state."""

    @property
    @abstractmethod
    def _lenses(self) -> tuple[Lens, ...]:
        """What can be looked at."""

    @property
    @abstractmethod
    def _telling_view(self) -> HeapView | None:
        """The view of the heap that tells most; None without any."""

    @abstractmethod
    def _draw_through(self) -> None:
        """Draw everything that follows the lens."""

    # Selection and zoom.

    def _look(self, **changes: object) -> None:
        """Change what is looked at, and draw it."""
        self._view = replace(self._view, **changes)  # type: ignore[arg-type]
        if changes.keys() == {"selected"}:
            self._draw_selection()
        else:
            self._draw_view()

    def _draw_selection(self) -> None:
        """Draw what follows the selection."""
        self._draw_view()

    def _select_node(self, node: int) -> None:
        """Select a node; the zoom stays where the node is inside it."""
        tree = self._named_tree
        inside = tree.is_within(node, tree.nearest(self._view.zoom))
        self._look(selected=tree.path(node), zoom=self._view.zoom if inside else ())

    def _select_function(self, function: FunctionKey) -> None:
        """Select the heaviest node of a function."""
        node = self._node_of(function)
        if node is not None:
            self._select_node(node)

    def _node_of(self, function: FunctionKey) -> int | None:
        """Return the heaviest node of a function; None where there is none that weighs anything."""
        number = self._named_tree.function_ids.get(function)
        return None if number is None else heaviest_node(self._weighed_tree, number)

    def on_flame_graph_selected(self, message: FlameGraph.Selected) -> None:
        """Let everything else follow the flames, unless they have gone on since."""
        if message.path == message.flame_graph.selected_path:
            self._look(selected=message.path)

    def on_flame_graph_zoomed(self, message: FlameGraph.Zoomed) -> None:
        """Remember the zoom."""
        self._look(zoom=message.path)

    def on_flame_graph_hovered(self, message: FlameGraph.Hovered) -> None:
        """Say what is under the mouse."""
        self.query_one(StatusLine).pass_by(message.text)

    def on_key_bar_pressed(self, message: KeyBar.Pressed) -> None:
        """Run the command whose key was clicked."""
        self.run_worker(self.run_action(message.command.action), exclusive=False)

    async def action_flames(self, action: str) -> None:
        """Let the flames do something, whichever pane has the keys."""
        await self._flames.run_action(action)

    def action_order(self) -> None:
        """Order siblings in the next way."""
        order = list(Order)
        chosen = order[(order.index(self._view.order) + 1) % len(order)]
        self._look(order=chosen)
        self.notify(f"siblings by {chosen.value}", timeout=2, markup=False)

    def action_maximise(self) -> None:
        """Give the focused pane the whole screen, or take it back."""
        if self.maximized is not None:
            self.minimize()
        elif self.focused is not None:
            self.maximize(self.focused)

    # Lenses.

    def action_lens(self) -> None:
        """Switch between CPU and memory."""
        if self._view.lens is not None:
            if CPU in self._lenses:
                self._look_through(CPU)
            else:
                self.notify(self.NO_CPU, markup=False)
            return
        last = self._last_view
        view = last if last is not None and last in self._lenses else self._telling_view
        if view is None:
            self.notify(self.NO_MEMORY, markup=False)
        else:
            self._look_through(view)

    def action_heap_view(self) -> None:
        """Look at the next view of the heap."""
        views = [lens for lens in self._lenses if lens is not None]
        lens = self._view.lens
        if lens not in views:
            self.action_lens()
        elif len(views) == 1:
            self.notify(self.ONE_VIEW, markup=False)
        else:
            self._look_through(views[(views.index(lens) + 1) % len(views)])

    def on_lens_strip_chosen(self, message: LensStrip.Chosen) -> None:
        """Look through the lens that was clicked."""
        self._look_through(message.lens)

    def _look_through(self, lens: Lens) -> None:
        """Look at something else; each lens keeps its own selection and zoom."""
        view = self._view
        if lens is view.lens:
            return
        self._places[view.lens, view.split, view.inverted] = view.selected, view.zoom
        self._last_view = view.lens or self._last_view
        selected, zoom = self._places.get((lens, view.split, view.inverted), ((), ()))
        self._view = replace(view, lens=lens, selected=selected, zoom=zoom)
        self._search_anew()
        self._draw_through()

    # Search.

    def action_search(self) -> None:
        """Open the search bar."""
        self.query_one(SearchBar).open(self._search.pattern if self._search else "")

    def action_search_selected(self) -> None:
        """Search for the name of the selected function."""
        if self._view.function is None:
            self.notify("select a frame first", markup=False)
            return
        self._find(f"(?:^|\\.){re.escape(self._view.function[1].rpartition('.')[2])} ")
        self.query_one(SearchBar).display = True

    def on_search_bar_changed(self, message: SearchBar.Changed) -> None:
        """Search while the person types; what was typed is on the screen before a large profile is searched."""
        self._stop_waiting()
        if len(self._named_tree) <= _SEARCHED_AT_ONCE:
            self._find(message.pattern)
        else:
            self._search_waits = later(self, _SEARCH_AFTER_S, lambda: self._find(message.pattern))

    def on_search_bar_closed(self, message: SearchBar.Closed) -> None:
        """Keep the search and go to its first match, or give it up."""
        if self._stop_waiting() or not message.keep:
            self._find(message.pattern if message.keep else "")
        self.query_one(SearchBar).display = self._search is not None
        self._flames.focus()
        if self._search is not None:
            self.action_next_match(1)

    def action_next_match(self, step: int) -> None:
        """Select the next match; the search bar says where there is none."""
        if self._search is None:
            self.action_search()
            return
        tree = self._named_tree
        at = tree.nearest(self._view.selected)
        node = next_match(self._search, tree, at, step, weights=self._weighed_tree.total_weight)
        if node is not None:
            self._select_node(node)

    def _stop_waiting(self) -> bool:
        """Give up a search that has not begun; say whether there was one."""
        waits, self._search_waits = self._search_waits, None
        if waits is not None:
            waits.cancel()
        return waits is not None

    def _find(self, pattern: str) -> None:
        self._search_waits = None
        try:
            self._search = self._searched_for(pattern)
        except UsageError as error:
            self.query_one(SearchBar).show_error(error.message)
            return
        self._look(pattern=pattern)
        self._tell_found()

    def _search_anew(self) -> None:
        """Hold the search against another tree: one belongs to the tree that it looked at."""
        self._search = self._searched_for(self._search.pattern if self._search else "")

    def _searched_for(self, pattern: str) -> Search | None:
        self._searched = self._named_tree
        return Search(pattern, self._searched) if pattern else None

    @property
    def _searched_whole(self) -> str:
        """What a search covers a part of."""
        return "profile" if self._view.lens is None else "bytes"

    def _tell_found(self) -> None:
        whole = self._searched_whole if self.SEARCH_COVERS else ""
        self.query_one(SearchBar).show_result(_found_text(self._search, whole=whole))

    # Leaving.

    def _go(self) -> None:
        """Go back, or leave."""
        self.leave()


def _found_text(search: Search | None, *, whole: str) -> str:
    if search is None:
        return ""
    count = search.function_count
    if not count:
        return "no match"
    covered = f", {format_percent(100 * search.coverage)} of the {whole}" if whole else ""
    return f"{count} {'function' if count == 1 else 'functions'}{covered}"
