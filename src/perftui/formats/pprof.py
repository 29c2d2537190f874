"""pprof profiles (gzip-compressed protocol buffers), as Go, Pyroscope, Parca and others write them: read only.

The schema is small, so it is read by hand; what is in a file is hostile until it was parsed. Stacks are leaf first
there, and turned at this border.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from perftui.errors import ImportFormatError
from perftui.formats.base import (
    HEAVIEST_SAMPLE,
    LONGEST_LINE_NUMBER,
    MOST_BYTES,
    MOST_SAMPLES,
    MOST_STACK_FRAMES,
    StackProfile,
    StackRow,
)
from perftui.model.frame import Frame, Stack
from perftui.model.sample import Thread
from perftui.units import Unit

SUFFIXES = (".pb.gz", ".pprof", ".prof.gz", ".pb")
_GZIP_HEAD = b"\x1f\x8b"
_GZIP = 16 + zlib.MAX_WBITS
_HINT = "is it cut off? a pprof file is one compressed protocol buffer"
_UNITS = {
    "nanoseconds": (Unit.SECONDS, 1e9),
    "microseconds": (Unit.SECONDS, 1e6),
    "milliseconds": (Unit.SECONDS, 1e3),
    "seconds": (Unit.SECONDS, 1.0),
    "bytes": (Unit.BYTES, 1.0),
    "kilobytes": (Unit.BYTES, 1 / 1024),
    "megabytes": (Unit.BYTES, 1 / 1024**2),
    "count": (Unit.SAMPLES, 1.0),
    "": (Unit.SAMPLES, 1.0),
}
"""Name in the file to unit here, and how many of theirs make one of ours."""
_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5
_LONGEST_VARINT = 10
_SAMPLE_TYPE = 1
_BEGIN = (_SAMPLE_TYPE << 3) | _BYTES
_LAST_FIELD = 15
_BEGINNINGS = frozenset(b"\x0a\x12\x1a\x22\x2a\x32")
"""A field of a profile that is a message or a text."""
_THREAD_NAMES, _THREAD_IDS = ("thread", "thread_name"), ("thread_id", "tid")
_SIGNED = 1 << 63


def looks_like(head: bytes) -> bool:
    """Say whether a file that begins with `head` can be of this format."""
    packed = head.startswith(_GZIP_HEAD)
    try:
        data = zlib.decompressobj(_GZIP).decompress(head, len(head)) if packed else head
    except zlib.error:
        return False
    if not data or data[0] not in _BEGINNINGS or (not packed and data[0] != _BEGIN):
        return False
    return _can_be(memoryview(data), typed=not packed)


def read(data: bytes, *, name: str) -> StackProfile:
    """Read a pprof file: the kind of value that it shows first, which is its last one where it does not say.

    Raises:
        ImportFormatError: It is not what the format asks for, or larger than anybody's profile.
    """
    tables = _Tables.of(memoryview(_unpacked(data)))
    chosen, counting = tables.columns()
    unit, divisor = tables.unit(chosen)
    rows = list(tables.rows(chosen, chosen if unit is Unit.SAMPLES else counting, divisor))
    others = [tables.title(at) for at in range(len(tables.types)) if at not in (chosen, counting)]
    notes = [f"only {tables.title(chosen)} is taken over, not {', '.join(others)}"] if others else []
    return StackProfile(name=name, unit=unit, rows=rows, notes=tuple(notes))


@dataclass(slots=True)
class _Tables:
    """What a profile holds, by its numbers."""

    types: list[tuple[int, int]] = field(default_factory=list)
    """Of each value of a sample: (text of its kind, text of its unit)."""
    samples: list[memoryview] = field(default_factory=list)
    locations: dict[int, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    """(function, line) of each location, the innermost first."""
    functions: dict[int, tuple[int, int]] = field(default_factory=dict)
    """(text of the name, text of the file)."""
    texts: list[memoryview] = field(default_factory=list)
    default_type: int = 0
    _decoded: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, data: memoryview) -> _Tables:
        """Read the tables of a profile; raises `ImportFormatError`."""
        found = cls()
        for number, value in _fields(data):
            match number:
                case 1 if isinstance(value, memoryview):
                    kind = _numbers_of(value, 2)
                    found.types.append((kind.get(1, 0), kind.get(2, 0)))
                case 2 if isinstance(value, memoryview):
                    found.samples.append(value)
                    if len(found.samples) > MOST_SAMPLES:
                        raise ImportFormatError(f"the file holds more than {MOST_SAMPLES:,} samples")
                case 4 if isinstance(value, memoryview):
                    place, lines = _location(value)
                    found.locations[place] = lines
                case 5 if isinstance(value, memoryview):
                    function = _numbers_of(value, 4)
                    found.functions[function.get(1, 0)] = (function.get(2, 0), function.get(4, 0))
                case 6 if isinstance(value, memoryview):
                    found.texts.append(value)
                case 14 if isinstance(value, int):
                    found.default_type = value
        if not found.types:
            raise ImportFormatError("the file does not say what its samples count", hint=_HINT)
        return found

    def text(self, number: int) -> str:
        """Return a text; what is not UTF-8 in it is replaced."""
        known = self._decoded.get(number)
        if known is not None:
            return known
        if not 0 <= number < len(self.texts):
            if number == 0:
                return ""
            raise ImportFormatError(f"the file has no text {number}", hint=_HINT)
        found = self._decoded[number] = bytes(self.texts[number]).decode("utf-8", "replace")
        return found

    def title(self, at: int) -> str:
        """Return the name of a kind of value."""
        return self.text(self.types[at][0]) or f"value {at + 1}"

    def columns(self) -> tuple[int, int | None]:
        """Return which value of a sample weighs, and which one counts what it stands for."""
        wanted = self.default_type
        chosen = next((at for at, (kind, _) in enumerate(self.types) if wanted and kind == wanted), len(self.types) - 1)
        # `alloc_objects` stands before `alloc_space`, `samples` before `cpu`.
        beside = chosen - 1
        counts = beside >= 0 and self.text(self.types[beside][1]) == "count"
        return chosen, beside if counts else None

    def unit(self, at: int) -> tuple[Unit, float]:
        """Return what a value counts, and how many of theirs make one of ours."""
        named = self.text(self.types[at][1])
        found = _UNITS.get(named.lower())
        if found is None:
            raise ImportFormatError(
                f"{self.title(at)} is counted in {named[:60]!r}", hint=f"known are {', '.join(filter(None, _UNITS))}"
            )
        return found

    def rows(self, chosen: int, counting: int | None, divisor: float) -> Iterator[StackRow]:
        """Yield the samples that weigh something."""
        stacks: dict[tuple[int, ...], Stack] = {}
        frames: dict[int, tuple[Frame, ...]] = {}
        total = 0
        for sample in self.samples:
            places, values, thread = self._sample(sample)
            if len(values) != len(self.types):
                raise ImportFormatError(f"a sample has {len(values)} values, and not {len(self.types)}", hint=_HINT)
            weight = values[chosen] / divisor
            if weight < 0:
                raise ImportFormatError(
                    "a sample weighs less than nothing", hint="it is the difference of two profiles: import each"
                )
            if weight == 0 or not places:
                continue
            if weight > HEAVIEST_SAMPLE:
                raise ImportFormatError("a sample is heavier than anything that can be measured")
            stack = stacks.get(places)
            if stack is None:
                for place in places:
                    if place not in frames:
                        frames[place] = self._frames(place)
                # Leaf first in the file.
                stack = stacks[places] = tuple(frame for place in reversed(places) for frame in frames[place])
                total += len(stack)
                if total > MOST_STACK_FRAMES:
                    raise ImportFormatError(f"the stacks have more than {MOST_STACK_FRAMES:,} frames")
            counted = 1 if counting is None else values[counting]
            samples = counted if 0 < counted <= MOST_SAMPLES else 1
            yield StackRow(thread, stack, weight, samples)

    def _frames(self, place: int) -> tuple[Frame, ...]:
        """Return the frames of a location, the outermost first: of inlined functions it holds several."""
        lines = self.locations.get(place)
        if lines is None:
            raise ImportFormatError(f"the file has no location {place}", hint=_HINT)
        return tuple(self._frame(function, line) for function, line in reversed(lines)) or (Frame(f"0x{place:x}"),)

    def _frame(self, function: int, line: int) -> Frame:
        known = self.functions.get(function)
        if known is None:
            raise ImportFormatError(f"the file has no function {function}", hint=_HINT)
        name, file = map(self.text, known)
        return Frame(name or f"function {function}", file, line if 0 < line <= LONGEST_LINE_NUMBER else 0)

    def _sample(self, sample: memoryview) -> tuple[tuple[int, ...], list[int], Thread]:
        places: list[int] = []
        values: list[int] = []
        name, tid = "", 0
        for number, value in _fields(sample):
            if number == 1:
                places.extend(_repeated(value))
            elif number == 2:
                values.extend(_signed(each) for each in _repeated(value))
            elif number == 3 and isinstance(value, memoryview):
                label = _numbers_of(value, 4)
                key = self.text(label.get(1, 0)).lower().replace(" ", "_")
                name = self.text(label.get(2, 0)) if key in _THREAD_NAMES else name
                tid = label.get(3, 0) & (_SIGNED - 1) if key in _THREAD_IDS else tid
        return tuple(places), values, Thread(0, tid, name)


def _location(data: memoryview) -> tuple[int, tuple[tuple[int, int], ...]]:
    place, lines = 0, []
    for number, value in _fields(data):
        if number == 1 and isinstance(value, int):
            place = value
        elif number == 4 and isinstance(value, memoryview):
            line = _numbers_of(value, 2)
            lines.append((line.get(1, 0), line.get(2, 0)))
    return place, tuple(lines)


def _numbers_of(data: memoryview, last: int) -> dict[int, int]:
    """Return the numbers of a message by their fields, of the first few fields."""
    return {number: value for number, value in _fields(data) if isinstance(value, int) and number <= last}


def _fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield number and value of each field of a message; raises `ImportFormatError` where it is none."""
    at, end = 0, len(data)
    while at < end:
        tag, at = _varint(data, at)
        wire = tag & 7
        if wire == _VARINT:
            value, at = _varint(data, at)
            yield tag >> 3, value
        elif wire == _BYTES:
            size, at = _varint(data, at)
            if size > end - at:
                raise ImportFormatError("a field is longer than the file", hint=_HINT)
            yield tag >> 3, data[at : at + size]
            at += size
        elif wire in (_FIXED_64, _FIXED_32):
            at += 8 if wire == _FIXED_64 else 4
        else:
            raise ImportFormatError("the file is no protocol buffer", hint=_HINT)
    if at > end:
        raise ImportFormatError("the file ends within a field", hint=_HINT)


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    for byte in data[at : at + _LONGEST_VARINT]:
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & (2**64 - 1), at
        shift += 7
    raise ImportFormatError("a number in the file does not end", hint=_HINT)


