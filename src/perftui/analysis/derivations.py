"""All series that are made from others: each reading is taken once, and what it leads to is handed on."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite

from perftui.analysis.derivation_ways import WAYS
from perftui.analysis.series_window import Values
from perftui.model.derivation import Derivation
from perftui.model.reading import METER_BY_METRIC, ResourceReading
from perftui.model.series import Series, SeriesKind, SeriesValues

WORKLOAD = ""
"""Origin of what the workload tells by itself."""
_METERS = "meters"
_SILENT_S = 2.5
"""What is told may be on its way for so long."""


class Derivations:
    """All derivations of a recording; its memory does not grow with the time."""

    def __init__(self, asked: Iterable[Derivation] = (), *, begins: bool = True) -> None:
        """Derive nothing yet; where the workload `begins` with it, what the workload counts was zero before."""
        self._made = [WAYS[derivation.kind](derivation) for derivation in asked]
        self._known: dict[str, tuple[float, float]] = {WORKLOAD: (0.0, 0.0)} if begins else {}
        self._uncertain = frozenset() if begins else frozenset({WORKLOAD})
        """Origins of which nobody knows what they had counted before."""
        self._told: dict[Series, float] = {}
        """What the workload told last of each series that is asked for, and when it did."""
        self._told_s = 0.0
        self._ask()

    @property
    def asked(self) -> tuple[Derivation, ...]:
        """What is derived, in the order of the file."""
        return tuple(made.derivation for made in self._made)

    def reload(self, asked: Iterable[Derivation]) -> None:
        """Go on with other derivations; those that stay keep what they know."""
        kept = {made.derivation: made for made in self._made}
        self._made = [kept.get(derivation) or WAYS[derivation.kind](derivation) for derivation in asked]
        self._ask()

    def take(self, read: SeriesValues) -> SeriesValues | None:
        """Return what some readings lead to, at their moment; None where they lead to nothing."""
        if not self._made:
            return None
        told = {series: value for series, value in read.values if self._is_told(series) and isfinite(value)}
        if told:
            self._told.update(told)
            self._told_s = read.at_s
        scraped = [(series, value) for series, value in read.values if series.origin != WORKLOAD and isfinite(value)]
        return self._derived(read.at_s, [*scraped, *(self._told.items() if told else ())])

    def reading(self, reading: ResourceReading) -> SeriesValues | None:
        """Return what a look at the meters leads to, where a derivation is about one, or where the workload is silent.

        It tells what changes: as long as it tells nothing its counters do not grow, and its levels stand.
        """
        read = ((metric, getattr(reading, metric)) for metric in self._meters)
        values = [(_meter_series(metric), float(value)) for metric, value in read if value is not None]
        if self._told and reading.at_s - self._told_s >= _SILENT_S:
            values.extend(self._told.items())
        return self._derived(reading.at_s, values) if values else None

    def _derived(self, at_s: float, values: Values) -> SeriesValues | None:
        found = []
        for made in self._made:
            value = made.take(at_s, values, self._known)
            if value is not None and isfinite(value):
                found.append((made.series, value))
        for origin in {series.origin for series, _ in values} - self._uncertain:
            first_s, _ = self._known.get(origin, (at_s, at_s))
            self._known[origin] = first_s, at_s
        return SeriesValues(at_s, tuple(found)) if found else None

    def _is_told(self, series: Series) -> bool:
        return series.origin == WORKLOAD and any(series.name.startswith(name) for name in self._names)

    def mark(self, name: str) -> None:
        """Take note of a mark that the workload set."""
        for made in self._made:
            made.mark(name)

    def _ask(self) -> None:
        names = dict.fromkeys(selector.name for made in self._made for selector in made.derivation.of)
        self._names = tuple(names)
        self._meters = tuple(name for name in names if name in METER_BY_METRIC)


def _meter_series(metric: str) -> Series:
    return Series(metric, _METERS, SeriesKind.GAUGE, (), METER_BY_METRIC[metric].unit)
