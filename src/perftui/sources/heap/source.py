"""The heap while it lives: a reader process for each growing capture, its lines as snapshots, its troubles as statuses.

Nothing that happens here reaches the workload: it writes its capture whether somebody reads it or not.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

from perftui.errors import ObserveError
from perftui.model.heap import HeapSnapshot, HeapView
from perftui.model.workload import MemoryOptions
from perftui.sources import processes
from perftui.sources.base import Clock, SourceEvent, SourceState, SourceStatus
from perftui.sources.heap.captures import captures_of
from perftui.sources.heap.live import Orders
from perftui.sources.heap.reader_process import ReaderProcess, script, wait_for
from perftui.sources.heap.tracing import REPORT_SUFFIX
from perftui.sources.heap.wire import Lines, Picture, ReaderEnd, WireError, text
from perftui.sources.recorder_process import ToolStarter
from perftui.text import printable
from perftui.units import format_bytes

REFRESH_S = 0.5
MEMORY_LIMIT_BYTES = 2 << 30
"""About ten million live allocations, or half a million live stacks."""
MOST_CHILDREN = 4
"""Readers of children's captures at once: each costs a part of a core."""
_MODULE = "perftui.sources.heap.live"
_MOST_STARTS = 4
_FINISH_S = 2.0
# A traced process writes every 10 ms, even when it sleeps.
_SILENT_S = 2.0
# A picture comes at least once a second, or in the time of a few refreshes.
_DUMB_S = 10.0
_NOTHING_S = 3.0
_LOOK_S = 0.1
# Between a process's last record and its end.
_PARTING_S = 1.0
_REPORT_LIMIT_BYTES = 1 << 16
_AFTERWARDS = "The exact figures come from the capture, after the run."


@dataclass(slots=True)
class _Follower:
    """A reader that follows one capture."""

    capture: Path
    reader: ReaderProcess | None = None
    lines: Lines | None = None
    starts: int = 0
    sent_bytes: int = -1
    grown_s: float = 0.0
    """When the capture was last seen to grow."""
    heard_s: float = 0.0
    """When it last said anything."""
    trouble: str = ""
    hint: str = ""
    over: bool = False
    """It will not be started again."""
    asked: bool = False
    """It was asked for its last picture."""
    complete: bool = False
    """It told everything that the capture holds."""
    pid: int = 0


@dataclass(slots=True)
class _Boot:
    """What the boot in the workload says of itself."""

    state: str = ""
    message: str = ""
    hint: str = ""


