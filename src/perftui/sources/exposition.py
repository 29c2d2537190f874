"""The text format of Prometheus, read by its own parser: series and their values, within bounds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import translate

from perftui.errors import ObserveError
from perftui.model.series import Series, SeriesKind, is_value
from perftui.text import printable
from perftui.units import Unit

MOST_SERIES = 500
"""Of one reading; the first of them are kept."""
_MOST_LINES = 5_000
"""That are parsed: values that are no numbers are among them."""
_LONGEST_LINE = 16_384
_NAME = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
_PART = re.compile(r"_(?:bucket|sum|count|total)$")
_KIND = "# TYPE "
_UNASKED = re.compile(r"python_(?:gc_.*|info)|process_.*|.*_created")
"""What clients tell of their own process beside the application's: the meters read that. A pattern may ask for it."""
_CREATED = "_created"
_UNKNOWN = ("unknown", "untyped")
_UNIT_OF_ENDING = {"seconds": Unit.SECONDS, "bytes": Unit.BYTES, "percent": Unit.PERCENT}


@dataclass(frozen=True, slots=True)
class Exposition:
    """What one reading held."""

    values: tuple[tuple[Series, float], ...]
    left_out: int = 0
    """Lines of series beyond the bounds."""


def read_exposition(text: str, *, origin: str, match: Sequence[str] = ()) -> Exposition:
    """Return the series whose names match, all where nothing is to match.

    Raises:
        ObserveError: It is not in that format.
    """
    # With its package it takes as long as a whole verb: only who reads an endpoint pays for it.
    from prometheus_client.parser import text_string_to_metric_families  # noqa: PLC0415

    wanted = [re.compile(translate(pattern)) for pattern in match]
    lines, beyond = _lines(text, wanted)
    found: dict[Series, float] = {}
    try:
        for family in text_string_to_metric_families("\n".join(lines) + "\n"):
            for sample in family.samples:
                if not is_value(sample.value):
                    continue
                series = _series(sample.name, family.type, sample.labels, origin)
                if series in found or len(found) < MOST_SERIES:
                    found[series] = float(sample.value)
                else:
                    beyond += 1
    except (ValueError, KeyError, IndexError, TypeError):
        raise ObserveError("what it answers is not in the text format of Prometheus") from None
    return Exposition(tuple(found.items()), beyond)


def _lines(text: str, wanted: Sequence[re.Pattern[str]]) -> tuple[list[str], int]:
    """Return the lines that are to be parsed, and how many series there are beyond."""
    kept: list[str] = []
    kind, beyond = "", 0
    for line in map(str.strip, text.split("\n")):
        if not line or len(line) > _LONGEST_LINE:
            continue
        if line.startswith("#"):
            kind = line if line.startswith(_KIND) else kind
            continue
        found = _NAME.match(line)
        # What has no name is for the parser to complain of.
        name = found[0] if found else line
        if not _is_wanted(name, wanted):
            continue
        if len(kept) >= _MOST_LINES:
            beyond += 1
            continue
        # What a family is stands once, before its samples.
        kept += [kind, line] if kind else [line]
        kind = ""
    return kept, beyond


def _is_wanted(name: str, wanted: Sequence[re.Pattern[str]]) -> bool:
    if not wanted:
        return _UNASKED.fullmatch(name) is None
    # `requests*` means requests, and not the moments at which their counters began.
    asked = [one for one in wanted if _CREATED in one.pattern] if name.endswith(_CREATED) else wanted
    whole = _PART.sub("", name)
    return any(one.match(name) or one.match(whole) for one in asked)


def _series(name: str, family: str, labels: dict[str, str], origin: str) -> Series:
    kind = _kind(name, family)
    pairs = tuple((printable(key), printable(value)) for key, value in sorted(labels.items()))
    return Series(printable(name), origin, kind, pairs, _unit(name, family))


def _kind(name: str, family: str) -> SeriesKind:
    if family == "histogram" and name.endswith("_bucket"):
        return SeriesKind.BUCKET
    if family in _UNKNOWN and name.endswith("_total"):
        return SeriesKind.COUNTER
    if family == "counter" or (family in ("histogram", "summary") and name.endswith(("_sum", "_count"))):
        return SeriesKind.COUNTER
    return SeriesKind.GAUGE


def _unit(name: str, family: str) -> Unit:
    """Return the unit that a name ends with, as is the custom; of buckets that of their bounds."""
    if family in ("histogram", "summary") and name.endswith("_count"):
        return Unit.COUNT
    ending = _PART.sub("", name).rpartition("_")[2]
    return _UNIT_OF_ENDING.get(ending, Unit.COUNT)
