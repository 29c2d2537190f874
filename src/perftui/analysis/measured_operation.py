"""An operation with all that is shown of it: figures, box, spread, and what is said of its change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from perftui.analysis.distribution import Box, box_of, extent, sorted_in_parts
from perftui.analysis.operation_figures import OperationFigure, operation_figures
from perftui.model.operation import Operation
from perftui.units import Unit


@dataclass(frozen=True, slots=True)
class MeasuredOperation:
    """One operation of one side."""

    operation: Operation
    ordered: Sequence[float]
    """All raw values, ascending; empty where its tool told none."""
    figures: Mapping[str, OperationFigure]
    """By their names."""
    box: Box | None
    """Of the raw values, or of what the tool told; None where it told no middle."""
    reach: tuple[float, float] = (0.0, 0.0)
    """Between what its values lie, but for those far off."""

    @property
    def told(self) -> bool:
        """Whether its figures are those that the tool told, without values behind them."""
        return not self.ordered

    @property
    def spread(self) -> float | None:
        """Standard deviation over mean; None where either is not known."""
        middle, deviation = self.value("mean"), self.value("stddev")
        if middle is None:
            middle = self.value("median")
        return None if not middle or deviation is None else deviation / abs(middle)

    def value(self, name: str) -> float | None:
        """Return one figure; None where it cannot be said."""
        return self.figures[name].value


def measured(operation: Operation) -> MeasuredOperation:
    """Return an operation with its figures, at once."""
    *_, found = measured_in_parts(operation)
    assert found is not None
    return found


def measured_in_parts(operation: Operation) -> Iterator[MeasuredOperation | None]:
    """Work an operation's figures out, yielding None wherever somebody else may go on meanwhile."""
    ordered: list[float] = []
    for part in sorted_in_parts(operation.values):
        if part is None:
            yield None
        else:
            ordered = part
    # What is in order already is put in order at once.
    figures = operation_figures(replace(operation, runs=(tuple(ordered),), weights=()) if ordered else operation)
    box = box_of(ordered) if ordered else _told_box(operation)
    reach = extent(ordered) if ordered else (box.low, box.high) if box else (0.0, 0.0)
    yield MeasuredOperation(operation, ordered, figures, box, reach)


def _told_box(operation: Operation) -> Box | None:
    told = operation.told
    middle = told.get("median", told.get("p50", told.get("mean")))
    if middle is None:
        return None
    return Box(min(told.get("min", middle), middle), middle, middle, middle, max(told.get("max", middle), middle))


def extent_of(operation: Operation) -> tuple[float, float] | None:
    """Return between what the values of an operation lie, raw or told, but for those far off; None without any."""
    values = operation.values
    if values:
        return extent(values)
    box = _told_box(operation)
    return None if box is None else (box.low, box.high)


def is_rate(operation: Operation) -> bool:
    """Say whether its values are so many a second, of which more is better."""
    return operation.unit in (Unit.PER_SECOND, Unit.BYTES_PER_SECOND)
