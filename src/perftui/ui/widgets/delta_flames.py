"""The differential icicle: the union of two call trees, red where the current side costs more, blue where less.

Colour never stands alone: a sign and a word say the same. What the samples do not tell from noise is grey.
"""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from perftui.analysis.call_tree import ROOT
from perftui.analysis.compare import DeltaKind
from perftui.analysis.delta_tree import DeltaTree
from perftui.analysis.flame_layout import Box
from perftui.ui.widgets.cells import clean, fit
from perftui.ui.widgets.flame_graph import FlameGraph
from perftui.ui.widgets.flame_paint import ANCESTOR, DIMMED, HOVERED, KIN, plain_box
from perftui.ui.widgets.flame_text import FlameTree
from perftui.ui.widgets.line_canvas import Row
from perftui.units import Unit, format_percent, format_value

_SIGNS = {
    DeltaKind.GREW: "▲ ",
    DeltaKind.SHRANK: "▼ ",
    DeltaKind.APPEARED: "▲ ",
    DeltaKind.VANISHED: "▼ ",
    DeltaKind.UNCLEAR: "",
}
_WORDS = {DeltaKind.APPEARED: "NEW ", DeltaKind.VANISHED: "GONE "}
_WORD_FROM = 14
"""Cells from which a box has room for the word before its name."""
_WORSE = (DeltaKind.GREW, DeltaKind.APPEARED)
_BETTER = (DeltaKind.SHRANK, DeltaKind.VANISHED)


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

    def describe(self, node: int) -> str:
        """Return one line about a node: both sides, the change, and what the samples say of it."""
        tree = self._flames
        if not isinstance(tree, DeltaTree):
            return ""
        before, after = tree.baseline_total[node], tree.current_total[node]
        parts = [
            self.name_of(node),
            f"baseline {_value(before, tree)}",
            f"current {_value(after, tree)}",
            f"{_signed(after - before, tree)}{_ratio(before, after)}",
            _said(tree, node),
            _counted(tree, node),
        ]
        return "  ·  ".join(parts)

    def _draw_box(self, tree: FlameTree, box: Box, row: Row) -> None:
        if box.folded or not isinstance(tree, DeltaTree):
            super()._draw_box(tree, box, row)
            return
        kind = tree.kind(box.node)
        edge, text = self._pens_of(kind, self._strength(tree, box.node), self._state(tree, box))
        if box.width == 1:
            row.append(Segment("▏", edge))
            return
        frame = tree.frame(box.node)
        name = "all" if frame is None else clean(frame.function)
        change = _ratio(tree.baseline_total[box.node], tree.current_total[box.node])
        word = _WORDS.get(kind, "") if box.width >= _WORD_FROM else ""
        label = f"{_SIGNS[kind]}{word}{name}"
        if kind is not DeltaKind.UNCLEAR or box.node == ROOT:
            label += change
        row.append(Segment("▏", edge))
        row.append(Segment(fit(label, box.width - 1), text))

    def _strength(self, tree: DeltaTree, node: int) -> int:
        # Four steps: a change by a tenth is pale, a doubling is full.
        before, after = tree.baseline_total[node], tree.current_total[node]
        least, most = sorted((before, after))
        ratio = 1.0 if least <= 0 else min(1.0, (most - least) / least)
        return 1 + min(3, int(ratio * 4))

    def _pens_of(self, kind: DeltaKind, strength: int, state: int) -> tuple[Style, Style]:
        if self.is_mono:
            edge, text = plain_box(None, state)
            return edge, text + Style(bold=(kind in _WORSE) or None, dim=(kind is DeltaKind.UNCLEAR) or None)
        selection = self._paint.selection(state)
        if selection is not None:
            return selection
        colour = self.shade("delta-flames--unclear")
        if kind in _WORSE:
            colour = colour.blend(self.shade("delta-flames--worse"), 0.35 + 0.16 * strength)
        elif kind in _BETTER:
            colour = colour.blend(self.shade("delta-flames--better"), 0.35 + 0.16 * strength)
        if state & (ANCESTOR | DIMMED):
            colour = colour.blend(self.paper, 0.6)
        if state & (HOVERED | KIN):
            colour = colour.blend(Color(255, 255, 255) if self.is_dark else Color(0, 0, 0), 0.2)
        words = Color(0, 0, 0) if colour.brightness > 0.48 else Color(255, 255, 255)
        return self.ink(self.paper, colour), self.ink(colour.blend(words, 0.9), colour)

    def _root_label(self, tree: FlameTree) -> str:  # noqa: ARG002 (the title says the rest)
        return "all"


def _counted(tree: DeltaTree, node: int) -> str:
    before, after = tree.baseline_total_count[node], tree.current_total_count[node]
    if tree.unit is Unit.BYTES:
        return f"{before:,.0f} and {after:,.0f} allocations"
    return f"{before:.0f} and {after:.0f} samples"


def _said(tree: DeltaTree, node: int) -> str:
    kind = tree.kind(node)
    return "the same" if kind is DeltaKind.UNCLEAR and tree.unit is Unit.BYTES else kind.value


def _value(value: float, tree: DeltaTree) -> str:
    return format_percent(100 * value) if tree.share else format_value(value, tree.unit)


def _signed(value: float, tree: DeltaTree) -> str:
    return ("+" if value >= 0 else "") + _value(value, tree)


def _ratio(before: float, after: float) -> str:
    if before <= 0 or after <= 0:
        return ""
    change = 100 * (after / before - 1)
    return f"  {change:+.0f} %"
