"""When what a delta adds was seen: spans of time that wait for a viewer, fewer and longer ones the longer it stalls."""

from __future__ import annotations

from collections.abc import Mapping

from perftui.model.sample import DeltaSpan

MOST_SPANS = 240
"""Two minutes at two windows a second come as they were."""
MOST_CELLS = 20_000
"""Of all spans together, at some hundred bytes each."""

Weights = Mapping[tuple[int, int], tuple[float, int]]


def joined_weights(first: Weights, second: Weights) -> dict[tuple[int, int], tuple[float, int]]:
    """Return the sums of two sets of (weight, count)."""
    weights = dict(first)
    for key, (weight, count) in second.items():
        known_weight, known_count = weights.get(key, (0.0, 0))
        weights[key] = (known_weight + weight, known_count + count)
    return weights


def bounded(spans: tuple[DeltaSpan, ...]) -> tuple[DeltaSpan, ...]:
    """Return the same weights in so few spans that nobody minds keeping them.

    The older half is joined two by two, as often as need be: what is new keeps its moments longest.
    """
    while len(spans) > 1 and (len(spans) > MOST_SPANS or sum(len(span.weights) for span in spans) > MOST_CELLS):
        old = max(2, len(spans) // 4 * 2)
        pairs = [_joined(*spans[i : i + 2]) for i in range(0, old, 2)]
        spans = (*pairs, *spans[old:])
    return spans


def _joined(first: DeltaSpan, second: DeltaSpan) -> DeltaSpan:
    start_s, end_s = min(first.start_s, second.start_s), max(first.end_s, second.end_s)
    return DeltaSpan(start_s, end_s, joined_weights(first.weights, second.weights))
