"""A row of the flat table."""

from __future__ import annotations

from dataclasses import dataclass

from perftui.model.frame import Frame


@dataclass(frozen=True, slots=True)
class Hotspot:
    """A function with what it cost: self (it was the leaf) and total (it was anywhere in the stack, once)."""

    frame: Frame
    """Its line is the one seen most often running, or 0."""
    self_weight: float
    total_weight: float
    self_share: float
    """0 to 1, of the whole profile."""
    total_share: float
    self_count: int
    """Number of samples (or allocations) in `self_weight`."""
    total_count: int
    function_id: int = -1
    """Its id in the call tree it was read from."""
