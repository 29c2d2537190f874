"""Adds up what a counter grows over a tree of processes that come and go, with nothing counted twice.

When a process ends and its parent waits for it, the kernel adds everything the process ever counted (CPU time, I/O
bytes) to the parent's own figures. Taken as growth of the parent, that would count the process a second time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

ProcessKey = tuple[int, float]
"""Process id and start time: together they name one process, whatever becomes of the id."""


@dataclass(frozen=True, slots=True)
class Count:
    """What one process has counted since it started."""

    own: float
    reaped: float = 0.0
    """Inherited from children that it waited for; all of it where the kernel does not tell the two apart."""

    @property
    def total(self) -> float:
        """Everything: own and inherited."""
        return self.own + self.reaped


class TreeLedger:
    """The growth of one counter over a whole tree, from one look to the next."""

    def __init__(self, *, tolerance: float = 0.0) -> None:
        self._tolerance = tolerance
        self._counts: dict[ProcessKey, Count] = {}
        self._parents: dict[ProcessKey, ProcessKey | None] = {}

    def __contains__(self, key: ProcessKey) -> bool:
        return key in self._counts

    def grow(
        self,
        counts: Mapping[ProcessKey, Count],
        parents: Mapping[ProcessKey, ProcessKey | None],
        *,
        old: Collection[ProcessKey] = (),
    ) -> float:
        """Return what was counted since the look before.

        Args:
            counts: what each process of the tree has counted, as far as it can be read.
            parents: the parent of every process that is there, or None where that lies outside the tree; those that
                ended but were not yet waited for are there.
            old: processes that had counted before the watch began; their first look is only where growth starts from.
        """
        inherited = self._inherited_by(parents)
        grown = 0.0
        for key, count in counts.items():
            before = self._counts.get(key)
            if before is None:
                grown += 0.0 if key in old else count.total
            else:
                fresh = self._without_known(count.reaped - before.reaped, inherited.get(key, ()))
                grown += max(0.0, count.own - before.own) + fresh
        # What cannot be read at this look is still there: its count must not pass for one that ended.
        self._counts = {key: count for key, count in self._counts.items() if key in parents} | dict(counts)
        self._parents = dict(parents)
        return grown

    def _inherited_by(self, living: Collection[ProcessKey]) -> Mapping[ProcessKey, list[float]]:
        """Return, per living process, the totals of the ended ones that it may have inherited."""
        inherited: defaultdict[ProcessKey, list[float]] = defaultdict(list)
        for key, count in self._counts.items():
            if key not in living and (heir := self._nearest_living(key, living)) is not None:
                inherited[heir].append(count.total)
        return inherited

    def _nearest_living(self, key: ProcessKey, living: Collection[ProcessKey]) -> ProcessKey | None:
        seen = {key}
        parent = self._parents.get(key)
        while parent is not None and parent not in living and parent not in seen:
            seen.add(parent)
            parent = self._parents.get(parent)
        return parent if parent in living else None

    def _without_known(self, inherited: float, known: Iterable[float]) -> float:
        """Take what was counted already out of what a parent inherited.

        A parent that ignores SIGCHLD inherits nothing: growth smaller than what a child had counted says so.
        """
        for counted in sorted(known, reverse=True):
            if inherited >= counted - self._tolerance:
                inherited -= counted
        return max(0.0, inherited)
