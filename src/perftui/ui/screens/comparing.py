"""What is seen while two sides are read: a frame that answers, painted before anything heavy is begun."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static
from textual.worker import get_current_worker

from perftui.analysis.flame_layout import Order
from perftui.errors import NoDataError, PerftuiError
from perftui.ui.commands import COMPARE, bindings_of, commands_of
from perftui.ui.screens.base import BaseScreen
from perftui.ui.view_state import ViewState
from perftui.ui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from perftui.analysis.delta_tree import DeltaTree
    from perftui.recording.comparison import Comparison
    from perftui.ui.widgets.delta_flames import DeltaFlames

_READING = "reading both sides…"
_LOOKED = "the paths of both sides; what changed is being found out…"
_KEPT = ("quit", "app.interrupt", "app.toggle_theme")


class ComparingScreen(BaseScreen):
    """Reads both sides once it is painted, then makes room for their comparison."""

    SCREEN = COMPARE
    BINDINGS: ClassVar[list[BindingType]] = [binding for binding in bindings_of(COMPARE) if binding.action in _KEPT]

    def __init__(
        self,
        load: Callable[[], Comparison],
        look: Callable[[], DeltaTree | None] = lambda: None,
        sides: tuple[Sequence[Path], Sequence[Path]] | None = None,
    ) -> None:
        """Take what reads both sides, and what makes a first picture of large ones; a thread of its own calls them.

        `sides` are the files of both, for sides that have only operations in common.
        """
        super().__init__()
        self._load = load
        self._look = look
        self._sides = sides

    def compose(self) -> ComposeResult:
        """Lay out the frame."""
        yield Static(_READING, id="boot")
        yield KeyBar()

    def on_mount(self) -> None:
        """Paint first, read then."""
        self.query_one(KeyBar).show(
            COMPARE, without=tuple(command.id for command in commands_of(COMPARE) if command.action not in _KEPT)
        )
        self.call_after_refresh(self._read)

    @work(thread=True, exit_on_error=False, group="compare", exclusive=True)
    def _read(self) -> None:
        # The widgets of the comparison are loaded here too, while this screen still answers.
        from perftui.ui.widgets.delta_flames import DeltaFlames  # noqa: PLC0415

        worker = get_current_worker()
        try:
            if (tree := self._look()) is not None and not worker.is_cancelled:
                self.app.call_from_thread(self._show_look, DeltaFlames(), tree)
            from perftui.ui.screens.compare import CompareScreen  # noqa: PLC0415

            screen = CompareScreen(self._load())
            screen.unite()
        except NoDataError as error:
            self._show_operations(error)
        except PerftuiError as error:
            self._told(error)
        except Exception as error:  # noqa: BLE001 (a worker's edge: whatever it is, the person is told)
            self._told(PerftuiError(f"internal error while comparing: {error!r}"))
        else:
            if not worker.is_cancelled:
                self.app.call_from_thread(self.app.switch_screen, screen)

    def _show_operations(self, error: NoDataError) -> None:
        """Show what else both sides may have, or say that they have nothing in common."""
        from perftui.ui.screens.operations_alone import operations_alone  # noqa: PLC0415 (as above)

        try:
            screen = None if self._sides is None else operations_alone(*self._sides)
        except PerftuiError as other:
            self._told(other)
            return
        if screen is None:
            self._told(error)
        elif not get_current_worker().is_cancelled:
            self.app.call_from_thread(self.app.switch_screen, screen)

    def _told(self, error: PerftuiError) -> None:
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._fail, error)

    def _show_look(self, flames: DeltaFlames, tree: DeltaTree) -> None:
        """Show how the call paths of both sides lie beside each other, while what differs is found out."""
        self.add_class("-looked")
        self.query_one("#boot", Static).update(_LOOKED)
        self.mount(flames, before=self.query_one(KeyBar))
        flames.show(tree, view=ViewState(order=Order.WEIGHT))

    def _fail(self, error: PerftuiError) -> None:
        """Say why there is nothing to compare: to whom one goes back, or at the end of the program."""
        if self.is_first:
            self.app._handle_exception(error)
            return
        stack = self.app.screen_stack
        below = stack[stack.index(self) - 1]
        self.leave()
        if isinstance(below, BaseScreen):
            below.tell(error)

    async def action_quit(self) -> None:
        """Go back, or leave, before anything is read."""
        self.leave()
