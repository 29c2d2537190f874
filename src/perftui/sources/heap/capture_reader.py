"""Captures read to their end: the exact figures of a run, each as soon as it is known.

A damaged capture can bring the process down that reads it; another then reads what is left to be read.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from perftui.errors import ObserveError
from perftui.model.heap import Capture, HeapSnapshot, HeapTimeline, HeapView
from perftui.sources.base import Progress, SourceEvent, SourceState, SourceStatus
from perftui.sources.heap import extract, live
from perftui.sources.heap.captures import captures_of
from perftui.sources.heap.header import read_header
from perftui.sources.heap.keeping import PART_SUFFIX
from perftui.sources.heap.reader_process import ReaderProcess, script, wait_for
from perftui.sources.heap.source import MEMORY_LIMIT_BYTES
from perftui.sources.heap.tracing import REPORT_SUFFIX, is_sealed
from perftui.sources.heap.wire import Lines, PassBegun, Picture, ReaderEnd, Said, WireError
from perftui.sources.recorder_process import ToolStarter
from perftui.text import printable

__all__ = ["CaptureReader", "captures_of"]

_EXTRACT, _LIVE = "perftui.sources.heap.extract", "perftui.sources.heap.live"
# What the passes cost relative to each other: measured over captures of 2 to 30 million records.
_WEIGHTS = {
    "open": 1.0,
    "high_watermark": 1.0,
    "leaked": 1.0,
    "totals": 1.0,
    "allocated": 2.0,
    "temporary": 1.0,
    "keep": 0.3,
}
_DOING = "reading the capture"
_PROGRESS_S = 0.1
# Somebody waits for the first picture, and the preview is over soon.
_PREVIEW_S = 0.1
_PREVIEW_FIRST_S = 1.0
# memray writes every 10 ms; between a process's last record and the moment that its end is seen.
_PARTING_S = 1.0
_STOPPED = "The tracing stopped before the process ended (was the disk full?)."
_CUT_OFF = "The capture was not read to its end."
# memray's words for a capture of another format.
_OTHER_FORMAT = "incompatible with this version"


@dataclass(slots=True)
class _Work:
    """One capture, and how far it is read."""

    path: Path
    size_bytes: int
    facts: Capture
    format_version: int = 0
    """Of the capture, as far as it says; 0 where it does not."""
    ended_in_order: bool = False
    """It says how many records it holds."""
    sealed: bool = False
    """The boot says that it ended the tracing."""
    done: list[str] = field(default_factory=list)
    """Passes that are over, well or not."""
    now: str = ""
    """The pass that is made."""
    troubles: list[str] = field(default_factory=list)
    leaked: HeapSnapshot | None = None
    previewed: bool = False


class CaptureReader:
    """Reads captures one after the other.

    Args:
        captures: the files to read, raw or compressed.
        clock_zero_epoch_s: `time.time()` when the recording's clock was at 0.
        keeper: what starts the readers.
        cwd: where the workload was started; relative names of files are understood from there.
        keep_in: directory to keep the captures in, compressed and named by their hash; None keeps none.
        preview: show early what a capture holds, while its exact figures are still on the way.
        own: whether the files belong to the recording: they are removed when they were kept, or are not to be kept,
            and were read. By default those that lie in the directory to keep them in.
        must_reach: a process, and when it ended by the recording's clock: where its capture ends long before, the
            tracing was cut off.
    """

    name = "capture"

    def __init__(
        self,
        captures: Sequence[Path],
        *,
        clock_zero_epoch_s: float,
        keeper: ToolStarter,
        cwd: Path,
        keep_in: Path | None,
        preview: bool = False,
        own: bool | None = None,
        must_reach: tuple[int, float] | None = None,
    ) -> None:
        self._epoch_s = clock_zero_epoch_s
        self._keeper = keeper
        self._cwd = cwd
        self._keep_in = keep_in
        self._preview = preview
        self._own = own
        self._must_reach = must_reach
        self._todo = [_work(path) for path in captures]
        self._whole_bytes = sum(work.size_bytes for work in self._todo) or 1
        self._read_bytes = 0
        self._work: _Work | None = None
        self._reader: ReaderProcess | None = None
        self._lines = Lines(epoch_s=clock_zero_epoch_s)
        self._previewer: ReaderProcess | None = None
        self._preview_lines = Lines(epoch_s=clock_zero_epoch_s)
        self._preview_until = 0.0
        self._events: list[SourceEvent] = []
        self._progress_at = 0.0
        self._share = 0.0
        self._over = False
        self.foreign = False
        """A capture is whole, as far as one sees, but in a format that the memray here does not read."""

    def start(self) -> None:
        """Begin to read; raises `ObserveError` where no reader can be started."""
        self._events.append(SourceStatus(self.name, SourceState.RUNNING))
        self._events.append(Progress(self.name, _DOING, 0.0))
        self._next()

    def poll(self, timeout_s: float) -> Sequence[SourceEvent]:
        """Wait at most `timeout_s` and return what has come."""
        deadline = time.monotonic() + timeout_s
        self._step()
        while not self._events and not self._over and (left_s := deadline - time.monotonic()) > 0:
            wait_for([each for each in (self._reader, self._previewer) if each is not None], min(left_s, _PROGRESS_S))
            self._step()
        return self._take_events()

    def stop(self) -> Sequence[SourceEvent]:
        """End reading; what was not read to its end stays where it is. Safe to call twice."""
        if not self._over:
            self._over = True
            self._close_readers()
            for work in [self._work, *self._todo]:
                if work is not None:
                    self._discard_part(work)
                    facts = replace(work.facts, complete=False, trouble=" ".join([*work.troubles, _CUT_OFF]))
                    self._events.append(facts)
            self._end()
        return self._take_events()

    # One capture after the other.

    def _next(self) -> None:
        """Begin with the next capture, or end."""
        if not self._todo:
            self._over = True
            self._end()
            return
        self._work = self._todo.pop(0)
        if not self._work.path.is_file():
            self._work.troubles.append("The capture is gone.")
            self._finish(self._work, complete=False)
            return
        if not self._preview:
            self._begin(self._work)
        else:
            # The extraction waits for it: two readers at once would share what the machine has to give.
            self._preview_until = time.monotonic() + _PREVIEW_FIRST_S
            orders = live.Orders(
                capture=str(self._work.path),
                cwd=str(self._cwd),
                refresh_s=_PREVIEW_S,
                limit_bytes=MEMORY_LIMIT_BYTES,
                finished=True,
            )
            self._previewer = self._start(_LIVE, json.dumps(asdict(orders)))
            self._preview_lines = Lines(epoch_s=self._epoch_s)

    def _begin(self, work: _Work) -> None:
        orders = extract.Orders(
            capture=str(work.path),
            cwd=str(self._cwd),
            keep_in="" if self._keep_in is None else str(self._keep_in),
            skip=tuple(work.done),
        )
        self._lines = Lines(epoch_s=self._epoch_s)
        self._reader = self._start(_EXTRACT, json.dumps(asdict(orders)))

    def _start(self, module: str, orders: str) -> ReaderProcess:
        try:
            return ReaderProcess(self._keeper.start_recorder(script(module, orders)))
        except OSError as error:
            raise ObserveError(
                f"The reader of captures cannot be started: {error.strerror}.", hint="Is the machine out of memory?"
            ) from None

    def _step(self) -> None:
        if self._over:
            return
        self._read_preview()
        work, reader = self._work, self._reader
        if work is not None and reader is None and self._may_begin(work):
            self._begin(work)
            reader = self._reader
        if work is None or reader is None:
            return
        try:
            for line in reader.lines():
                if self._take(work, self._lines.decode(line)):
                    return
        except WireError as error:
            self._lose(work, f"what it says cannot be understood: {error}")
            return
        if reader.over:
            self._lose(work, "")
            return
        self._tell_progress(work, reader)

    def _may_begin(self, work: _Work) -> bool:
        """Tell whether the early picture is there, or is not to be waited for any longer."""
        return work.previewed or self._previewer is None or time.monotonic() > self._preview_until

    def _take(self, work: _Work, said: Said) -> bool:
        """Take in what the reader says; tells whether it was its last word."""
        match said:
            case PassBegun():
                self._leave_pass(work)
                work.now = said.name
            case Capture():
                # Passes that come again after a loss say again what is known.
                known = {name: value for name, value in asdict(said).items() if value not in (None, "")}
                work.facts = replace(work.facts, **known)
            case HeapTimeline():
                self._events.append(said)
            case Picture():
                self._events.append(said.snapshot)
                if said.snapshot.view is HeapView.LEAKED:
                    self._end_preview(work, said.snapshot)
            case ReaderEnd():
                self._hear_end(work, said)
                return True
        return False

    def _hear_end(self, work: _Work, end: ReaderEnd) -> None:
        self._leave_reader()
        if end.reason == "complete":
            self._leave_pass(work)
            self._finish(work, complete=not work.troubles)
        elif _OTHER_FORMAT in end.message and work.format_version:
            self.foreign = True
            theirs = f"format {work.format_version} of memray's"
            work.troubles.append(f"The capture is in {theirs}, which the memray of perftui does not read.")
            self._finish(work, complete=False)
        else:
            self._give_up_pass(work, printable(end.message).rstrip("."))

    def _lose(self, work: _Work, why: str) -> None:
        """Take note that a reader was lost, and have another read the rest."""
        words = self._reader.last_words if self._reader is not None else ""
        code = self._leave_reader()
        if not why and code < 0:
            why = f"memray ended with {signal.Signals(-code).name}"
        why = why or printable(words).rstrip(".") or "memray gave up"
        self._give_up_pass(work, why)

    def _give_up_pass(self, work: _Work, why: str) -> None:
        failed = work.now
        self._leave_pass(work)
        work.troubles.append(f"The capture is damaged or foreign: {why}.")
        # What cannot even be opened has nothing more to tell, and the last pass nothing to be done after it.
        if failed in ("", "open", extract.PASSES[-1]) or len(work.done) >= len(extract.PASSES):
            self._finish(work, complete=False)
        else:
            self._begin(work)

    def _leave_pass(self, work: _Work) -> None:
        if work.now and work.now not in work.done:
            work.done.append(work.now)
        work.now = ""

    def _leave_reader(self) -> int:
        reader, self._reader = self._reader, None
        return reader.close().code if reader is not None else 0

    def _finish(self, work: _Work, *, complete: bool) -> None:
        self._read_bytes += work.size_bytes
        if work.leaked is None:
            self._end_preview(work, None)
        cut_off = self._cut_off(work)
        troubles = dict.fromkeys(part for part in (*work.troubles, work.facts.trouble, cut_off) if part)
        self._work = None
        read = complete and work.facts.complete
        facts = replace(work.facts, complete=read and not cut_off, trouble=" ".join(troubles))
        if not facts.file:
            facts = replace(facts, size_bytes=work.size_bytes)
        self._events.append(facts)
        if self._may_remove(work, facts, read=read):
            work.path.unlink(missing_ok=True)
            work.path.with_name(work.path.name + REPORT_SUFFIX).unlink(missing_ok=True)
        self._next()

    def _cut_off(self, work: _Work) -> str:
        """Return what to say of a tracing that ended before its process, which memray notes nowhere."""
        pid, ended_s = self._must_reach or (0, 0.0)
        is_short = work.leaked is not None and work.facts.pid == pid and ended_s - work.leaked.at_s > _PARTING_S
        return _STOPPED if not work.ended_in_order and (work.sealed or is_short) else ""

    def _may_remove(self, work: _Work, facts: Capture, *, read: bool) -> bool:
        """Tell whether the raw capture has done its duty."""
        own = self._own if self._own is not None else work.path.parent == self._keep_in
        if not own or work.path.name == facts.file:
            return False
        return bool(facts.file) if self._keep_in is not None else read

    def _discard_part(self, work: _Work) -> None:
        if self._keep_in is not None:
            (self._keep_in / (work.path.name + PART_SUFFIX)).unlink(missing_ok=True)

    def _end(self) -> None:
        self._events.append(Progress(self.name, "", 1.0))
        self._events.append(SourceStatus(self.name, SourceState.ENDED))

    # The picture that comes early.

    def _read_preview(self) -> None:
        previewer, work = self._previewer, self._work
        if previewer is None or work is None:
            return
        newest: HeapSnapshot | None = None
        try:
            for line in previewer.lines():
                said = self._preview_lines.decode(line)
                if isinstance(said, Picture) and said.snapshot.total_bytes:
                    newest = said.snapshot
        except WireError:
            self._close_preview()
        if newest is not None:
            work.previewed = True
            # When it was so is not known: only the bytes are read so far.
            self._events.append(replace(newest, at_s=0.0, exact=False))
        if previewer.over:
            self._close_preview()

    def _end_preview(self, work: _Work, leaked: HeapSnapshot | None) -> None:
        """Replace the early picture by what was held in the end."""
        self._close_preview()
        work.leaked = leaked
        if leaked is not None and work.previewed:
            self._events.append(replace(leaked, view=HeapView.HELD))

    def _close_preview(self) -> None:
        previewer, self._previewer = self._previewer, None
        if previewer is not None:
            previewer.close()

    def _close_readers(self) -> None:
        self._close_preview()
        self._leave_reader()

    # How far it is.

    def _tell_progress(self, work: _Work, reader: ReaderProcess) -> None:
        now = time.monotonic()
        if now - self._progress_at < _PROGRESS_S:
            return
        self._progress_at = now
        weight = sum(_WEIGHTS.values())
        done = sum(_WEIGHTS[name] for name in work.done if name in _WEIGHTS)
        position = file_position(reader.pid, work.path)
        if position is not None and work.size_bytes:
            done += _WEIGHTS.get(work.now, 0.0) * min(1.0, position / work.size_bytes)
        read = self._read_bytes + work.size_bytes * min(1.0, done / weight)
        # Between two passes the file is open twice, or not at all; nobody wants to see that.
        self._share = max(self._share, min(1.0, read / self._whole_bytes))
        self._events.append(Progress(self.name, _DOING, self._share))

    def _take_events(self) -> Sequence[SourceEvent]:
        events, self._events = self._events, []
        return events


def file_position(pid: int, path: Path) -> int | None:
    """Return how far a process has read a file; None where the system does not tell."""
    furthest = None
    try:
        wanted = str(path.resolve())
        for link in Path(f"/proc/{pid}/fd").iterdir():
            if str(link.readlink()) != wanted:
                continue
            fields = Path(f"/proc/{pid}/fdinfo/{link.name}").read_text(encoding="ascii").split()
            furthest = max(furthest or 0, int(fields[fields.index("pos:") + 1]))
    except (OSError, ValueError):
        # It closed the file, or ended, while it was looked at.
        return furthest
    return furthest


def _work(path: Path) -> _Work:
    try:
        size = path.stat().st_size
        header = read_header(path)
    except OSError:
        return _Work(path, 0, Capture(_pid_in(path)))
    if header is None:
        return _Work(path, size, Capture(_pid_in(path)))
    # How many there are is the last thing that is written, when a tracing ends in order.
    in_order = header.records > 0
    sealed = is_sealed(path.with_name(path.name + REPORT_SUFFIX))
    return _Work(path, size, Capture(header.pid), header.format_version, in_order, sealed)


def _pid_in(path: Path) -> int:
    """Return the process that a capture of a forked child is named after, or 0."""
    ending = path.suffix[1:]
    return int(ending) if ending.isdecimal() else 0
