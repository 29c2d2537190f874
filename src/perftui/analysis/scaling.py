"""How an operation grows with its size: the slope of a line through the logarithms of sizes and times."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, fsum, inf, isfinite, log, sqrt

from perftui.analysis.operation_figures import operation_figure
from perftui.analysis.statistics import student
from perftui.model.operation import Operation

FEWEST_SIZES_FOR_INTERVAL = 3
WIDEST_INTERVAL = 1.0
"""An interval of the exponent that is wider says less than which of constant, linear and quadratic it is."""
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9.])(?<!^-)(\d[\d_]*(?:\.\d+)?(?:e\+?\d{1,2})?)([kmg]i?b?)?(?![A-Za-z0-9.])",
    re.ASCII | re.IGNORECASE,
)
_FACTORS = {"": 1.0} | {
    f"{letter}{ending}": float(base**power)
    for power, letter in enumerate("kmg", start=1)
    for ending, base in (("", 1000), ("b", 1000), ("i", 1024), ("ib", 1024))
}
_TRAILING_SIZE = re.compile(r"^(.*[^\W\d].*)_(\d+)$", re.ASCII)
_LAWS = ((0.0, "constant"), (1.0, "linear"), (2.0, "quadratic"), (3.0, "cubic"))
_MOST_POWER = 700.0
"""Of e: beyond it no number is."""
_CLOSE = 0.2
"""An exponent this near to a law's is called by its name; n log n measures 1.1 to 1.2 at usual sizes."""


@dataclass(frozen=True, slots=True)
class ScalingPoint:
    """One size of an operation."""

    size: float
    value: float
    """Mean of its values, otherwise the median that was told, in base units."""
    key: str
    """Of the operation."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """One operation over its sizes: value is about proportional to size ** exponent."""

    key: str
    """`group.name`, with what of the parameter is no size."""
    points: tuple[ScalingPoint, ...]
    """At least two, by ascending size, each size once."""
    exponent: float
    low: float
    """Lower end of the 95 % interval; -inf where two sizes give none."""
    high: float
    constant: float
    """Value at size 1 by the fitted line, in base units."""

    @property
    def has_interval(self) -> bool:
        """Whether there are enough sizes to say how sure the exponent is."""
        return isfinite(self.low) and isfinite(self.high)

    @property
    def words(self) -> str:
        """How it grows, for a person: `about linear`, `between linear and quadratic`, `not clear`."""
        if self.has_interval and self.high - self.low > WIDEST_INTERVAL:
            return "not clear"
        if self.exponent < -_CLOSE:
            return "falls with size"
        for law, name in _LAWS:
            if abs(self.exponent - law) <= _CLOSE:
                return f"about {name}"
        below = [name for law, name in _LAWS if law < self.exponent]
        above = [name for law, name in _LAWS if law > self.exponent]
        return f"between {below[-1]} and {above[0]}" if above else "steeper than cubic"

    def value_at(self, size: float) -> float:
        """Return what the fitted line says of a size above zero."""
        if not self.constant:
            return 0.0
        return exp(min(log(self.constant) + self.exponent * log(size), _MOST_POWER))


def scalings(operations: Iterable[Operation]) -> tuple[Scaling, ...]:
    """Return how each operation with at least two numeric parameters above zero grows, in the order of the first."""
    families: dict[tuple[str, str], dict[float, ScalingPoint]] = {}
    for operation in operations:
        sized = size_of(operation)
        value = _value(operation)
        if sized is None or value is None or value <= 0 or sized[1] <= 0:
            continue
        family, size = sized
        key = f"{operation.group}.{family}" if operation.group else family
        families.setdefault((key, operation.unit.value), {}).setdefault(size, ScalingPoint(size, value, operation.key))
    found = ((key, sorted(points.values(), key=lambda p: p.size)) for (key, _), points in families.items())
    return tuple(_fitted(key, points) for key, points in found if len(points) > 1)


def size_of(operation: Operation) -> tuple[str, float] | None:
    """Return (name without the size, size) of an operation, or None where exactly one size cannot be read from it.

    The size is the only number in its parameter, or, without a parameter, what its name ends with: `build_dag_100`.
    """
    if not operation.parameter:
        ending = _TRAILING_SIZE.match(operation.name)
        return (ending[1], float(ending[2])) if ending and len(ending[2]) < 16 else None
    numbers = list(_NUMBER.finditer(operation.parameter))
    if len(numbers) != 1:
        return None
    size = float(numbers[0][1].replace("_", "")) * _FACTORS[(numbers[0][2] or "").lower()]
    if not isfinite(size):
        return None
    start, end = numbers[0].span()
    rest = (operation.parameter[:start] + operation.parameter[end:]).strip(" -_=,/")
    return (f"{operation.name}[{rest}]" if rest else operation.name), size


def _value(operation: Operation) -> float | None:
    for name in ("mean", "median"):
        value = operation_figure(operation, name).value
        if value is not None:
            return value
    return None


def _fitted(key: str, points: Sequence[ScalingPoint]) -> Scaling:
    """Fit a line to the logarithms by least squares."""
    xs, ys = [log(point.size) for point in points], [log(point.value) for point in points]
    n = len(points)
    x_mean, y_mean = fsum(xs) / n, fsum(ys) / n
    spread = fsum((x - x_mean) ** 2 for x in xs)
    slope = fsum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True)) / spread
    begin = y_mean - slope * x_mean
    low, high = -inf, inf
    if n >= FEWEST_SIZES_FOR_INTERVAL:
        left_over = fsum((y - begin - slope * x) ** 2 for x, y in zip(xs, ys, strict=True))
        half = student.quantile(0.975, n - 2) * sqrt(left_over / (n - 2) / spread)
        low, high = slope - half, slope + half
    constant = exp(min(begin, _MOST_POWER))
    return Scaling(key, tuple(points), slope, low, high, constant)
