"""The columns of the call tree as a table: which of them have room, and what stands in them."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import NamedTuple

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
