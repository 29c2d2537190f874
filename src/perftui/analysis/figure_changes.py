"""What differs between the figures of two sides, one by one, as far as their runs can tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from perftui.analysis.merged_operations import runs_of
from perftui.analysis.operation_change import change_verdict
from perftui.analysis.scalar_change import MeasuredChange, measured_change
from perftui.model.change import ChangeVerdict
from perftui.model.run_figures import RunFigures
from perftui.units import Unit

_OF_RUNS = ("wall_s", "cpu_s", "heap_peak_bytes", "allocated_bytes", "leaked_bytes", "rss_bytes.max")
_LABELS = {"wall_s": "wall time", "cpu_s": "CPU time", "rss_bytes.max": "RSS peak"}
_WORDS = {Unit.SECONDS: ("slower", "faster"), Unit.BYTES: ("more", "less")}
INCONCLUSIVE = "inconclusive"
_OTHER_WORDS = ("higher", "lower")


@dataclass(frozen=True, slots=True)
class FigureChange:
    """One figure of both sides, or an operation."""

    name: str
    """As it stands in a baseline's file: `wall_s`, `memory.recall`."""
    label: str
    unit: Unit
    change: MeasuredChange

    @property
    def word(self) -> str:
        """What may be said of it: the same as on the screen of operations."""
        up, down = _WORDS.get(self.unit, _OTHER_WORDS)
        within = "" if self.change.of_runs else ", within these runs"
        match change_verdict(self.change):
            case ChangeVerdict.SLOWER:
                return f"{up}{within}"
            case ChangeVerdict.FASTER:
                return f"{down}{within}"
            case ChangeVerdict.WITHIN_NOISE:
                return f"no change found{self._would_show}"
        return INCONCLUSIVE

    @property
    def _would_show(self) -> str:
        seen = self.change.detectable_pct
        return "" if not seen else f", {seen:.0f} % would show" if seen >= 1 else ", 1 % would show"

    @property
    def is_few(self) -> bool:
        """Whether a side has too few values to tell anything."""
        return self.change.is_few


def figure_changes(baseline: RunFigures, current: RunFigures) -> tuple[FigureChange, ...]:
    """Return the figures that both sides measured: those of whole runs, then operations in order of names."""
    return (*_of_runs(baseline, current), *_of_operations(baseline, current))


def _of_runs(baseline: RunFigures, current: RunFigures) -> Iterator[FigureChange]:
    for name in _OF_RUNS:
        before, after = baseline.figures.get(name), current.figures.get(name)
        if before is not None and after is not None and before.unit is after.unit:
            sides = ([(value,) for value in side.values] for side in (before, after))
            label = _LABELS.get(name, name.removesuffix("_bytes").replace("_", " "))
            yield FigureChange(name, label, before.unit, measured_change(*sides))


def _of_operations(baseline: RunFigures, current: RunFigures) -> Iterator[FigureChange]:
    for key in sorted(baseline.operations.keys() & current.operations.keys()):
        before, after = baseline.operations[key], current.operations[key]
        sides = [runs_of(operation) for operation in (before, after)]
        if before.unit is after.unit and all(sides):
            yield FigureChange(key, key, before.unit, measured_change(*sides))
