"""All series that are made from others: each reading is taken once, and what it leads to is handed on."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite

from perftui.analysis.derivation_ways import WAYS
from perftui.model.derivation import Derivation
from perftui.model.reading import METER_BY_METRIC, ResourceReading
from perftui.model.series import Series, SeriesKind, SeriesValues

WORKLOAD = ""
"""Origin of what the workload tells by itself."""
_METERS = "meters"


class Derivations:
    """All derivations of a recording; its memory does not grow with the time."""

    def __init__(self, asked: Iterable[Derivation] = (), *, begins: bool = True) -> None:
        """Derive nothing yet; where the workload `begins` with it, what the workload counts was zero before."""
        self._made = [WAYS[derivation.kind](derivation) for derivation in asked]
        self._known: dict[str, tuple[float, float]] = {WORKLOAD: (0.0, 0.0)} if begins else {}
        self._meters = self._asked_meters()

    @property
    def asked(self) -> tuple[Derivation, ...]:
        """What is derived, in the order of the file."""
        return tuple(made.derivation for made in self._made)

    def reload(self, asked: Iterable[Derivation]) -> None:
        """Go on with other derivations; those that stay keep what they know."""
        kept = {made.derivation: made for made in self._made}
        self._made = [kept.get(derivation) or WAYS[derivation.kind](derivation) for derivation in asked]
        self._meters = self._asked_meters()

    def take(self, read: SeriesValues) -> SeriesValues | None:
        """Return what some readings lead to, at their moment; None where they lead to nothing."""
        if not self._made:
            return None
        values = [(series, value) for series, value in read.values if isfinite(value)]
        found = []
        for made in self._made:
            value = made.take(read.at_s, values, self._known)
            if value is not None and isfinite(value):
                found.append((made.series, value))
        for origin in {series.origin for series, _ in read.values}:
            first_s, _ = self._known.get(origin, (read.at_s, read.at_s))
            self._known[origin] = first_s, read.at_s
        return SeriesValues(read.at_s, tuple(found)) if found else None

    def reading(self, reading: ResourceReading) -> SeriesValues | None:
        """Return what a look at the meters leads to, where a derivation is about one."""
        if not self._meters:
            return None
        read = ((metric, getattr(reading, metric)) for metric in self._meters)
        values = tuple((_meter_series(metric), float(value)) for metric, value in read if value is not None)
        return self.take(SeriesValues(reading.at_s, values)) if values else None

    def mark(self, name: str) -> None:
        """Take note of a mark that the workload set."""
        for made in self._made:
            made.mark(name)

    def _asked_meters(self) -> tuple[str, ...]:
        names = (selector.name for made in self._made for selector in made.derivation.of)
        return tuple(dict.fromkeys(name for name in names if name in METER_BY_METRIC))


def _meter_series(metric: str) -> Series:
    return Series(metric, _METERS, SeriesKind.GAUGE, (), METER_BY_METRIC[metric].unit)
