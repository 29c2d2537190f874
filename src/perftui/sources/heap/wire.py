"""The lines that reader processes print, decoded strictly: a reader of a damaged capture may say anything."""

from __future__ import annotations

import json
import operator
from array import array
from dataclasses import dataclass
from typing import Any

from perftui.model.frame import Frame
from perftui.model.heap import Capture, FunctionHeap, HeapSnapshot, HeapTimeline, HeapView
from perftui.model.sample import Thread

LINE_LIMIT_BYTES = 1 << 26
"""A line that is longer is not ours: 20,000 nodes with their names take a few million bytes."""
_NAME_LIMIT = 4096
_MOST_LINES = 1 << 31
_MOST_FRAMES = 1 << 22
_MOST_POINTS = 1 << 17
_MOST_BYTES = float(1 << 60)


class WireError(Exception):
    """A line is not what a reader prints."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A snapshot, and what its reader says of itself."""

    snapshot: HeapSnapshot
    sent_bytes: int
    """How much of the capture went into it."""
    size_bytes: int
    """How large the capture was."""
    last: bool
    """Nothing comes after it."""


@dataclass(frozen=True, slots=True)
class ReaderEnd:
    """The last line of a reader that ended by itself."""

    reason: str
    """`stream`: the capture is complete; `memory`: it needed too much; `unreadable`: memray refuses the capture."""
    message: str = ""


@dataclass(frozen=True, slots=True)
class PassBegun:
    """An extraction begins to read the capture once more."""

    name: str


Said = Picture | Capture | HeapTimeline | PassBegun | ReaderEnd
"""What one line says."""


class Lines:
    """Decodes the lines of one reader; frames are told once, so their table is kept here."""

    def __init__(self, *, epoch_s: float) -> None:
        self._epoch_s = epoch_s
        """`time.time()` when the recording's clock was at 0."""
        self._frames: list[Frame] = []

    def decode(self, line: bytes) -> Said:
        """Return what a line says; raises `WireError`."""
        message = parsed(line)
        try:
            match message.get("kind"):
                case "snapshot":
                    return self._picture(message)
                case "timeline":
                    return self._timeline(message)
                case "capture":
                    return self._capture(message)
                case "pass":
                    return PassBegun(text(message.get("name")))
                case "end":
                    return ReaderEnd(text(message.get("reason")), text(message.get("message")))
        except (TypeError, ValueError, OverflowError, LookupError) as error:
            raise WireError(f"a line that says nothing: {error}") from None
        raise WireError("a line of no known kind")

    def _moment(self, value: object) -> float:
        """Return a moment of the recording's clock; nothing was before it began."""
        return max(0.0, number(value) - self._epoch_s)

    def _picture(self, message: dict[str, Any]) -> Picture:
        return Picture(
            snapshot=self._snapshot(message),
            sent_bytes=whole(message.get("sent", 0)),
            size_bytes=whole(message.get("size", 0)),
            last=message.get("last") is True,
        )

    def _timeline(self, message: dict[str, Any]) -> HeapTimeline:
        moments = array("q", message["ms"])
        columns = array("d", message["heap"]), array("d", message["rss"])
        if not len(moments) == len(columns[0]) == len(columns[1]) <= _MOST_POINTS:
            raise WireError("columns of unequal length")
        if not all(map(operator.lt, moments, moments[1:])):
            raise WireError("a time that does not rise")
        if not all(0 <= min(column, default=0) <= max(column, default=0) < _MOST_BYTES for column in columns):
            raise WireError("an amount that no machine has")
        # What was before the recording began is no part of it.
        first = next((place for place, ms in enumerate(moments) if ms / 1000 >= self._epoch_s), len(moments))
        return HeapTimeline(
            pid=whole(message.get("pid")),
            at_s=array("d", (ms / 1000 - self._epoch_s for ms in moments[first:])),
            heap_bytes=columns[0][first:],
            rss_bytes=columns[1][first:],
        )

    def _capture(self, message: dict[str, Any]) -> Capture:
        peak_at = message.get("high_watermark_at")
        return Capture(
            pid=whole(message.get("pid", 0)),
            file=text(message.get("file", "")),
            sha256=text(message.get("sha256", "")),
            size_bytes=whole(message.get("size_bytes", 0)),
            complete=message.get("damaged") is not True,
            high_watermark_bytes=_figure(message, "high_watermark_bytes"),
            high_watermark_at_s=None if peak_at is None else self._moment(peak_at),
            total_allocated_bytes=_figure(message, "total_allocated_bytes"),
            allocations=_figure(message, "allocations"),
            leaked_bytes=_figure(message, "leaked_bytes"),
            leaked_allocations=_figure(message, "leaked_allocations"),
            stackless_bytes=_figure(message, "stackless_bytes"),
            python_allocator=text(message.get("python_allocator", "")),
            native=message.get("native") is True,
            pymalloc=message.get("pymalloc") is True,
            trouble=text(message.get("trouble", "")),
        )

    def _snapshot(self, message: dict[str, Any]) -> HeapSnapshot:
        self._learn(message.get("frames", ()))
        pid = whole(message.get("pid"))
        parents, node_frames = _columns(message.get("nodes"), 2)
        threads = tuple(_thread(pid, entry) for entry in message.get("threads") or ())
        cells = _columns(message.get("cells"), 4)
        functions = _columns(message.get("functions"), 5)
        known = range(len(self._frames))
        _check_within(node_frames, known)
        _check_within(functions[0], known)
        if not all(map(operator.lt, parents, range(1, len(parents) + 1))) or min(parents, default=0) < 0:
            raise WireError("a node above its parent")
        total_bytes, allocations = whole(message.get("bytes")), whole(message.get("count"))
        _check_cells(cells, range(len(threads)), range(len(parents) + 1), (total_bytes, allocations))
        if min((min(column, default=0) for column in functions), default=0) < 0:
            raise WireError("a function of less than nothing")
        used = sorted({*node_frames, *functions[0]})
        place = {frame: index for index, frame in enumerate(used)}.__getitem__
        return HeapSnapshot(
            view=HeapView(message.get("view")),
            at_s=self._moment(message.get("at")),
            pid=pid,
            total_bytes=total_bytes,
            allocations=allocations,
            stacks=whole(message.get("stacks")),
            frames=tuple(map(self._frames.__getitem__, used)),
            nodes=tuple(zip(parents, map(place, node_frames), strict=True)),
            threads=threads,
            cells=tuple(zip(*cells, strict=True)),
            functions=tuple(map(FunctionHeap, map(place, functions[0]), *functions[1:])),
            exact=message.get("exact") is not False,
            reader_rss_bytes=whole(message.get("rss", 0)),
            refresh_s=number(message.get("cpu_s", 0.0)),
        )

    def _learn(self, entries: Any) -> None:
        for function, file, line in entries:
            self._frames.append(Frame(text(function), text(file), _line(line)))
        if len(self._frames) > _MOST_FRAMES:
            raise WireError("more frames than a program has")


