"""The strip that names the panes of a switcher; a click or a key brings one to the front."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.message import Message

from perftui.ui.commands import help_of
from perftui.ui.widgets.line_canvas import LineCanvas, Row

_SHORT = {
    "Hotspots": "Hot",
    "Allocations": "Alloc",
    "Output": "Out",
    "Threads": "Thr",
    "Meters": "Met",
    "Budget": "Bud",
    "Callers": "Call",
    "Source": "Src",
    "Order": "Ord",
    "Advice": "Adv",
    "Operations": "Ops",
    "Changes": "Chg",
    "Conditions": "Cond",
}
"""Titles where there is little room."""


class PaneStrip(LineCanvas):
    """One line of pane names, the shown one marked and always whole."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"pane-strip--shown", "pane-strip--other", "pane-strip--rule"}
    DEFAULT_CSS = """
    PaneStrip { height: 1; background: $surface;
        .pane-strip--shown { background: $primary; color: $background; text-style: bold; }
        .pane-strip--other { color: $text-muted; }
        .pane-strip--rule { color: $foreground 20%; }
    }
    """

    class Chosen(Message):
        """A pane was clicked."""

        def __init__(self, pane: str) -> None:
            super().__init__()
            self.pane = pane

    def __init__(
        self,
        panes: Sequence[tuple[str, str]],
        *,
        keys: Mapping[str, str] | None = None,
        unoffered: Collection[str] = (),
    ) -> None:
        """Take (id, title) of each pane, the first is shown, and the key of each; without keys they are numbered.

        Those that are not offered are named only while they are in front.
        """
        super().__init__()
        self._unoffered = set(unoffered)
        self._panes = tuple(panes)
        self._keys = keys or {pane: str(number) for number, (pane, _) in enumerate(self._panes, 1)}
        self._shown = self._panes[0][0]
        self._notes: tuple[str, ...] = ()

    def show(self, pane: str, *notes: str) -> None:
        """Mark a pane as the shown one, and say at the right end the first of some wordings that has room."""
        self._shown, self._notes = pane, notes
        self.redraw()

    def offer(self, pane: str, *, offered: bool) -> None:
        """Name a pane among the others, or only while it is in front."""
        (self._unoffered.discard if offered else self._unoffered.add)(pane)
        self.redraw()

    def entitle(self, pane: str, title: str) -> None:
        """Give a pane another title."""
        self._panes = tuple((known, title if known == pane else its) for known, its in self._panes)
        self.redraw()

    def draw_row(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one row)
        """Return the line of names."""
        row: Row = []
        used = 0
        for pane, label in self._labels(width):
            row.append(Segment(label, self.pen("pane-strip--shown" if pane == self._shown else "pane-strip--other")))
            used += len(label)
        room = width - used - 1
        note = next((note for note in self._notes if len(note) < room), "")
        if note:
            row.append(Segment(" " * (room - len(note)) + note + " ", self.pen("pane-strip--other")))
        return row

    def tip_at(self, x: int, y: int) -> str:  # noqa: ARG002 (there is one row)
        """Return what the pane shows, and its key."""
        end = 0
        for pane, label in self._labels(self.size.width):
            end += len(label)
            if x < end:
                return help_of(f"pane.{pane}")
        return ""

    def on_click(self, event: events.Click) -> None:
        """Choose the pane under the mouse."""
        at = 0
        for pane, label in self._labels(self.size.width):
            at += len(label)
            if event.x < at:
                self.post_message(self.Chosen(pane))
                return

    def _labels(self, width: int) -> Iterator[tuple[str, str]]:
        panes = [each for each in self._panes if each[0] == self._shown or each[0] not in self._unoffered]
        names = tuple((self._keys.get(pane, ""), title) for pane, title in panes)
        front = next((at for at, (pane, _) in enumerate(panes) if pane == self._shown), 0)
        return zip((pane for pane, _ in panes), labels_for(names, front, width), strict=True)


@lru_cache(maxsize=64)
def labels_for(names: tuple[tuple[str, str], ...], front: int, width: int) -> tuple[str, ...]:
    """Return the labels of (key, title) pairs in at most so many cells, the one in front whole.

    First the blanks between them go, then the titles that a short form saves most of, at last all but the keys.
    """
    wide = tuple(f" {key} {title} " for key, title in names)
    if sum(map(len, wide)) <= width:
        return wide
    titles = [title for _, title in names]
    others = [at for at in range(len(names)) if at != front]
    by_saving = sorted(others, key=lambda at: len(_SHORT.get(titles[at], titles[at])) - len(titles[at]))
    for at in (-1, *by_saving):
        if at >= 0:
            titles[at] = _SHORT.get(titles[at], titles[at])
        tight = _tight(names, titles, front)
        if sum(map(len, tight)) <= width:
            return tight
    for at in reversed(others):
        titles[at] = ""
        tight = _tight(names, titles, front)
        if sum(map(len, tight)) <= width:
            break
    return tight


def _tight(names: Sequence[tuple[str, str]], titles: Sequence[str], front: int) -> tuple[str, ...]:
    labels = (f" {key} {title}".rstrip() for (key, _), title in zip(names, titles, strict=True))
    return tuple(f"{label} " if at == front else label for at, label in enumerate(labels))
