"""The columns of the table of changes: what each says of a function, and which of them a width has room for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from perftui.analysis.change_words import (
    chance_text,
    interval_text,
    mark_of,
    ratio_text,
    signed_text,
    value_text,
    word_of,
)
from perftui.analysis.ranked_changes import SortChanges, effect_of
from perftui.model.change import FunctionChange
from perftui.ui.widgets.cells import width_of
from perftui.units import Unit

LEAST_NAME, _LEAST_NAME_IN_SHORT = 26, 20
"""Cells that the name of a function keeps before another column has room; fewer where verdicts are short, too."""
_SHORT_BELOW = 76
"""Cells below which verdicts are said with shorter words."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How figures are read: in which unit, and whether as shares of the sides."""

    unit: Unit = Unit.SECONDS
    share: bool = False
    short: bool = False
    """Verdicts are said in shorter words."""

    def sides(self, change: FunctionChange) -> tuple[float, float]:
        """Return baseline and current."""
        return (change.baseline_share, change.current_share) if self.share else (change.baseline, change.current)


@dataclass(frozen=True, slots=True)
class Column:
    """One column; its cells are right-aligned, but for words."""

    title: str
    cells: int
    text: Callable[[FunctionChange, Reading], str]
    sort: SortChanges | None = None
    """The order that this column stands for."""
    right: bool = True


def _verdict(change: FunctionChange, reading: Reading) -> str:
    return f"{mark_of(change.verdict)} {word_of(change.verdict, reading.unit, short=reading.short)}"


def _delta(change: FunctionChange, reading: Reading) -> str:
    return signed_text(effect_of(change, share=reading.share), reading.unit, share=reading.share)


def _before(change: FunctionChange, reading: Reading) -> str:
    return value_text(reading.sides(change)[0], reading.unit, share=reading.share)


def _after(change: FunctionChange, reading: Reading) -> str:
    return value_text(reading.sides(change)[1], reading.unit, share=reading.share)


def _ratio(change: FunctionChange, reading: Reading) -> str:
    return ratio_text(*reading.sides(change))


def _interval(change: FunctionChange, reading: Reading) -> str:  # noqa: ARG001
    return interval_text(change.certainty)


def _chance(change: FunctionChange, reading: Reading) -> str:  # noqa: ARG001
    return chance_text(change.certainty.q if change.certainty.q is not None else change.certainty.p)


def _samples(change: FunctionChange, reading: Reading) -> str:  # noqa: ARG001
    return f"{change.baseline_count:,} → {change.current_count:,}"


def _shares(change: FunctionChange, reading: Reading) -> str:  # noqa: ARG001
    before, after = 100 * change.baseline_share, 100 * change.current_share
    return f"{before:.1f} → {after:.1f} %"


VERDICT = Column(" verdict", 15, _verdict, right=False)
_SHORT_VERDICT = Column(" verdict", 10, _verdict, right=False)
_DELTA = Column("Δ self", 10, _delta, SortChanges.EFFECT)
_RATIO = Column("change", 8, _ratio)
_BEFORE = Column("baseline", 9, _before)
_AFTER = Column("current", 9, _after)
_INTERVAL = Column("95 % interval", 16, _interval)
_CHANCE = Column("q", 8, _chance, SortChanges.CONFIDENCE)
_SAMPLES = Column("samples", 17, _samples)
_SHARES = Column("self share", 15, _shares, SortChanges.SHARE)
_ORDER = (_DELTA, _BEFORE, _AFTER, _RATIO, _INTERVAL, _CHANCE, _SAMPLES, _SHARES)
_BY_WORTH = (_DELTA, _INTERVAL, _RATIO, _BEFORE, _AFTER, _SAMPLES, _SHARES, _CHANCE)
"""Those that are worth most come first where there is little room."""


@lru_cache(maxsize=64)
def columns_for(width: int, sort: SortChanges, *, sampled: bool = True) -> tuple[Column, ...]:
    """Return the columns that so many cells have room for beside the name; the one that is sorted by is one of them.

    Where nothing was sampled there are no intervals and no chances.
    """
    short = width < _SHORT_BELOW
    least = _LEAST_NAME_IN_SHORT if short else LEAST_NAME
    room = width - least - (_SHORT_VERDICT if short else VERDICT).cells
    untold = () if sampled else (_INTERVAL, _CHANCE)
    wanted = [column for column in _BY_WORTH if column not in untold]
    # What the order follows must be seen, or the order looks like none.
    wanted.sort(key=lambda column: column.sort is not sort)
    kept = []
    for column in wanted:
        if column.cells <= room:
            kept.append(column)
            room -= column.cells
    verdict = _SHORT_VERDICT if short else VERDICT
    return (verdict, *(column for column in _ORDER if column in kept))


def reading_for(width: int, unit: Unit, *, share: bool) -> Reading:
    """Return how figures are read in a table of so many cells."""
    return Reading(unit, share, short=width < _SHORT_BELOW)


def titled(column: Column, sort: SortChanges) -> str:
    """Return the title of a column, marked where the table is sorted by it and there is room for the mark."""
    marked = f"▾ {column.title.strip()}"
    if column.sort is sort and width_of(marked) <= column.cells - 1:
        return marked
    return column.title
