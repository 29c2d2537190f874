"""A memray capture that becomes a session: pictures come while it is read, the file when everything is known."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from perftui.errors import ImportFormatError, NoDataError, PerftuiError
from perftui.model.heap import HeapSnapshot, HeapView
from perftui.model.session import SessionKind, SessionMeta, SessionState
from perftui.model.workload import RecordMode, Retention
from perftui.recording.feed import Feed
from perftui.recording.intake import POLL_S, Intake, Observed
from perftui.recording.ledger import Ledger
from perftui.recording.plan import RecordingPlan
from perftui.recording.session_model import SessionModel
from perftui.recording.update import Phase
from perftui.sources.base import SourceState
from perftui.sources.heap.capture_reader import CaptureReader
from perftui.sources.heap.header import CaptureHeader, read_header
from perftui.sources.launch import Keeper
from perftui.storage.captures import captures_directory
from perftui.storage.locations import new_id
from perftui.storage.redaction import redact
from perftui.text import printable

COMMIT_EVERY_S = 1.0
PUBLISH_EVERY_S = 0.1
_DAMAGED = "is the file cut off, or was it changed? memray itself says more: python -m memray stats FILE"
_FOREIGN = "import it with a perftui that is installed beside the memray that wrote it"


class CaptureImport:
    """Reads one capture in the background, as a recording that its viewers can watch.

    `start` raises what keeps it from beginning; what comes after that is told by `result`.
    """

    ends_workload = False
    reads_captures = False
    """What is being read is all that there is: none of it can be left for later."""

    def __init__(
        self,
        capture: Path,
        sessions: Path,
        *,
        name: str = "",
        retention: Retention = Retention.KEEP,
        preview: bool = False,
    ) -> None:
        """Take note of what to import.

        Args:
            capture: A raw or compressed capture; it is only read.
            sessions: Where the session goes.
            name: Its name; that of the file by default.
            retention: Whether a copy of the capture is kept beside the session.
            preview: Show what is held as soon as that is known, before the exact views.
        """
        self.feed = Feed()
        self._capture = capture
        self._sessions = sessions
        self._name = name
        self._retention = retention
        self._preview = preview
        self._intake = Intake(time.monotonic)
        self._stop_asked = threading.Event()
        self._done = threading.Event()
        self._done.set()
        self._failure: PerftuiError | None = None
        self._ledger: Ledger | None = None
        self._held = False
        """A picture of what is held has come."""

    def start(self) -> None:
        """Begin to read.

        Raises:
            ImportFormatError: The file is not a capture, or damaged at its very beginning.
            SessionWriteError: The session cannot be written.
        """
        header = _header_of(self._capture)
        # Before anything is begun: a directory that refuses captures refuses sessions as well.
        keep_in = captures_directory(self._sessions) if self._retention is Retention.KEEP else None
        meta = self._meta_of(header)
        began = time.monotonic()
        self._ledger = Ledger(
            RecordingPlan(sessions=self._sessions),
            meta,
            feed=self.feed,
            clock=lambda: time.monotonic() - began,
            gated=lambda: False,
        )
        self._ledger.ended_s = meta.duration_s
        self._done.clear()
        threading.Thread(
            target=self._run, args=(self._ledger, header, Path(meta.cwd), keep_in), name="import", daemon=True
        ).start()

    def stop(self, *, at_once: bool = False) -> None:  # noqa: ARG002 (the protocol's signature)
        """Ask for the end; what was not finished by then is not saved."""
        self._stop_asked.set()

    def keep_view(self, view: str) -> None:
        """Keep what a person chose to see with the session; raises `PerftuiError` where that refuses it."""
        self._begun.keep_view(view)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until it is over; say whether it is."""
        return self._done.wait(timeout_s)

    @property
    def meta(self) -> SessionMeta:
        """What is known of the session now."""
        return self._begun.meta

    @property
    def model(self) -> SessionModel:
        """What was read, as far as it came."""
        return self._begun.model

    @property
    def path(self) -> Path | None:
        """The saved session, once it is done."""
        return self._ledger.path if self._ledger is not None else None

    @property
    def was_stopped(self) -> bool:
        """Whether it was asked to end before everything was read, so that nothing is saved."""
        return isinstance(self._failure, NoDataError)

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be read, one sentence each."""
        return tuple(capture.trouble for capture in self.model.captures if capture.trouble)

    def result(self) -> SessionModel:
        """Return the finished session, or raise what kept it from being made.

        Raises:
            ImportFormatError: Nothing could be read from the capture.
            NoDataError: It was stopped before its end.
        """
        if self._failure is not None:
            raise self._failure
        return self.model

    @property
    def _begun(self) -> Ledger:
        if self._ledger is None:
            msg = "the import was not started"
            raise RuntimeError(msg)
        return self._ledger

    def _meta_of(self, header: CaptureHeader) -> SessionMeta:
        recorded = datetime.fromtimestamp(header.started_epoch_s).astimezone().isoformat(" ", "seconds")
        return SessionMeta(
            id=new_id(),
            name=self._name or _title(self._capture),
            kind=SessionKind.IMPORTED,
            state=SessionState.RECORDING,
            created=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            # memray joins the words with blanks, so that those of the command itself cannot be told from them.
            command=redact(tuple(header.command_line.split())),
            cwd=str(_directory_of(header, self._capture)),
            pid=header.pid,
            duration_s=header.ended_epoch_s - header.started_epoch_s,
            mode=RecordMode.MEMORY.value,
            note=f"imported from {self._capture.name}, recorded {recorded}",
        )

    # The thread of the import.

    def _run(self, ledger: Ledger, header: CaptureHeader, cwd: Path, keep_in: Path | None) -> None:
        try:
            with closing(Keeper()) as keeper:
                reader = CaptureReader(
                    [self._capture.absolute()],
                    clock_zero_epoch_s=header.started_epoch_s,
                    keeper=keeper,
                    cwd=cwd,
                    keep_in=keep_in,
                    preview=self._preview,
                    own=False,
                )
                self._follow(ledger, reader)
            self._finish(ledger, hint=_FOREIGN if reader.foreign else _DAMAGED)
        except PerftuiError as error:
            self._failure = error
        except Exception as error:  # noqa: BLE001 (a worker's edge: whatever it is, the person is told)
            self._failure = PerftuiError(f"internal error while importing: {error!r}")
        finally:
            if ledger.path is None:
                ledger.writer.discard()
                ledger.abandon()
            ledger.publish(Phase.DONE)
            self._done.set()

    def _follow(self, ledger: Ledger, reader: CaptureReader) -> None:
        self._intake.run(reader)
        next_commit = next_publish = 0.0
        while self._intake.running or not self._intake.is_empty():
            observed = self._intake.take(POLL_S)
            if observed is not None:
                ledger.take(observed)
                self._complete_preview(ledger, observed)
            now = time.monotonic()
            if self._stop_asked.is_set():
                self._intake.stop_sources()
            if now >= next_publish:
                next_publish = now + PUBLISH_EVERY_S
                ledger.publish(Phase.ENDING)
            if now >= next_commit:
                next_commit = now + COMMIT_EVERY_S
                ledger.save()
        ledger.show_progress(None)
        ledger.publish(Phase.ENDING)

    def _complete_preview(self, ledger: Ledger, observed: Observed) -> None:
        """Show what is held in the end also where that was known before the first picture was drawn."""
        if not isinstance(observed, HeapSnapshot):
            return
        self._held = self._held or observed.view is HeapView.HELD
        if self._preview and not self._held and observed.view is HeapView.LEAKED:
            self._held = True
            ledger.take(replace(observed, view=HeapView.HELD))

    def _finish(self, ledger: Ledger, *, hint: str) -> None:
        model = ledger.model
        read = any(capture.complete for capture in model.captures)
        if self._stop_asked.is_set() and not read:
            raise NoDataError("the import was stopped, and nothing saved", hint="the capture is where it was")
        trouble = _trouble(model)
        if not any(profile.allocations for profile in model.heap.values()) and not (model.heap and read):
            shown = printable(self._capture.name)
            raise ImportFormatError(f"{shown}: {trouble or 'nothing could be read from it'}", hint=hint)
        ended_s = max((line.at_s[-1] for line in model.timelines if line.at_s), default=0.0)
        ledger.ended_s = max(ledger.meta.duration_s, ended_s)
        ledger.finish(
            replace(
                ledger.meta, state=SessionState.COMPLETE, duration_s=ledger.ended_s, trouble="" if read else trouble
            )
        )


def _header_of(capture: Path) -> CaptureHeader:
    try:
        header = read_header(capture)
    except OSError as error:
        raise ImportFormatError(f"cannot read {printable(str(capture))}: {error.strerror}") from None
    if header is None:
        raise ImportFormatError(f"{printable(capture.name)} is cut off or damaged at its beginning", hint=_DAMAGED)
    return header


def _title(capture: Path) -> str:
    """Return a name for a session from a file's, of which a name has to be: printable, and not endless."""
    stem = capture.name.removesuffix(".lz4").removesuffix(".bin").removeprefix("memray-")
    return printable(stem).lstrip("@- ")[:_LONGEST_NAME] or "capture"


_LONGEST_NAME = 80


def _directory_of(header: CaptureHeader, capture: Path) -> Path:
    """Return where relative names of files in a capture are most likely understood from.

    A capture does not say where its process was started: here, or where memray put it, which is beside the script.
    """
    here, beside = Path.cwd(), capture.absolute().parent
    scripts = [word for word in header.command_line.split() if word.endswith(".py") and not Path(word).is_absolute()]
    return next((place for place in (here, beside) for script in scripts if (place / script).is_file()), here)


def _trouble(model: SessionModel) -> str:
    said = [capture.trouble for capture in model.captures if capture.trouble]
    said += [status.message for status in model.statuses.values() if status.state is SourceState.FAILED]
    return next(iter(said), "")
