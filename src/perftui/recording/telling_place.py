"""Where a launched workload tells its metrics: a pipe in a directory that only this recording uses."""

from __future__ import annotations

from perftui.errors import PerftuiError
from perftui.sources.told import Channel
from perftui.storage.scratch import Scratch, abandoned, scratch_root

_KIND = "told"


class TellingPlace:
    """The pipe of one run; where none can be made, `problem` says why, and the run goes on without."""

    def __init__(self) -> None:
        self.channel: Channel | None = None
        self.problem = ""
        self._scratch: Scratch | None = None
        root = scratch_root()
        for left in abandoned(root, f"{_KIND}-"):
            left.close()
        try:
            self._scratch = Scratch.make(root, _KIND)
            self.channel = Channel(self._scratch.path)
        except PerftuiError as error:
            self.problem = error.message

    @property
    def environment(self) -> dict[str, str]:
        """What leads the workload to it."""
        return self.channel.environment if self.channel is not None else {}

    def close(self) -> None:
        """Take it away; safe to call twice."""
        if self.channel is not None:
            self.channel.close()
        if self._scratch is not None:
            self._scratch.close()
            self._scratch = None
