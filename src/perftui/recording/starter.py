"""A recording that is started behind the first paint: the recorder is imported only when it is wanted."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from perftui.recording.plan import RecordingPlan

if TYPE_CHECKING:
    from perftui.recording.recorder import Recorder


class Starter:
    """Starts one recording, from any thread; whoever leaves waits for what was started."""

    def __init__(self, plan: RecordingPlan) -> None:
        self.plan = plan
        self.recorder: Recorder | None = None
        """The recording, once it has begun."""
        self._lock = threading.Lock()
        self._closed = False

    def start(self) -> Recorder | None:
        """Begin, and return the recording; None where the person has left already.

        Raises:
            PerftuiError: The workload or the session could not be started.
        """
        # With everything that it stands on this takes as long as Textual itself: nobody should look at nothing for it.
        from perftui.recording.recorder import Recorder  # noqa: PLC0415

        with self._lock:
            if self._closed:
                return None
            recorder = Recorder(self.plan)
            recorder.start()
            self.recorder = recorder
            return recorder

    def close(self, timeout_s: float | None = None) -> bool:
        """Ask for the end and wait until the session is saved; say whether it is."""
        with self._lock:
            self._closed = True
        if self.recorder is None:
            return True
        self.recorder.stop()
        return self.recorder.wait(timeout_s)
