"""What a person has chosen to see: plain data that the screen owns and every widget is given."""

from __future__ import annotations

from dataclasses import dataclass

from perftui.analysis.call_tree import FunctionKey
from perftui.analysis.flame_layout import Order
from perftui.analysis.heap_profile import HeapSort
from perftui.analysis.hotspots import SortBy
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
    order: Order = Order.FIRST_SEEN
    frozen: bool = False
    """The display stands still; the recording goes on."""
    by_thread: bool = False
    by_count: bool = False
    """Widths of memory are numbers of allocations, otherwise bytes."""
    absolute: bool = True
    """Weights are shown in their own unit, otherwise as shares."""
    cwd: str = ""
    """Directory of the workload: what lies below it is the person's own code, and names are shown relative to it."""

    @property
    def function(self) -> FunctionKey | None:
        """Identity of the selected function."""
        return self.selected[-1] if self.selected else None
