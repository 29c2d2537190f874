"""Periods of time as they are written on a command line."""

from __future__ import annotations

from perftui.errors import UsageError
from perftui.text import printable
from perftui.units import Unit, parse_value

_LAST = "last_"


def shown_period(text: str) -> str:
    """Return a period as it is told: `last_24h` is `24h`."""
    return printable(text.strip().removeprefix(_LAST))


def seconds_of_period(text: str, option: str) -> float:
    """Return a period such as `7d`, `12h` or `last_24h` in seconds; raises `UsageError` for what is none."""
    written = text.strip().removeprefix(_LAST)
    if written.isdecimal():
        raise UsageError(f"{option} {printable(text)}: of what?", hint="write it like 7d or 12h")
    try:
        return parse_value(written, Unit.SECONDS)
    except ValueError as error:
        raise UsageError(f"{option}: {error}", hint="write it like 7d or 12h") from None
