"""What goes by itself because a person set limits: parts of a watch, and whole sessions."""

from __future__ import annotations

import time
from pathlib import Path

from perftui.errors import SessionError
from perftui.recording.watch_plan import Keep
from perftui.storage.listing import scan
from perftui.storage.retention import Limits, Together, chosen, plan_pruning, throw_out
from perftui.units import format_bytes


def tidy_parts(directory: Path, group: str, keep: Keep) -> str:
    """Remove the oldest parts of a watch that are beyond what is to be kept; say what went, in a line."""
    if not keep.limited:
        return ""
    parts = [
        Together((entry,), entry.size_bytes)
        for entry in scan(directory)
        if entry.meta is not None and entry.meta.group == group
    ]
    pruning = chosen(parts, _limits(keep))
    gone = [together for together, _ in pruning.going if throw_out(together, for_good=True)]
    numbers = sorted(together.newest.meta.part for together in gone if together.newest.meta is not None)
    return _said("part", numbers, gone)


def tidy_sessions(directory: Path, keep: Keep) -> str:
    """Remove sessions that are beyond what the settings keep; say what went, in a line."""
    if not keep.limited:
        return ""
    try:
        gone = [
            together
            for together, _ in plan_pruning(directory, _limits(keep)).going
            if throw_out(together, for_good=True)
        ]
    except SessionError as error:
        return f"retention: {error.message}"
    count = sum(len(together.entries) for together in gone)
    if not count:
        return ""
    size = format_bytes(sum(together.size_bytes for together in gone))
    return f"retention: {count} old session{'' if count == 1 else 's'} removed ({size})"


def _limits(keep: Keep) -> Limits:
    before_s = None if keep.age_s is None else time.time() - keep.age_s
    return Limits(before_s, keep.parts, keep.size_bytes)


def _said(what: str, numbers: list[int], gone: list[Together]) -> str:
    if not gone:
        return ""
    named = f"{what} {numbers[0]}" if len(numbers) == 1 else f"{what}s {numbers[0]} to {numbers[-1]}"
    return f"{named} removed ({format_bytes(sum(together.size_bytes for together in gone))})"
