"""What a person has chosen to see: plain data that the screen owns and every widget is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from perftui.analysis.call_tree import FunctionKey
from perftui.analysis.flame_layout import Order
from perftui.analysis.heap_profile import HeapSort
from perftui.analysis.hotspots import SortBy
from perftui.analysis.scope import EVERYTHING, Between, Last, RootedAt, Scope
from perftui.analysis.split import Split
from perftui.model.heap import HeapView

Path = tuple[FunctionKey, ...]
"""Identities of the functions from below the root to a node; empty for the root."""


@dataclass(frozen=True, slots=True)
class ViewState:
    """Lens, selection, zoom, search and order; a refresh with new data never changes it."""

    lens: HeapView | None = None
    """View of the heap that is looked at; None for CPU."""
    selected: Path = ()
    zoom: Path = ()
    pattern: str = ""
    """Regular expression that is searched for; empty for no search."""
    sort: SortBy = SortBy.SELF
    heap_sort: HeapSort = HeapSort.SELF
    """What the table is ranked by while memory is looked at."""
    difference: bool = False
    """The table shows what differs between the range that is looked at and the rest of the run."""
    least_percent: float | None = None
    """Share below which the table does not list a row; None for what the settings say."""
    order: Order = Order.FIRST_SEEN
    frozen: bool = False
    """The display stands still; the recording goes on."""
    split: Split = Split.NONE
    """What stands at the first level of the flames."""
    inverted: bool = False
    """Roots are the functions that have self weight, below each stand its callers."""
    by_count: bool = False
    """Widths of memory are numbers of allocations, otherwise bytes."""
    absolute: bool = True
    """Weights are shown in their own unit, otherwise as shares."""
    grown: bool = False
    """Of what is held with a range of time: what grew in it, otherwise what was there at its end."""
    cwd: str = ""
    """Directory of the workload: what lies below it is the person's own code, and names are shown relative to it."""
    scopes: Mapping[HeapView | None, Scope] = field(default_factory=dict)
    """Which part is looked at, by lens; one that is not here shows everything."""

    @property
    def scope(self) -> Scope:
        """Which part of the profile is looked at through the chosen lens."""
        return self.scopes.get(self.lens, EVERYTHING)

    def scoped(self, scope: Scope) -> ViewState:
        """Return the same view with another scope of its lens; a range of time belongs to all of them."""
        scopes = {**self.scopes, self.lens: scope}
        if scope.time != self.scope.time:
            time = scope.time if isinstance(scope.time, Between | Last) else None
            for lens in {None, *HeapView} - {self.lens}:
                other = scopes.get(lens, EVERYTHING).timeless()
                scopes[lens] = other if time is None else other.added(time)
        return replace(self, scopes=scopes)

    @property
    def spot(self) -> Spot:
        """What is selected, and where."""
        return Spot(self.lens, self.split, self.inverted, self.selected, self.scope.root)

    @property
    def function(self) -> FunctionKey | None:
        """Identity of the selected function."""
        return self.selected[-1] if self.selected else None


@dataclass(frozen=True, slots=True)
class Spot:
    """What was selected, and in which arrangement of the flames."""

    lens: HeapView | None
    split: Split
    inverted: bool
    selected: Path
    root: RootedAt | None = None
    """The function that all stacks began with."""


class Trail:
    """What was selected one after the other, with a way back and forward again, as in a browser."""

    MOST = 500
    """More than anyone goes back."""

    def __init__(self) -> None:
        self._spots: list[Spot] = []
        self._at = -1

    def visit(self, spot: Spot) -> None:
        """Add a spot after the present one; what lay ahead is forgotten."""
        if not spot.selected or (self._at >= 0 and self._spots[self._at] == spot):
            return
        self._spots[self._at + 1 :] = [spot]
        del self._spots[: -self.MOST]
        self._at = len(self._spots) - 1

    def step(self, by: int) -> Spot | None:
        """Go back (a negative step) or forward; None where there is nothing to go to."""
        to = self._at + by
        if not 0 <= to < len(self._spots):
            return None
        self._at = to
        return self._spots[to]
