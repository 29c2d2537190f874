"""Looks at the threads without stopping them, at most once a second: which run, and which holds the GIL."""

from __future__ import annotations

from collections.abc import Callable

from perftui.model.sample import ThreadLooks
from perftui.sources import processes
from perftui.sources.pyspy_command import ENVIRONMENT, look_argv
from perftui.sources.pyspy_output import OutputError, parse_looks
from perftui.sources.pyspy_recorder import Pipes
from perftui.sources.recorder_process import ToolStarter

EVERY_S = 1.0
# A look that takes that long disturbs more than it tells, so the next one is put off.
_SLOW_S = 0.2
_AFTER_SLOW_S = 10.0
_LIMIT_S = 2.0
_REAP_S = 0.002
# How soon to ask again when nothing is sampled at the moment.
_PATIENCE_S = 0.1


class Looker:
    """Starts one `py-spy dump` after another and reads them as they come; it never waits."""

    def __init__(self, pyspy: str, keeper: ToolStarter, *, every: Callable[[], float] = lambda: EVERY_S) -> None:
        """Make ready; `every` tells the seconds from one look to the next, which may change at any time."""
        self._pyspy = pyspy
        self._keeper = keeper
        self._every = every
        self._pipes: Pipes | None = None
        self._started_s = 0.0
        self._looked_s: float | None = None
        self._not_before_s = 0.0
        """For reasons of the machine's."""

    def may_start(self, now_s: float) -> bool:
        """Tell whether the next look is due and the machine has air for it."""
        if self._pipes is not None or now_s < self._next_s:
            return False
        if processes.saturated():
            self._not_before_s = now_s + EVERY_S
            return False
        return True

    def start(self, pid: int, *, subprocesses: bool, now_s: float) -> Pipes | None:
        """Start a look; what is returned must be read until its end."""
        self._looked_s = now_s
        try:
            tool = self._keeper.start_recorder(look_argv(self._pyspy, pid, subprocesses=subprocesses), env=ENVIRONMENT)
        except OSError:
            return None
        self._started_s = now_s
        self._pipes = Pipes(tool)
        return self._pipes

    def step(self, now_s: float) -> ThreadLooks | None:
        """Return what a look saw, once it has ended; end one that hangs."""
        pipes = self._pipes
        if pipes is None:
            return None
        took_s = now_s - self._started_s
        if took_s > _LIMIT_S and pipes.open:
            pipes.tool.kill()
        ended = pipes.ended()
        if ended is None:
            return None
        self._pipes = None
        pipes.tool.close()
        if took_s > _SLOW_S:
            self._not_before_s = now_s + _AFTER_SLOW_S
        if ended.code != 0:
            return None
        try:
            return parse_looks(bytes(pipes.stdout), at_s=now_s - took_s / 2)
        except OutputError:
            return None

    def due_s(self, now_s: float) -> float:
        """Return when `step` or `may_start` should be called again."""
        if self._pipes is None:
            return self._next_s if self._next_s > now_s else now_s + _PATIENCE_S
        return now_s + _REAP_S if not self._pipes.open else self._started_s + _LIMIT_S

    @property
    def _next_s(self) -> float:
        """When the next look may begin."""
        due_s = 0.0 if self._looked_s is None else self._looked_s + self._every()
        return max(due_s, self._not_before_s)

    def close(self) -> Pipes | None:
        """End the look that is under way and return it."""
        pipes, self._pipes = self._pipes, None
        if pipes is not None:
            pipes.tool.close()
        return pipes
