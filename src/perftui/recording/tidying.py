"""What goes by itself because a person set limits: the oldest parts of a watch, and old sessions."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

from perftui.errors import PerftuiError
from perftui.recording.watch_plan import Keep
from perftui.storage.listing import scan
from perftui.storage.retention import Limits, Together, chosen, plan_pruning, throw_out
from perftui.units import format_bytes


class Tidying:
    """Sessions beyond limits of the settings, removed on a thread of its own; what was recorded last always stays."""

    def __init__(self, directory: Path, keep: Keep) -> None:
        """Begin, where there is any limit."""
        self._said = ""
        self._thread = threading.Thread(target=self._work, args=(directory, keep), name="retention", daemon=True)
        if keep.limited:
            self._thread.start()

    def said(self, timeout_s: float) -> str:
        """Wait so long at most, and return what was done, in a line; empty where that is nothing."""
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return self._said

    def _work(self, directory: Path, keep: Keep) -> None:
        self._said = tidy_sessions(directory, keep)


def tidy_parts(directory: Path, group: str, keep: Keep) -> str:
    """Remove the oldest parts of a watch that are beyond what is to be kept; say what went, in a line."""
    if not keep.limited:
        return ""
    parts = [
        Together((entry,), entry.size_bytes)
        for entry in scan(directory)
        if entry.meta is not None and entry.meta.group == group
    ]
    gone, trouble = _removed([together for together, _ in chosen(parts, _limits(keep), each_part=True).going])
    numbers = sorted(together.newest.meta.part for together in gone if together.newest.meta is not None)
    if not numbers:
        return trouble
    named = f"part {numbers[0]}" if len(numbers) == 1 else f"{len(numbers)} parts, up to part {numbers[-1]},"
    return "; ".join(filter(None, (f"{named} removed ({_size(gone)})", trouble)))


def tidy_sessions(directory: Path, keep: Keep) -> str:
    """Remove sessions that are beyond what the settings keep, but never the newest; say what went, in a line."""
    if not keep.limited:
        return ""
    try:
        newest = max((entry.age_key for entry in scan(directory)), default=None)
        going = [together for together, _ in plan_pruning(directory, _limits(keep)).going]
        gone, trouble = _removed([together for together in going if together.newest.age_key != newest])
    except PerftuiError as error:
        return f"retention: {error.message}"
    count = sum(len(together.entries) for together in gone)
    removed = f"{count} old session{'' if count == 1 else 's'} removed ({_size(gone)})" if count else ""
    said = "; ".join(filter(None, (removed, trouble)))
    return f"retention: {said}" if said else ""


def _removed(going: Sequence[Together]) -> tuple[list[Together], str]:
    """Remove what can be, and return it, with what went wrong first; one that refuses holds up no other."""
    gone, trouble = [], ""
    for together in going:
        try:
            if throw_out(together, for_good=True):
                gone.append(together)
        except PerftuiError as error:
            # What is not there any more was removed by another perftui at the same moment.
            if any(entry.path.exists() for entry in together.entries):
                trouble = trouble or error.message
    return gone, trouble


def _size(gone: Sequence[Together]) -> str:
    return format_bytes(sum(together.size_bytes for together in gone))


def _limits(keep: Keep) -> Limits:
    before_s = None if keep.age_s is None else time.time() - keep.age_s
    return Limits(before_s, keep.parts, keep.size_bytes)
