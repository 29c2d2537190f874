"""Ways from any frame: its path as a line, the call tree as a table, all its instances, the keys to the flames."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType

from perftui.analysis.scope import RootedAt
from perftui.ui.screens.explorer import ExplorerScreen
from perftui.ui.widgets.breadcrumb import Breadcrumb
from perftui.ui.widgets.tree_table import TreeTable

_LEAST_HEIGHT = 30
"""Rows of a terminal from which the path has a line of its own."""
_SELECT_FIRST = "select a function first"
_NO_FUNCTION = "that is no function: F shows it alone"


class TreeScreen(ExplorerScreen):
    """Flames whose selected frame is shown with its path."""

    ALLOW_IN_MAXIMIZED_VIEW = f"{ExplorerScreen.ALLOW_IN_MAXIMIZED_VIEW},Breadcrumb"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave_instances", "Leave all instances", show=False, id="instances.leave"),
    ]

    def on_resize(self) -> None:
        """Show the path where there is room now."""
        if self.is_mounted:
            self._draw_path()

    def _draw_path(self) -> None:
        path = self.query_one(Breadcrumb)
        path.display = self.size.height >= _LEAST_HEIGHT
        if path.display:
            path.show(self._view.selected, inverted=self._view.inverted)

    def on_breadcrumb_chosen(self, message: Breadcrumb.Chosen) -> None:
        """Select a frame of the path."""
        self._select_node(self._named_tree.nearest(message.path))

    def action_go_to_flames(self) -> None:
        """Give the flames the keys; a pane that fills the screen makes room for them."""
        if self.maximized is not None and self.maximized is not self._flames:
            self.minimize()
        self._flames.focus()

    # The call tree.

    def _draw_tree(self) -> None:
        """Draw the call tree, as long as it is seen."""
        table, shown = self.query_one(TreeTable), self._shown
        if table.display:
            table.show(
                self._weighed_tree,
                view=self._view,
                stamp=shown.scoped.stamp,
                search=self._search,
                empty=shown.why_empty() if shown.is_empty else "",
            )

    def on_tree_table_selected(self, message: TreeTable.Selected) -> None:
        """Let the flames follow the table."""
        self._select_node(self._named_tree.nearest(message.path))

    def on_tree_table_chosen(self, message: TreeTable.Chosen) -> None:
        """Go to the frame in the flames."""
        self.on_tree_table_selected(message)
        self.action_go_to_flames()

    # All instances of a function.

    def action_instances(self) -> None:
        """Look at all instances of the selected function as one, or at all stacks again."""
        self._catch_up()
        function, scope = self._view.function, self._view.scope
        if function is None:
            self.notify(_SELECT_FIRST, markup=False)
        elif self._shown.is_branch(function):
            self.notify(_NO_FUNCTION, markup=False)
        elif RootedAt(*function) in scope.parts:
            self.action_leave_instances()
        else:
            # Upside down a function stands below what it called; here it is what all stacks begin with.
            self._view = replace(self._view, inverted=False, zoom=())
            self._look_at(scope.added(RootedAt(*function)))
            self._trail.visit(self._view.spot)

    def action_leave_instances(self) -> None:
        """Look at all stacks again."""
        scope = self._view.scope
        if scope.root is not None:
            self._look_at(scope.without(scope.root))
            self._trail.visit(self._view.spot)
