"""Where threads wait: what looks about once a second found idle threads in, by the line of own code."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from perftui.analysis.code_origin import Origin, origin
from perftui.model.finding import WaitingAt
from perftui.model.frame import Frame, Stack
from perftui.model.sample import ThreadLooks

CROWD = 2
"""So many threads that wait in one place at one look may wait for each other."""
_MOST_PLACES = 20_000
"""A program that makes functions as it goes must not fill the memory; what comes later is not told apart."""


class WaitPlace(NamedTuple):
    """Where a thread waits."""

    leaf: Frame
    """The innermost frame that Python knows."""
    own: Frame | None
    """The innermost line of own code, which may be the leaf; None where there is none."""


@dataclass(slots=True)
class Waiting:
    """What waits in one place, over all looks."""

    threads: int = 0
    """Threads, added up over looks."""
    found: int = 0
    """Looks that found any there."""
    crowded: int = 0
    """Looks that found at least two threads there."""


class Waits:
    """Counts of idle threads by where they wait; work per look grows with its idle threads."""

    def __init__(self) -> None:
        self.looks = 0
        """Looks that found any thread at all."""
        self.at: dict[WaitPlace, Waiting] = {}
        self._places: dict[Stack, WaitPlace] = {}

    def look(self, looks: ThreadLooks) -> None:
        """Take in one look."""
        if not looks.threads:
            return
        self.looks += 1
        for place, threads in Counter(self._place(look.waits) for look in looks.threads if look.waits).items():
            waiting = self.at.get(place)
            if waiting is None:
                if len(self.at) >= _MOST_PLACES:
                    continue
                waiting = self.at[place] = Waiting()
            waiting.threads += threads
            waiting.found += 1
            waiting.crowded += threads >= CROWD

    def dearest(self, top: int) -> tuple[WaitingAt, ...]:
        """Return the places where most threads wait, the most crowded first; at most so many."""
        ranked = heapq.nsmallest(
            top, self.at.items(), key=lambda entry: (-entry[1].threads, entry[0].leaf.file, entry[0].leaf.line)
        )
        return tuple(
            WaitingAt(place.leaf, place.own, each.threads / self.looks, each.found, each.crowded)
            for place, each in ranked
        )

    def _place(self, stack: Stack) -> WaitPlace:
        known = self._places.get(stack)
        if known is not None:
            return known
        own = next((frame for frame in reversed(stack) if origin(frame.file) is Origin.OWN), None)
        place = WaitPlace(stack[-1], own)
        if len(self._places) < _MOST_PLACES:
            self._places[stack] = place
        return place
