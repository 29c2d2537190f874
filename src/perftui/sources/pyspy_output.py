"""What py-spy prints, as values: speedscope windows, looks at the threads, and the lines around them.

Everything here is hostile: names of functions and threads are the target's. What cannot be read is an `OutputError`.
"""

from __future__ import annotations

import json
import re
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from perftui.model.frame import Frame, Stack
from perftui.model.sample import SampleWindow, Thread, ThreadLook, ThreadLooks, ThreadSamples

SAMPLING_LINE = re.compile(rb"^py-spy> Sampling process", re.MULTILINE)
"""From this line on the sampler looks at the target."""
ENDED_LINE = re.compile(rb"^py-spy> Stopped sampling because process exited", re.MULTILINE)
OUTPUT_LIMIT_BYTES = 64 << 20
"""A window of 1,000 threads, each 100 frames deep, at 100 Hz is a third of this."""
# Some targets have generated names of a megabyte; they would be carried through the whole session.
_NAME_LIMIT = 2_000
# Where a thread waits is told by the end of its stack.
_DEEPEST_WAIT = 64
_MOST_LINES = 1 << 31
_PROFILE_NAME = re.compile(r"\A(?:Process (\d+) )?Thread (0x[0-9A-Fa-f]+|\d+) \"(.*)\"\Z", re.DOTALL)
_COUNTS = re.compile(rb"Samples: (\d{1,18}) Errors: (\d{1,18})")
_BEHIND = re.compile(r"([\d.]{1,20})(ns|µs|ms|s) behind in sampling")
_UNIT_S = {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1.0}


_WAITS = frozenset({"wait", "_wait_for_tstate_lock"})
"""Functions of `threading` that do nothing but wait in a lock, while they are the leaf."""


class OutputError(ValueError):
    """Output that is not what py-spy writes."""


@dataclass(frozen=True, slots=True)
class RecordOutput:
    """The content of one recorder's output."""

    frames: tuple[Frame, ...]
    threads: tuple[ThreadSamples, ...]
    failed: int
    late_s: float


@dataclass(frozen=True, slots=True)
class Ours:
    """Files of which no frame is left: they are ours, and run inside the target."""

    gate_file: str
    boot_file: str
    boot_function: str
    """Of the boot's frames, which stand at the root, the one that runs the program."""

    def strip(self, stack: list[Frame]) -> list[Frame]:
        """Return what of a stack is the program's; nothing for a sample that was taken before it runs."""
        if stack and stack[-1].file == self.gate_file:
            return []
        stack = [frame for frame in stack if frame.file != self.gate_file]
        first = next((i for i, frame in enumerate(stack) if frame.file != self.boot_file), len(stack))
        if first and stack[first - 1].function != self.boot_function:
            return []
        return stack[first:]


def parse_record(output: bytes, *, pid: int, ours: Ours | None = None) -> RecordOutput:
    """Read all that a recorder of process `pid` wrote on stdout.

    Samples without a Python frame are dropped, so are those of threads that only wait, and threads without a sample.
    """
    document, text = _split(output)
    profiles = _Profiles(document, pid, ours)
    threads = tuple(profiles.threads())
    counts = _COUNTS.search(text)
    return RecordOutput(
        frames=tuple(profiles.frames),
        threads=threads,
        failed=int(counts[2]) if counts else 0,
        late_s=_late_s(text.decode("utf-8", "replace")),
    )


def without_torn(window: SampleWindow) -> SampleWindow:
    """Drop samples whose root is not their thread's usual one, and count them as failed.

    A stack that was read while it changed has mostly lost its root; this finds five of six impossible stacks.
    """
    threads = []
    dropped = 0
    for part in window.threads:
        roots = [window.frames[stack[0]] for stack in part.stacks]
        names = Counter((roots[i].file, roots[i].function) for i in part.order)
        usual = names.most_common(1)[0][0]
        kept = array("I", (i for i in part.order if (roots[i].file, roots[i].function) == usual))
        dropped += len(part.order) - len(kept)
        threads.append(replace(part, order=kept))
    return replace(window, threads=tuple(threads), failed=window.failed + dropped, approximate=True)


