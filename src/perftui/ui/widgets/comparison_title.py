"""The first line of a comparison: both sides, what each weighs, the change, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, product
from typing import ClassVar

from rich.segment import Segment

from perftui.analysis.change_words import BETTER, WORSE, interval_text, mark_of, ratio_text, signed_text, word_of
from perftui.analysis.timeline import Range
from perftui.model.session import SessionMeta
from perftui.recording.comparison import Comparison
from perftui.ui.widgets.cells import clean, fit, fit_end, width_of
from perftui.ui.widgets.line_canvas import LineCanvas, Row
from perftui.units import format_seconds, format_value

_NAME_CELLS = (None, 24, 16, 12, 10, 8, 7, 6, 5, 4, 0)
"""Names become shorter where there is no room for them; None: as long as they are."""
Ranges = tuple[Range | None, Range | None]
"""Of baseline and current; None for all of the time."""
Phrase = tuple[str, str]
"""A text and the component class that it is written with."""


class ComparisonTitle(LineCanvas):
    """One line that never cuts a figure."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "comparison-title--muted",
        "comparison-title--name",
        "comparison-title--text",
        "comparison-title--range",
        "comparison-title--worse",
        "comparison-title--better",
        "comparison-title--badge",
    }
    DEFAULT_CSS = """
    ComparisonTitle { height: 1; background: $surface;
        .comparison-title--muted { color: $text-muted; }
        .comparison-title--name { color: $text; text-style: bold; }
        .comparison-title--text { color: $text; }
        .comparison-title--range { color: $text-primary; text-style: bold; }
        .comparison-title--worse { color: $text-error; text-style: bold; }
        .comparison-title--better { color: $text-primary; text-style: bold; }
        .comparison-title--badge { background: $warning; color: $background; text-style: bold; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._comparison: Comparison | None = None
        self._ranges: Ranges = (None, None)

    def show(self, comparison: Comparison, ranges: Ranges = (None, None)) -> None:
        """Name both sides of a comparison, and the range of each that is looked at."""
        if comparison is not self._comparison or ranges != self._ranges:
            self._comparison, self._ranges = comparison, ranges
            self.redraw()

    def draw_row(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one row)
        """Return the line."""
        if self._comparison is None:
            return []
        phrases = title_phrases(self._comparison, width, self._ranges)
        return [Segment(text, self.pen(f"comparison-title--{component}")) for text, component in phrases]


def title_phrases(comparison: Comparison, width: int, ranges: Ranges = (None, None)) -> list[Phrase]:
    """Return the line for so many cells.

    Dates go first, then the interval, how many functions changed, words around ranges, and parts of names; figures and
    badges stay. In the narrowest terminals a range is said by the axes alone.
    """
    change, interval = _change(comparison), _interval(comparison)
    badge, count = list(_badge(comparison)), list(_count(comparison))
    names = [clean(side.model.meta.name) for side in comparison.sides]
    dated = [f"{name} ({_date(side.model.meta)})" for name, side in zip(names, comparison.sides, strict=True)]
    between = [_between(chosen) for chosen in ranges]
    line: list[Phrase] = []
    for named in (dated, names):
        line = _joined(_sides(comparison, named, between), change, interval, badge, count)
        if _cells(line) <= width:
            return line
    brief = [_between(chosen, brief=True) for chosen in ranges]
    for told, cells in [(between, None), *product((brief,), _NAME_CELLS), *product((["", ""],), _NAME_CELLS)]:
        sides = list(_sides(comparison, names if cells is None else _cut(names, cells), told))
        for also in ([*badge, *count], badge, []):
            line = _joined(sides, change, also)
            if _cells(line) <= width:
                return line
    return line


def _joined(*parts: Iterable[Phrase]) -> list[Phrase]:
    return list(chain.from_iterable(parts))


def _cells(line: Iterable[Phrase]) -> int:
    return sum(width_of(text) for text, _ in line)


def _sides(comparison: Comparison, names: Sequence[str], ranges: Sequence[str]) -> Iterator[Phrase]:
    weights = (comparison.baseline_weight, comparison.current_weight)
    labels = (" baseline", "   current")
    for label, name, weight, between in zip(labels, names, weights, ranges, strict=True):
        yield label, "muted"
        if name:
            yield f" {name}", "name"
        yield f" {format_value(weight, comparison.unit)}", "text"
        if between:
            yield f" {between}", "range"


def _date(meta: SessionMeta) -> str:
    return meta.created[:16].replace("T", " ")


def _between(chosen: Range | None, *, brief: bool = False) -> str:
    if chosen is None:
        return ""
    start, end = map(format_seconds, chosen)
    return f"{start} … {end}" if brief else f"from {start} to {end}"


def _cut(names: Sequence[str], cells: int) -> list[str]:
    """Return names in so many cells, with what tells one from the other in them."""
    cut = [name if width_of(name) <= cells else fit(name, cells) for name in names]
    if cut[0] != cut[1] or names[0] == names[1]:
        return cut
    ends = [fit_end(name, cells) for name in names]
    if ends[0] != ends[1]:
        return ends
    same = next((at for at, letters in enumerate(zip(*names, strict=False)) if len(set(letters)) > 1), 0)
    return [fit(f"…{name[same:]}", cells) for name in names]


def _change(comparison: Comparison) -> list[Phrase]:
    before, after, total = comparison.baseline_weight, comparison.current_weight, comparison.total
    ratio = ratio_text(before, after)
    delta = f"   Δ {signed_text(after - before, comparison.unit)}{f' ({ratio})' if ratio else ''} "
    told = "worse" if total.verdict in WORSE else "better" if total.verdict in BETTER else "text"
    return [(delta, "name"), (f"{mark_of(total.verdict)} {word_of(total.verdict, comparison.unit)}", told)]


def _interval(comparison: Comparison) -> list[Phrase]:
    told = interval_text(comparison.total.certainty)
    return [(f" (95 %: {told})", "muted")] if told else []


def _badge(comparison: Comparison) -> Iterator[Phrase]:
    runs = [len(side.runs) for side in comparison.sides]
    if max(runs) > 1:
        yield f"   {runs[0]} runs against {runs[1]}", "name"
    differing = sum(not each.same and each.matters for each in comparison.conditions)
    if differing:
        yield "   ", "text"
        yield f" ▲ {differing} {'condition differs' if differing == 1 else 'conditions differ'} ", "badge"


def _count(comparison: Comparison) -> Iterator[Phrase]:
    clear = sum(change.verdict.clear for change in comparison.changes)
    changed = "clear change" if clear == 1 else "clear changes"
    yield f"   {clear} {changed} of {len(comparison.changes)} functions", "muted"
