"""The columns of the table of operations: what each says, and which of them a width has room for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from perftui.analysis.operation_sheet import SortOperations

LEAST_NAME = 22
"""Cells that the name of an operation keeps before another column has room."""
_LEAST_STRIP = 18
"""Cells from which a distribution tells something."""
_MOST_NAME = 60


class Field(Enum):
    """What a column shows."""

    NAME = "operation"
    N = "n"
    MEAN = "mean"
    SPREAD = "spread"
    MEDIAN = "median"
    P95 = "p95"
    P99 = "p99"
    SUCCESS = "ok"
    RATE = "per second"
    CHANGE = "change"
    INTERVAL = "95 % interval"
    VERDICT = "verdict"
    BUDGET = "budget"
    STRIP = "distribution"


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    field: Field
    cells: int
    sort: SortOperations | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What the operations of a session have to be shown."""

    baseline: bool = False
    success: bool = False
    """Somebody counted what succeeded."""
    rate: bool = False
    """It is known what one execution gets done."""
    budget: bool = False
    name: int = LEAST_NAME
    """Cells of the longest name."""


_N = Column(Field.N, 8)
_MEAN = Column(Field.MEAN, 10, SortOperations.MEAN)
_SPREAD = Column(Field.SPREAD, 9, SortOperations.SPREAD)
_MEDIAN = Column(Field.MEDIAN, 10)
_P95 = Column(Field.P95, 11)
_P99 = Column(Field.P99, 11)
_SUCCESS = Column(Field.SUCCESS, 8)
_RATE = Column(Field.RATE, 12)
_CHANGE = Column(Field.CHANGE, 10, SortOperations.CHANGE)
_INTERVAL = Column(Field.INTERVAL, 16)
_VERDICT = Column(Field.VERDICT, 12)
_BUDGET = Column(Field.BUDGET, 11, SortOperations.VERDICT)
_ORDER = (
    *(_N, _MEAN, _SPREAD, _MEDIAN, _P95, _P99, _SUCCESS, _RATE),
    *(_CHANGE, _INTERVAL, _VERDICT, _BUDGET),
)
_BY_WORTH = (
    *(_MEDIAN, _CHANGE, _BUDGET, _VERDICT, _N, _SPREAD),
    *(_P95, _SUCCESS, _MEAN, _INTERVAL, _P99, _RATE),
)
"""Those that are worth most come first where there is little room."""
_OF_BASELINE = (_CHANGE, _INTERVAL, _VERDICT)


@lru_cache(maxsize=64)
def columns_for(width: int, shown: Shown, sort: SortOperations) -> tuple[Column, ...]:
    """Return the columns that so many cells have room for; the one that is sorted by is one of them."""
    left_out = {
        *(() if shown.baseline else _OF_BASELINE),
        *(() if shown.success else (_SUCCESS,)),
        *(() if shown.rate else (_RATE,)),
        *(() if shown.budget else (_BUDGET,)),
    }
    wanted = [column for column in _BY_WORTH if column not in left_out]
    wanted.sort(key=lambda column: column.sort is not sort)
    # Names that are cut are worth more than the last of the figures.
    least = max(LEAST_NAME, min(shown.name, width // 4))
    room = width - least - max(_LEAST_STRIP, width // 6)
    kept = []
    for column in wanted:
        if column.cells <= room:
            kept.append(column)
            room -= column.cells
    name = min(max(least, min(shown.name, _MOST_NAME)), least + max(0, room) // 2)
    figures = [column for column in _ORDER if column in kept]
    strip = width - name - sum(column.cells for column in figures) - 1
    found = (Column(Field.NAME, name, SortOperations.NAME), *figures)
    return (*found, Column(Field.STRIP, strip)) if strip >= _LEAST_STRIP - 2 else found
