"""Application metrics: series of values that a workload tells of itself, or that are scraped from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from perftui.units import Unit

LARGEST_VALUE = 1e100
"""Of either sign; sums and squares of what is within it stay numbers."""


class SeriesKind(Enum):
    """What the values of a series mean, in the terms of Prometheus."""

    GAUGE = "gauge"
    """A level, which rises and falls."""
    COUNTER = "counter"
    """A sum that only grows, and begins anew at zero where its process does."""
    BUCKET = "bucket"
    """A counter of observations up to the bound in the label `le`; all buckets of one name make a histogram."""


@dataclass(frozen=True, slots=True)
class Series:
    """One series of values, told from others by all its fields but the unit."""

    name: str
    origin: str = ""
    """Where it comes from: the name of a scrape or of a derivation; empty where the workload told it."""
    kind: SeriesKind = SeriesKind.GAUGE
    labels: tuple[tuple[str, str], ...] = ()
    """Names and values, in the order of the names."""
    unit: Unit = field(default=Unit.COUNT, compare=False)
    """Of a bucket that of its bounds: its values are counts."""

    def __hash__(self) -> int:
        # It is looked up for every value, and these tell nearly all series apart.
        return hash((self.name, self.labels))

    @property
    def text(self) -> str:
        """The way Prometheus writes it: `requests_total{code="200"}`."""
        if not self.labels:
            return self.name
        inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in self.labels)
        return f"{self.name}{{{inside}}}"


@dataclass(frozen=True, slots=True)
class SeriesValues:
    """What some series were at one moment."""

    at_s: float
    """Seconds since the recording began."""
    values: tuple[tuple[Series, float], ...]


def is_value(value: float) -> bool:
    """Say whether a number can be a value of a series: finite, and not beyond all measure."""
    return -LARGEST_VALUE <= value <= LARGEST_VALUE


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
