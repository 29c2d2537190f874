"""The pipe that a launched workload tells its metrics through, and the source that reads it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import sys
import time
from collections.abc import Callable, Sequence
from math import isfinite
from pathlib import Path

from perftui.errors import ObserveError
from perftui.model.series import SeriesValues
from perftui.model.session import Event
from perftui.sources.base import Clock, SourceEvent, SourceState, SourceStatus
from perftui.sources.told_tally import Tally, Told
from perftui.telling import VARIABLE

NAME = "metrics"
FINEST_S = 0.1
"""The last value of each series in so much time is kept, and later of more: a long recording stays small."""
_STEPS = 6_000
_COARSEST_S = 5.0
"""However seldom the meters are read: a queue that grows is to be told of soon."""
_LATEST_S = 30.0
"""Lines that say they are older have another clock, and are taken to be of now."""
_READ_BYTES = 1 << 18
"""At most so much each time; what a workload tells faster fills the pipe, and it counts what it drops."""
_PIPE_BYTES = 1 << 20
_LAST_READS = 2 * _PIPE_BYTES // _READ_BYTES
_SET_PIPE_SIZE = 1031
"""Of fcntl on Linux, which has no name for it on older Pythons."""
_LONGEST_LINE = 4_096
_FIELDS = 6


class Channel:
    """A pipe in a private directory; processes that the workload starts find it too."""

    def __init__(self, directory: Path) -> None:
        """Make it; raises `ObserveError` where the directory can hold none."""
        self.path = directory / "tell"
        try:
            os.mkfifo(self.path, 0o600)
            # For writing too, so that it does not end with the first process that leaves it.
            self._pipe = os.open(self.path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise ObserveError(f"the workload cannot tell its metrics: {error.strerror}") from None
        if sys.platform == "linux":
            with contextlib.suppress(OSError):
                fcntl.fcntl(self._pipe, _SET_PIPE_SIZE, _PIPE_BYTES)

    @property
    def environment(self) -> dict[str, str]:
        """What leads the workload to it."""
        return {VARIABLE: str(self.path)}

    def read(self, timeout_s: float) -> bytes:
        """Return what has come, waiting at most so long for anything."""
        if self._pipe < 0:
            return b""
        poll = select.poll()
        poll.register(self._pipe, select.POLLIN)
        if not poll.poll(max(0.0, timeout_s) * 1000):
            return b""
        try:
            return os.read(self._pipe, _READ_BYTES)
        except BlockingIOError:
            return b""

    def close(self) -> None:
        """Let go of it and take it away; safe to call twice."""
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1
            self.path.unlink(missing_ok=True)


class ToldMetrics:
    """What the workload tells of itself."""

    name = NAME

    def __init__(
        self, channel: Channel | None, *, clock: Clock, coarsest_s: float | Callable[[], float] = 1.0, problem: str = ""
    ) -> None:
        """Read a channel; without one, say the `problem` and end.

        Args:
            channel: What the workload tells through.
            clock: Seconds since the recording began.
            coarsest_s: The longest time of which one value of a series is kept, or what tells it.
            problem: Why there is no channel.
        """
        self._channel = channel
        self._problem = problem
        self._clock = clock
        self._coarsest_s = coarsest_s if callable(coarsest_s) else lambda: coarsest_s
        self._tally = Tally()
        self._partial = b""
        self._next_s = 0.0
        self._said = 0
        self._epoch_s = 0.0

    def start(self) -> None:
        """Learn how the recording's clock stands to the workload's: both run with the system's."""
        self._epoch_s = time.monotonic() - self._clock()

    def poll(self, timeout_s: float) -> Sequence[SourceEvent]:
        """Return values and marks, when the time for them has come."""
        if self._channel is None:
            said = SourceStatus(NAME, SourceState.DEGRADED, self._problem) if self._problem else None
            return [*([said] if said else []), SourceStatus(NAME, SourceState.ENDED)]
        until_s = self._clock() + timeout_s
        self._take(self._channel.read(timeout_s))
        left_s = until_s - self._clock()
        if left_s > 0:
            # What comes a line at a time is not worth waking up for each.
            time.sleep(min(left_s, FINEST_S / 2))
        now = self._clock()
        if now < self._next_s:
            return ()
        self._next_s = now + max(FINEST_S, min(self._coarsest_s(), _COARSEST_S, now / _STEPS))
        return [*self._tally.drain(), *self._trouble(final=False)]

    def stop(self) -> Sequence[SourceEvent]:
        """Read what is still in the pipe, and say how much was left out."""
        found: list[SeriesValues | Event] = []
        if self._channel is None:
            return ()
        # A workload that tells on and on is not listened to for ever.
        for _ in range(_LAST_READS):
            data = self._channel.read(0.0)
            if not data:
                break
            self._take(data)
            found += self._tally.drain()
        found += self._tally.drain()
        self._channel.close()
        return [*found, *self._trouble(final=True)]

    def _take(self, data: bytes) -> None:
        lines = (self._partial + data).split(b"\n")
        self._partial = lines.pop()[-_LONGEST_LINE:]
        now = self._clock()
        for line in lines:
            told = self._told(line, now)
            if told is None:
                self._tally.dropped += 1
            else:
                self._tally.take(told)

    def _told(self, line: bytes, now: float) -> Told | None:
        fields = line[:_LONGEST_LINE].decode("utf-8", "replace").split("\t", _FIELDS - 1)
        if len(fields) != _FIELDS:
            return None
        kind, teller, moment, value, unit, name = fields
        try:
            at_s, number = float(moment) - self._epoch_s, float(value)
        except ValueError:
            return None
        if not (isfinite(at_s) and now - _LATEST_S <= at_s <= now):
            at_s = now
        return Told(kind, name, number, unit, max(0.0, at_s), teller[:40])

    def _trouble(self, *, final: bool) -> list[SourceStatus]:
        dropped = self._tally.dropped
        if not dropped or dropped == self._said or (self._said and not final):
            return []
        self._said = dropped
        message = f"{dropped:,} of what the workload told {'was' if dropped == 1 else 'were'} left out"
        hint = "it came too fast, under too many names, or with no number"
        return [SourceStatus(NAME, SourceState.DEGRADED, message, hint)]
