"""Signals while a recording runs or ends: the first ends it in order, the next one quickly."""

from __future__ import annotations

import signal
from types import FrameType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from perftui.recording.recorder import Recorder


class EndSignals:
    """Turns the first Ctrl-C (or TERM, or HUP) into an orderly end, and the second into a quick one.

    Where the end is under way already and a capture is being read, the first leaves the capture for later.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.received: int | None = None
        self._recorder = recorder
        self._before: dict[int, object] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._before[number] = signal.signal(number, self._receive)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        if self._recorder.reads_captures:
            self._recorder.stop(at_once=True)
            return
        self._recorder.stop(at_once=self.received is not None)
        self.received = number
