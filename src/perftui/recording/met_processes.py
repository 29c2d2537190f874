"""What the processes run that were sampled before the meters have looked at them: soon they are gone."""

from __future__ import annotations

from collections.abc import Container

from perftui.model.sample import SampleWindow
from perftui.sources.processes_psutil import process_facts
from perftui.storage.redaction import redact


class MetProcesses:
    """The processes of a recording that were sampled, each asked once for its command."""

    def __init__(self) -> None:
        self._met: set[int] = set()

    def commands(self, window: SampleWindow, known: Container[int]) -> dict[int, tuple[str, ...]]:
        """Return the commands, without secrets, of processes that are new in a window and of no known process id."""
        found: dict[int, tuple[str, ...]] = {}
        for pid in {samples.thread.pid for samples in window.threads} - self._met:
            self._met.add(pid)
            if pid not in known and (facts := process_facts(pid)) is not None:
                found[pid] = redact(facts.command)
        return found
