"""Reading JSON that nobody vouches for: each value of its type, and complaints that say where it stands."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from perftui.errors import OperationFormatError
from perftui.formats.operations.base import MOST_BYTES, shown

_MOST_CONTAINERS = 4_000_000
_MOST_ITEMS = 24_000_000
"""Commas: a value more than in any result that is accepted, with its names."""


class JsonValue:
    """A value with the place where it stands, such as `benchmarks[3].stats.mean`."""

    __slots__ = ("place", "raw")

    def __init__(self, raw: Any, place: str = "") -> None:
        self.raw = raw
        self.place = place

    def __getitem__(self, key: str) -> JsonValue:
        """Return a member of an object; one that is missing is null."""
        if not isinstance(self.raw, dict):
            raise self.wrong("an object")
        return JsonValue(self.raw.get(key), f"{self.place}.{key}" if self.place else key)

    def __bool__(self) -> bool:
        """Say whether there is anything."""
        return self.raw is not None

    def items(self) -> Iterator[JsonValue]:
        """Yield the items of an array."""
        if not isinstance(self.raw, list):
            raise self.wrong("an array")
        for number, item in enumerate(self.raw):
            yield JsonValue(item, f"{self.place}[{number}]")

    def members(self) -> Iterator[tuple[str, JsonValue]]:
        """Yield the members of an object; null has none."""
        if self.raw is None:
            return
        if not isinstance(self.raw, dict):
            raise self.wrong("an object")
        for key in self.raw:
            yield key, self[key]

    def text(self) -> str:
        """Return a text; null is an empty one."""
        if self.raw is None:
            return ""
        if not isinstance(self.raw, str):
            raise self.wrong("a text")
        return self.raw

    def word(self) -> str:
        """Return a text, a number or a truth as a text; anything else is empty."""
        return str(self.raw) if isinstance(self.raw, str | int | float) else ""

    def number(self) -> float:
        """Return a number that is one."""
        return self.numbers_of([self.raw])[0]

    def maybe_number(self) -> float | None:
        """Return a finite number; None for null, and for what tools write where there is none."""
        if self.raw is None or (isinstance(self.raw, float) and not math.isfinite(self.raw)):
            return None
        return self.number()

    def count(self) -> int:
        """Return a whole number, not less than zero."""
        number = self.number()
        if number < 0 or number != int(number) or number >= 1 << 62:
            raise self.wrong("a count")
        return int(number)

    def numbers(self) -> tuple[float, ...]:
        """Return an array of numbers."""
        if not isinstance(self.raw, list):
            raise self.wrong("an array of numbers")
        return self.numbers_of(self.raw)

    def numbers_of(self, raw: list[Any]) -> tuple[float, ...]:
        """Return numbers as such; the many of a benchmark are looked at by their types, all at once."""
        try:
            if set(map(type, raw)) <= {int, float} and all(map(math.isfinite, raw)):
                return tuple(map(float, raw))
        except OverflowError:
            pass
        raise self.wrong("a number" if raw is not self.raw else "an array of finite numbers")

    def wrong(self, expected: str) -> OperationFormatError:
        """Return the complaint that something else stands here."""
        found = _described(self.raw)
        return OperationFormatError(f"{shown(self.place) or 'the file'}: {expected} should stand here, not {found}")


def _described(raw: Any) -> str:
    """Return what stands somewhere, without walking through it."""
    match raw:
        case None:
            return "nothing"
        case dict():
            return "an object"
        case list():
            return "an array"
        case str():
            return shown(repr(raw[:100]))
    return shown(str(raw))


def parse_json(data: bytes, *, place: str = "") -> JsonValue:
    """Parse a document; raises `OperationFormatError` where it is none, or larger than any result."""
    where = f"{place}: " if place else ""
    if len(data) > MOST_BYTES:
        raise OperationFormatError(f"{where}larger than {MOST_BYTES >> 20} MiB", hint="ingest it in parts")
    if data.count(b"[") + data.count(b"{") > _MOST_CONTAINERS or data.count(b",") > _MOST_ITEMS:
        raise OperationFormatError(f"{where}more values than any result has", hint="ingest it in parts")
    try:
        return JsonValue(json.loads(data.decode("utf-8-sig")), place)
    except json.JSONDecodeError as error:
        at = f"line {error.lineno}, column {error.colno}"
        raise OperationFormatError(f"{where}{at}: not JSON ({error.msg})", hint="was it written to its end?") from None
    except UnicodeDecodeError as error:
        raise OperationFormatError(f"{where}byte {error.start}: not UTF-8 text") from None
    except RecursionError:
        raise OperationFormatError(f"{where}nested too deeply") from None
    except ValueError:
        raise OperationFormatError(f"{where}a number of too many digits") from None
