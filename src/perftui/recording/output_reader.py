"""Reads what the workload prints as fast as it comes, and hands it over in pieces that are worth the trouble."""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable

from perftui.model.session import OutputChunk

BLOCK = 65_536
"""A piece is handed over when it is as large as this,"""
GATHERED_S = 0.05
"""or when its beginning has waited so long: a terminal gives a few kilobytes at a time, thousands of times a second."""
POLL_S = 0.1
LAST_OUTPUT_S = 0.5
"""How long to go on reading when the workload has ended: children of it may still hold the pipe."""


class OutputReader:
    """Reads one descriptor until its end, or until shortly after it was asked to stop; runs in a thread of its own."""

    def __init__(
        self,
        descriptor: int,
        *,
        clock: Callable[[], float],
        stop: threading.Event,
        hand_over: Callable[[OutputChunk], None],
    ) -> None:
        self._descriptor = descriptor
        self._clock = clock
        self._stop = stop
        self._hand_over = hand_over
        self._gathered = bytearray()
        self._began_s = 0.0

    def run(self) -> None:
        """Read to the end."""
        deadline: float | None = None
        while deadline is None or time.monotonic() < deadline:
            if self._stop.is_set() and deadline is None:
                deadline = time.monotonic() + LAST_OUTPUT_S
            if not select.select([self._descriptor], [], [], GATHERED_S if self._gathered else POLL_S)[0]:
                self._flush()
                if deadline is not None:
                    break
            elif not self._read():
                break
        self._flush()

    def _read(self) -> bool:
        try:
            block = os.read(self._descriptor, BLOCK)
        except BlockingIOError:
            return True
        except OSError:  # a terminal whose other side is closed answers with EIO
            return False
        if not self._gathered:
            self._began_s = self._clock()
        self._gathered += block
        if len(self._gathered) >= BLOCK or self._clock() - self._began_s >= GATHERED_S:
            self._flush()
        return bool(block)

    def _flush(self) -> None:
        if self._gathered:
            self._hand_over(OutputChunk(self._began_s, bytes(self._gathered)))
            self._gathered.clear()
