"""A delta in parts: each leaves a profile whose weights add up, and takes no longer than a key may wait."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from perftui.model.sample import ProfileDelta

CELLS = 250
"""(thread, stack) pairs of a part."""


def parts_of(delta: ProfileDelta, cells: int = CELLS) -> Iterator[ProfileDelta]:
    """Yield deltas that together add what one adds; when was seen what comes with the last."""
    weights = list(delta.weights.items())
    if len(weights) <= cells:
        yield delta
        return
    batches = [dict(weights[at : at + cells]) for at in range(0, len(weights), cells)]
    yield replace(delta, weights=batches[0], spans=())
    for batch in batches[1:-1]:
        yield ProfileDelta(weights=batch)
    yield ProfileDelta(weights=batches[-1], spans=delta.spans, end_s=delta.end_s)
