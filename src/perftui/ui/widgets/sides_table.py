"""A table of what is known of both sides: figures with their difference, or facts with a mark where they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType

from perftui.ui.widgets.cells import clean, fit, width_of
from perftui.ui.widgets.line_canvas import Row
from perftui.ui.widgets.scrolled_canvas import ScrolledCanvas

_FIGURE_CELLS = 12
_SPAN_CELLS = 22
"""Room for what several runs of a side lie between."""
_LEAST_NAME = 16
_MOST_NAME = 30
_LEAST_FACT = 12
_WITH_SPANS = _MOST_NAME + 4 * _FIGURE_CELLS + 2 * _SPAN_CELLS


@dataclass(frozen=True, slots=True)
class Title:
    """A line above others, with the names of the columns below it."""

    text: str
    columns: tuple[str, ...] = ()
    spans: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """A line of figures, the weightiest first: those that have no room are left out."""

    name: str
    cells: tuple[str, ...]
    tones: tuple[str, ...] = ()
    """Of each cell: `pass`, `warn`, `fail`, `muted`, or empty."""
    muted: bool = False
    spans: tuple[str, ...] = ()
    """Between what the runs of either side lie: beside the figures where there is room, and otherwise below them."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of both sides."""

    name: str
    baseline: str
    current: str
    differs: bool = False
    matters: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """A line of text."""

    text: str
    tone: str = "muted"


Line = Title | Figures | Fact | Sentence


def _parts(line: Line, width: int) -> list[Line]:
    """Return a line, or the lines that it takes."""
    if isinstance(line, Figures | Title) and line.spans and width < _WITH_SPANS:
        alone: Line = replace(line, spans=())
        if isinstance(line, Title) or len(set(line.spans)) == 1:
            # That they are all alike needs no line of its own.
            return [alone]
        return [alone, Sentence(f"    runs {' and '.join(line.spans)}")]
    if not isinstance(line, Sentence):
        return [line]
    text = clean(line.text)
    indent = " " * (len(text) - len(text.lstrip()) + 2)
    return [Sentence(part, line.tone) for part in wrap(text, max(20, width - 2), subsequent_indent=indent)] or [line]


class SidesTable(ScrolledCanvas, can_focus=True):
    """Lines about both sides, which scroll."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "sides-table--title",
        "sides-table--name",
        "sides-table--muted",
        "sides-table--pass",
        "sides-table--warn",
        "sides-table--fail",
        "sides-table--plain",
    }
    DEFAULT_CSS = """
    SidesTable {
        .sides-table--title { color: $text-muted; text-style: bold; }
        .sides-table--name { color: $text; }
        .sides-table--plain { color: $text; }
        .sides-table--muted { color: $text-muted; }
        .sides-table--pass { color: $success; }
        .sides-table--warn { color: $warning; text-style: bold; }
        .sides-table--fail { color: $error; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "scroll_by(1)", "Down", show=False, id="sides.down"),
        Binding("up", "scroll_by(-1)", "Up", show=False, id="sides.up"),
        Binding("pagedown", "scroll_by(10)", "Page down", show=False, id="sides.page_down"),
        Binding("pageup", "scroll_by(-10)", "Page up", show=False, id="sides.page_up"),
        Binding("home", "scroll_by(-1000000)", "First", show=False, id="sides.first"),
        Binding("end", "scroll_by(1000000)", "Last", show=False, id="sides.last"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lines: tuple[Line, ...] = ()
        self._shown: tuple[Line, ...] = ()
        """The lines as they are wrapped for a width."""
        self._laid_out = -1
        self._name_cells = _LEAST_NAME

    def show(self, lines: Sequence[Line]) -> None:
        """Show lines; where one scrolled to stays."""
        self._lines, self._laid_out = tuple(lines), -1
        names = [clean(line.name) for line in lines if isinstance(line, Figures | Fact)]
        names += [line.text for line in lines if isinstance(line, Title) and line.spans]
        self._name_cells = min(_MOST_NAME, max(map(width_of, names), default=0) + 2)
        self.redraw()

    def line_count(self) -> int:
        """Return the number of lines; a sentence takes as many as it needs."""
        return len(self._wrapped(max(0, self.size.width - 1)))

    def draw_line(self, index: int, width: int) -> Row:
        """Return one line."""
        lines = self._wrapped(width)
        if index >= len(lines):
            return []
        match lines[index]:
            case Title(text, columns, spans):
                tones = ("title",) * len(columns)
                return self._figures(text, columns, tones, width, name="title", spans=spans)
            case Figures(name, cells, tones, muted, spans):
                return self._figures(name, cells, tones, width, name="muted" if muted else "name", spans=spans)
            case Fact() as fact:
                return self._fact(fact, width)
            case Sentence(text, tone):
                return [Segment(fit(f" {clean(text)}", width), self.pen(f"sides-table--{tone}"))]

    def _wrapped(self, width: int) -> tuple[Line, ...]:
        if self._laid_out != width:
            self._laid_out = width
            self._shown = tuple(part for line in self._lines for part in _parts(line, width))
        return self._shown

    def action_scroll_by(self, step: int) -> None:
        """Show other lines."""
        self.scroll_lines(step)

    def _figures(
        self, text: str, cells: Sequence[str], tones: Sequence[str], width: int, *, name: str, spans: Sequence[str] = ()
    ) -> Row:
        shown = max(0, min(len(cells), (width - _LEAST_NAME) // _FIGURE_CELLS))
        room = width - shown * _FIGURE_CELLS
        named = min(room, max(_LEAST_NAME, self._name_cells)) if shown else room
        row = [Segment(fit(f" {clean(text)}", named), self.pen(f"sides-table--{name}"))]
        for at, cell in enumerate(cells[:shown]):
            tone = tones[at] if at < len(tones) and tones[at] else "plain"
            row.append(Segment(" " + fit(clean(cell), _FIGURE_CELLS - 1, right=True), self.pen(f"sides-table--{tone}")))
        pen = self.pen("sides-table--title" if name == "title" else "sides-table--muted")
        row.extend(Segment(f"  {fit(clean(span), _SPAN_CELLS - 2)}", pen) for span in spans)
        return row

    def _fact(self, fact: Fact, width: int) -> Row:
        # A difference that matters is said by sign and word, where there is room for one.
        mark = "▲ " if fact.differs and fact.matters else "≠ " if fact.differs else "  "
        name_cells = min(self._name_cells + 3, max(2, width // 3))
        name_tone = "warn" if fact.differs and fact.matters else "name" if fact.differs else "muted"
        tone = name_tone if fact.differs else "muted"
        row = [
            Segment(
                fit(fit(mark + clean(fact.name), name_cells - 1), name_cells), self.pen(f"sides-table--{name_tone}")
            )
        ]
        room = width - name_cells
        if not fact.differs:
            said = f"{clean(fact.current)}  both" if fact.current else "not known"
            return [*row, Segment(fit(said, room), self.pen("sides-table--muted"))]
        half = max(_LEAST_FACT, room // 2)
        before, after = (clean(text) or "not known" for text in (fact.baseline, fact.current))
        row.append(Segment(fit(before, half - 2) + "  ", self.pen(f"sides-table--{tone}")))
        return [*row, Segment(fit(after, max(0, room - half)), self.pen(f"sides-table--{tone}"))]
