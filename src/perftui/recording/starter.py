"""Recordings that are started behind the first paint: the recorder is imported only when one is wanted."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from perftui.recording.plan import RecordingPlan

if TYPE_CHECKING:
    from perftui.recording.recorder import Recorder


class Starter:
    """Starts recordings, from any thread; whoever leaves waits for everything that was started."""

    def __init__(self, plan: RecordingPlan | None = None) -> None:
        self.plan = plan
        """What is recorded first, where that is known."""
        self.recorders: list[Recorder] = []
        """Every recording that has begun, in the order of their beginning."""
        self._lock = threading.Lock()
        self._closed = False

    @property
    def recorder(self) -> Recorder | None:
        """The recording that was begun last."""
        return self.recorders[-1] if self.recorders else None

    @property
    def busy(self) -> bool:
        """Whether something is still recorded or saved."""
        return not all(recorder.done for recorder in self.recorders)

    def start(self, plan: RecordingPlan | None = None) -> Recorder | None:
        """Begin, and return the recording; None where the person has left already.

        Raises:
            PerftuiError: The workload or the session could not be started.
        """
        # With everything that it stands on this takes as long as Textual itself: nobody should look at nothing for it.
        from perftui.recording.recorder import Recorder  # noqa: PLC0415

        chosen = plan or self.plan
        assert chosen is not None, "nothing says what to record"
        with self._lock:
            if self._closed:
                return None
            recorder = Recorder(chosen)
            recorder.start()
            self.recorders.append(recorder)
            return recorder

    def recorder_of(self, recording: object) -> Recorder | None:
        """Return the recording that a viewer shows, where it was started here."""
        return next((recorder for recorder in self.recorders if recorder is recording), None)

    def stop(self) -> None:
        """Ask for the end of everything that was started."""
        for recorder in self.recorders:
            recorder.stop()

    def close(self, timeout_s: float | None = None) -> bool:
        """Ask for the end and wait until all sessions are saved; say whether they are."""
        with self._lock:
            self._closed = True
        self.stop()
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        for recorder in self.recorders:
            if not recorder.wait(None if deadline is None else max(0.0, deadline - time.monotonic())):
                return False
        return True
