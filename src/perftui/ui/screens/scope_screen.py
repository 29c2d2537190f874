"""More ways to look at a part of a profile: modules and recursion as one, and code of one origin taken out."""

from __future__ import annotations

from dataclasses import replace

from perftui.analysis.call_tree import FunctionKey
from perftui.analysis.code_origin import Origin
from perftui.analysis.scope import Collapsed, MergedRecursion, WithoutOrigin, module_name, package_of
from perftui.ui.screens.explorer import ExplorerScreen
from perftui.ui.view_state import Path


class ScopeScreen(ExplorerScreen):
    """Toggles of a scope that concern many functions at once."""

    def action_collapse_module(self) -> None:
        """Look at the selected function's package as one frame, or at its functions again."""
        function = self._view.function
        if function is None:
            self.notify("select a function first: its module becomes one frame", markup=False)
        elif self._shown.is_branch(function):
            self.notify("that is no function, and in no module: select a frame below it", markup=False)
        elif not function[0]:
            self.notify("that frame lies in no file, so it is in no module", markup=False)
        else:
            self._collapse(self._module_of(function))

    def action_merge_recursion(self) -> None:
        """Look at a function and its calls of itself as one frame, or at each call again."""
        self._look_at(self._view.scope.toggled(MergedRecursion()))

    def action_without_origin(self, origin: str) -> None:
        """Take code of one origin out of all stacks, or take it in again."""
        self._look_at(self._view.scope.toggled(WithoutOrigin(Origin(origin))))

    def _module_of(self, function: FunctionKey) -> Collapsed:
        """Return the part that makes one frame of what a function is in; of what is one already, that part."""
        known = Collapsed(function[0])
        return known if known in self._view.scope.parts else Collapsed(package_of(function[0], self._view.cwd))

    def _collapse(self, part: Collapsed) -> None:
        if part not in self._view.scope.parts:
            # The frame that stands for the module takes the selection over.
            view = self._view
            selected, zoom = (_with_module(path, part.module, view.cwd) for path in (view.selected, view.zoom))
            self._view = replace(view, selected=selected, zoom=zoom)
        self._look_at(self._view.scope.toggled(part))


def _with_module(path: Path, module: str, root: str) -> Path:
    """Return a path on which neighbours of one module are the frame that stands for it."""
    one = (module, module_name(module, root))
    found: list[FunctionKey] = []
    for key in path:
        inside = bool(key[0]) and module in (key[0], package_of(key[0], root))
        if not (inside and found and found[-1] == one):
            found.append(one if inside else key)
    return tuple(found)
