"""The recorders of one source, one after the other: who samples, who starts, and who still writes what it saw."""

from __future__ import annotations

import selectors
from collections import deque
from collections.abc import Iterator, Sequence

from perftui.sources.pyspy_command import ENVIRONMENT
from perftui.sources.pyspy_recorder import Goal, Phase, Recorder
from perftui.sources.recorder_process import ToolStarter

_STOP_LIMIT_S = 2.0


class RecorderChain:
    """Recorders, oldest first: those that write their window, the one that samples, its successor that starts.

    Their pipes are watched by the selector for as long as they are in the chain.
    """

    def __init__(self, keeper: ToolStarter, selector: selectors.BaseSelector) -> None:
        self._keeper = keeper
        self._selector = selector
        self._recorders: deque[Recorder] = deque()

    def __iter__(self) -> Iterator[Recorder]:
        """Go through the recorders as they are now; they may be dropped meanwhile."""
        return iter(tuple(self._recorders))

    def __bool__(self) -> bool:
        return bool(self._recorders)

    @property
    def oldest(self) -> Recorder | None:
        """The one whose window comes next."""
        return self._recorders[0] if self._recorders else None

    @property
    def current(self) -> Recorder | None:
        """The one that samples."""
        return next((each for each in reversed(self._recorders) if each.phase is Phase.SAMPLING), None)

    @property
    def newest_starts(self) -> Recorder | None:
        """The newest one, where it does not sample yet."""
        newest = self._recorders[-1] if self._recorders else None
        return newest if newest is not None and newest.phase is Phase.STARTING else None

    @property
    def pids(self) -> set[int]:
        """The processes of all recorders."""
        return {recorder.tool.pid for recorder in self._recorders}

    @property
    def anything_closed(self) -> bool:
        """Whether a recorder has said its last word, so that its process is to be reaped."""
        return any(not recorder.pipes.open for recorder in self._recorders)

    def start(self, argv: Sequence[str], goal: Goal, now_s: float) -> None:
        """Add a recorder; raises `OSError` where it cannot be started."""
        recorder = Recorder(self._keeper.start_recorder(argv, env=ENVIRONMENT), goal, started_s=now_s)
        self._recorders.append(recorder)
        for descriptor in recorder.pipes.open:
            self._selector.register(descriptor, selectors.EVENT_READ, recorder)

    def leave_to(self, newcomer: Recorder, now_s: float) -> None:
        """Ask everybody but the newcomer to end."""
        for recorder in self:
            if recorder is not newcomer:
                recorder.ask_to_end(now_s)

    def end_all(self, now_s: float) -> None:
        """Ask those that sample to end, and drop those that do not yet."""
        self.drop_starting()
        for recorder in self:
            recorder.ask_to_end(now_s)

    def drop_starting(self) -> None:
        """Drop those that do not sample yet."""
        for recorder in self:
            if recorder.phase is Phase.STARTING:
                self.drop(recorder)

    def abandon_stalled(self, now_s: float) -> None:
        """Give up those that were asked to end and do not; that their output is lost says who collects it."""
        for recorder in self:
            # The request is seen at the next look, and obeyed after one more.
            limit_s = _STOP_LIMIT_S + 4 / recorder.goal.rate_hz
            if recorder.asked_s is not None and now_s - recorder.asked_s > limit_s:
                self._forget_pipes(recorder)
                recorder.abandon()

    def drop(self, recorder: Recorder) -> None:
        """Take a recorder out, ended or not."""
        self._forget_pipes(recorder)
        if recorder.exit is None:
            recorder.abandon()
        else:
            recorder.tool.close()
        self._recorders.remove(recorder)

    def _forget_pipes(self, recorder: Recorder) -> None:
        for descriptor in recorder.pipes.open:
            self._selector.unregister(descriptor)
        recorder.pipes.open.clear()
