"""Where parts of a watch are finished, and the oldest thrown out, beside the recording of the next one."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

from perftui.errors import PerftuiError, SessionWriteError
from perftui.model.session import SessionMeta
from perftui.recording.ledger import Ledger

_TRIES = 5
_RETRY_S = 2.0


class Bindery:
    """Finishes files one after the other on a thread of its own; called by the recording's control thread."""

    def __init__(self, *, tidy: Callable[[], str]) -> None:
        """Make ready; `tidy` throws out what is beyond limits after each file, and says what it did."""
        self._tidy = tidy
        self._wanted: queue.SimpleQueue[tuple[Ledger, SessionMeta] | None] = queue.SimpleQueue()
        self._said: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._hurry = threading.Event()
        self._thread: threading.Thread | None = None

    def take(self, ledger: Ledger, meta: SessionMeta) -> None:
        """Finish the file of a part; nobody else touches its ledger from now on."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="bindery", daemon=True)
            self._thread.start()
        self._wanted.put((ledger, meta))

    def said(self) -> list[str]:
        """Return what has been done, or did not work, since it was asked last."""
        found = []
        while not self._said.empty():
            found.append(self._said.get())
        return found

    def close(self, timeout_s: float) -> None:
        """Wait so long at most until everything is finished; what is not is whole, and finished when it is opened."""
        self._hurry.set()
        self._wanted.put(None)
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _work(self) -> None:
        while (found := self._wanted.get()) is not None:
            try:
                _bind(*found, self._hurry)
                said = self._tidy()
            except PerftuiError as error:
                said = error.message
            except Exception as error:  # noqa: BLE001 (a worker's edge: whatever it is, the person is told)
                said = f"internal error while a part was finished: {error!r}"
            if said:
                self._said.put(said)


def _bind(ledger: Ledger, meta: SessionMeta, hurry: threading.Event) -> None:
    for left in reversed(range(_TRIES)):
        try:
            ledger.bind(meta)
        except SessionWriteError:
            if not left or hurry.is_set():
                # What is committed lies there whole.
                ledger.writer.close()
                raise
            time.sleep(_RETRY_S)
        else:
            return