def parse_looks(output: bytes, *, at_s: float) -> ThreadLooks:
    """Read what `py-spy dump --json` printed."""
    document = _load(output)
    if not isinstance(document, list):
        raise OutputError("no list of threads")
    return ThreadLooks(at_s, tuple(_look(entry) for entry in document))


class _Profiles:
    """The profiles of a speedscope document, one a thread."""

    def __init__(self, document: object, pid: int, ours: Ours | None) -> None:
        self._pid = pid
        self._ours = ours
        self.frames: dict[Frame, int] = {}
        """The frames that samples hold, and their numbers."""
        self._named: list[Frame | None] = []
        """The document's frames; None for one that stands for a process."""
        if not isinstance(document, dict):
            raise OutputError("no speedscope document")
        self._profiles = _list(document, "profiles")
        shared = document.get("shared")
        self._named = [_frame(entry) for entry in _list(shared, "frames")] if isinstance(shared, dict) else []

    def threads(self) -> Iterator[ThreadSamples]:
        """Yield the threads that have samples."""
        parts: dict[tuple[int, int], list[tuple[str, list[object]]]] = {}
        for profile in self._profiles:
            pid, tid, name, samples = self._profile(profile)
            parts.setdefault((pid, tid), []).append((name, samples))
        for (pid, tid), found in parts.items():
            # A thread that changed its name is one thread still.
            name = next((name for name, _ in reversed(found) if name), "")
            made = self._samples([sample for _, samples in found for sample in samples])
            if made is not None:
                yield ThreadSamples(Thread(pid, tid, name), *made)

    def _profile(self, profile: object) -> tuple[int, int, str, list[object]]:
        if not isinstance(profile, dict):
            raise OutputError("a profile is not an object")
        match = _PROFILE_NAME.match(_text(profile.get("name"), limit=None))
        if match is None:
            raise OutputError("a profile that is not named after a thread")
        pid = _identity(match[1]) if match[1] else self._pid
        return pid, _identity(match[2]), _text(match[3]), _list(profile, "samples")

    def _samples(self, samples: list[object]) -> tuple[tuple[tuple[int, ...], ...], array[int]] | None:
        """Return the distinct stacks and the order of the samples; None where nothing is left."""
        stacks: dict[tuple[int, ...], int] = {}
        # Not every distinct list of numbers is a stack of its own: frames are merged and dropped.
        seen: dict[tuple[object, ...], int] = {}
        order = array("I")
        for sample in samples:
            if not isinstance(sample, list):
                raise OutputError("a sample is not a list")
            key = tuple(sample)
            try:
                place = seen.get(key)
            except TypeError as error:
                raise OutputError("a sample holds something that is not a number") from error
            if place is None:
                stack = self._stack(key)
                place = seen[key] = stacks.setdefault(stack, len(stacks)) if stack else -1
            if place >= 0:
                order.append(place)
        return (tuple(stacks), order) if order else None

    def _stack(self, numbers: tuple[object, ...]) -> tuple[int, ...]:
        stack = []
        for number in numbers:
            if type(number) is not int or not 0 <= number < len(self._named):
                raise OutputError("a sample names a frame that is not there")
            if (frame := self._named[number]) is not None:
                stack.append(frame)
        if self._ours is not None:
            stack = self._ours.strip(stack)
        if stack and _only_waits(stack[-1]):
            return ()
        return tuple([self.frames.setdefault(frame, len(self.frames)) for frame in stack])


def _only_waits(leaf: Frame) -> bool:
    # Stopping the target wakes its sleeping threads, and on a busy machine the next look finds them not yet asleep
    # again. py-spy leaves such samples out by the function's bare name, which it no longer sees since it prints
    # qualified ones.
    return leaf.function.rpartition(".")[2] in _WAITS and leaf.file.rpartition("/")[2] == "threading.py"


