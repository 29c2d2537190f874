"""Reads `[scrape.<name>]`, which stands in workload profiles and in budgets alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from perftui.toml.table import Table
from perftui.units import Unit

SHORTEST_S, LONGEST_S = 0.1, 3_600.0
MOST_SCRAPES = 20
MOST_PATTERNS = 50

Endpoint = TypeVar("Endpoint")
Build = Callable[[str, str, float | None, tuple[str, ...]], Endpoint]
"""Makes one of a name, an address, an interval and patterns; raises `ValueError` with a sentence, a hint and a key."""


def read_scrapes(table: Table, build: Build[Endpoint]) -> tuple[Endpoint, ...]:
    """Return the endpoints of a file in its order; raises `ConfigError`."""
    if len(table.names()) > MOST_SCRAPES:
        raise table.error("", f"holds {len(table.names())} endpoints", hint=f"{MOST_SCRAPES} at most")
    return tuple(_scrape(name, inner, build) for name, inner in table.tables())


def _scrape(name: str, table: Table, build: Build[Endpoint]) -> Endpoint:
    url = table.text("url")
    if "url" not in table:
        raise table.error("url", "there is no address", hint='write url = "http://localhost:8000/metrics"')
    interval_s = table.quantity("interval", Unit.SECONDS, above_zero=True, at_most=LONGEST_S)
    if interval_s is not None and interval_s < SHORTEST_S:
        raise table.error(table.key_of("interval", Unit.SECONDS), "is shorter than 100 ms", hint="1s is usual")
    match = table.texts("match") if isinstance(table.value("match"), list) else (table.text("match"),)
    if len(match) > MOST_PATTERNS:
        raise table.error("match", f"holds {len(match)} names", hint=f"{MOST_PATTERNS} at most")
    table.close()
    try:
        return build(name, url, interval_s, tuple(filter(None, match)))
    except ValueError as error:
        message, hint, key = error.args
        raise table.error(key, message, hint=hint) from None
