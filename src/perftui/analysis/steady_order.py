"""An order that keeps still: rows of a live table change places where one is clearly ahead, or has been so for long."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Sequence
from itertools import accumulate
from math import inf, sqrt
from typing import Generic, NamedTuple, TypeVar

from perftui.analysis.compare import CLEAR_Z

Key = TypeVar("Key", bound=Hashable)

STILL_S = 3.0
"""For so long at least all rows stand still: time to read some of them and to move the cursor onto one."""
SETTLE_S = 5.0
"""A row that is ahead for so long, by however little, has its place for good."""
MARK_S = 4.0
"""For so long a row is marked that changed places: time to look up and find it."""
LEAD_SHARE = 0.05
"""Of an exact weight: what grows by less need not pass another at once."""


class Standing(NamedTuple, Generic[Key]):
    """A row where it truly belongs."""

    key: Key
    weight: float
    lead: float
    """Weight by which it has to be ahead of another row to be clearly ahead."""


def sampled_lead(weight: float, count: float) -> float:
    """Return by how much a weight of so many samples has to exceed another one to be clearly the greater.

    Counts are taken as Poisson, so that the difference of two has the variance of their sum: the lead is that of the
    other count for which it is just `CLEAR_Z` standard deviations.
    """
    if count <= 0:
        return 0.0
    squared = CLEAR_Z * CLEAR_Z
    return weight / count * (sqrt(squared * squared + 8 * squared * count) - squared) / 2


class SteadyOrder(Generic[Key]):
    """Keeps rows where they are until they are passed for good.

    Rows change places together, and then stand still for `STILL_S`. When they do, none is left below one that it is
    clearly ahead of. A lead that is less counts once it has lasted for `SETTLE_S`, so that the order of rows that no
    longer change becomes the true one.
    """

    def __init__(self) -> None:
        self._order: list[Key] = []
        self._shown: list[Key] = []
        """The same with the pinned row where it is held."""
        self._ahead_since_s: dict[Key, float] = {}
        """Rows below one that they are ahead of, by however little."""
        self._moves: dict[Key, tuple[int, float]] = {}
        """Row to (places that it rose, or sank where it is negative, moment)."""
        self._changed_at_s = -inf
        self._pull = 0
        self._pinned: Key | None = None

    def clear(self) -> None:
        """Forget all rows; those that come next stand in their true order."""
        self.__init__()  # type: ignore[misc]

    def update(self, ranked: Sequence[Standing[Key]], now_s: float, *, pinned: Key | None = None) -> list[Key]:
        """Return the rows in the order to be shown.

        Args:
            ranked: Every row once, in the true order.
            now_s: Moment, in seconds that never go back.
            pinned: A row that keeps its line while the others move around it.
        """
        places = {row.key: place for place, row in enumerate(ranked)}
        known = [key for key in self._order if key in places]
        due = self._due(known, places, now_s)
        before = [places[key] for key in known]
        if now_s - self._changed_at_s >= STILL_S:
            after = _passed(ranked, before, due)
            if after != before:
                before, self._changed_at_s = after, now_s
        self._order = [ranked[place].key for place in _joined(before, len(ranked))]
        shown = self._with_pinned(pinned)
        self._note_moves(shown, places, now_s)
        self._shown = shown
        return shown

    def moved(self, key: Key) -> int:
        """Return by how many places a row rose lately (or sank, negative); of the pinned one, how far it is held."""
        if key == self._pinned:
            return self._pull
        return self._moves.get(key, (0, 0.0))[0]

    def _due(self, known: Iterable[Key], places: dict[Key, int], now_s: float) -> set[int]:
        """Return the places of rows that have been ahead of one above them for long enough."""
        since, worst = {}, -1
        for key in known:
            place = places[key]
            if place < worst:
                since[key] = self._ahead_since_s.get(key, now_s)
            worst = max(worst, place)
        self._ahead_since_s = since
        return {places[key] for key, at_s in since.items() if now_s - at_s >= SETTLE_S}

    def _with_pinned(self, pinned: Key | None) -> list[Key]:
        self._pinned, self._pull = None, 0
        if pinned is None or pinned not in self._order or pinned not in self._shown:
            return list(self._order)
        shown = [key for key in self._order if key != pinned]
        held = min(self._shown.index(pinned), len(shown))
        shown.insert(held, pinned)
        self._pinned, self._pull = pinned, held - self._order.index(pinned)
        return shown

    def _note_moves(self, shown: list[Key], places: dict[Key, int], now_s: float) -> None:
        before = {key: at for at, key in enumerate(key for key in self._shown if key in places)}
        moves = {key: move for key, move in self._moves.items() if now_s - move[1] < MARK_S and key in before}
        for at, key in enumerate(key for key in shown if key in before):
            rose = before[key] - at
            if rose:
                rose += moves.pop(key, (0, 0.0))[0]
                if rose:
                    moves[key] = rose, now_s
        self._moves = moves


def _passed(ranked: Sequence[Standing[Key]], before: Sequence[int], due: set[int]) -> list[int]:
    """Return the true places of rows in the order to be shown, from those in the order that they were shown in."""
    placed: list[int] = []
    # Greatest place and least weight down to each row: both are sorted, so that a row finds its place by bisection.
    worst: list[int] = []
    lightest: list[float] = []
    for place in before:
        row = ranked[place]
        at = bisect_right(lightest, row.lead - row.weight)
        if place in due:
            at = min(at, bisect_right(worst, place))
        placed.insert(at, place)
        worst[at:] = _running_max(placed[at:], worst[at - 1] if at else None)
        lightest[at:] = _running_max([-ranked[p].weight for p in placed[at:]], lightest[at - 1] if at else None)
    return placed


def _joined(placed: Sequence[int], rows: int) -> list[int]:
    """Return places with those that are new among them: each before the first that it is ahead of."""
    joined, known = list(placed), set(placed)
    for fresh in range(rows):
        if fresh not in known:
            worst = list(accumulate(joined, max))
            joined.insert(bisect_right(worst, fresh), fresh)
    return joined


Number = TypeVar("Number", int, float)


def _running_max(values: Sequence[Number], before: Number | None) -> list[Number]:
    found = list(accumulate(values, max, initial=before))
    return found if before is None else found[1:]
