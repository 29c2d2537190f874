"""The columns of the table of hotspots by the room there is, and what stands beside its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from math import inf
from typing import NamedTuple

from perftui.analysis.call_tree import FunctionKey
from perftui.analysis.heap_profile import HeapSort
from perftui.analysis.hotspots import Rest, SortBy
from perftui.analysis.share_change import ShareChange


class Field(Enum):
    """What a column shows."""

    SELF_SHARE = "self %"
    BESIDE = "beside"
    """The share of another time than the one that is looked at."""
    BAR = ""
    SELF = "self"
    TOTAL_SHARE = "total %"
    TOTAL = "total"
    SAMPLES = "samples"
    ALLOCATIONS = "allocations"
    DELTA = "Δ self"
    VERDICT = "verdict"
    """Whether a difference is more than chance makes."""
    INSIDE = "inside"
    OUTSIDE = "outside"
    FUNCTION = "function"
    PLACE = "place"


Ranking = SortBy | HeapSort
"""What the table is ranked by: functions by what they cost, or by what they have allocated."""


class Column(NamedTuple):
    """One column."""

    field: Field
    width: int
    sort: Ranking | None = None
    """What a click on its heading asks for."""


@dataclass(frozen=True, slots=True)
class RowNotes:
    """What stands beside the rows of the table, and below them."""

    beside: str = ""
    """Which time the share beside the row's own is of, in a word; without a word there is none."""
    shares: Mapping[int, float] = field(default_factory=dict)
    """Function id to that share, 0 to 1."""
    changes: Mapping[int, ShareChange] | None = None
    """Function id to its change, where differences are looked at."""
    sides: tuple[str, str] = ("range", "rest")
    """What the two sides of a difference are called."""
    clear: tuple[str, ...] = ()
    """How many functions differ by more than chance makes, from the longest wording to the shortest."""
    moved: Mapping[FunctionKey, int] = field(default_factory=dict)
    """By how many places rows rose lately, or sank where it is negative."""
    held: bool = False
    """The selected row is held on its line: it belongs as many places higher or lower as it is said to have moved."""
    rest: Rest | None = None
    """What is not listed."""
    least: str = ""
    """The share below which rows are not listed, in words."""
    few: frozenset[int] = frozenset()
    """Function ids whose share is of too few samples to say much."""
    badge: str = ""
    """What speaks against all shares, in two words."""
    warn: float = inf
    """Self share from which a row is marked."""
    critical: float = inf


NO_NOTES = RowNotes()

MARK = 4
"""Cells at the left of the first number for a mark of moved rows, as `▲12 `."""
SIGNS = 2
"""Cells behind it for a mark of great shares."""
_SELF_SHARE = Column(Field.SELF_SHARE, MARK + 5 + SIGNS, SortBy.SELF)
_BESIDE = Column(Field.BESIDE, 7)
_SELF = Column(Field.SELF, 9, SortBy.SELF)
_TOTAL_SHARE = Column(Field.TOTAL_SHARE, 9, SortBy.TOTAL)
_TOTAL = Column(Field.TOTAL, 10, SortBy.TOTAL)
_SAMPLES = Column(Field.SAMPLES, 9)

_DELTA = Column(Field.DELTA, MARK + 6, SortBy.SELF)
_VERDICT = Column(Field.VERDICT, 7)
_INSIDE = Column(Field.INSIDE, 9)
_OUTSIDE = Column(Field.OUTSIDE, 10)

_HELD_SHARE = Column(Field.SELF_SHARE, MARK + 5 + SIGNS, HeapSort.SELF)
_HELD = Column(Field.SELF, 11, HeapSort.SELF)
_HELD_IN_ALL = Column(Field.TOTAL, 11, HeapSort.TOTAL)
_ALLOCATIONS = Column(Field.ALLOCATIONS, 14, HeapSort.COUNT)


@lru_cache(maxsize=64)
def columns_for(
    width: int, *, memory: bool = False, beside: bool = False, difference: bool = False
) -> tuple[Column, ...]:
    """Return the columns that a table of so many cells has room for; the name takes what is left."""
    if memory:
        fixed = _memory_columns(width)
    else:
        fixed = _difference_columns(width) if difference else _time_columns(width, beside=beside)
    room = max(0, width - sum(column.width for column in fixed) - 2)
    place_width = min(60, int(room * 0.42)) if room >= 46 else 0
    by_name: Ranking = HeapSort.NAME if memory else SortBy.NAME
    found = (*fixed, Column(Field.FUNCTION, room - place_width, by_name))
    return (*found, Column(Field.PLACE, place_width)) if place_width else found


def _time_columns(width: int, *, beside: bool) -> list[Column]:
    own = [_SELF_SHARE, _BESIDE] if beside else [_SELF_SHARE]
    if width < 50:
        return [*(own if width >= 42 else [_SELF_SHARE]), _TOTAL_SHARE]
    if width < 70:
        return [*own, Column(Field.BAR, 6, SortBy.SELF), _TOTAL_SHARE]
    if width < 130:
        return [*own, Column(Field.BAR, 7, SortBy.SELF), _SELF, _TOTAL_SHARE]
    return [*own, Column(Field.BAR, _wide_bar(width), SortBy.SELF), _SELF, _TOTAL_SHARE, _TOTAL, _SAMPLES]


def _difference_columns(width: int) -> list[Column]:
    if width < 50:
        return [_DELTA, _VERDICT]
    if width < 70:
        return [_DELTA, _VERDICT, _INSIDE, _OUTSIDE]
    bar = Column(Field.BAR, 8 if width < 130 else _wide_bar(width))
    return [_DELTA, _VERDICT, bar, _INSIDE, _OUTSIDE, *([_SAMPLES] if width >= 100 else [])]


def _memory_columns(width: int) -> list[Column]:
    if width < 50:
        return [_HELD, _HELD_IN_ALL]
    if width < 70:
        return [_HELD_SHARE, _HELD, _HELD_IN_ALL]
    bar_width = 7 if width < 130 else _wide_bar(width)
    return [_HELD_SHARE, Column(Field.BAR, bar_width, HeapSort.SELF), _HELD, _HELD_IN_ALL, _ALLOCATIONS]


def _wide_bar(width: int) -> int:
    return 12 if width < 170 else 18
