"""Values in a row of blocks of seven heights, from the lowest to the highest of them."""

from __future__ import annotations

from collections.abc import Sequence

from perftui.analysis.trend_columns import spread

# The highest does not touch the row above: rows that do grow into one shape.
_BLOCKS = "▁▂▃▄▅▆▇"
_FLAT = 3
"""The height of what never varies."""


def sparkline(values: Sequence[float], cells: int) -> str:
    """Return at most so many blocks, one a value; where there are more values, each is the median of several."""
    shown = [value for value in spread(values, min(cells, len(values))) if value is not None] if cells > 0 else []
    if not shown:
        return ""
    low, high = min(shown), max(shown)
    if high <= low:
        return _BLOCKS[_FLAT] * len(shown)
    last = len(_BLOCKS) - 1
    return "".join(_BLOCKS[round((value - low) / (high - low) * last)] for value in shown)
