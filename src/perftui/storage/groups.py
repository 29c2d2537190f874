"""Runs that were recorded together: how a list shows them, and what a reference to them means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from perftui.errors import NoDataError, UsageError
from perftui.model.session import RunSide, SessionState
from perftui.storage.listing import SessionEntry, is_fellow
from perftui.storage.names import GROUP_PREFIX
from perftui.text import printable
from perftui.units import format_seconds

_GROUP = re.compile(rf"{GROUP_PREFIX}([A-Za-z0-9_-]+)(?:/(base|current))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Runs:
    """What a list shows as one: a session by itself, or the runs of one side of a group."""

    entries: tuple[SessionEntry, ...]
    """In the order in which they ran; at least one."""

    @property
    def newest(self) -> SessionEntry:
        """The run that was recorded last."""
        return self.entries[-1]

    @property
    def times(self) -> int:
        """How many runs there are."""
        return len(self.entries)

    @property
    def title(self) -> str:
        """What they are called, with how many they are: `bench ×10`, `service, 5 parts`, `service, part 5`."""
        return f"{self.newest.name}{self.ending}"

    @property
    def ending(self) -> str:
        """What stands behind their name: how many they are, or which part of a watch it is; often nothing."""
        if self.times > 1:
            return f", {self.times} parts" if self.is_watch else f" ×{self.times}"
        return f", part {self.part}" if self.part > 1 else ""

    @property
    def part(self) -> int:
        """Which part of a watch the newest is; 0 for what is none."""
        return self.newest.meta.part if self.newest.meta is not None else 0

    @property
    def is_watch(self) -> bool:
        """Whether they are parts of a watch, which follow one another, and no runs of the same."""
        return self.part > 0

    @property
    def state(self) -> str:
        """Where they stand; of several, how many are complete where not all are."""
        metas = [entry.meta for entry in self.entries if entry.meta is not None]
        complete = sum(meta.state is SessionState.COMPLETE for meta in metas)
        if self.times > 1 and not self.is_watch and 0 < complete < self.times:
            return f"{complete} of {self.times}"
        return metas[-1].state.value if metas else ""

    @property
    def mean_s(self) -> float:
        """How long one of them lasted, on average."""
        return sum(entry.meta.duration_s for entry in self.entries if entry.meta is not None) / self.times

    @property
    def length(self) -> str:
        """How long they lasted, for a person: of parts of a watch together, of runs each on average."""
        if self.times == 1:
            return format_seconds(self.mean_s)
        each = format_seconds(self.mean_s)
        return format_seconds(self.mean_s * self.times) if self.is_watch else f"{self.times} × {each}"

    @property
    def complete(self) -> tuple[Path, ...]:
        """The files of those that were recorded to their end, or of all where none was."""
        return tuple(entry.path for entry in complete_runs(self.entries))

    @property
    def ref(self) -> str:
        """What names all of them, and nothing else: a group, or the path of a file."""
        meta = self.newest.meta
        return group_ref(meta.group, meta.side) if meta is not None and self.times > 1 else str(self.newest.path)


def group_ref(group: str, side: RunSide = RunSide.NONE) -> str:
    """Return the reference to a group, or to one side of it."""
    return f"{GROUP_PREFIX}{group}/{side.value}" if side is not RunSide.NONE else f"{GROUP_PREFIX}{group}"


def names_group(ref: str) -> bool:
    """Say whether a reference means a group of runs."""
    return ref.startswith(GROUP_PREFIX)


def listed_runs(entries: Iterable[SessionEntry]) -> list[Runs]:
    """Return entries, the newest first, as rows of a list: fellow runs are one row, where the newest of them stands."""
    rows: dict[object, list[SessionEntry]] = {}
    for entry in entries:
        meta = entry.meta
        # Not by the id: a file and its copy are two sessions of one id.
        rows.setdefault(meta.unit_of_runs if meta is not None and meta.group else entry.path, []).append(entry)
    return [Runs(tuple(sorted(row, key=_in_order))) for row in rows.values()]


def fellows(entries: Iterable[SessionEntry], entry: SessionEntry) -> list[SessionEntry]:
    """Return an entry with its fellow runs, in the order in which they ran."""
    meta = entry.meta
    if meta is None or not meta.group:
        return [entry]
    return sorted((each for each in entries if is_fellow(each, meta)), key=_in_order)


def is_one_unit(runs: Sequence[SessionEntry]) -> bool:
    """Say whether there is more than one run, and all are fellows."""
    return len(runs) > 1 and all(run.meta is not None and is_fellow(runs[0], run.meta) for run in runs)


def runs_of_group(entries: Sequence[SessionEntry], ref: str) -> list[SessionEntry]:
    """Return the runs that `group:ID` means, or `group:ID/base`, in the order in which they ran.

    The beginning of an id is enough where no other group begins so.

    Raises:
        NoDataError: There is no such group.
        UsageError: Several begin so, or the reference is none.
    """
    found = _GROUP.fullmatch(ref)
    if found is None:
        raise UsageError(f"{printable(ref)!r} names no group of runs", hint="write group:ID, or group:ID/base")
    members = [entry for entry in entries if _group(entry).startswith(found[1])]
    exact = [entry for entry in members if _group(entry) == found[1]]
    runs = [entry for entry in exact or members if found[2] in (None, _side(entry).value)]
    if not runs:
        hint = "`perftui sessions list` shows what there is"
        raise NoDataError(f"there is no group of runs {printable(found[0].removeprefix(GROUP_PREFIX))!r}", hint=hint)
    groups = sorted({_group(entry) for entry in runs})
    if len(groups) > 1:
        raise UsageError(f"{printable(ref)!r} could mean {', '.join(groups[:8])}", hint="write more of the id")
    return sorted(runs, key=_in_order)


def one_side(runs: Sequence[SessionEntry], ref: str) -> Sequence[SessionEntry]:
    """Return runs that are all of one side; raises `UsageError` for both sides of a group."""
    if len({_side(entry) for entry in runs}) > 1:
        either = " or ".join(group_ref(_group(runs[0]), side) for side in (RunSide.BASE, RunSide.CURRENT))
        raise UsageError(f"{printable(ref)} holds both sides of a comparison", hint=f"write {either}")
    return runs


def complete_runs(runs: Sequence[SessionEntry]) -> Sequence[SessionEntry]:
    """Return the runs that were recorded to their end, or all of them where none was."""
    complete = [run for run in runs if run.meta is not None and run.meta.state is SessionState.COMPLETE]
    return complete or runs


def _group(entry: SessionEntry) -> str:
    return entry.meta.group if entry.meta is not None else ""


def _side(entry: SessionEntry) -> RunSide:
    return entry.meta.side if entry.meta is not None else RunSide.NONE


def _in_order(entry: SessionEntry) -> tuple[int, tuple[float, str]]:
    return (entry.meta.repeat_index if entry.meta is not None else 0), entry.age_key
