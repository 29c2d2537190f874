"""Derivations: series that are made from other series, from a fixed set of ways."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import inf

from perftui.units import Unit, format_seconds

DERIVED = "derived"
"""Origin of every derived series."""
MOST_DERIVED = 200
"""Of one budget; among all series of a session there is room for them, however many others come first."""
METRIC_KEY = "metrics."
"""What the name of a derived series stands behind, as the metric of a verdict and the key of a lane."""


class DerivationKind(Enum):
    """How a series is made; the value is the key that asks for it."""

    SERIES = "series"
    """As it is, several label sets summed."""
    RATE = "rate"
    """What a counter grew by, over the seconds that took."""
    RATIO = "ratio"
    """The first over the sum of the others: of counters what they grew by, of gauges their levels."""
    QUANTILE = "quantile"
    """Of a histogram, by linear interpolation in its buckets."""
    AVERAGE = "avg"
    """Of a histogram or summary, its sum over its count; of a gauge the mean of its values."""
    DELTA = "delta"
    """What a series changed by."""


@dataclass(frozen=True, slots=True)
class Selector:
    """Which series are meant: a name, and patterns that labels have to match."""

    name: str
    """Of a counter with or without `_total`; of a histogram or summary without `_bucket`, `_sum` or `_count`."""
    labels: tuple[tuple[str, str], ...] = ()
    """Names of labels, each with a regular expression that its whole value has to match."""

    @property
    def text(self) -> str:
        """The way Prometheus writes it: `requests_total{code=~"5.."}`."""
        inside = ",".join(f'{name}=~"{pattern}"' for name, pattern in self.labels)
        return f"{self.name}{{{inside}}}" if inside else self.name


@dataclass(frozen=True, slots=True)
class Derivation:
    """How one series is made from others."""

    name: str
    """Of the series that it makes."""
    kind: DerivationKind
    of: tuple[Selector, ...]
    """What it is made from: of a ratio two or more, otherwise one."""
    unit: Unit = Unit.COUNT
    over_s: float = inf
    """Length of the window that ends with each value; infinite for everything since the first reading."""
    q: float = 0.0
    """Of a quantile: the share of observations, 0 to 1, that lie below it."""
    between: tuple[str, str] | None = None
    """Of a delta: the marks that it begins and ends at."""

    @property
    def text(self) -> str:
        """What it is, in words: `p95 of latency_seconds over 30 s (bucketed estimate)`."""
        estimate = " (bucketed estimate)" if self.kind is DerivationKind.QUANTILE else ""
        return f"{self._what}{self._when}{estimate}"

    @property
    def _what(self) -> str:
        names = [selector.text for selector in self.of]
        match self.kind:
            case DerivationKind.SERIES:
                return names[0]
            case DerivationKind.RATIO:
                return f"{names[0]} of {' + '.join(names[1:])}"
            case DerivationKind.QUANTILE:
                return f"p{self.q * 100:g} of {names[0]}"
            case DerivationKind.AVERAGE:
                return f"mean of {names[0]}"
            case _:
                return f"{self.kind.value} of {names[0]}"

    @property
    def _when(self) -> str:
        if self.kind is DerivationKind.SERIES:
            return ""
        if self.between is not None:
            return f" from mark {self.between[0]} to {self.between[1]}"
        if self.over_s == inf:
            return ", all of the run"
        return f" over {self.over_s:g} s" if self.over_s < 100 else f" over {format_seconds(self.over_s)}"
