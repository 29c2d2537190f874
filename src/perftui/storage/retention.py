"""Which sessions go because they are old, many or large: never what is pinned, a baseline, recorded, unreadable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from perftui.model.session import SessionState
from perftui.storage.captures import capture_files
from perftui.storage.connection import writing
from perftui.storage.listing import SessionEntry, entry_of, scan
from perftui.storage.schema import PART_SUFFIX
from perftui.storage.trash import own_captures, throw_away


class Why(Enum):
    """Why something goes."""

    OLD = "too old"
    MANY = "beyond the number that is kept of its workload"
    LARGE = "more than the space that they may take"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a person allows; None for no limit."""

    before_s: float | None = None
    """Sessions from before that moment go, in seconds since 1970."""
    keep: int | None = None
    """So many of each workload stay, the newest; runs of a group count as one, and so do the parts of a watch."""
    most_bytes: int | None = None
    """So much all sessions with their captures may take."""


@dataclass(frozen=True, slots=True)
class Together:
    """Sessions that stay or go as a whole: one by itself, a part of a watch, or all runs of a group, of both sides."""

    entries: tuple[SessionEntry, ...]
    size_bytes: int = 0
    """Of their files, and of the captures that no others speak of."""

    @property
    def newest(self) -> SessionEntry:
        """The run that was recorded last."""
        return max(self.entries, key=lambda entry: entry.age_key)

    @property
    def protected(self) -> str:
        """Why they never go, in a few words; empty where they may."""
        return next((reason for reason in map(_protected, self.entries) if reason), "")


@dataclass(frozen=True, slots=True)
class Pruning:
    """What would go, the oldest first, and what is beyond a limit and stays."""

    going: tuple[tuple[Together, Why], ...]
    staying: tuple[tuple[Together, Why], ...]
    total_bytes: int = 0
    """Of everything that is there now."""

    @property
    def size_bytes(self) -> int:
        """How much what goes takes."""
        return sum(together.size_bytes for together, _ in self.going)


def plan_pruning(directory: Path, limits: Limits) -> Pruning:
    """Return which sessions of a directory are beyond limits; nothing is touched."""
    entries = scan(directory)
    captures = {path.name: status.st_size for path, status in capture_files(directory).items()}
    return chosen(grouped(entries, captures), limits, shared_bytes=_shared_bytes(entries, captures))


def chosen(groups: Iterable[Together], limits: Limits, *, shared_bytes: int = 0, each_part: bool = False) -> Pruning:
    """Return which of sessions are beyond limits.

    Args:
        groups: What stays or goes as a whole.
        limits: What is allowed.
        shared_bytes: What captures take that several of them speak of.
        each_part: Whether each part of a watch counts, and not all of them as one.
    """
    oldest_first = sorted(groups, key=lambda together: together.newest.age_key)
    reasons = dict(_by_age_and_number(oldest_first, limits, each_part=each_part))
    total = shared_bytes + sum(together.size_bytes for together in oldest_first)
    left = total - sum(oldest_first[at].size_bytes for at in reasons if not oldest_first[at].protected)
    for at, together in enumerate(oldest_first):
        if limits.most_bytes is None or left <= limits.most_bytes:
            break
        if at not in reasons and not together.protected:
            reasons[at] = Why.LARGE
            left -= together.size_bytes
    rows = [(oldest_first[at], reasons[at]) for at in sorted(reasons)]
    going = tuple((together, why) for together, why in rows if not together.protected)
    return Pruning(going, tuple((together, why) for together, why in rows if together.protected), total)


def grouped(entries: Sequence[SessionEntry], captures: dict[str, int]) -> list[Together]:
    """Return sessions as they stay or go; `captures` are the sizes of the capture files that are there, by name."""
    rows: dict[object, list[SessionEntry]] = {}
    for entry in entries:
        rows.setdefault(_unit(entry), []).append(entry)
    claims = Counter(name for row in rows.values() for name in {name for entry in row for name in entry.captures})
    return [
        Together(
            tuple(row),
            sum(entry.size_bytes for entry in row)
            + sum(captures.get(name, 0) for name in {n for e in row for n in e.captures} if claims[name] == 1),
        )
        for row in rows.values()
    ]


def throw_out(together: Together, *, for_good: bool = False) -> list[Path]:
    """Move sessions with their captures to the trash folder, or take them away for good; return what was moved.

    What was pinned, or became part of something that stays, since it was planned is left where it is.

    Raises:
        SessionWriteError: One cannot be moved, or not be removed.
    """
    if any(_protected(entry_of(entry.path)) for entry in together.entries):
        return []
    moved = [throw_away(entry.path) for entry in together.entries]
    if for_good:
        for path in moved:
            others = [entry for entry in scan(path.parent) if entry.path != path]
            for file in (*own_captures(entry_of(path), others), path):
                with writing(file):
                    file.unlink(missing_ok=True)
    return moved


def _by_age_and_number(
    oldest_first: Sequence[Together], limits: Limits, *, each_part: bool
) -> Iterable[tuple[int, Why]]:
    seen: Counter[tuple[str, ...]] = Counter()
    places: dict[object, int] = {}
    for at in range(len(oldest_first) - 1, -1, -1):
        newest = oldest_first[at].newest
        workload = newest.meta.workload_key if newest.meta is not None else ()
        # All parts of a watch stand where the newest of them does.
        of_watch = newest.meta is not None and newest.meta.part and not each_part
        unit = newest.meta.group if newest.meta is not None and of_watch else newest.path
        if unit not in places:
            seen[workload] += 1
            places[unit] = seen[workload]
        if limits.before_s is not None and newest.age_key[0] < limits.before_s:
            yield at, Why.OLD
        elif limits.keep is not None and places[unit] > limits.keep:
            yield at, Why.MANY


def _unit(entry: SessionEntry) -> object:
    """Return what all that stays or goes together shares; parts of a watch go one by one, the oldest first."""
    meta = entry.meta
    return meta.group if meta is not None and meta.group and not meta.part else entry.path


def _protected(entry: SessionEntry) -> str:
    meta = entry.meta
    if meta is None:
        return "it cannot be read"
    if meta.baseline:
        return "it is a baseline"
    if meta.pinned:
        return "it is pinned"
    # What was cut off may hold a capture that nobody has read yet.
    if entry.path.name.endswith(PART_SUFFIX) or meta.state is SessionState.RECORDING:
        return "it is not finished"
    return ""


def _shared_bytes(entries: Iterable[SessionEntry], captures: dict[str, int]) -> int:
    claimed: dict[str, set[object]] = {}
    for entry in entries:
        for name in entry.captures:
            claimed.setdefault(name, set()).add(_unit(entry))
    return sum(captures.get(name, 0) for name, owners in claimed.items() if len(owners) > 1)
