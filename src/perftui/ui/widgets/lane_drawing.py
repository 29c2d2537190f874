"""One lane of the time pane as lines of dots, and how a line gets the colours of what it stands for and stands on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import NamedTuple

from perftui.analysis.pyramid import Columns
from perftui.ui.widgets.braille import DOTS_ACROSS, area, overlay, rule
from perftui.ui.widgets.cells import fit
from perftui.ui.widgets.meter_drawing import MeterLimit

_MEAN_FROM = 3
"""Rows from which a mean is told apart from the greatest value above it."""
_HEADROOM = 4 / 3
"""A lane of one row leaves its topmost dots free: rows below each other would grow into one shape."""


class Run(NamedTuple):
    """Neighbouring cells that have one thing in common."""

    start: int
    end: int
    component: str


@dataclass(frozen=True, slots=True)
class LaneLook:
    """What a lane is drawn with, beside its values."""

    component: str
    top: float
    """What the uppermost dots stand for."""
    limit: MeterLimit
    bottom: float = 0.0
    """What the lowest dots stand for; zero, or below it."""


class LaneLine(NamedTuple):
    """A line of text with the component of every cell."""

    text: str
    runs: tuple[Run, ...]


def lane_lines(columns: Columns, look: LaneLook, cells: int, rows: int) -> tuple[LaneLine, ...]:
    """Return `rows` lines of `cells` cells, the topmost first; where there is room the mean is carved into the rest."""
    span = look.top - look.bottom
    top = span * _HEADROOM if rows == 1 else span
    high = _above(columns.high, look.bottom)
    if rows >= _MEAN_FROM and columns.mean != columns.high:
        drawn = [
            "".join(text for text, _ in row) for row in overlay(high, _above(columns.mean, look.bottom), top, rows)
        ]
    else:
        drawn = area(high, top, rows)
    runs = tuple(_severities(columns, look, cells))
    lines = [LaneLine(fit(line, cells), runs) for line in drawn]
    limit = look.limit
    warns, fails = (limit.warn, limit.least_warn), (limit.fail, limit.least_fail)
    drawn_limits = [(each, "time-pane--warn-limit") for each in warns] + [
        (each, "time-pane--fail-limit") for each in fails
    ]
    for value, component in drawn_limits if rows > 1 else ():
        level = rule(value - look.bottom, top, rows) if value is not None else None
        if level is not None:
            row, character = level
            lines[row] = _with_limit(lines[row], character, component)
    return tuple(lines)


def _above(values: Sequence[float | None], bottom: float) -> Sequence[float | None]:
    return [None if value is None else value - bottom for value in values] if bottom else values


def _with_limit(line: LaneLine, character: str, component: str) -> LaneLine:
    """Return a line with a limit where nothing else is."""
    names = [run.component for run in line.runs for _ in range(run.start, run.end)]
    known = [component if text == " " else name for text, name in zip(line.text, names, strict=True)]
    return LaneLine(line.text.replace(" ", character), tuple(runs_of(known)))


def _severities(columns: Columns, look: LaneLook, cells: int) -> Iterator[Run]:
    """Yield runs of cells: over a limit by their greatest value, below the least by their mean, or neither."""
    limit = look.limit
    if limit.strictest is None and limit.least is None:
        yield Run(0, cells, look.component)
        return
    components: list[str] = []
    for i in range(0, len(columns.high), DOTS_ACROSS):
        highs = [value for value in columns.high[i : i + DOTS_ACROSS] if value is not None]
        means = [value for value in columns.mean[i : i + DOTS_ACROSS] if value is not None]
        found = severity(max(highs, default=None), limit, least=min(means, default=None))
        components.append(found or look.component)
    components += [look.component] * (cells - len(components))
    yield from runs_of(components[:cells])


def severity(value: float | None, limit: MeterLimit, *, least: float | None = None) -> str:
    """Return the component class of a value over a limit, or below what it should not fall below; empty otherwise.

    `least` is held against the lower limits in place of the value.
    """
    lower = value if least is None else least
    if _is_beyond(value, limit.fail) or _is_beyond(limit.least_fail, lower):
        return "time-pane--fail"
    return "time-pane--warn" if _is_beyond(value, limit.warn) or _is_beyond(limit.least_warn, lower) else ""


def _is_beyond(value: float | None, limit: float | None) -> bool:
    return value is not None and limit is not None and value > limit


def runs_of(components: Iterable[str]) -> Iterator[Run]:
    """Yield neighbours of one kind."""
    at = 0
    for component, cells in groupby(components):
        end = at + sum(1 for _ in cells)
        yield Run(at, end, component)
        at = end


def painted(line: str, inks: Sequence[Run], grounds: Sequence[Run]) -> Iterator[tuple[str, str, str]]:
    """Yield (text, component, component of the ground) of a line that both kinds of runs cover."""
    ends = sorted({0, *(run.end for run in inks), *(run.end for run in grounds)})
    ink = ground = 0
    for start, end in pairwise(ends):
        while inks[ink].end <= start:
            ink += 1
        while grounds[ground].end <= start:
            ground += 1
        yield line[start:end], inks[ink].component, grounds[ground].component
