"""Exploring one session: its scope as chips, flames upside down, and the trail of what was selected."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from perftui.analysis.call_tree import ROOT, CallTree, FunctionKey
from perftui.analysis.flame_layout import heaviest_node
from perftui.analysis.inversion import MergedTree
from perftui.analysis.inverted_search import InvertedSearch
from perftui.analysis.scope import (
    EVERYTHING,
    MOST_PARTS,
    Focus,
    Hidden,
    OwnOnly,
    Scope,
)
from perftui.analysis.search import Search
from perftui.analysis.split import Branch, Split, toggled_out
from perftui.ui.screens.flame_screen import FlameScreen
from perftui.ui.screens.looked_at import LookedAt
from perftui.ui.view_state import Path, Spot, Trail, ViewState
from perftui.ui.widgets.chip_strip import ChipStrip
from perftui.ui.widgets.flame_text import FlameTree
from perftui.ui.widgets.sandwich import Sandwich
from perftui.ui.widgets.thread_table import ThreadTable

_SELECT_FIRST = "select a function first"
_NO_THREAD = "select a thread or process: in their pane (3), or in flames that are split by them (t)"


class _Left(NamedTuple):
    """A selection that a change of scope turned into another one, for the way back."""

    of: tuple[object, ...]
    """How the flames were arranged and which stacks they were made of."""
    selected: Path
    zoom: Path
    became: Path


def _arrangement(view: ViewState) -> tuple[object, ...]:
    return view.lens, view.split, view.inverted, view.scope.shape


class ExplorerScreen(FlameScreen):
    """Flames, tables and search that follow a scope."""

    ALLOW_IN_MAXIMIZED_VIEW = f"{FlameScreen.ALLOW_IN_MAXIMIZED_VIEW},ChipStrip"

    def __init__(self, view: ViewState) -> None:
        super().__init__(view)
        self._trail = Trail()
        self._left: _Left | None = None
        """What was selected before a scope took it out."""

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
        elif self._shown.is_branch(function):
            self.notify("that is no function: X leaves it out", markup=False)
        else:
            self._look_at(self._view.scope.added(Hidden(*function)))

    def action_focus_on(self) -> None:
        """Keep only stacks that hold the selected function; or only the selected thread, name or process."""
        function, scope, table = self._view.function, self._view.scope, self.query_one(ThreadTable)
        branch = self._shown.selected_branch() if self._shown.is_branch(function) else None
        branch = table.chosen if table.has_focus else branch
        if branch is not None:
            self._look_at(scope.toggled(branch.only))
        elif function is None:
            self.notify(_SELECT_FIRST, markup=False)
        else:
            self._look_at(scope.toggled(Focus(*function)))

    def action_leave_thread_out(self) -> None:
        """Leave out what is selected in the pane of threads or in the flames, or take it in again."""
        table = self.query_one(ThreadTable)
        branch = table.chosen if table.has_focus else self._shown.selected_branch()
        if branch is None:
            self.notify(_NO_THREAD, markup=False)
        else:
            self._leave_out(branch)

    def on_thread_table_toggled(self, message: ThreadTable.Toggled) -> None:
        """Leave out what has the mark that was clicked, or take it in again."""
        self._leave_out(message.branch)

    def on_thread_table_chosen(self, message: ThreadTable.Chosen) -> None:
        """Look at what was chosen alone, or at all again."""
        self._look_at(self._view.scope.toggled(message.branch.only))

    def _leave_out(self, branch: Branch) -> None:
        threads = [share.thread for share in self._shown.scoped.aggregate.thread_shares()]
        self._look_at(toggled_out(self._view.scope, branch, threads))

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
        elif isinstance(message.part, Split):
            self._split_by(Split.NONE)
        else:
            self._look_at(self._view.scope.without(message.part))

    def _look_at(self, scope: Scope) -> None:
        """Look at another part of the profile."""
        if len(scope.parts) > MOST_PARTS:
            self.notify("so many chips are more than anybody can see: u and U take some away", markup=False)
            return
        before = self._view
        callers = () if scope.shape == before.scope.shape else self._callers_of_selected()
        self._view = before.scoped(scope)
        left = self._left
        if left is not None and left.of == _arrangement(self._view) and left.became == before.selected:
            self._view = replace(self._view, selected=left.selected, zoom=left.zoom)
        self._find_again(callers)
        if self._view.selected != before.selected:
            self._left = _Left(_arrangement(before), before.selected, before.zoom, self._view.selected)

    def _callers_of_selected(self) -> Path:
        """Return the heaviest stack that ends with the selected function, root first."""
        function, tree = self._view.function, self._shown.upright_tree
        number = None if function is None else tree.function_ids.get(function)
        node = None if number is None else heaviest_node(tree, number)
        return () if node is None else tree.path(node)

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

    def action_split(self) -> None:
        """Split the flames in the next way: by thread, by thread name, by process, or not at all."""
        self._split_by(self._view.split.next)

    def _split_by(self, split: Split) -> None:
        """Split the flames; selection and zoom are those that this split had last."""
        view = self._view
        self._places[view.lens, view.split, view.inverted] = view.selected, view.zoom
        _, zoom = self._places.get((view.lens, split, view.inverted), ((), ()))
        self._view = replace(view, split=split, selected=(), zoom=zoom)
        self._search_anew()
        self._view = replace(self._view, selected=self._carried_over(view))
        self._draw_through()

    def _carried_over(self, before: ViewState) -> Path:
        """Return what was selected as it is called in flames that are split in another way."""
        view, path = self._view, before.selected
        if view.inverted:
            # Upside down the branch is the last of a path.
            return path[:1]
        stack = path if before.split is Split.NONE else path[1:]
        if view.split is Split.NONE:
            return stack
        tree = self._named_tree
        if not stack:
            return self._places.get((view.lens, view.split, view.inverted), ((), ()))[0]
        return max(
            (tree.path(node) for node in self._below_branches(stack)),
            key=lambda found: self._weighed_tree.total_weight[tree.nearest(found)],
            default=(),
        )

    def _below_branches(self, stack: Path) -> Iterator[int]:
        """Yield the node of a stack below each branch that has it."""
        tree = self._named_tree
        for branch in tree.children(ROOT):
            path = (*tree.path(branch), *stack)
            node = tree.nearest(path)
            if tree.depth[node] == len(path):
                yield node

    def _select_function(self, function: FunctionKey) -> None:
        if self._node_of(function) is None:
            # It stands only among callers, or in what small stacks are together: the tables are about it all the same.
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
        if self._view.selected != before:
            self._trail.visit(self._view.spot)

    def action_go_in_trail(self, step: int) -> None:
        """Select again what was selected before, or after."""
        spot = self._trail.step(step)
        if spot is None:
            self.notify("nothing was selected before" if step < 0 else "nothing was selected after", markup=False)
            return
        view = self._view = _rooted_as(self._view, spot)
        if (spot.lens, spot.split, spot.inverted) == (view.lens, view.split, view.inverted):
            self._view = replace(view, selected=spot.selected)
        else:
            self._places[view.lens, view.split, view.inverted] = view.selected, view.zoom
            self._view = replace(
                view, lens=spot.lens, split=spot.split, inverted=spot.inverted, selected=spot.selected, zoom=()
            )
        self._find_again()

    def _catch_up(self) -> None:
        """Take over what is selected in the flames: keys that were typed ahead have not been told of yet."""
        if self._flames.has_focus and self._flames.selected_path != self._view.selected:
            self._look(selected=self._flames.selected_path)

    # Finding things again.

    def _find_again(self, callers: Path = ()) -> None:
        """Find selection, zoom and search again in trees that may be others, and draw everything.

        `callers` is a stack that ends with the selected function: where that is gone, the nearest that is left counts.
        """
        view = self._view
        selected = self._found_again(view.selected)
        if view.selected and not selected:
            nodes = (self._node_of(key) for key in reversed(callers))
            selected = self._named_tree.path(next((node for node in nodes if node is not None), ROOT))
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


def _rooted_as(view: ViewState, spot: Spot) -> ViewState:
    """Return a view whose stacks begin with the function that they began with then."""
    now = view.scopes.get(spot.lens, EVERYTHING)
    scope = now if now.root is None else now.without(now.root)
    scope = scope if spot.root is None else scope.added(spot.root)
    return view if scope == now else replace(view, scopes={**view.scopes, spot.lens: scope})
