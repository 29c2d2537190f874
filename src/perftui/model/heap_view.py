"""Views of the heap: the command line names them, and loads nothing else of the heap."""

from __future__ import annotations

from enum import Enum


class HeapView(Enum):
    """Which allocations of a run are looked at."""

    HELD = "held"
    """Not freed yet at that moment."""
    HIGH_WATERMARK = "high_watermark"
    """Held at the moment when most was held."""
    LEAKED = "leaked"
    """Not freed when the tracking ended."""
    TEMPORARY = "temporary"
    """Freed before more than one other allocation was made on the same thread, as memray counts it."""
    ALLOCATED = "allocated"
    """All of them, freed or not."""
