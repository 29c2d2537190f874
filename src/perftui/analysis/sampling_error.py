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


def share_interval(share: float, samples: int) -> tuple[float, float]:
    """Return the ends of the 95 % binomial (Wilson) interval of a share, 0 to 1; the whole range without samples."""
    half = share_half_width(share, samples)
    if half is None:
        return 0.0, 1.0
    share = min(1.0, max(0.0, share))
    # The interval's middle is drawn towards one half, the more the fewer the samples.
    middle = (share + _Z**2 / (2 * samples)) / (1 + _Z**2 / samples)
    return max(0.0, middle - half), min(1.0, middle + half)
