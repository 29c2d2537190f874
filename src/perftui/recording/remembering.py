"""Figures of sessions that nobody has asked for yet, kept after a recording, so that a first trend need not wait."""

from __future__ import annotations

import threading
from pathlib import Path
from time import monotonic

from perftui.errors import PerftuiError
from perftui.recording.session_figures import unknown_sessions, work_out_and_keep
from perftui.storage.listing import FEW

_MOST_S = 1.0
"""What is left then is read after the next recording, or when it is asked for."""


class Remembering:
    """Works figures out on a thread of its own, in a directory of so many sessions that it takes a while."""

    def __init__(self, directory: Path) -> None:
        """Begin."""
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._work, args=(directory,), name="figures", daemon=True)
        self._thread.start()

    def end(self, within_s: float) -> None:
        """Wait so long at most; what was worked out until then is kept."""
        self._thread.join(within_s)
        self._enough.set()

    def _work(self, directory: Path) -> None:
        until_s = monotonic() + _MOST_S
        try:
            if sum(1 for _ in directory.glob("*.perftui")) > FEW:
                for path in unknown_sessions(directory):
                    if monotonic() > until_s or self._enough.is_set():
                        return
                    work_out_and_keep(path)
        except (OSError, PerftuiError):
            # It is done for later: what is wrong is told to whoever asks for it.
            return
