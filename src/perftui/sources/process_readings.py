"""What single processes use, from one look at the tree to the next: pure, without psutil."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from perftui.model.process import Process, ProcessReading, ProcessReadings
from perftui.sources.looks import ProcessLook
from perftui.sources.tree_ledger import ProcessKey

MOST_READ = 64
"""Processes with a reading of their own at each look; of more the largest, and the others are counted."""
MOST_KNOWN = 10_000
"""Processes that a recording tells apart; a build that starts more is summed up all the same."""


@dataclass(slots=True)
class _Known:
    process: Process
    cpu_s: float | None = None


class ProcessRates:
    """Turns looks at a tree into news and readings of its processes."""

    def __init__(self, *, began_epoch_s: float) -> None:
        self._began_epoch_s = began_epoch_s
        self._known: dict[ProcessKey, _Known] = {}
        self._ended: set[ProcessKey] = set()
        self._at_s: float | None = None

    def read(self, at_s: float, tree: Sequence[ProcessLook]) -> ProcessReadings:
        """Return what is new of the processes, and what each of them uses; an empty tree has ended."""
        passed_s = None if self._at_s is None else at_s - self._at_s
        self._at_s = at_s
        news: dict[ProcessKey, Process] = {}
        readings: list[ProcessReading] = []
        unknown = 0
        for look in tree:
            known = self._known_of(look, news)
            if known is None:
                unknown += not look.ended
            elif look.ended:
                self._end(look.key, at_s, news, exit_code=look.exit_code)
            else:
                readings.append(_reading(look, known, passed_s))
        present = {look.key for look in tree}
        for key in self._known.keys() - self._ended - present:
            self._end(key, at_s, news)
        kept = _largest(readings)
        return ProcessReadings(at_s, tuple(news.values()), tuple(kept), len(readings) - len(kept) + unknown)

    def _known_of(self, look: ProcessLook, news: dict[ProcessKey, Process]) -> _Known | None:
        known = self._known.get(look.key)
        if known is None:
            if len(self._known) >= MOST_KNOWN:
                return None
            pid, created_epoch_s = look.key
            parent = None if look.parent is None else look.parent[0]
            process = Process(pid, round(created_epoch_s - self._began_epoch_s, 2), parent)
            known = self._known[look.key] = _Known(process)
            news[look.key] = process
        if look.command and (look.name, look.command) != (known.process.name, known.process.command):
            # A child is seen as a copy of its parent until it runs a program of its own.
            known.process = news[look.key] = replace(known.process, name=look.name, command=look.command)
        return known

    def _end(
        self, key: ProcessKey, at_s: float, news: dict[ProcessKey, Process], *, exit_code: int | None = None
    ) -> None:
        if key not in self._ended:
            self._ended.add(key)
            known = self._known[key]
            known.process = news[key] = replace(known.process, ended_s=at_s, exit_code=exit_code)


def _reading(look: ProcessLook, known: _Known, passed_s: float | None) -> ProcessReading:
    own_s = None if look.cpu_s is None else look.cpu_s.own
    # Of what ran before nobody knows when it used what it has used.
    before_s = 0.0 if known.cpu_s is None and not look.old else known.cpu_s
    known.cpu_s = own_s
    percent = None
    if own_s is not None and before_s is not None and passed_s:
        percent = 100 * max(0.0, own_s - before_s) / passed_s
    return ProcessReading(known.process.key, percent, own_s, look.rss_bytes, look.threads)


def _largest(readings: list[ProcessReading]) -> list[ProcessReading]:
    """Return the readings of the first process, which is the root, and of those that use most."""
    if len(readings) <= MOST_READ:
        return readings
    root, *others = readings
    others.sort(key=lambda reading: (reading.cpu_percent or 0.0, reading.rss_bytes or 0.0), reverse=True)
    return [root, *others[: MOST_READ - 1]]