def _frame(entry: object) -> Frame | None:
    if not isinstance(entry, dict):
        raise OutputError("a frame is not an object")
    name, file = _text(entry.get("name")), _text(entry.get("file"))
    if not file and name.startswith("process "):
        return None
    return Frame(name, file, _line(entry.get("line")))


def _split(output: bytes) -> tuple[object, bytes]:
    """Return the document and the lines around it, which only then can be told from the target's own names."""
    start = output.find(b'{"$schema"')
    if start < 0:
        raise OutputError("no speedscope document")
    # The document is one line; an escape stands for each newline inside.
    end = output.find(b"\n", start)
    line = output[start:] if end < 0 else output[start:end]
    return _load(line), output[:start] + (b"" if end < 0 else output[end:])


def _load(data: bytes) -> object:
    if len(data) > OUTPUT_LIMIT_BYTES:
        raise OutputError(f"more than {OUTPUT_LIMIT_BYTES >> 20} MiB")
    try:
        return json.loads(data)
    # Besides broken JSON: broken UTF-8, a number of thousands of digits, lists in lists without end.
    except (ValueError, RecursionError) as error:
        raise OutputError(f"not JSON: {error}") from error


def _list(holder: dict[str, object], key: str) -> list[object]:
    value = holder.get(key)
    if not isinstance(value, list):
        raise OutputError(f"{key} is not a list")
    return value


def _text(value: object, *, limit: int | None = _NAME_LIMIT) -> str:
    if not isinstance(value, str):
        return ""
    if limit is not None and len(value) > limit:
        value = value[: limit - 1] + "…"
    if value.isascii():
        return value
    # Half a surrogate pair cannot be written anywhere.
    return value.encode("utf-8", "replace").decode("utf-8")


def _line(value: object) -> int:
    return value if type(value) is int and 0 < value < _MOST_LINES else 0


def _identity(text: str) -> int:
    value = int(text, 16) if text.startswith("0x") else int(text[:20])
    if value.bit_length() > 64:
        raise OutputError("a thread id of more than 64 bits")
    # As SQLite and array items know them: signed.
    return value if value < 1 << 63 else value - (1 << 64)


def _late_s(text: str) -> float:
    delays = []
    for match in _BEHIND.finditer(text):
        try:
            delays.append(float(match[1]) * _UNIT_S[match[2]])
        except ValueError:
            continue
    return max(delays, default=0.0)


def _look(entry: object) -> ThreadLook:
    if not isinstance(entry, dict):
        raise OutputError("a thread is not an object")
    pid, tid = entry.get("pid"), entry.get("os_thread_id")
    if tid is None:
        # Interpreters up to 3.10 looked at without a stop: samples know the thread by the same number.
        tid = entry.get("thread_id")
    if type(pid) is not int or type(tid) is not int:
        raise OutputError("a thread without a number")
    thread = Thread(pid, tid, _text(entry.get("thread_name")))
    active = entry.get("active") is True
    waits = () if active else _waits(entry.get("frames"))
    return ThreadLook(thread, active=active, holds_gil=entry.get("owns_gil") is True, waits=waits)


def _waits(frames: object) -> Stack:
    """Return where a thread waits, root first; of a deep stack its end. A look without frames is a look too."""
    if not isinstance(frames, list):
        return ()
    leaf_first = [
        Frame(_text(frame.get("name")), _text(frame.get("filename")), _line(frame.get("line")))
        for frame in frames[:_DEEPEST_WAIT]
        if isinstance(frame, dict)
    ]
    return tuple(reversed(leaf_first))


def first_line(text: str, *, default: str = "") -> str:
    """Return the first line that says something."""
    return next((line.strip() for line in text.splitlines() if line.strip()), default)
