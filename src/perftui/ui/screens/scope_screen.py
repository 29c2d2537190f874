"""More ways to look at a part of a profile: modules and recursion as one, and code of one origin taken out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from perftui.analysis.call_tree import FunctionKey
from perftui.analysis.code_origin import Origin
from perftui.analysis.saved_scopes import SavedScopes, to_text
from perftui.analysis.scope import (
    Collapsed,
    GilHolders,
    MergedRecursion,
    Scope,
    StatePart,
    WithoutIdle,
    WithoutOrigin,
    module_name,
    package_of,
)
from perftui.analysis.thread_states import idle_is_recorded, why_not_gil_holders, why_not_without_idle
from perftui.errors import PerftuiError
from perftui.text import printable
from perftui.ui.screens.explorer import ExplorerScreen
from perftui.ui.view_state import Path, ViewState

_NO_STATE = "an allocation has no state: this is about CPU samples (m)"


class ScopeScreen(ExplorerScreen):
    """Toggles of a scope that concern many functions at once, and what is kept of scopes with the session."""

    def __init__(self, view: ViewState) -> None:
        super().__init__(view)
        self._named: dict[str, Scope] = {}
        self._refused = ""
        self._kept = SavedScopes()
        """What the session keeps already."""
        self._keep: Callable[[str], None] | None = None

    # What is kept with the session.

    def _keep_with(self, scopes: SavedScopes, keep: Callable[[str], None] | None) -> None:
        """Begin with scopes that a session keeps; `keep` takes what it is to keep from now on."""
        self._named, self._refused = dict(scopes.named), scopes.refused
        self._kept, self._keep = replace(scopes, refused=""), keep

    def _tell_of_scopes(self) -> None:
        """Say that a part is looked at because it was last time."""
        if self._refused:
            text = f"{self._refused}: everything is shown"
            self.notify(text, severity="warning", markup=False)
        elif self._kept.by_lens:
            self.notify("the scope of last time: U shows everything", timeout=4, markup=False)

    def _look_at(self, scope: Scope) -> None:
        super()._look_at(scope)
        if self._is_recorded:
            # It is stored with what comes next, so that it is there however the recording ends.
            self.keep_scopes()

    @property
    def _is_recorded(self) -> bool:
        """Whether the session is being recorded, so that keeping something costs nothing."""
        return False

    def keep_scopes(self) -> None:
        """Keep what is looked at with the session, where that is something else than it keeps already."""
        now = SavedScopes.of(self._view.scopes, self._named)
        if self._keep is None or now == self._kept:
            return
        self._kept = now
        try:
            self._keep(to_text(now))
        except PerftuiError as error:
            self.app.notify(f"the scope is not kept: {printable(error.message)}", markup=False)

    def on_unmount(self) -> None:
        """Keep what was looked at last, however the screen was left."""
        self.keep_scopes()

    # Many functions at once.

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

    def action_gil_holders(self) -> None:
        """Look at what threads did while they held the GIL, or at all that they did."""
        self._toggle_state(GilHolders(), why_not_gil_holders(self._shown.scoped.aggregate))

    def action_without_idle(self) -> None:
        """Leave out what threads did while they were idle, or take it in again."""
        recorded = idle_is_recorded(self._shown.model.meta)
        self._toggle_state(WithoutIdle(), why_not_without_idle(self._shown.scoped.aggregate, idle_recorded=recorded))

    def _toggle_state(self, part: StatePart, why_not: str) -> None:
        scope = self._view.scope
        if self._view.lens is not None and part not in scope.parts:
            why_not = _NO_STATE
        if why_not and part not in scope.parts:
            self.notify(why_not, markup=False)
        else:
            self._look_at(scope.toggled(part))

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
