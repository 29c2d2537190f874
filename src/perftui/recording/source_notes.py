"""What the source files were while they ran: a thread reads each file of the project's own code that was seen running.

Files are read when they are first seen and looked at again when the run is over; nobody waits for a slow disk.
"""

from __future__ import annotations

import hashlib
import os
import queue
import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace

from perftui.analysis.code_origin import Origin, origin
from perftui.model.frame import Frame
from perftui.model.session import SessionMeta
from perftui.model.source_file import MOST_BYTES, MOST_FILES, MOST_KEPT_BYTES, SourceFile
from perftui.recording.plan import RecordingPlan
from perftui.recording.regular_file import FileContent, Stamp, file_stamp, read_regular
from perftui.sources.processes_psutil import process_facts
from perftui.storage.source_table import pack_source
from perftui.units import format_bytes

LAST_LOOK_S = 2.0
"""How long the end of a recording waits for files to be looked at again."""


@dataclass(frozen=True, slots=True)
class _Known:
    source: SourceFile
    path: str
    stamp: Stamp


class SourceNotes:
    """Source files of one recording; `see` and `take` are of one thread, the reading is of another."""

    def __init__(self, *, cwd: str, began_epoch_s: float, keep: bool = False) -> None:
        """Begin without any file.

        Args:
            cwd: Where the program runs: what relative names are of.
            began_epoch_s: When the program began; what was written later may not be what runs.
            keep: Keep the texts too.
        """
        self.unkept = 0
        """Files whose text should have been kept and was not: not there, too many, too long, or together too much."""
        self._cwd = cwd
        self._began_epoch_s = began_epoch_s
        self._keep = keep
        self._kept_bytes = 0
        self._seen: set[str] = set()
        self._known: list[_Known] = []
        self._wanted: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._found: queue.SimpleQueue[SourceFile] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._over = False

    def see(self, frames: Iterable[Frame]) -> None:
        """Note that these frames were seen; files of the project's own code among them are read."""
        for file in {frame.file for frame in frames} - self._seen:
            self._seen.add(file)
            if file.startswith("<") or origin(file) is not Origin.OWN:
                continue
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="sources", daemon=True)
                self._thread.start()
            self._wanted.put(file)

    def take(self) -> list[SourceFile]:
        """Return what was found since the last time."""
        found = []
        while not self._found.empty():
            found.append(self._found.get_nowait())
        return found

    def finish(self, timeout_s: float = LAST_LOOK_S) -> list[SourceFile]:
        """Look at all files once more and return what was found; a disk that takes longer is left alone."""
        if self._thread is None or self._over:
            return []
        self._over = True
        self._wanted.put(None)
        self._thread.join(timeout_s)
        return self.take()

    @property
    def shortfall(self) -> str:
        """What was to be kept and was not, in one sentence; empty where all was."""
        if not self.unkept:
            return ""
        files = "1 source file was" if self.unkept == 1 else f"{self.unkept:,} source files were"
        limits = f"{MOST_FILES:,} files, {format_bytes(MOST_BYTES)} each, {format_bytes(MOST_KEPT_BYTES)} in all"
        return f"{files} not kept: not there to be read, or beyond the limits ({limits})"

    # The thread that reads.

    def _work(self) -> None:
        while (file := self._wanted.get()) is not None:
            self._read(file)
        for known in self._known:
            if file_stamp(known.path) != known.stamp:
                self._look_again(known)

    def _read(self, file: str) -> None:
        path = os.path.join(self._cwd, file)  # noqa: PTH118 (a hostile name is not normalised away)
        content = _content(path) if len(self._known) < MOST_FILES else None
        if content is None or len(content.data) > MOST_BYTES:
            self.unkept += self._keep
            return
        source = SourceFile(
            file,
            hashlib.sha256(content.data).hexdigest(),
            len(content.data),
            content.written_epoch_s <= self._began_epoch_s,
            self._packed(content.data),
        )
        self._known.append(_Known(source, path, content.stamp))
        self._found.put(source)

    def _packed(self, data: bytes) -> bytes | None:
        if not self._keep:
            return None
        if self._kept_bytes + len(data) > MOST_KEPT_BYTES:
            self.unkept += 1
            return None
        self._kept_bytes += len(data)
        return pack_source(data)

    def _look_again(self, known: _Known) -> None:
        """Tell of a file that became another one while the program ran; what is kept is what was read first."""
        content = _content(known.path)
        if content is not None and hashlib.sha256(content.data).hexdigest() != known.source.sha256:
            self._found.put(replace(known.source, steady=False))


def _content(path: str) -> FileContent | None:
    """Return what a file holds; None where it cannot be read: then nothing is known of it."""
    try:
        return read_regular(path, most_bytes=MOST_BYTES)
    except (OSError, ValueError):
        return None


def notes_of(plan: RecordingPlan, meta: SessionMeta, *, began_epoch_s: float) -> SourceNotes:
    """Return the notes of a recording; a process that is attached to began before it."""
    facts = process_facts(plan.attach_pid) if plan.attach_pid is not None else None
    if facts is not None:
        began_epoch_s = min(began_epoch_s, facts.create_time_s)
    return SourceNotes(cwd=meta.cwd, began_epoch_s=began_epoch_s, keep=plan.keep_sources)
