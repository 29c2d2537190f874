"""Ways from any frame: its path as a line that can be clicked, and the keys back to the flames."""

from __future__ import annotations

from perftui.ui.screens.explorer import ExplorerScreen
from perftui.ui.widgets.breadcrumb import Breadcrumb

_LEAST_HEIGHT = 30
"""Rows of a terminal from which the path has a line of its own."""


class TreeScreen(ExplorerScreen):
    """Flames whose selected frame is shown with its path."""

    ALLOW_IN_MAXIMIZED_VIEW = f"{ExplorerScreen.ALLOW_IN_MAXIMIZED_VIEW},Breadcrumb"

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
