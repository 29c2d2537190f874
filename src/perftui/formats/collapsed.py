"""Collapsed stacks: one line a stack, `root;child;leaf 42`, as flame graph scripts, py-spy and perf write them.

A frame is `function (file:line)`, `function (file)` or `function`. What would break a line apart is written as in URLs:
`%3B` for a semicolon, `%0A` for a line feed, and so on; our reader undoes it, other tools show it as it stands.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from perftui.errors import ImportFormatError
from perftui.formats.base import HEAVIEST_SAMPLE, LONGEST_LINE_NUMBER, StackProfile, StackRow, decoded
from perftui.model.frame import Frame, Stack
from perftui.model.sample import Thread
from perftui.units import Unit

NO_FRAMES = "(no frames)"
"""Stands for a stack that the sampler found empty."""
SUFFIXES = (".collapsed", ".folded", ".collapsed.txt", ".folded.txt")

# Only these are escapes, so that a percent sign elsewhere means itself.
_ESCAPES = {"%": "%25", ";": "%3B", "\n": "%0A", "\r": "%0D", "(": "%28", ")": "%29", ":": "%3A"}
_UNESCAPES = {escape: char for char, escape in _ESCAPES.items()}
_ESCAPE = re.compile("%(?:25|3B|0A|0D|28|29|3A)")
_TO_ESCAPE = re.compile("[;\n\r]|%(?=25|3B|0A|0D|28|29|3A)")
# What tells a file from a remark such as `(inlined)`.
_FILE_SIGNS = re.compile(r"[./\\]|\A<.*>\Z")
_LINE_NUMBER = re.compile(r"\A(.+):([0-9]{1,10})\Z", re.ASCII | re.DOTALL)
_WEIGHT = re.compile(r"[0-9]{1,300}(?:\.[0-9]{0,300})?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_FAST_DIGITS = 15
# The root frames that py-spy writes for threads and processes.
_THREAD = re.compile(r"thread \((0x[0-9A-Fa-f]{1,16}|[0-9]{1,18})\)(?:: (.*))?", re.ASCII | re.DOTALL)
_PROCESS = re.compile(r"process ([0-9]{1,9}):.*", re.ASCII | re.DOTALL)
_HINT = "a line is frames from the root to the leaf with ; between them, a blank, and a number: main;work 42"


def looks_like(head: bytes) -> bool:
    """Say whether a file that begins with `head` can be of this format: its first whole line ends in a number."""
    lines = head.decode("utf-8", errors="replace").removeprefix("\ufeff").split("\n")
    whole = lines[:-1] if len(lines) > 1 else lines
    for line in whole:
        if line.strip():
            stack, _, weight = line.rstrip().rpartition(" ")
            return bool(stack) and "\0" not in line and _WEIGHT.fullmatch(weight) is not None
    return False


def read(data: bytes, *, name: str) -> StackProfile:
    """Read collapsed stacks; what they count is not in the file, so they are called samples.

    Raises:
        ImportFormatError: A line is not a stack and a number; the message says which line.
    """
    stacks = _Stacks()
    rows: list[StackRow] = []
    for number, line in enumerate(decoded(data).split("\n"), start=1):
        line = line.rstrip("\r")
        if not line or line.isspace():
            continue
        text, _, weight_text = line.rstrip(" \t").rpartition(" ")
        weight = _weight(weight_text)
        if weight is not None and line.startswith(" "):
            # py-spy writes a sample that it found without a frame as a blank and a number.
            text = text or NO_FRAMES
        if weight is None or not text:
            raise ImportFormatError(f"line {number} is not a stack and a number: {_shown(line)}", hint=_HINT)
        if weight > 0:
            thread, stack = stacks[text]
            rows.append(StackRow(thread, stack, weight, max(1, round(weight))))
    if not rows:
        raise ImportFormatError("the file holds no stack", hint=_HINT)
    return StackProfile(name=name, unit=Unit.SAMPLES, rows=rows)


def write(profile: StackProfile) -> Iterator[str]:
    """Write a profile, one line a distinct stack, all threads together.

    Sampled seconds are written as numbers of samples, which every reader of this format takes; where the rate changed
    on the way, as samples at the highest rate. Samples and bytes are written as they are.
    """
    per_sample = _finest_sample(profile) if profile.unit is Unit.SECONDS else 1.0
    sums: dict[Stack, list[float]] = {}
    for row in profile.rows:
        even = profile.unit is Unit.SECONDS and math.isclose(row.weight, row.samples * per_sample, rel_tol=1e-9)
        sums.setdefault(row.stack, []).append(row.samples if even else row.weight / per_sample)
    frames: dict[Frame, str] = {}
    for stack, weights in sums.items():
        for frame in stack:
            if frame not in frames:
                frames[frame] = frame_text(frame)
        text = ";".join([frames[frame] for frame in stack]) or NO_FRAMES
        yield f"{text} {_number_text(math.fsum(weights))}\n"


def frame_text(frame: Frame) -> str:
    """Return a frame as this format writes it; `parse_frame` undoes it, except for a line without a file."""
    function = _escaped(frame.function)
    if not frame.file:
        return _plain_name(function)
    file = _escaped(frame.file).replace("(", "%28")
    text = f"{function} ({file}:{frame.line})" if frame.line else f"{function} ({file})"
    return text if parse_frame(text) == frame else f"{function} ({file}:{frame.line})"


def parse_frame(text: str) -> Frame:
    """Return the frame that a text stands for."""
    if text.endswith(")") and (at := text.rfind(" (")) >= 0:
        inside = text[at + 2 : -1]
        numbered = _LINE_NUMBER.match(inside)
        if numbered is not None and (line := int(numbered[2])) <= LONGEST_LINE_NUMBER:
            return Frame(_unescaped(text[:at]), _unescaped(numbered[1]), line)
        if _FILE_SIGNS.search(inside):
            return Frame(_unescaped(text[:at]), _unescaped(inside), 0)
    return Frame(_unescaped(text), "", 0)


class _Frames(dict[str, Frame]):
    """Frames by their text: each is taken apart once."""

    def __missing__(self, text: str) -> Frame:
        frame = self[text] = parse_frame(text)
        return frame


class _Stacks(dict[str, tuple[Thread, Stack]]):
    """Threads and stacks by their text: each is taken apart once."""

    def __init__(self) -> None:
        super().__init__()
        self._frames = _Frames()
        self._threads: dict[tuple[int, str], Thread] = {}

    def __missing__(self, text: str) -> tuple[Thread, Stack]:
        texts = text.split(";")
        pid, tid, name, depth = 0, 0, "", 0
        # Processes come before their thread: the innermost is the one that was sampled.
        while depth < len(texts) and (process := _PROCESS.fullmatch(texts[depth])) is not None:
            pid, depth = int(process[1]), depth + 1
        if depth < len(texts) and (thread := _THREAD.fullmatch(texts[depth])) is not None:
            tid, name, depth = int(thread[1], 0) & (2**63 - 1), _unescaped(thread[2] or ""), depth + 1
        key = Thread(pid, tid, name)
        stack = tuple(map(self._frames.__getitem__, texts[depth:]))
        found = self[text] = (self._threads.setdefault((tid, name), key) if pid == 0 else key, stack)
        return found


def _plain_name(function: str) -> str:
    """Return an escaped name so that nothing else is seen in it: no file, no thread, no process."""
    if _PROCESS.fullmatch(function):
        function = function.replace(":", "%3A")
    if _THREAD.fullmatch(function):
        function = function.replace("(", "%28")
    return f"{function[:-1]}%29" if parse_frame(function).file else function


def _weight(text: str) -> float | None:
    if len(text) <= _FAST_DIGITS and text.isascii() and text.isdigit():
        return float(int(text))
    if not _WEIGHT.fullmatch(text):
        return None
    weight = float(text)
    return weight if weight <= HEAVIEST_SAMPLE else None


def _finest_sample(profile: StackProfile) -> float:
    return min((row.weight / row.samples for row in profile.rows if row.weight > 0), default=1.0)


def _number_text(number: float) -> str:
    return str(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number)


def _escaped(text: str) -> str:
    return _TO_ESCAPE.sub(lambda found: _ESCAPES[found[0]], text)


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: _UNESCAPES[found[0]], text) if "%" in text else text


def _shown(line: str) -> str:
    return repr(line if len(line) <= 60 else f"{line[:57]}...")
