"""The one formatter of numbers: units stand beside them, and no digit is shown that says nothing."""

from __future__ import annotations

from enum import Enum


class Unit(Enum):
    """What a number counts."""

    SAMPLES = "samples"
    SECONDS = "s"
    BYTES = "bytes"
    PERCENT = "%"
    COUNT = ""
    PER_SECOND = "/s"
    BYTES_PER_SECOND = "bytes/s"


_BYTE_STEPS = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
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
    if seconds == 0:
        return "0 s"
    if seconds < 0.000_999_5:
        return f"{sign}{_three_digits(seconds * 1e6)} µs"
    if seconds < 0.999_5:
        return f"{sign}{_three_digits(seconds * 1e3)} ms"
    if seconds < 99.95:
        return f"{sign}{_three_digits(seconds)} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{sign}{whole // 60}m {whole % 60:02d}s"
    return f"{sign}{whole // 3600}h {whole % 3600 // 60:02d}m"


def format_percent(value: float) -> str:
    """Format a percentage: `0.4 %`, `12.3 %`, `250 %`."""
    return f"{value:.0f} %" if abs(value) >= 99.95 else f"{value:.1f} %"


def format_count(value: float) -> str:
    """Format a count: `950`, `12.3 k`, `4.56 M`."""
    sign, count = ("-", -value) if value < 0 else ("", value)
    for step, name in _COUNT_STEPS:
        if count >= step * 0.9995 and count >= 10_000:
            return f"{sign}{_three_digits(count / step)} {name}"
    return f"{sign}{count:.0f}" if count == int(count) else f"{sign}{_three_digits(count)}"


def format_value(value: float, unit: Unit) -> str:
    """Format `value` as its unit asks."""
    match unit:
        case Unit.BYTES:
            return format_bytes(value)
        case Unit.BYTES_PER_SECOND:
            return f"{format_bytes(value)}/s"
        case Unit.SECONDS:
            return format_seconds(value)
        case Unit.PERCENT:
            return format_percent(value)
        case Unit.PER_SECOND:
            return f"{format_count(value)}/s"
        case Unit.SAMPLES:
            return f"{format_count(value)} samples"
        case Unit.COUNT:
            return format_count(value)


def _three_digits(value: float) -> str:
    if value >= 99.95:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"
