"""The differential icicle: the union of two call trees, red where the current side costs more, blue where less.

Colour never stands alone: a sign and a word say the same. What the samples do not tell from noise is grey.
"""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from perftui.analysis.call_tree import ROOT
from perftui.analysis.change_words import BETTER, WORSE, mark_of, ratio_text, signed_text, value_text, word_of
from perftui.analysis.delta_tree import DeltaTree
from perftui.analysis.flame_layout import Box
from perftui.model.change import ChangeVerdict
from perftui.ui.widgets.cells import clean, fit, width_of
from perftui.ui.widgets.flame_graph import FlameGraph
from perftui.ui.widgets.flame_paint import ANCESTOR, DIMMED, HOVERED, KIN, Pens, plain_box
from perftui.ui.widgets.flame_text import FlameTree
from perftui.ui.widgets.line_canvas import Row
from perftui.units import Unit

_WORDS = {ChangeVerdict.APPEARED: "NEW ", ChangeVerdict.VANISHED: "GONE "}
_WORD_FROM = 14
"""Cells from which a box has room for the word before its name."""
_SAID_FROM = 12
"""Cells beside the name from which a box has room for a word behind its figure."""


class DeltaFlames(FlameGraph):
    """An icicle of a delta tree."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"delta-flames--worse", "delta-flames--better", "delta-flames--unclear"}
    DEFAULT_CSS = """
    DeltaFlames {
        .delta-flames--worse { background: $error; }
        .delta-flames--better { background: $primary; }
        .delta-flames--unclear { background: $foreground 18%; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._inks: dict[tuple[ChangeVerdict, int, int], Pens] = {}

    def describe(self, node: int) -> str:
        """Return one line about a node: both sides, the change, and what the samples say of it."""
        tree = self._flames
        if not isinstance(tree, DeltaTree):
            return ""
        before, after = tree.baseline_total[node], tree.current_total[node]
        ratio = ratio_text(before, after)
        delta = signed_text(after - before, tree.unit, share=tree.share)
        verdict = tree.verdict(node)
        parts = [
            self.name_of(node),
            f"baseline {value_text(before, tree.unit, share=tree.share)}",
            f"current {value_text(after, tree.unit, share=tree.share)}",
            f"{delta}  {ratio}" if ratio else delta,
            f"{mark_of(verdict)} {'path ' if node else ''}{word_of(verdict, tree.unit)}",
            _counted(tree, node),
        ]
        return "  ·  ".join(parts)

    def forget(self) -> None:
        """Drop everything that was made from colours."""
        super().forget()
        self._inks.clear()

    def _draw_box(self, tree: FlameTree, box: Box, row: Row) -> None:
        if box.folded or not isinstance(tree, DeltaTree):
            super()._draw_box(tree, box, row)
            return
        verdict = tree.verdict(box.node)
        edge, text = self._pens_of(verdict, _strength(tree, box.node), self._state(tree, box))
        row.append(Segment("▏", edge))
        if box.width > 1:
            row.append(Segment(fit(_label(tree, box, verdict), box.width - 1), text))

    def _pens_of(self, verdict: ChangeVerdict, strength: int, state: int) -> Pens:
        found = self._inks.get((verdict, strength, state))
        if found is None:
            found = self._inks[verdict, strength, state] = self._mixed(verdict, strength, state)
        return found

    def _mixed(self, verdict: ChangeVerdict, strength: int, state: int) -> Pens:
        if self.is_mono:
            edge, text = plain_box(None, state)
            return edge, text + Style(bold=(verdict in WORSE) or None, dim=(not verdict.clear) or None)
        selection = self._paint.selection(state)
        if selection is not None:
            return selection
        colour = self.shade("delta-flames--unclear")
        if verdict in WORSE:
            colour = colour.blend(self.shade("delta-flames--worse"), 0.35 + 0.16 * strength)
        elif verdict in BETTER:
            colour = colour.blend(self.shade("delta-flames--better"), 0.35 + 0.16 * strength)
        if state & (ANCESTOR | DIMMED):
            colour = colour.blend(self.paper, 0.6)
        if state & (HOVERED | KIN):
            colour = colour.blend(Color(255, 255, 255) if self.is_dark else Color(0, 0, 0), 0.2)
        words = Color(0, 0, 0) if colour.brightness > 0.48 else Color(255, 255, 255)
        return self.ink(self.paper, colour), self.ink(colour.blend(words, 0.9), colour)

    def _root_label(self, tree: FlameTree) -> str:  # noqa: ARG002 (the title says the rest)
        return "all"


def _label(tree: DeltaTree, box: Box, verdict: ChangeVerdict) -> str:
    frame = tree.frame(box.node)
    name = "all" if frame is None else clean(frame.function)
    if not verdict.clear:
        return name if frame else f"all  {ratio_text(tree.baseline_total[ROOT], tree.current_total[ROOT])}".rstrip()
    word = _WORDS.get(verdict, "") if box.width >= _WORD_FROM else ""
    label = f"{mark_of(verdict)} {word}{name}"
    ratio = ratio_text(tree.baseline_total[box.node], tree.current_total[box.node])
    if not ratio:
        return label
    label += f"  {ratio}"
    return f"{label} {word_of(verdict, tree.unit)}" if box.width - width_of(label) >= _SAID_FROM else label


def _strength(tree: DeltaTree, node: int) -> int:
    # Four steps: a change by a tenth is pale, a doubling is full.
    before, after = tree.baseline_total[node], tree.current_total[node]
    least, most = (before, after) if before < after else (after, before)
    ratio = 1.0 if least <= 0 else min(1.0, (most - least) / least)
    return 1 + min(3, int(ratio * 4))


def _counted(tree: DeltaTree, node: int) -> str:
    before, after = tree.baseline_total_count[node], tree.current_total_count[node]
    what = "allocations" if tree.unit in (Unit.BYTES, Unit.COUNT) else "samples"
    return f"{before:,.0f} and {after:,.0f} {what}"
