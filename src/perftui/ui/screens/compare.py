"""The compare screen: flames over the union of both trees, both sides in step, and what is said of them."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from perftui.analysis.delta_tree import Width
from perftui.analysis.flame_layout import Order
from perftui.analysis.timeline import Range
from perftui.model.heap import HeapView
from perftui.recording.comparison import Comparison, memory_lens
from perftui.ui.commands import COMPARE, bindings_of
from perftui.ui.compare_view import FlamesShown
from perftui.ui.lens import CPU_PERTURBED, NAMES, Lens, Wording, objects_note
from perftui.ui.screens.compare_flames import AFTER, BEFORE, DIFFERENCE, LEAST_FOR_ALL, SHOWN, CompareFlamesScreen
from perftui.ui.screens.flame_screen import FlameScreen
from perftui.ui.view_state import ViewState
from perftui.ui.widgets.change_line import ChangeLine
from perftui.ui.widgets.change_table import ChangeTable
from perftui.ui.widgets.comparison_title import ComparisonTitle
from perftui.ui.widgets.delta_flames import DeltaFlames
from perftui.ui.widgets.gone_lane import GoneLane
from perftui.ui.widgets.key_bar import KeyBar
from perftui.ui.widgets.lens_strip import LensStrip
from perftui.ui.widgets.paired_strip import PairedStrip
from perftui.ui.widgets.search_bar import SearchBar
from perftui.ui.widgets.status_line import StatusLine

_CPU = NAMES[None]


class CompareScreen(CompareFlamesScreen):
    """Two sides; selection, zoom, search and ranges are shared, because all flames are views of one union tree."""

    SCREEN = COMPARE
    SEARCH_COVERS = False
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(COMPARE)]
    ALLOW_IN_MAXIMIZED_VIEW = f"{FlameScreen.ALLOW_IN_MAXIMIZED_VIEW},#pair-strip,ChangeLine"
    NO_CPU = "not both sessions hold CPU samples"
    NO_MEMORY = "not both sessions hold memory: record both with --mode memory"
    ONE_VIEW = "both sessions hold only this view of the heap"

    def __init__(self, comparison: Comparison) -> None:
        super().__init__(ViewState(order=Order.WEIGHT, lens=comparison.view), comparison)

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield ComparisonTitle()
        yield LensStrip()
        yield PairedStrip(id="pair-strip")
        with Horizontal(id="compare-body"):
            with Vertical(id="compare-flames"):
                for name in (DIFFERENCE, BEFORE, AFTER):
                    yield Static(id=f"{name}-title", classes="pane-title")
                    yield DeltaFlames(id=name)
                    if name == DIFFERENCE:
                        yield GoneLane()
            with Vertical(id="compare-panes"):
                yield from self._compose_panes()
        yield ChangeLine()
        yield StatusLine()
        yield SearchBar()
        yield KeyBar()

    def on_mount(self) -> None:
        """Draw everything."""
        has_choice = len(self._lenses) > 1
        self.query_one(KeyBar).show(COMPARE, without=() if has_choice else ("lens",))
        self.query_one(LensStrip).display = has_choice or self._view.lens is not None or bool(self._whole.remarks)
        self.query_one(SearchBar).display = False
        self._draw_through()
        self.query_one(ChangeTable).focus()
        self._sum_up()

    # Drawing.

    def _draw_through(self) -> None:
        """Draw everything, of another lens."""
        comparison, lens = self._comparison, self._view.lens
        what = ("CPU against CPU",) if lens is None else _against(NAMES[lens], comparison)
        choice = len(self._lenses) > 1 or lens is not None
        self.query_one(LensStrip).show(self._lenses, lens, what=what, notes=self._notes(), choice=choice)
        self._draw_view()

    def _draw_ranged(self) -> None:
        self._forget_trees()
        self._search_anew()
        self._draw_view()

    def _draw_view(self) -> None:
        self.query_one(ComparisonTitle).show(self._comparison, self._ranges_shown)
        shown = SHOWN[self._flames_shown]
        for name in (DIFFERENCE, BEFORE, AFTER):
            flames, title = self.query_one(f"#{name}", DeltaFlames), self.query_one(f"#{name}-title", Static)
            flames.display = title.display = name in shown
            if flames.display:
                flames.show(self._tree(self._width_of(name)), view=self._view, search=self._search)
                title.update(Text(f" {self._titled(name)}", no_wrap=True, overflow="ellipsis"), layout=False)
        self._draw_gone(shown=DIFFERENCE in shown)
        self._draw_panes()
        flames = self._flames
        self.query_one(StatusLine).show(flames.describe(flames.selected))

    @property
    def _ranges_shown(self) -> tuple[Range | None, Range | None]:
        if self._comparison is self._whole:
            return None, None
        return self._chosen.baseline_range, self._chosen.current_range

    def _notes(self) -> list[Wording]:
        """Return what keeps the sides from being compared on equal terms, as far as it is about this lens."""
        comparison = self._whole
        if self._view.lens is None:
            return [Wording(remark, _shorter(remark)) for remark in comparison.remarks]
        about_memory = [Wording(remark, remark) for remark in comparison.remarks if _CPU not in remark]
        return [*about_memory, objects_note(comparison.baseline, comparison.current)]

    def on_resize(self) -> None:
        """Show what has room now."""
        if self.is_mounted and self.query(KeyBar):
            self._draw_view()

    # Lenses.

    @property
    def _lenses(self) -> tuple[Lens, ...]:
        return self._whole.lenses

    @property
    def _telling_view(self) -> HeapView | None:
        return memory_lens(self._whole)

    def _look_through(self, lens: Lens) -> None:
        if lens is self._view.lens:
            return
        self._whole = self._whole.of(lens, by_count=self._whole.by_count and lens is not None)
        self._comparison = self._ranged_through(lens)
        self._forget_trees(paths=True)
        self._chosen = replace(self._chosen, share=self._whole.by_share)
        super()._look_through(lens)

    # What a person does.

    def action_share(self) -> None:
        """Switch between absolute weights and shares."""
        self._chosen = replace(self._chosen, share=not self._chosen.share)
        self._forget_trees()
        self._search_anew()
        self._draw_view()

    def action_by_count(self) -> None:
        """Compare memory by bytes, or by number of allocations."""
        if self._view.lens is None:
            self.notify("CPU has one weight: m looks at memory", markup=False)
            return
        self._whole = self._comparison = self._whole.of(self._view.lens, by_count=not self._whole.by_count)
        self._forget_trees()
        self._search_anew()
        self._draw_through()

    def action_width(self) -> None:
        """Give the widths of the differential flames another meaning."""
        order = list(Width)
        self._chosen = replace(self._chosen, width=order[(order.index(self._chosen.width) + 1) % len(order)])
        self._draw_view()

    def action_view(self) -> None:
        """Show the difference, both sides, or all three where there is room."""
        if self.maximized is not None:
            # What fills the screen may be what goes out of sight.
            self.minimize()
        order = [each for each in FlamesShown if each is not FlamesShown.ALL or self.size.height >= LEAST_FOR_ALL]
        self._chosen = replace(self._chosen, flames=order[(order.index(self._flames_shown) + 1) % len(order)])
        self._draw_view()
        self._flames.focus()

    def action_go_to_flames(self) -> None:
        """Give the flames the keys."""
        if self.maximized is not None:
            self.minimize()
        self._flames.focus()

    async def action_quit(self) -> None:
        """Go back, or leave."""
        self._go()


def _shorter(remark: str) -> str:
    """Return what a remark says, without the figures behind it and without what can be done."""
    if remark.startswith(f"{_CPU} seconds"):
        return CPU_PERTURBED.short
    return remark.partition(": ")[0].partition(" (")[0]


def _against(name: str, comparison: Comparison) -> tuple[str, ...]:
    sure = ("exact" if comparison.exact else "sampled") + (" · allocations" if comparison.by_count else "")
    return f"{name} against {name} · {sure}", f"{name} · {sure}", sure
