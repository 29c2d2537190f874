"""The flames of a comparison: trees of one union, the title of each icicle, and the lane of what vanished."""

from __future__ import annotations

from perftui.analysis.call_tree import CallTree
from perftui.analysis.delta_tree import DeltaTree, Width
from perftui.analysis.gone_paths import GonePath, gone_paths, inside
from perftui.analysis.range_moves import same_length
from perftui.analysis.timeline import Range
from perftui.recording.comparison import Comparison
from perftui.text import printable
from perftui.ui.compare_view import FlamesShown
from perftui.ui.screens.compare_panes import ComparePanesScreen
from perftui.ui.view_state import ViewState
from perftui.ui.widgets.cells import width_of
from perftui.ui.widgets.delta_flames import DeltaFlames
from perftui.ui.widgets.gone_lane import GoneFacts, GoneLane
from perftui.ui.widgets.status_line import StatusLine
from perftui.units import Unit, format_percent, format_seconds, format_value

DIFFERENCE, BEFORE, AFTER = "delta", "before", "after"
SHOWN = {
    FlamesShown.DIFFERENCE: (DIFFERENCE,),
    FlamesShown.SIDES: (BEFORE, AFTER),
    FlamesShown.ALL: (DIFFERENCE, BEFORE, AFTER),
}
_OF = {Unit.SECONDS: "seconds a run", Unit.BYTES: "bytes", Unit.COUNT: "allocations", Unit.SAMPLES: "samples"}
"""What absolute figures are, by the unit of the comparison."""
_WIDE = 110
"""Columns from which flames and panes stand beside each other."""
LEAST_FOR_ALL = 44
"""Rows of a terminal from which three icicles have room below each other."""
_LEAST_WITH_LANE = 28
"""Rows of a terminal from which what vanished has a lane of its own."""


class CompareFlamesScreen(ComparePanesScreen):
    """A comparison with flames over the union of both trees."""

    def __init__(self, view: ViewState, comparison: Comparison) -> None:
        super().__init__(view, comparison)
        self._united: DeltaTree | None = None
        self._united_before: DeltaTree | None = None
        """Of the same lens, in another range or mode."""
        self._trees: dict[Width, DeltaTree] = {}
        self._gone: tuple[GonePath, ...] | None = None
        self._gone_of: tuple[Comparison, tuple[GonePath, ...]] | None = None
        """What was gone last, and of which comparison."""

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

    def _width_of(self, name: str) -> Width:
        return {DIFFERENCE: self._chosen.width, BEFORE: Width.BEFORE, AFTER: Width.AFTER}[name]

    def _titled(self, name: str) -> str:
        """Return the title of an icicle, as much of it as has room."""
        narrow = self.size.width < _WIDE
        room = (self.size.width if narrow else self.size.width // 2) - 2
        wordings = self._titles_of(name)
        return next((text for text in wordings if width_of(text) <= room), wordings[-1])

    def _titles_of(self, name: str) -> tuple[str, ...]:
        comparison, chosen = self._comparison, self._chosen
        full, why, brief = self._mode()
        if name == DIFFERENCE:
            sampled = comparison.noise is not None
            signs = "▲ slower ▼ faster, grey: noise" if sampled else "▲ more ▼ less, grey: the same"
            width = f"width: {chosen.width.value}"
            return (
                f"Δ · {full} · {width} · {signs}",
                f"Δ · {full} · {width}",
                f"Δ · {why} · {width}",
                f"Δ · {brief} · {width}",
            )
        before = name == BEFORE
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
        name = "shares of each side" if share else f"absolute {_OF.get(comparison.unit, 'weights')}"
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
        tree, flames = self._weighed_tree, self.query_one(f"#{DIFFERENCE}", DeltaFlames)
        paths = inside(gone, tree.nearest(self._view.zoom), tree.union.is_within, tree.baseline_total)
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

    @property
    def _flames_shown(self) -> FlamesShown:
        chosen = self._chosen.flames
        has_room = self.size.height >= LEAST_FOR_ALL
        return chosen if chosen is not FlamesShown.ALL or has_room else FlamesShown.SIDES

    @property
    def _flames(self) -> DeltaFlames:
        shown = SHOWN[self._flames_shown]
        focused = self.focused
        if isinstance(focused, DeltaFlames) and focused.id in shown:
            return focused
        return self.query_one(f"#{shown[-1] if len(shown) == 2 else shown[0]}", DeltaFlames)

    def on_gone_lane_hovered(self, message: GoneLane.Hovered) -> None:
        """Say what is under the mouse."""
        self.query_one(StatusLine).pass_by(message.text)


def _between(chosen: Range | None) -> str:
    return "" if chosen is None else f" · {format_seconds(chosen[0])} to {format_seconds(chosen[1])}"
