"""Many tests at once: p values become q values."""

from __future__ import annotations

from collections.abc import Sequence


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Return a q value for each p value, in the same order: of all with a q of at most x, about x are false alarms.

    The step-up procedure of Benjamini and Hochberg (Journal of the Royal Statistical Society B 57, 1995).
    """
    number = len(p_values)
    q_values = [1.0] * number
    least = 1.0
    for rank, index in zip(
        range(number, 0, -1), sorted(range(number), key=p_values.__getitem__, reverse=True), strict=True
    ):
        least = min(least, p_values[index] * number / rank)
        q_values[index] = least
    return q_values