class HeapSource:
    """Follows the capture of a process that is traced, and those of its forked children where they are traced too.

    Args:
        capture: the file that memray writes; it need not exist yet.
        pid: the process that was launched or attached to.
        clock: seconds since the recording began.
        epoch_s: `time.time()` when the clock was at 0.
        keeper: what starts the readers.
        cwd: where the workload was started; relative names of files are understood from there.
        options: how the allocations are traced.
        boot: whether a report of our boot is to be expected beside the capture.
    """

    name = "heap"

    def __init__(
        self,
        capture: Path,
        *,
        pid: int,
        clock: Clock,
        epoch_s: float,
        keeper: ToolStarter,
        cwd: Path,
        options: MemoryOptions,
        boot: bool = True,
        refresh_s: float = REFRESH_S,
        memory_limit_bytes: int = MEMORY_LIMIT_BYTES,
    ) -> None:
        self._capture = capture
        self._pid = pid
        self._clock = clock
        self._epoch_s = epoch_s
        self._keeper = keeper
        self._cwd = cwd
        self._options = options
        self._expects_boot = boot
        self._refresh_s = refresh_s
        self._memory_limit_bytes = memory_limit_bytes
        self._boot = _Boot()
        self._main = _Follower(capture)
        self._children: dict[Path, _Follower] = {}
        self._unread: set[Path] = set()
        """Captures of children beyond those that are read at once."""
        self._started_s = 0.0
        self._looked_s = -1.0
        self._events: list[SourceEvent] = []
        self._said: SourceStatus | None = None
        self._over = False

    def start(self) -> None:
        """Begin to wait for the capture; raises `ObserveError` where memray is not installed beside perftui."""
        if not _memray_is_here():
            raise ObserveError(
                "memray is not installed beside perftui.", hint="Install it: python -m pip install memray"
            )
        self._started_s = self._clock()
        self._step()

    def poll(self, timeout_s: float) -> Sequence[SourceEvent]:
        """Wait at most `timeout_s` and return what has come."""
        deadline_s = self._clock() + timeout_s
        self._step()
        while not self._events and not self._over and (left_s := deadline_s - self._clock()) > 0:
            wait_for(self._readers(), min(left_s, _LOOK_S))
            self._step()
        return self._take_events()

    def stop(self) -> Sequence[SourceEvent]:
        """Ask for a last picture, wait for it briefly, and end the readers; safe to call twice."""
        if self._over:
            return self._take_events()
        self._look_for_captures()
        deadline = time.monotonic() + _FINISH_S
        while (readers := self._readers()) and time.monotonic() < deadline:
            self._ask_for_the_last()
            wait_for(readers, deadline - time.monotonic())
            self._read_all(restart=False)
        for follower in self._followers():
            self._let_go(follower)
        self._over = True
        self._say(self._last_status())
        return self._take_events()

    def _ask_for_the_last(self) -> None:
        for follower in self._followers():
            # One that has said nothing yet may not be ready to be interrupted.
            if follower.reader is not None and follower.sent_bytes >= 0 and not follower.asked:
                follower.asked = True
                follower.reader.interrupt()

    # One round.

    def _step(self) -> None:
        if self._over:
            return
        now_s = self._clock()
        if now_s - self._looked_s >= _LOOK_S:
            self._looked_s = now_s
            self._look_for_boot()
            self._look_for_captures()
        self._read_all(restart=True)
        if self._has_ended():
            self._over = True
            self._say(self._last_status())
        else:
            self._say(self._status())

    def _look_for_boot(self) -> None:
        if not self._expects_boot or self._boot.state:
            return
        path = self._capture.with_name(self._capture.name + REPORT_SUFFIX)
        try:
            with path.open("rb") as file:
                report = json.loads(file.read(_REPORT_LIMIT_BYTES))
            self._boot = _Boot(*(text(report.get(key)) for key in ("state", "message", "hint")))
        except (OSError, ValueError, AttributeError, RecursionError):
            # Not there yet, or not ours.
            return

    def _look_for_captures(self) -> None:
        if not self._main.starts and _has_content(self._capture):
            self._begin(self._main)
        if not self._options.children:
            return
        for path in captures_of(self._capture):
            if path == self._capture or path in self._children or not _has_content(path):
                continue
            if sum(child.reader is not None for child in self._children.values()) >= MOST_CHILDREN:
                self._unread.add(path)
                continue
            self._unread.discard(path)
            self._children[path] = child = _Follower(path)
            self._begin(child)

    def _begin(self, follower: _Follower) -> None:
        orders = Orders(
            capture=str(follower.capture),
            cwd=str(self._cwd),
            refresh_s=self._refresh_s,
            limit_bytes=self._memory_limit_bytes,
            # The tracker is started by the main thread; whoever attaches cannot tell which one comes first.
            main_thread=1 if self._expects_boot else 0,
        )
        follower.starts += 1
        follower.heard_s = follower.grown_s = self._clock()
        follower.sent_bytes = -1
        follower.asked = False
        try:
            tool = self._keeper.start_recorder(script(_MODULE, json.dumps(asdict(orders))))
        except OSError as error:
            follower.over = True
            follower.trouble = f"The live reader cannot be started: {error.strerror}."
            return
        follower.reader = ReaderProcess(tool)
        follower.lines = Lines(epoch_s=self._epoch_s)

    def _read_all(self, *, restart: bool) -> None:
        for follower in self._followers():
            if follower.reader is not None:
                self._read(follower, follower.reader, restart=restart)

    def _read(self, follower: _Follower, reader: ReaderProcess, *, restart: bool) -> None:
        assert follower.lines is not None
        newest: HeapSnapshot | None = None
        try:
            for line in reader.lines():
                said = follower.lines.decode(line)
                follower.heard_s = self._clock()
                if isinstance(said, ReaderEnd):
                    self._end(follower, said)
                elif isinstance(said, Picture):
                    newest = said.snapshot
                    self._note(follower, said)
        except WireError as error:
            self._revive(follower, f"its output could not be read ({error})", restart=restart)
        if newest is not None:
            # Of several pictures that have piled up, the newest holds all that is to know.
            self._events.append(newest)
        if reader.over and follower.reader is reader:
            if follower.over:
                self._let_go(follower)
                self._note_end(follower, stopping=not restart)
            else:
                self._revive(follower, "it has ended", restart=restart)

    def _note(self, follower: _Follower, picture: Picture) -> None:
        follower.pid = picture.snapshot.pid
        if picture.sent_bytes != follower.sent_bytes:
            follower.sent_bytes = picture.sent_bytes
            follower.grown_s = self._clock()
        follower.complete = picture.last
        follower.trouble = ""

    def _note_end(self, follower: _Follower, *, stopping: bool) -> None:
        """Let a forked child that has ended hold nothing any more, while the others go on."""
        if stopping or follower is self._main or not follower.complete or processes.alive(follower.pid):
            return
        self._events.append(
            HeapSnapshot(
                view=HeapView.HELD,
                at_s=self._clock(),
                pid=follower.pid,
                total_bytes=0,
                allocations=0,
                stacks=0,
                frames=(),
                nodes=(),
                threads=(),
                cells=(),
                functions=(),
            )
        )

    def _end(self, follower: _Follower, end: ReaderEnd) -> None:
        follower.over = True
        if end.reason == "memory":
            limit = format_bytes(self._memory_limit_bytes)
            follower.trouble = f"The live view is paused: its reader needs more than {limit} of memory."
            follower.hint = _AFTERWARDS
        elif end.reason == "unreadable":
            follower.trouble = f"memray cannot read the capture: {printable(end.message)}"
            follower.hint = "The workload's memray may be of another version than perftui's."

    def _revive(self, follower: _Follower, why: str, *, restart: bool) -> None:
        """Replace a reader that was lost: another reads the capture from its first byte."""
        self._let_go(follower)
        if not restart:
            return
        if follower.starts < _MOST_STARTS and _has_content(follower.capture):
            self._begin(follower)
            follower.trouble = f"The live reader was lost ({why}) and was started again."
            return
        follower.over = True
        gone = "" if follower.capture.exists() else ": the capture was deleted"
        follower.trouble = f"The live view has ended: its reader was lost{gone}."
        follower.hint = "" if gone else _AFTERWARDS

    def _let_go(self, follower: _Follower) -> None:
        reader, follower.reader = follower.reader, None
        if reader is not None:
            reader.close()

    # What there is to say.

    def _has_ended(self) -> bool:
        """Tell whether nothing can come any more: the traced process has ended, and all that it wrote was read."""
        main = self._main
        if self._options.children or not (main.over and main.complete) or main.reader is not None:
            return False
        return not processes.alive(main.pid)

    def _status(self) -> SourceStatus:
        main = self._main
        now_s = self._clock()
        if self._boot.state == "refused":
            return self._degraded(self._boot.message or "The workload cannot be traced.", self._boot.hint)
        if main.trouble:
            return self._degraded(main.trouble, main.hint)
        if not main.starts:
            if self._expects_boot and not self._boot.state and now_s - self._started_s > _NOTHING_S:
                return self._degraded(*_NOTHING_TRACED)
            return SourceStatus(self.name, SourceState.STARTING, "Waiting for the first allocation.")
        if main.reader is None and now_s - main.heard_s > _PARTING_S:
            return self._degraded("The tracking has ended, and the process runs on.", "")
        if now_s - main.heard_s > _DUMB_S:
            return self._degraded("The live reader does not answer.", _AFTERWARDS)
        if main.sent_bytes < 0:
            return SourceStatus(self.name, SourceState.STARTING, "Reading the capture.")
        if now_s - main.grown_s > _SILENT_S and main.heard_s > main.grown_s:
            return self._degraded(*_SILENT)
        return self._children_status()

    def _children_status(self) -> SourceStatus:
        if self._unread:
            return self._degraded(
                f"Of the forked children {MOST_CHILDREN} are shown live.", "The others are read after the run."
            )
        trouble = next((child.trouble for child in self._children.values() if child.trouble), "")
        if trouble:
            return self._degraded(f"A forked child: {trouble}", _AFTERWARDS)
        return SourceStatus(self.name, SourceState.RUNNING)

    def _last_status(self) -> SourceStatus:
        if self._boot.state == "refused":
            return SourceStatus(
                self.name, SourceState.FAILED, printable(self._boot.message), printable(self._boot.hint)
            )
        if not self._main.starts:
            if self._expects_boot and not self._boot.state:
                return SourceStatus(self.name, SourceState.FAILED, *_NOTHING_TRACED)
            return SourceStatus(self.name, SourceState.FAILED, "The tracer has written nothing.")
        return SourceStatus(self.name, SourceState.ENDED)

    def _degraded(self, message: str, hint: str) -> SourceStatus:
        return SourceStatus(self.name, SourceState.DEGRADED, printable(message), printable(hint))

    def _say(self, status: SourceStatus) -> None:
        if status != self._said:
            self._said = status
            self._events.append(status)

    def _take_events(self) -> Sequence[SourceEvent]:
        events, self._events = self._events, []
        return events

    def _followers(self) -> list[_Follower]:
        return [self._main, *self._children.values()]

    def _readers(self) -> list[ReaderProcess]:
        return [follower.reader for follower in self._followers() if follower.reader is not None]


_NOTHING_TRACED = (
    "Nothing is traced: no Python interpreter of the command came through perftui's gate.",
    "Interpreters that are started with -I, -E or -S, and programs that are not Python, cannot be traced.",
)
_SILENT = (
    "The capture does not grow: the process is stopped, or its tracing was switched off (is the disk full?).",
    "What was written until then stays readable.",
)


def _has_content(capture: Path) -> bool:
    try:
        return capture.stat().st_size > 0
    except OSError:
        return False


def _memray_is_here() -> bool:
    return find_spec("memray") is not None
