"""speedscope JSON: sampled and evented profiles in, one sampled profile a thread out, in the order of time."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from perftui import __version__
from perftui.errors import ImportFormatError
from perftui.formats.base import (
    HEAVIEST_SAMPLE,
    LONGEST_LINE_NUMBER,
    MOST_SAMPLES,
    MOST_STACK_FRAMES,
    StackProfile,
    StackRow,
    decoded,
)
from perftui.model.frame import Frame, Stack
from perftui.model.sample import Thread
from perftui.units import Unit

SUFFIXES = (".speedscope.json", ".speedscope", ".json")
SCHEMA_URL = "https://www.speedscope.app/file-format-schema.json"

_UNITS: dict[str, tuple[Unit, float]] = {
    "none": (Unit.SAMPLES, 1),
    "seconds": (Unit.SECONDS, 1),
    "milliseconds": (Unit.SECONDS, 1e3),
    "microseconds": (Unit.SECONDS, 1e6),
    "nanoseconds": (Unit.SECONDS, 1e9),
    "bytes": (Unit.BYTES, 1),
}
"""Name in the file to unit here, and how many of theirs make one of ours."""
_UNIT_NAMES = {Unit.SAMPLES: "none", Unit.SECONDS: "seconds", Unit.BYTES: "bytes"}
# How py-spy, and our own export, name a thread.
_THREAD = re.compile(
    r"\A(?:Process ([0-9]{1,10}) )?Thread (0x[0-9A-Fa-f]{1,16}|[0-9]{1,18}) \"(.*)\"\Z", re.ASCII | re.DOTALL
)
_MOST_OPEN_FRAMES = 20_000
_HINT = "is it cut off? a speedscope file is one JSON object with `shared` and `profiles`"


def looks_like(head: bytes) -> bool:
    """Say whether a file that begins with `head` can be of this format."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return text.startswith(b"{") and any(key in text for key in (b"speedscope", b'"shared"', b'"profiles"'))


def read(data: bytes, *, name: str) -> StackProfile:
    """Read a speedscope file.

    A profile whose unit differs from the first one's is left out, and said so in the notes.

    Raises:
        ImportFormatError: It is not what the format asks for; the message says where.
    """
    document = _object(_parsed(data), "the file")
    frames = _frames(_list(_object(document.get("shared"), "shared").get("frames"), "shared.frames"))
    profiles = _list(document.get("profiles"), "profiles")
    stacks = _Stacks(frames)
    rows: list[StackRow] = []
    notes: list[str] = []
    unit: Unit | None = None
    for i, item in enumerate(profiles):
        where = f"profiles[{i}]"
        profile = _object(item, where)
        own_unit, divisor = _unit(profile.get("unit"), where)
        unit = unit or own_unit
        if own_unit is not unit:
            notes.append(f"{where} counts {own_unit.value or 'something else'}, not {unit.value}: left out")
            continue
        thread = _thread(profile.get("name"), i)
        rows += _rows(profile, where, thread=thread, stacks=stacks, divisor=divisor)
        if len(rows) > MOST_SAMPLES:
            raise ImportFormatError("the file holds more samples than can be taken in")
    title = document.get("name")
    return StackProfile(
        name=title if isinstance(title, str) and title else name,
        unit=unit or Unit.SAMPLES,
        rows=rows,
        ordered=True,
        notes=tuple(notes),
    )


def write(profile: StackProfile) -> Iterator[str]:
    """Write a profile: one entry a sample, each thread's in the order of time."""
    frames: dict[Frame, int] = {}
    threads: dict[Thread, list[tuple[str, float, int]]] = {}
    memo: dict[Stack, str] = {}
    for row in profile.rows:
        text = memo.get(row.stack)
        if text is None:
            ids = [frames.setdefault(frame, len(frames)) for frame in row.stack]
            text = memo[row.stack] = json.dumps(ids, separators=(",", ":"))
        threads.setdefault(row.thread, []).append((text, row.weight, row.samples))
    shared = json.dumps({"frames": [_frame_document(frame) for frame in frames]}, separators=(",", ":"))
    head = {"$schema": SCHEMA_URL, "exporter": f"perftui@{__version__}", "name": profile.name, "activeProfileIndex": 0}
    yield f'{json.dumps(head)[:-1]}, "shared": {shared}, "profiles": ['
    unit = _UNIT_NAMES.get(profile.unit, "none")
    for i, (thread, samples) in enumerate(threads.items()):
        yield ",\n" if i else "\n"
        yield from _thread_document(thread, samples, unit)
    yield "\n]}\n"


def _thread_document(thread: Thread, samples: Sequence[tuple[str, float, int]], unit: str) -> Iterator[str]:
    head = {
        "type": "sampled",
        "name": f'Process {thread.pid} Thread {thread.tid} "{thread.name}"',
        "unit": unit,
        "startValue": 0,
        "endValue": math.fsum(weight for _, weight, _ in samples),
    }
    yield f'{json.dumps(head)[:-1]}, "samples": ['
    yield ",".join(",".join([text] * count) for text, _, count in samples)
    yield '], "weights": ['
    yield ",".join(",".join([_number_text(weight / count)] * count) for _, weight, count in samples)
    yield "]}"


def _frame_document(frame: Frame) -> dict[str, str | int]:
    document: dict[str, str | int] = {"name": frame.function}
    if frame.file:
        document["file"] = frame.file
    if frame.line:
        document["line"] = frame.line
    return document


def _number_text(number: float) -> str:
    return str(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number)


class _Stacks:
    """Stacks by their frame ids: each is checked once, and all together are bounded."""

    def __init__(self, frames: Sequence[Frame]) -> None:
        self._frames = frames
        self._known: dict[tuple[int, ...], Stack] = {}
        self._size = 0

    def stack(self, ids: tuple[int, ...], where: str) -> Stack:
        """Return the stack of frame ids; raises `ImportFormatError` where one of them is none."""
        try:
            known = self._known.get(ids)
        except TypeError:
            known = None
        if known is not None:
            return known
        most = len(self._frames)
        for i in ids:
            if type(i) is not int or not 0 <= i < most:
                raise ImportFormatError(f"{where} names the frame {_shown(i)}, and there are {most}")
        self._size += len(ids)
        if self._size > MOST_STACK_FRAMES:
            raise ImportFormatError("the stacks of the file are deeper than can be taken in")
        stack = self._known[ids] = tuple([self._frames[i] for i in ids])
        return stack


def _rows(
    profile: dict[str, Any], where: str, *, thread: Thread, stacks: _Stacks, divisor: float
) -> Iterable[StackRow]:
    match profile.get("type"):
        case "sampled":
            return _sampled_rows(profile, where, thread=thread, stacks=stacks, divisor=divisor)
        case "evented":
            return _evented_rows(profile, where, thread=thread, stacks=stacks, divisor=divisor)
        case other:
            raise ImportFormatError(f"{where}.type is {_shown(other)}", hint="known are sampled and evented profiles")


def _sampled_rows(
    profile: dict[str, Any], where: str, *, thread: Thread, stacks: _Stacks, divisor: float
) -> Iterator[StackRow]:
    samples = _list(profile.get("samples"), f"{where}.samples")
    weights = _list(profile.get("weights"), f"{where}.weights")
    if len(samples) != len(weights):
        raise ImportFormatError(f"{where} has {len(samples)} samples and {len(weights)} weights")
    last: Stack | None = None
    last_weight, count = 0.0, 0
    for i, (sample, value) in enumerate(zip(samples, weights, strict=True)):
        weight = _number(value, f"{where}.weights[{i}]") / divisor
        if weight < 0:
            raise ImportFormatError(f"{where}.weights[{i}] is negative: {_shown(value)}")
        stack = stacks.stack(tuple(_list(sample, f"{where}.samples[{i}]")), f"{where}.samples[{i}]")
        if weight == 0:
            continue
        if count and (stack is not last or weight != last_weight):
            yield StackRow(thread, last or (), count * last_weight, count)
            count = 0
        last, last_weight, count = stack, weight, count + 1
    if count:
        yield StackRow(thread, last or (), count * last_weight, count)


def _evented_rows(
    profile: dict[str, Any], where: str, *, thread: Thread, stacks: _Stacks, divisor: float
) -> Iterator[StackRow]:
    """Turn frames that open and close into the time spent in each stack; time outside of all frames is idle."""
    events = _list(profile.get("events"), f"{where}.events")
    now = _number(profile.get("startValue", 0), f"{where}.startValue")
    end = _number(profile.get("endValue", now), f"{where}.endValue")
    stack: list[int] = []
    for i, item in enumerate(events):
        here = f"{where}.events[{i}]"
        event = _object(item, here)
        at = _number(event.get("at"), f"{here}.at")
        if at < now:
            raise ImportFormatError(f"{here} goes back in time, from {now:g} to {at:g}")
        if at > now and stack:
            yield StackRow(thread, stacks.stack(tuple(stack), here), (at - now) / divisor, 1)
        now = at
        frame = event.get("frame")
        match event.get("type"):
            case "O" if len(stack) >= _MOST_OPEN_FRAMES:
                raise ImportFormatError(f"{here} opens more than {_MOST_OPEN_FRAMES} frames within each other")
            case "O":
                stacks.stack((frame,), here)  # type: ignore[arg-type]
                stack.append(frame)  # type: ignore[arg-type]
            case "C" if stack and stack[-1] == frame:
                stack.pop()
            case "C":
                raise ImportFormatError(f"{here} closes the frame {_shown(frame)}, which is not the innermost open one")
            case other:
                raise ImportFormatError(f"{here}.type is {_shown(other)}, not O or C")
    if end > now and stack:
        yield StackRow(thread, stacks.stack(tuple(stack), where), (end - now) / divisor, 1)


def _parsed(data: bytes) -> object:
    text = decoded(data)
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise ImportFormatError(
            f"line {error.lineno}, column {error.colno} (offset {error.pos}): not JSON: {error.msg}", hint=_HINT
        ) from None
    except RecursionError:
        raise ImportFormatError("the JSON is nested too deeply", hint=_HINT) from None
    except ValueError as error:
        # A number with more digits than Python reads.
        raise ImportFormatError(f"a number in the file cannot be read: {error}") from None


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _frames(items: Sequence[object]) -> list[Frame]:
    known: dict[Frame, Frame] = {}
    frames: list[Frame] = []
    for i, item in enumerate(items):
        where = f"shared.frames[{i}]"
        document = _object(item, where)
        function, file, line = document.get("name"), document.get("file"), document.get("line")
        if not isinstance(function, str):
            raise ImportFormatError(f"{where} has no name")
        line_number = int(line) if isinstance(line, int | float) and _is_line(line) else 0
        frame = Frame(function, file if isinstance(file, str) else "", line_number)
        # The format may list a frame twice; here it is one.
        frames.append(known.setdefault(frame, frame))
    return frames


def _is_line(line: float) -> bool:
    return 0 < line <= LONGEST_LINE_NUMBER


def _thread(name: object, index: int) -> Thread:
    text = name if isinstance(name, str) else ""
    found = _THREAD.match(text)
    if found is None:
        return Thread(0, index + 1, text)
    return Thread(int(found[1] or 0), int(found[2], 0) & (2**63 - 1), found[3])


def _unit(value: object, where: str) -> tuple[Unit, float]:
    found = _UNITS.get(value) if isinstance(value, str) else None
    if found is None:
        raise ImportFormatError(f"{where}.unit is {_shown(value)}", hint=f"known are {', '.join(_UNITS)}")
    return found


def _object(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ImportFormatError(f"{where} is missing or not an object", hint=_HINT)
    return value


def _list(value: object, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise ImportFormatError(f"{where} is missing or not a list", hint=_HINT)
    return value


def _number(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ImportFormatError(f"{where} is not a number: {_shown(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not abs(number) <= HEAVIEST_SAMPLE:
        raise ImportFormatError(f"{where} is not a number that can be counted with")
    return number


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
