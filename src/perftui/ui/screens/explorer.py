"""Exploring one session: its scope as chips, flames upside down, and the trail of what was selected."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace

from perftui.analysis.call_tree import ROOT, CallTree, FunctionKey
from perftui.analysis.inversion import MergedTree
from perftui.analysis.inverted_search import InvertedSearch
from perftui.analysis.scope import (
    EVERYTHING,
    MOST_PARTS,
    Focus,
    Hidden,
    OnlyThread,
    OwnOnly,
    Scope,
    WithoutProcess,
    WithoutThread,
)
from perftui.analysis.search import Search
from perftui.model.sample import Thread
from perftui.ui.screens.flame_screen import FlameScreen
from perftui.ui.screens.looked_at import LookedAt
from perftui.ui.view_state import Path, Spot, Trail, ViewState
from perftui.ui.widgets.chip_strip import ChipStrip
from perftui.ui.widgets.flame_text import FlameTree
from perftui.ui.widgets.sandwich import Sandwich
from perftui.ui.widgets.thread_table import ThreadTable

_SELECT_FIRST = "select a function first"
_NO_THREAD = "select a thread: in its pane (3), or in flames that are split by thread (t)"


class ExplorerScreen(FlameScreen):
    """Flames, tables and search that follow a scope."""

    ALLOW_IN_MAXIMIZED_VIEW = f"{FlameScreen.ALLOW_IN_MAXIMIZED_VIEW},ChipStrip"

    def __init__(self, view: ViewState) -> None:
        super().__init__(view)
        self._trail = Trail()

    @property
    @abstractmethod
    def _shown(self) -> LookedAt:
        """The session as it is looked at."""

    @property
    def _named_tree(self) -> CallTree:
        return self._shown.named_tree

    @property
    def _weighed_tree(self) -> FlameTree:
        return self._shown.weighed_tree

    # Scope.

    def action_own_only(self) -> None:
        """Look at the person's own code only, or at all code again."""
        self._look_at(self._view.scope.toggled(OwnOnly()))

    def action_hide_function(self) -> None:
        """Take the selected function out of all stacks."""
        function = self._view.function
        if function is None:
            self.notify(_SELECT_FIRST, markup=False)
        elif self._shown.is_thread(function):
            self.notify("that is a thread: X leaves it out", markup=False)
        else:
            self._look_at(self._view.scope.added(Hidden(*function)))

    def action_focus_on(self) -> None:
        """Keep only stacks that hold the selected function, or only the selected thread."""
        function, scope = self._view.function, self._view.scope
        if function is None:
            self.notify(_SELECT_FIRST, markup=False)
            return
        thread = self._shown.selected_thread() if self._shown.is_thread(function) else None
        if thread is None:
            self._look_at(scope.toggled(Focus(*function)))
        else:
            self._look_at(scope.toggled(OnlyThread(thread.pid, thread.tid)))

    def action_leave_thread_out(self) -> None:
        """Leave the thread out that is selected in the pane of threads or in the flames, or take it in again."""
        table = self.query_one(ThreadTable)
        thread = table.chosen if table.has_focus else self._shown.selected_thread()
        if thread is None:
            self.notify(_NO_THREAD, markup=False)
        else:
            self._look_at(_with_thread_toggled(self._view.scope, thread))

    def on_thread_table_toggled(self, message: ThreadTable.Toggled) -> None:
        """Leave the thread out whose mark was clicked, or take it in again."""
        self._look_at(_with_thread_toggled(self._view.scope, message.thread))

    def action_undo_scope(self) -> None:
        """Take away the last chip."""
        parts = self._view.scope.parts
        if parts:
            self._look_at(self._view.scope.without(parts[-1]))
        else:
            self.notify("everything is looked at already", markup=False)

    def action_clear_scope(self) -> None:
        """Look at everything again."""
        if self._view.scope.is_everything:
            self.notify("everything is looked at already", markup=False)
        else:
            self._look_at(EVERYTHING)

    def on_chip_strip_gone(self, message: ChipStrip.Gone) -> None:
        """Take a chip away."""
        if message.part is None:
            self.action_invert()
        else:
            self._look_at(self._view.scope.without(message.part))

    def _look_at(self, scope: Scope) -> None:
        """Look at another part of the profile."""
        if len(scope.parts) > MOST_PARTS:
            self.notify("so many chips are more than anybody can see: u and U take some away", markup=False)
            return
        self._view = self._view.scoped(scope)
        self._find_again()

    def _draw_chips(self) -> None:
        strip, shown = self.query_one(ChipStrip), self._shown
        chips = shown.chips()
        strip.display = bool(chips)
        if chips:
            strip.show(chips, shown.covered())

    # Another arrangement of the same stacks.

    def action_invert(self) -> None:
        """Turn the flames upside down, or back; the selected function stays selected."""
        function, inverted = self._view.function, not self._view.inverted
        self._view = replace(self._view, inverted=inverted, selected=(), zoom=())
        self._search_anew()
        if function is not None:
            node = None if inverted else self._node_of(function)
            selected = (function,) if node is None else self._named_tree.path(node)
            self._view = replace(self._view, selected=selected)
        self._draw_through()

    def action_by_thread(self) -> None:
        """Split the flames by thread, or merge them."""
        view, split = self._view, not self._view.by_thread
        # Paths by thread begin with the thread, upside down they end with it: what can be carried over is.
        selected = view.selected[:1] if view.inverted else view.selected[1:]
        if split and not view.inverted:
            selected = ()
        self._view = replace(view, by_thread=split, selected=selected, zoom=())
        self._search_anew()
        self._draw_view()

    def _select_function(self, function: FunctionKey) -> None:
        if self._view.inverted and self._node_of(function) is None:
            # It stands only among callers: it is the one that the tables are about all the same.
            self._look(selected=(function,), zoom=())
        else:
            super()._select_function(function)

    def on_sandwich_walked(self, message: Sandwich.Walked) -> None:
        """Go to a caller or a callee."""
        self._select_function(message.function)

    # The trail.

    def _look(self, **changes: object) -> None:
        before = self._view.selected
        super()._look(**changes)
        view = self._view
        if view.selected != before:
            self._trail.visit(Spot(view.lens, view.by_thread, view.inverted, view.selected))

    def action_go_in_trail(self, step: int) -> None:
        """Select again what was selected before, or after."""
        spot = self._trail.step(step)
        if spot is None:
            self.notify("nothing was selected before" if step < 0 else "nothing was selected after", markup=False)
            return
        view = self._view
        if (spot.lens, spot.by_thread, spot.inverted) == (view.lens, view.by_thread, view.inverted):
            self._view = replace(view, selected=spot.selected)
        else:
            self._places[view.lens, view.by_thread, view.inverted] = view.selected, view.zoom
            self._view = replace(
                view, lens=spot.lens, by_thread=spot.by_thread, inverted=spot.inverted, selected=spot.selected, zoom=()
            )
        self._find_again()

    # Finding things again.

    def _find_again(self) -> None:
        """Find selection, zoom and search again in trees that may be others, and draw everything."""
        view = self._view
        selected = self._found_again(view.selected)
        zoom = self._found_again(view.zoom, or_else=())
        if zoom != selected[: len(zoom)]:
            zoom = ()
        self._view = replace(view, selected=selected, zoom=zoom)
        if self._search is not None and self._searched is not self._named_tree:
            self._search_anew()
        self._draw_through()

    def _found_again(self, path: Path, *, or_else: Path | None = None) -> Path:
        """Return the path of a function in trees whose stacks may be others now.

        Frames that were taken out are left out of the path. Where it still leads nowhere it is the heaviest node of its
        function, or the nearest one that weighs anything; or `or_else` where that is given.
        """
        tree, weights = self._named_tree, self._weighed_tree.total_weight
        kept = tuple(key for key in path if key in tree.function_ids)
        node: int | None = tree.nearest(kept)
        assert node is not None
        if tree.depth[node] < len(kept) or not weights[node]:
            if or_else is not None:
                return or_else
            if self._view.inverted and len(path) == 1:
                return path
            heaviest = self._node_of(path[-1]) if path else None
            node = node if heaviest is None else heaviest
        while node != ROOT and not weights[node]:
            node = tree.parent[node]
        return tree.path(node)

    def _searched_for(self, pattern: str) -> Search | None:
        tree = self._named_tree
        if not pattern or not isinstance(tree, MergedTree):
            return super()._searched_for(pattern)
        self._searched = tree
        return InvertedSearch(pattern, tree)

    @property
    def _searched_whole(self) -> str:
        return super()._searched_whole if self._view.scope.is_everything else "scope"


def _with_thread_toggled(scope: Scope, thread: Thread) -> Scope:
    """Return a scope that leaves a thread out, or one that does not any more."""
    key = thread.pid, thread.tid
    if scope.keeps_thread(*key):
        scope = scope.without(OnlyThread(*key))
        return scope.added(WithoutThread(*key)) if scope.keeps_thread(*key) else scope
    scope = scope.without(WithoutThread(*key)).without(WithoutProcess(thread.pid))
    return scope if scope.keeps_thread(*key) else scope.added(OnlyThread(*key))
