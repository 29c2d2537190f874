"""What a person should know of a process before it is observed, though nothing speaks against trying."""

from __future__ import annotations

from pathlib import PurePosixPath

from perftui.sources.diagnosis import who_is
from perftui.sources.permission import status_of
from perftui.sources.probe import Probe, SystemProbe

_FIRST = 1
_US = "perftui"
_NO_TRACER = "0"


def remarks_on(pid: int, *, probe: Probe | None = None) -> tuple[str, ...]:
    """Return one sentence for each thing that is unusual about a process; none for most."""
    probe = probe or SystemProbe()
    who = who_is(probe, pid)
    found = []
    if pid == _FIRST:
        found.append(f"{who} is the first process of this machine or container: whatever ends it ends all others.")
    if is_perftui(pid, probe):
        found.append(f"{who} is another perftui: what is seen is how it watches, and not what it watches.")
    return tuple(found)


def tracer_of(pid: int, *, probe: Probe | None = None) -> str:
    """Return the process id of who traces a process already; empty where nobody does."""
    tracer = status_of(probe or SystemProbe(), pid).get("TracerPid", _NO_TRACER)
    return tracer if tracer.isdigit() and tracer != _NO_TRACER else ""


def is_perftui(pid: int, probe: Probe) -> bool:
    """Tell whether a process runs perftui, as a program or as a module."""
    words = (probe.text(f"/proc/{pid}/cmdline") or "").split("\0")
    script, *rest = [*words[1:3], ""]
    return (
        PurePosixPath(words[0]).name == _US or PurePosixPath(script).name == _US or [script, *rest][:2] == ["-m", _US]
    )
