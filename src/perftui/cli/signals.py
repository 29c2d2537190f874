"""Signals while a recording runs or ends: the first ends it in order, the next one quickly."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Protocol, Self


class Running(Protocol):
    """A recording, or an import."""

    @property
    def reads_captures(self) -> bool:
        """Whether all is recorded, and what remains to be read of captures can be left for later."""

    def stop(self, *, at_once: bool = False) -> None:
        """Ask for the end; returns at once."""


class EndSignals:
    """Turns the first Ctrl-C (or TERM, or HUP) into an orderly end, and the second into a quick one.

    Where the end is under way already and a capture is being read, the first leaves the capture for later.
    """

    def __init__(self, running: Running) -> None:
        self.received: int | None = None
        self._running = running
        self._before: dict[int, object] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._before[number] = signal.signal(number, self._receive)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        self._running.stop(at_once=self.received is not None or self._running.reads_captures)
        self.received = number
