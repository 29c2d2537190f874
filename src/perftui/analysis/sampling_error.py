"""How far a share that was counted in samples may be from the truth."""

from __future__ import annotations

from math import sqrt

_Z = 1.96
"""Two-sided 95 % of a normal distribution."""


def share_half_width(share: float, samples: int) -> float | None:
    """Return half the width of the 95 % binomial (Wilson) interval of a share, 0 to 1; None without samples.

    Unlike the plain normal interval it does not shrink to nothing where a share is 0 or 1.
    """
    if samples <= 0:
        return None
    share = min(1.0, max(0.0, share))
    spread = sqrt(share * (1 - share) / samples + (_Z / (2 * samples)) ** 2)
    return _Z * spread / (1 + _Z**2 / samples)
