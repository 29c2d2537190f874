"""More ways to look at a part of a profile: modules and recursion as one, and code of one origin taken out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from perftui.analysis.call_tree import FunctionKey
from perftui.analysis.code_origin import Origin
from perftui.analysis.saved_scopes import SavedScopes, check_name, to_text
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
from perftui.analysis.scope_menu import Figures, Group, Offer, chosen, figures_of, only
from perftui.analysis.thread_states import idle_is_recorded, why_not_gil_holders, why_not_without_idle
from perftui.errors import PerftuiError
from perftui.text import printable
from perftui.ui.screens.dialogs import AskText
from perftui.ui.screens.explorer import ExplorerScreen
from perftui.ui.screens.scope_menu import ScopeMenu
from perftui.ui.screens.scope_rows import SAVE, UNDO, rows_of
from perftui.ui.view_state import Path, ViewState
from perftui.ui.widgets.scope_list import ListRow

_IS_MODULE = "that frame stands for a whole module: x shows its functions"
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

    # The menu.

    def action_scope_menu(self) -> None:
        """Show all that can be looked at or left out."""
        self._catch_up()
        shown, function = self._shown, self._view.function
        figures = figures_of(
            shown.scoped.aggregate,
            None if shown.is_branch(function) else function,
            root=self._view.cwd,
            idle_recorded=idle_is_recorded(shown.model.meta),
        )
        self.app.push_screen(
            ScopeMenu(lambda: self._menu_rows(figures), lambda row, how: self._choose(figures, row, how))
        )

    def _menu_rows(self, figures: Figures) -> list[ListRow]:
        scope = self._view.scope
        texts = [chip.text for chip in self._shown.chips() if chip.part in scope.parts]
        return rows_of(figures, scope, self._named, last=texts[-1] if texts else "")

    def _choose(self, figures: Figures, row: ListRow, how: str) -> bool:
        """Do what a line of the menu is for; say whether the menu is done with."""
        if row.why_not:
            return False
        if row.id == SAVE:
            self._ask_for_name()
            return False
        if not isinstance(row.id, Offer):
            if row.id == UNDO:
                self.action_undo_scope()
            else:
                self.action_clear_scope()
            return how == "close"
        return self._take(figures, row.id, how)

    def _take(self, figures: Figures, offer: Offer, how: str) -> bool:
        is_named = offer.group is Group.NAMED
        if how == "remove":
            if is_named:
                del self._named[offer.text]
                self.keep_scopes()
            return False
        if how == "only":
            self._look_at(only(offer, self._view.scope))
        else:
            scope = chosen(offer, self._view.scope, figures, self._named)
            # A scope that was named for CPU may have a range of time, which no view of the heap has.
            self._look_at(scope if self._view.lens is None else scope.timeless())
        return how == "close"

    def _ask_for_name(self) -> None:
        menu, scope = self.app.screen, self._view.scope

        def take(name: str | None) -> None:
            if name is None:
                return
            problem = check_name(name, self._named)
            if problem:
                self.notify(problem, severity="warning", markup=False)
                return
            self._named[name] = scope
            self.keep_scopes()
            if isinstance(menu, ScopeMenu):
                menu.renew()

        self.app.push_screen(AskText("Save this scope as"), take)

    # Many functions at once.

    def action_collapse_module(self) -> None:
        """Look at the selected function's package as one frame, or at its functions again."""
        self._catch_up()
        function = self._view.function
        if function is None:
            self.notify("select a function first: its module becomes one frame", markup=False)
        elif self._shown.is_branch(function):
            self.notify("that is no function, and in no module: select a frame below it", markup=False)
        elif not function[0]:
            self.notify("that frame lies in no file, so it is in no module", markup=False)
        else:
            self._look_at(self._view.scope.toggled(self._module_of(function)))

    def action_hide_function(self) -> None:
        """Take the selected function out of all stacks."""
        self._catch_up()
        if self._stands_for_module():
            self.notify(_IS_MODULE, markup=False)
        else:
            super().action_hide_function()

    def action_focus_on(self) -> None:
        """Keep only stacks that hold the selected function, or only what the selected branch is."""
        self._catch_up()
        if self._stands_for_module():
            self.notify(_IS_MODULE, markup=False)
        else:
            super().action_focus_on()

    def _stands_for_module(self) -> bool:
        key, cwd = self._view.function, self._view.cwd
        return key is not None and Collapsed(key[0]) in self._view.scope.parts and key[1] == module_name(key[0], cwd)

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

    def _found_again(self, path: Path, *, or_else: Path | None = None) -> Path:
        # The frame that stands for a module takes the selection over from its functions.
        for part in self._view.scope.parts:
            if isinstance(part, Collapsed):
                path = _with_module(path, part.module, self._view.cwd)
        return super()._found_again(path, or_else=or_else)


def _with_module(path: Path, module: str, root: str) -> Path:
    """Return a path on which neighbours of one module are the frame that stands for it."""
    one = (module, module_name(module, root))
    found: list[FunctionKey] = []
    for key in path:
        inside = bool(key[0]) and module in (key[0], package_of(key[0], root))
        if not (inside and found and found[-1] == one):
            found.append(one if inside else key)
    return tuple(found)
