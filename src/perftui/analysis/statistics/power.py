"""What a test could have shown, and how many more runs it would take to show it."""

from __future__ import annotations

from math import ceil, exp

from perftui.analysis.statistics.normal import quantile

ALPHA = 0.01
"""Of a single test."""
POWER = 0.8
MOST_RUNS = 1_000
"""More are no answer to anybody."""


def smallest_detectable(standard_error: float, *, alpha: float = ALPHA, power: float = POWER) -> float:
    """Return the smallest relative increase that is found with a chance of `power`; 0.2 stands for 20 %.

    `standard_error` is that of the logarithm of the ratio. The difference of two means is found so often when it is
    z(1 - alpha/2) + z(power) of its standard errors (Cohen, Statistical Power Analysis, 1988, chapter 2).
    """
    return exp((quantile(1 - alpha / 2) + quantile(power)) * standard_error) - 1


def more_runs(
    log_ratio: float, standard_error: float, runs: int, *, alpha: float = ALPHA, power: float = POWER
) -> int | None:
    """Return about how many more runs a side would show a ratio as large as the one seen; None beyond a thousand.

    The standard error shrinks with the root of the number of runs (Cohen, as above).
    """
    if not log_ratio or runs < 1:
        return None
    needed = runs * ((quantile(1 - alpha / 2) + quantile(power)) * standard_error / log_ratio) ** 2
    return None if needed > MOST_RUNS else max(1, ceil(needed) - runs)
