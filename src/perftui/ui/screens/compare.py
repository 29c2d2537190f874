"""The compare screen: flames over the union of both trees, both sides in step, and what is said of them."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from perftui.analysis.call_tree import CallTree
from perftui.analysis.delta_tree import DeltaTree, Width
from perftui.analysis.flame_layout import Order
from perftui.analysis.gone_paths import GonePath, gone_paths, inside
from perftui.analysis.range_moves import same_length
from perftui.analysis.timeline import Range
from perftui.model.heap import HeapView
from perftui.recording.comparison import Comparison, memory_lens
from perftui.text import printable
from perftui.ui.commands import COMPARE, bindings_of
from perftui.ui.compare_view import FlamesShown
from perftui.ui.lens import CPU_PERTURBED, NAMES, Lens, Wording, objects_note
from perftui.ui.screens.compare_panes import ComparePanesScreen
from perftui.ui.screens.flame_screen import FlameScreen
from perftui.ui.view_state import ViewState
from perftui.ui.widgets.cells import width_of
from perftui.ui.widgets.change_line import ChangeLine
from perftui.ui.widgets.change_table import ChangeTable
from perftui.ui.widgets.comparison_title import ComparisonTitle
from perftui.ui.widgets.delta_flames import DeltaFlames
from perftui.ui.widgets.gone_lane import GoneFacts, GoneLane
from perftui.ui.widgets.key_bar import KeyBar
from perftui.ui.widgets.lens_strip import LensStrip
from perftui.ui.widgets.paired_strip import PairedStrip
from perftui.ui.widgets.search_bar import SearchBar
from perftui.ui.widgets.status_line import StatusLine
from perftui.units import format_percent, format_seconds, format_value

_CPU = NAMES[None]
_DIFFERENCE, _BEFORE, _AFTER = "delta", "before", "after"
_SHOWN = {
    FlamesShown.DIFFERENCE: (_DIFFERENCE,),
    FlamesShown.SIDES: (_BEFORE, _AFTER),
    FlamesShown.ALL: (_DIFFERENCE, _BEFORE, _AFTER),
}
_WIDE = 110
"""Columns from which flames and panes stand beside each other."""
_LEAST_FOR_ALL = 44
"""Rows of a terminal from which three icicles have room below each other."""
_LEAST_WITH_LANE = 28
"""Rows of a terminal from which what vanished has a lane of its own."""


class CompareScreen(ComparePanesScreen):
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
        self._united: DeltaTree | None = None
        self._united_before: DeltaTree | None = None
        """Of the same lens, in another range or mode."""
        self._trees: dict[Width, DeltaTree] = {}
        self._gone: tuple[GonePath, ...] | None = None
        self._gone_of: tuple[Comparison, tuple[GonePath, ...]] | None = None
        """What was gone last, and of which comparison."""

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield ComparisonTitle()
        yield LensStrip()
        yield PairedStrip(id="pair-strip")
        with Horizontal(id="compare-body"):
            with Vertical(id="compare-flames"):
                for name in (_DIFFERENCE, _BEFORE, _AFTER):
                    yield Static(id=f"{name}-title", classes="pane-title")
                    yield DeltaFlames(id=name)
                    if name == _DIFFERENCE:
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

    # Trees.

    def unite(self) -> None:
        """Unite both call trees already, before this screen is shown: for whoever has a thread for it."""
        self._gone_paths()

    def _tree(self, width: Width) -> DeltaTree:
        """Return the union with widths of a kind; it is made once for a lens, a range and a mode."""
        found = self._trees.get(width)
        if found is None:
            if self._united is None:
                self._united = self._comparison.tree(share=self._chosen.share, like=self._united_before)
            found = self._trees[width] = self._united.as_wide_as(width)
        return found

    def _forget_trees(self, *, paths: bool = False) -> None:
        """Forget weights, and, of another lens, the paths too."""
        self._united_before = None if paths else self._united or self._united_before
        self._united = self._gone = None
        self._trees.clear()

    @property
    def _named_tree(self) -> CallTree:
        return self._tree(Width.LARGER).union

    @property
    def _weighed_tree(self) -> DeltaTree:
        return self._tree(Width.LARGER)

    # Drawing.

    def _draw_through(self) -> None:
        """Draw everything, of another lens."""
        comparison, lens = self._comparison, self._view.lens
        what = ("CPU against CPU",) if lens is None else _against(NAMES[lens], exact=comparison.exact)
        choice = len(self._lenses) > 1 or lens is not None
        self.query_one(LensStrip).show(self._lenses, lens, what=what, notes=self._notes(), choice=choice)
        self._draw_view()

    def _draw_ranged(self) -> None:
        self._forget_trees()
        self._search_anew()
        self._draw_view()

    def _draw_view(self) -> None:
        self.query_one(ComparisonTitle).show(self._comparison, self._ranges_shown)
        shown = _SHOWN[self._flames_shown]
        for name in (_DIFFERENCE, _BEFORE, _AFTER):
            flames, title = self.query_one(f"#{name}", DeltaFlames), self.query_one(f"#{name}-title", Static)
            flames.display = title.display = name in shown
            if flames.display:
                flames.show(self._tree(self._width_of(name)), view=self._view, search=self._search)
                title.update(Text(f" {self._titled(name)}", no_wrap=True, overflow="ellipsis"), layout=False)
        self._draw_gone(shown=_DIFFERENCE in shown)
        self._draw_panes()
        flames = self._flames
        self.query_one(StatusLine).show(flames.describe(flames.selected))

    @property
    def _ranges_shown(self) -> tuple[Range | None, Range | None]:
        if self._comparison is self._whole:
            return None, None
        return self._chosen.baseline_range, self._chosen.current_range

    def _width_of(self, name: str) -> Width:
        return {_DIFFERENCE: self._chosen.width, _BEFORE: Width.BEFORE, _AFTER: Width.AFTER}[name]

    def _titled(self, name: str) -> str:
        """Return the title of an icicle, as much of it as has room."""
        narrow = self.size.width < _WIDE
        room = (self.size.width if narrow else self.size.width // 2) - 2
        wordings = self._titles_of(name)
        return next((text for text in wordings if width_of(text) <= room), wordings[-1])

    def _titles_of(self, name: str) -> tuple[str, ...]:
        comparison, chosen = self._comparison, self._chosen
        full, why, brief = self._mode()
        if name == _DIFFERENCE:
            sampled = comparison.noise is not None
            signs = "▲ slower ▼ faster, grey: noise" if sampled else "▲ more ▼ less, grey: the same"
            width = f"width: {chosen.width.value}"
            return (
                f"Δ · {full} · {width} · {signs}",
                f"Δ · {full} · {width}",
                f"Δ · {why} · {width}",
                f"Δ · {brief} · {width}",
            )
        before = name == _BEFORE
        side, weight = comparison.sides[not before], (comparison.baseline_weight, comparison.current_weight)[not before]
        word = "baseline" if before else "current"
        between = _between(chosen.baseline_range if before else chosen.current_range)
        told = f"{format_value(weight, comparison.unit)}{between}"
        named = f"{word} · {printable(side.model.meta.name)} · {told}"
        return f"{named} · {full}", f"{named} · {why}", f"{named} · {brief}", named, f"{word} · {told}"

    def _mode(self) -> tuple[str, str, str]:
        """Return whether weights or shares are shown, and why where that is the usual way: from long to short."""
        comparison, share = self._comparison, self._chosen.share
        brief = "shares" if share else "absolute"
        name = "shares of each side" if share else f"absolute {'bytes' if self._view.lens else 'seconds a run'}"
        if share is not comparison.by_share or self._view.lens is not None:
            return name, brief, brief
        why = "attached, time is arbitrary" if share else "fixed work"
        if not share and not same_length(self._chosen.baseline_range, self._chosen.current_range):
            why = "ranges differ in length"
        return f"{name}: {why}", f"{brief}: {why}", brief

    def _draw_gone(self, *, shown: bool) -> None:
        lane, gone = self.query_one(GoneLane), self._gone_paths()
        lane.display = shown and bool(gone) and self.size.height >= _LEAST_WITH_LANE
        if not lane.display:
            return
        tree, flames = self._weighed_tree, self.query_one(f"#{_DIFFERENCE}", DeltaFlames)
        paths = inside(gone, tree.nearest(self._view.zoom), tree.union.is_within)
        lane.show(
            GoneFacts(
                paths,
                self._gone_summary(paths, tree),
                name_of=lambda node: "" if (frame := tree.frame(node)) is None else frame.function,
                is_clear=lambda node: tree.verdict(node).clear,
                describe=flames.describe,
                selected=tree.nearest(self._view.selected),
            )
        )

    def _gone_paths(self) -> tuple[GonePath, ...]:
        if self._gone is None:
            tree = self._weighed_tree
            before, known = tree.baseline_total, self._gone_of
            if known is not None and known[0] is self._comparison:
                # In another mode the same paths are gone, and in the same order.
                self._gone = tuple(GonePath(path.node, before[path.node]) for path in known[1])
            else:
                self._gone = gone_paths(tree.parent, before.values(), tree.current_total.values())
            self._gone_of = self._comparison, self._gone
        return self._gone

    def _gone_summary(self, paths: tuple[GonePath, ...], tree: DeltaTree) -> tuple[str, ...]:
        weight = sum(path.weight for path in paths)
        told = format_percent(100 * weight) if tree.share else format_value(weight, tree.unit)
        clear = sum(tree.verdict(path.node).clear for path in paths)
        places = f"{len(paths)} {'path' if len(paths) == 1 else 'paths'}"
        sure = f"{clear} clearly" if tree.sampled else "all of them gone"
        return (
            f" ▼ only in the baseline: {told} in {places}, {sure}",
            f" ▼ GONE {told} in {places}",
            f" ▼ GONE {told}",
        )

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

    @property
    def _flames_shown(self) -> FlamesShown:
        chosen = self._chosen.flames
        has_room = self.size.height >= _LEAST_FOR_ALL
        return chosen if chosen is not FlamesShown.ALL or has_room else FlamesShown.SIDES

    @property
    def _flames(self) -> DeltaFlames:
        shown = _SHOWN[self._flames_shown]
        focused = self.focused
        if isinstance(focused, DeltaFlames) and focused.id in shown:
            return focused
        return self.query_one(f"#{shown[-1] if len(shown) == 2 else shown[0]}", DeltaFlames)

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
        self._whole = self._whole.of(lens)
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
        order = [each for each in FlamesShown if each is not FlamesShown.ALL or self.size.height >= _LEAST_FOR_ALL]
        self._chosen = replace(self._chosen, flames=order[(order.index(self._flames_shown) + 1) % len(order)])
        self._draw_view()
        self._flames.focus()

    def action_go_to_flames(self) -> None:
        """Give the flames the keys."""
        if self.maximized is not None:
            self.minimize()
        self._flames.focus()

    def on_gone_lane_hovered(self, message: GoneLane.Hovered) -> None:
        """Say what is under the mouse."""
        self.query_one(StatusLine).pass_by(message.text)

    async def action_quit(self) -> None:
        """Go back, or leave."""
        self._go()


def _between(chosen: Range | None) -> str:
    return "" if chosen is None else f" · {format_seconds(chosen[0])} to {format_seconds(chosen[1])}"


def _shorter(remark: str) -> str:
    """Return what a remark says, without the figures behind it and without what can be done."""
    if remark.startswith(f"{_CPU} seconds"):
        return CPU_PERTURBED.short
    return remark.partition(": ")[0].partition(" (")[0]


def _against(name: str, *, exact: bool) -> tuple[str, ...]:
    sure = "exact" if exact else "sampled"
    return f"{name} against {name} · {sure}", f"{name} · {sure}", sure
