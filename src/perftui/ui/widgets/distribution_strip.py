"""Values of an operation in one row of cells: as a box with whiskers, or as the density of the values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from perftui.analysis.distribution import Box, counts, density, within
from perftui.analysis.operation_rules import RuleLimit
from perftui.analysis.value_axis import ValueAxis
from perftui.units import Unit, format_measured

_HEIGHTS = "▁▂▃▄▅▆▇█"
_WHISKER, _BOX, _MEDIAN = "─", "━", "╋"
_ENDS, _BEYOND = "├┤", "◂▸"
"""The least and the greatest value, and that values lie beyond."""
_ZEROS = re.compile(r"(?:\.0+|(?<=\.[1-9])0+)(?= |$)")
_LIMITS = {"warn": "╎", "fail": "║"}
"""A limit on the axis; told apart by shape, too."""


class Part(NamedTuple):
    """A part of a row: its text, and what it stands for: `line`, `box`, `median`, `warn`, `fail` or `blank`."""

    text: str
    what: str


class Limit(NamedTuple):
    """A limit of a budget on an axis of values."""

    value: float
    what: str
    """`warn` or `fail`."""


def limits_on(limits: Iterable[RuleLimit]) -> list[Limit]:
    """Return the limits of rules as marks on an axis."""
    return [Limit(limit.value, "fail" if limit.fails else "warn") for limit in limits]


def strip_of(
    box: Box | None,
    ordered: Sequence[float],
    axis: ValueAxis,
    cells: int,
    *,
    reach: tuple[float, float] | None = None,
    smooth: bool = False,
    limits: Iterable[Limit] = (),
) -> list[Part]:
    """Return so many cells with the box of an operation, or with the density of its values where that is smooth.

    Without a box only limits are there. Whiskers end at the reach of the values; an arrow says that some are beyond.
    """
    if cells < 1:
        return []
    drawn = [Part(" ", "blank")] * cells
    if box is not None and smooth and len(ordered) > 1:
        drawn = _density(ordered, box, axis, cells)
    elif box is not None:
        drawn = _box(box, reach or (box.low, box.high), axis, cells)
    for limit in limits:
        cell = axis.cell(limit.value, cells)
        # A limit may hide everything but where the middle is.
        if axis.holds(limit.value) and drawn[cell].what != "median":
            drawn[cell] = Part(_LIMITS[limit.what], limit.what)
    return _joined(drawn)


def _box(box: Box, reach: tuple[float, float], axis: ValueAxis, cells: int) -> list[Part]:
    low, q1, middle, q3, high = (axis.cell(value, cells) for value in (reach[0], box.q1, box.median, box.q3, reach[1]))
    drawn = [Part(" ", "blank")] * cells
    for cell in range(low, high + 1):
        drawn[cell] = Part(_WHISKER, "line")
    drawn[low] = Part(_ENDS[0] if reach[0] <= box.low else _BEYOND[0], "line")
    drawn[high] = Part(_ENDS[1] if reach[1] >= box.high else _BEYOND[1], "line")
    if q3 > q1:
        for cell in range(q1, q3 + 1):
            drawn[cell] = Part(_BOX, "box")
    drawn[middle] = Part(_MEDIAN, "median")
    return drawn


def _density(ordered: Sequence[float], box: Box, axis: ValueAxis, cells: int) -> list[Part]:
    ordered = within(ordered, axis) or ordered
    found, there = density(ordered, axis, cells), counts(ordered, axis, cells)
    most, middle = max(found), axis.cell(box.median, cells)
    drawn = []
    for cell, (amount, count) in enumerate(zip(found, there, strict=True)):
        height = round(amount / most * len(_HEIGHTS))
        if not height and not count:
            drawn.append(Part(" ", "blank"))
        else:
            drawn.append(Part(_HEIGHTS[max(0, height - 1)], "median" if cell == middle else "box"))
    return drawn


def _joined(drawn: Iterable[Part]) -> list[Part]:
    return [
        Part("".join(part.text for part in parts), what) for what, parts in groupby(drawn, key=lambda part: part.what)
    ]


def tick_text(value: float, unit: Unit) -> str:
    """Return a round value below an axis, without the zeros that a measured one would have: `1 ms`."""
    return _ZEROS.sub("", format_measured(value, unit))


def scale_of(axis: ValueAxis, cells: int, label: Sequence[str] | None = None, *, ticks: Sequence[float] = ()) -> str:
    """Return a row of cells with labels at their ticks, each where it has room; the first and last keep to the row."""
    row = [" "] * cells
    free = 0
    for tick, text in zip(ticks, label or (), strict=False):
        start = min(max(0, axis.cell(tick, cells) - len(text) // 2), cells - len(text))
        if start >= free:
            row[start : start + len(text)] = text
            free = start + len(text) + 2
    return "".join(row)