def _repeated(value: int | memoryview) -> Iterator[int]:
    """Yield the numbers of a repeated field, packed or one by one."""
    if isinstance(value, int):
        yield value
        return
    at = 0
    while at < len(value):
        number, at = _varint(value, at)
        yield number


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= _SIGNED else value


def _can_be(data: memoryview, *, typed: bool) -> bool:
    """Say whether the beginning of a message is that of a profile; its last field may be cut off."""
    seen: dict[int, int] = defaultdict(int)
    try:
        for number, value in _fields(data):
            seen[number] += 1
            if not 0 < number < _LAST_FIELD:
                return False
            if number == _SAMPLE_TYPE and not (isinstance(value, memoryview) and _is_value_type(value)):
                return False
    except ImportFormatError:
        # It goes on after the head, or is none: what was whole until there tells.
        return bool(seen[_SAMPLE_TYPE]) or (not typed and bool(seen))
    return bool(seen[_SAMPLE_TYPE])


def _is_value_type(value: memoryview) -> bool:
    return all(number in (1, 2) and isinstance(each, int) for number, each in _fields(value))


def _unpacked(data: bytes) -> bytes:
    """Return the protocol buffer; a file that unpacks to more than anybody's profile is refused before it does."""
    if not data.startswith(_GZIP_HEAD):
        if len(data) > MOST_BYTES:
            raise ImportFormatError(f"the file is larger than {MOST_BYTES >> 20} MiB")
        return data
    packed = zlib.decompressobj(_GZIP)
    try:
        found = packed.decompress(data, MOST_BYTES + 1)
    except zlib.error:
        raise ImportFormatError("what is compressed in the file is damaged", hint=_HINT) from None
    if len(found) > MOST_BYTES:
        raise ImportFormatError(f"the file unpacks to more than {MOST_BYTES >> 20} MiB")
    if not packed.eof:
        raise ImportFormatError("the file is cut off", hint=_HINT)
    return found
