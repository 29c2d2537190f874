"""What a viewer needs of a recording, whether it happens now or is played again."""

from __future__ import annotations

from typing import Protocol

from perftui.model.session import SessionMeta
from perftui.recording.feed import Feed


class Recording(Protocol):
    """A recording as its viewers know it."""

    @property
    def feed(self) -> Feed:
        """Where updates come from."""

    @property
    def meta(self) -> SessionMeta:
        """What is known of the session now."""

    @property
    def ends_workload(self) -> bool:
        """Whether stopping the recording now would end a workload."""

    def keep_view(self, view: str) -> None:
        """Keep what a person chose to see with the session, as text; raises `PerftuiError` where it is too late."""

    def stop(self, *, at_once: bool = False) -> None:
        """Ask for the end; returns at once."""
