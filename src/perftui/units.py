"""The one formatter of numbers, and its inverse: units stand beside them, and no digit is shown that says nothing."""

from __future__ import annotations

import re
from enum import Enum


class Unit(Enum):
    """What a number counts."""

    SAMPLES = "samples"
    SECONDS = "s"
    SECONDS_PER_SECOND = "s/s"
    BYTES = "bytes"
    PERCENT = "%"
    COUNT = ""
    PER_SECOND = "/s"
    BYTES_PER_SECOND = "bytes/s"
    BYTES_PER_MINUTE = "bytes/min"


_BYTE_STEPS = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
_TIME_FACTORS = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "min": 60.0,
    "h": 3600.0,
    "d": 86400.0,
}
# kB, MB and GB are powers of a thousand, as the standard has it; KiB, MiB and GiB are powers of 1024.
_SIZE_FACTORS = {"b": 1.0, "bytes": 1.0} | {
    f"{letter}{ending}": float(base**power)
    for power, letter in enumerate("kmgt", start=1)
    for ending, base in (("b", 1000), ("ib", 1024))
}
_NUMBER_FACTORS = {"k": 1e3, "m": 1e6, "g": 1e9}
UNIT_FACTORS: dict[Unit, dict[str, float]] = {
    Unit.SAMPLES: _NUMBER_FACTORS,
    Unit.SECONDS: _TIME_FACTORS,
    Unit.SECONDS_PER_SECOND: {"s/s": 1.0},
    Unit.BYTES: _SIZE_FACTORS,
    Unit.PERCENT: {"%": 1.0, "pct": 1.0},
    Unit.COUNT: _NUMBER_FACTORS,
    Unit.PER_SECOND: {f"{name}/s": factor for name, factor in ({"": 1.0} | _NUMBER_FACTORS).items()} | _NUMBER_FACTORS,
    Unit.BYTES_PER_SECOND: _SIZE_FACTORS | {f"{name}/s": factor for name, factor in _SIZE_FACTORS.items()},
    Unit.BYTES_PER_MINUTE: {f"{name}/min": factor for name, factor in _SIZE_FACTORS.items()},
}
"""What may stand behind a number, in lower case, and how many base units it is."""

_PART = re.compile(r"\s*([0-9][0-9_]*(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)\s*([a-zµ%/]*)", re.ASCII)
# Longer text is no quantity, and would only be repeated in a message.
_QUANTITY_LENGTH = 40

_NO_TIME_S = 5e-9
"""What rounds to no microsecond at all is none: sums of the same parts in another order differ by as little."""
_BEYOND_STEPS = 1e15
"""From here on a number is written with its exponent: nobody reads a hundred digits."""
_COUNT_STEPS = ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k"))


def format_bytes(value: float) -> str:
    """Format a number of bytes with three significant digits: `12.3 MiB`."""
    sign, size = ("-", -value) if value < 0 else ("", value)
    for step, name in _BYTE_STEPS:
        if size >= step * 0.9995:
            return f"{sign}{_three_digits(size / step)} {name}"
    return f"{sign}{size:.0f} B"


def format_seconds(value: float) -> str:
    """Format a duration: `850 µs`, `12.3 ms`, `4.56 s`, `3m 07s`, `2h 05m`."""
    sign, seconds = ("-", -value) if value < 0 else ("", value)
    if seconds < _NO_TIME_S:
        return "0 s"
    if seconds < 0.000_999_5:
        return f"{sign}{_three_digits(seconds * 1e6)} µs"
    if seconds < 0.999_5:
        return f"{sign}{_three_digits(seconds * 1e3)} ms"
    if seconds < 99.95 or seconds >= _BEYOND_STEPS:
        return f"{sign}{_three_digits(seconds)} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{sign}{whole // 60}m {whole % 60:02d}s"
    return f"{sign}{whole // 3600}h {whole % 3600 // 60:02d}m"


def format_short_seconds(value: float) -> str:
    """Format a duration that may be one of nanoseconds, as operations have: `2.30 ns`, `0.120 ns`, `850 µs`."""
    sign, seconds = ("-", -value) if value < 0 else ("", value)
    if seconds == 0 or seconds >= 0.000_000_999_5:
        return format_seconds(value)
    nanoseconds = seconds * 1e9
    return f"{sign}{nanoseconds:.3f} ns" if nanoseconds < 0.9995 else f"{sign}{_three_digits(nanoseconds)} ns"


