"""The columns of the call tree as a table: which of them have room, and what stands in them."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from perftui.ui.widgets.cells import fit
from perftui.units import Unit


class Field(Enum):
    """What a column shows."""

    TOTAL_SHARE = "total %"
    TOTAL = "total"
    SELF_SHARE = "self %"
    SELF = "self"
    SAMPLES = "samples"
    ALLOCATIONS = "allocations"
    FUNCTION = "function"
    PLACE = "place"


class Column(NamedTuple):
    """A column and its cells."""

    field: Field
    width: int

    @property
    def right(self) -> bool:
        """Whether it holds figures, which end at the same cell."""
        return self.field not in (Field.FUNCTION, Field.PLACE)


_LEAST_NAME = 18
"""Cells that a name keeps, however deep it stands."""
_LEAST_FOR_PLACE = 56
_MOST_PLACE = 60
_PLACE_SHARE = 0.36


@lru_cache(maxsize=64)
def columns_for(width: int, unit: Unit) -> tuple[Column, ...]:
    """Return the columns that have room in so many cells; the function takes what is left."""
    value = 11 if unit is Unit.BYTES else 10
    fixed = [Column(Field.TOTAL_SHARE, 9)]
    if width >= 56:
        fixed.append(Column(Field.TOTAL, value))
    fixed.append(Column(Field.SELF_SHARE, 8))
    if width >= 76:
        fixed.append(Column(Field.SELF, value))
    if width >= 100 and unit is Unit.BYTES:
        fixed.append(Column(Field.ALLOCATIONS, 13))
    elif width >= 100 and unit is not Unit.COUNT:
        fixed.append(Column(Field.SAMPLES, 9))
    room = max(0, width - sum(column.width for column in fixed))
    place = min(_MOST_PLACE, int(room * _PLACE_SHARE)) if room >= _LEAST_FOR_PLACE else 0
    found = (*fixed, Column(Field.FUNCTION, room - place))
    return (*found, Column(Field.PLACE, place)) if place else found


def rails_of(rails: str, width: int) -> str:
    """Return what stands before a sign: of a row that is very deep its depth, and the nearest lines."""
    most = max(0, width - _LEAST_NAME)
    if len(rails) <= most:
        return rails
    depth = f"⋯{len(rails) // 2} "
    return depth + rails[len(rails) - max(0, (most - len(depth)) // 2 * 2) :]


def share_text(share: float, width: int) -> str:
    """Return a share (0 to 1) as a percentage in so many cells."""
    return fit(f"{100 * share:.1f}", width - 1, right=True) + " "