def parsed(line: bytes) -> dict[str, Any]:
    """Return the object on a line; raises `WireError`."""
    try:
        message = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise WireError("a line that is not JSON") from None
    if not isinstance(message, dict):
        raise WireError("a line that is not an object")
    return message


def _refuse_constant(name: str) -> object:
    raise ValueError(name)


def whole(value: object) -> int:
    """Return a number of bytes or of things; raises `WireError` for anything else."""
    if type(value) is not int or not 0 <= value < 1 << 63:
        raise WireError("a number that is none")
    return value


def number(value: object) -> float:
    """Return a finite number; raises `WireError` for anything else."""
    if type(value) not in (int, float) or not -1e15 < value < 1e15:  # type: ignore[operator]
        raise WireError("a number that is none")
    return float(value)  # type: ignore[arg-type]


def text(value: object) -> str:
    """Return a name in a length that can be stored, without halves of surrogate pairs, which cannot."""
    if not isinstance(value, str):
        return ""
    if len(value) > _NAME_LIMIT:
        value = value[: _NAME_LIMIT - 1] + "…"
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def _figure(message: dict[str, Any], key: str) -> int | None:
    value = message.get(key)
    return None if value is None else whole(value)


def _columns(flat: object, width: int) -> tuple[array[int], ...]:
    if not isinstance(flat, list) or len(flat) % width:
        raise WireError("a table with a row that is cut")
    values = array("q", flat)
    return tuple(values[column::width] for column in range(width))


def _check_within(column: array[int], allowed: range) -> None:
    if column and not (min(column) >= 0 and max(column) < len(allowed)):
        raise WireError("something that was never told of")


def _check_cells(cells: tuple[array[int], ...], threads: range, nodes: range, totals: tuple[int, int]) -> None:
    thread, node, size, count = cells
    _check_within(thread, threads)
    _check_within(node, nodes)
    if min(size, default=0) < 0 or min(count, default=0) < 0 or (sum(size), sum(count)) != totals:
        raise WireError("cells that do not add up")
    if len(set(zip(thread, node, strict=True))) != len(thread):
        raise WireError("a cell that comes twice")


def _thread(pid: int, entry: Any) -> Thread:
    tid, name = entry
    if type(tid) is not int or not -(1 << 63) <= tid < 1 << 63:
        raise WireError("a thread without a number")
    return Thread(pid, tid, text(name))


def _line(value: object) -> int:
    return value if type(value) is int and 0 < value < _MOST_LINES else 0