def format_measured(value: float, unit: Unit) -> str:
    """Format a value of an operation as its unit asks; times keep their nanoseconds."""
    return format_short_seconds(value) if unit is Unit.SECONDS else format_value(value, unit)


def format_percent(value: float) -> str:
    """Format a percentage: `0.4 %`, `12.3 %`, `250 %`."""
    if abs(value) >= _BEYOND_STEPS:
        return f"{value:.3g} %"
    return f"{value:.0f} %" if abs(value) >= 99.95 else f"{value:.1f} %"


def format_count(value: float) -> str:
    """Format a count: `950`, `12.3 k`, `4.56 M`."""
    sign, count = ("-", -value) if value < 0 else ("", abs(value))
    if count >= _BEYOND_STEPS:
        return f"{sign}{_three_digits(count)}"
    for step, name in _COUNT_STEPS:
        if count >= step * 0.9995 and count >= 10_000:
            return f"{sign}{_three_digits(count / step)} {name}"
    return f"{sign}{count:.0f}" if count == int(count) else f"{sign}{_three_digits(count)}"


def format_value(value: float, unit: Unit) -> str:
    """Format `value` as its unit asks."""
    # Nothing is never negative.
    value += 0.0
    match unit:
        case Unit.BYTES:
            return format_bytes(value)
        case Unit.BYTES_PER_SECOND:
            return f"{format_bytes(value)}/s"
        case Unit.BYTES_PER_MINUTE:
            return f"{format_bytes(value)}/min"
        case Unit.SECONDS:
            return format_seconds(value)
        case Unit.SECONDS_PER_SECOND:
            return f"{value:.2f} s/s" if abs(value) < _BEYOND_STEPS else f"{value:.3g} s/s"
        case Unit.PERCENT:
            return format_percent(value)
        case Unit.PER_SECOND:
            return f"{format_count(value)}/s"
        case Unit.SAMPLES:
            return f"{format_count(value)} {'sample' if abs(value) == 1 else 'samples'}"
        case Unit.COUNT:
            return format_count(value)


def format_figure(value: float, unit: Unit) -> str:
    """Format `value` for a column of figures, where nobody has to be told that samples are samples."""
    return format_count(value) if unit is Unit.SAMPLES else format_value(value, unit)


def parse_value(text: str, unit: Unit) -> float:
    """Return a quantity such as `5ms`, `1m30s`, `2GB`, `100 MB/s` or `50%` in base units.

    A number without a unit is already in base units. Raises `ValueError` with a sentence for a person.
    """
    lowered = text.strip().lower().replace("μ", "µ")
    known = UNIT_FACTORS[unit]
    total, at = 0.0, 0
    while at < len(lowered) and len(lowered) <= _QUANTITY_LENGTH:
        part = _PART.match(lowered, at)
        factor = None if part is None else 1.0 if not part[2] else known.get(part[2])
        # Only a duration has several parts, and each of them then names its unit.
        single = unit is not Unit.SECONDS or (part is not None and not part[2])
        if part is None or factor is None or (single and (at > 0 or part.end() < len(lowered))):
            break
        total += float(part[1]) * factor
        at = part.end()
    if not lowered or at < len(lowered) or total == float("inf"):
        raise ValueError(f"not a quantity; write it like {_EXAMPLES[unit]}")
    return tidy(total)


_EXAMPLES = {
    Unit.SAMPLES: '"100"',
    Unit.SECONDS: '"5ms", "2.5s" or "1m30s"',
    Unit.SECONDS_PER_SECOND: '"1.5 s/s"',
    Unit.BYTES: '"100MB" or "2GiB"',
    Unit.PERCENT: '"50%"',
    Unit.COUNT: '"100" or "10k"',
    Unit.PER_SECOND: '"1000/s"',
    Unit.BYTES_PER_SECOND: '"100MB/s"',
    Unit.BYTES_PER_MINUTE: '"1MB/min"',
}


def tidy(value: float) -> float:
    """Return a number without the noise that changing its unit left in the last digits: 52 ms is 0.052 s."""
    return float(f"{value:.15g}")


def _three_digits(value: float) -> str:
    if value >= _BEYOND_STEPS:
        return f"{value:.3g}"
    if value >= 99.95:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"
