"""Metrics and marks in lines that a workload prints, in any language: `perftui: gauge queue 12`."""

from __future__ import annotations

import re

from perftui.model.series import SeriesValues, is_value
from perftui.model.session import Event, OutputChunk
from perftui.sources.told import FINEST_S
from perftui.sources.told_tally import Tally, Told

_LINE = re.compile(rb"perftui:\s*(mark|gauge|count|progress)\s+(.*)")
_LONGEST_LINE = 1_000
_MOST_COUNTERS = 500
_DONE_OF = re.compile(r"(?:done=)?(\S+)\s+(?:total=|of\s+)?(\S+)")


class OutputLines:
    """Hears what is printed; what does not begin with `perftui:` is left to whoever reads it."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._partial = b""
        self._sums: dict[str, float] = {}
        self._next_s = 0.0

    def hear(self, chunk: OutputChunk) -> list[SeriesValues | Event]:
        """Take in a piece of the output; return what was told in it and before, where the time for that has come."""
        lines = (self._partial + chunk.data).split(b"\n")
        self._partial = lines.pop()[-_LONGEST_LINE:]
        for line in lines:
            found = _LINE.match(line[:_LONGEST_LINE].strip())
            if found is not None:
                for told in self._told(found[1].decode(), found[2].decode("utf-8", "replace"), chunk.at_s):
                    self._tally.take(told)
        if chunk.at_s < self._next_s:
            return []
        self._next_s = chunk.at_s + FINEST_S
        return self.rest()

    def due(self, now_s: float) -> list[SeriesValues | Event]:
        """Return what was told and waits for its time, however long nothing more is printed."""
        return self.rest() if now_s >= self._next_s else []

    @property
    def left_out(self) -> str:
        """Say how much of what was told is not kept; empty where that is nothing."""
        return f"{self._tally.dropped:,} of what the output told left out" if self._tally.dropped else ""

    def rest(self) -> list[SeriesValues | Event]:
        """Return what was told and not yet returned."""
        return self._tally.drain()

    def _told(self, kind: str, words: str, at_s: float) -> list[Told]:
        if kind == "mark":
            return [Told(kind, words, at_s=at_s)]
        name, _, rest = words.partition(" ")
        try:
            if kind == "progress":
                found = _DONE_OF.fullmatch(words.strip())
                if found is None:
                    return []
                done, total = float(found[1]), float(found[2])
                return [Told("done", "progress_done", done, "", at_s), Told("total", "progress_total", total, "", at_s)]
            number, _, unit = rest.strip().partition(" ")
            value = float(number) if number or kind == "gauge" else 1.0
        except ValueError:
            return []
        return [Told(kind, name, value if kind == "gauge" else self._sum(name, value), unit, at_s)]

    def _sum(self, name: str, amount: float) -> float:
        """Return the sum of a counter; what would make it fall, no number, or one too many, changes nothing."""
        total = self._sums.get(name, 0.0) + amount
        if amount >= 0 and is_value(total) and (name in self._sums or len(self._sums) < _MOST_COUNTERS):
            self._sums[name] = total
        return self._sums.get(name, 0.0)
