"""Limits to begin with, from what runs have measured: the worst of them with headroom, in round numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil, floor, log10

from perftui.model.run_figures import FunctionRuns, RunFigures
from perftui.units import format_percent, format_value

WARN_AT, FAIL_AT = 1.25, 1.5
"""A limit lies so much above the worst run: what varies by itself does not break it."""
_MOST_FUNCTIONS = 3
_LEAST_SHARE = 5.0
"""Percent of the samples below which a function is not worth a limit to begin with."""
_LEAST_SAMPLES = 100


@dataclass(frozen=True, slots=True)
class StarterLimit:
    """One figure with a limit that warns and one that fails, in base units."""

    name: str
    """A figure of whole runs (`wall_s`, `rss_bytes.max`), or `file:function`."""
    warn: float
    fail: float
    seen: str
    """What was measured, for a comment."""


def figure_limit(figures: RunFigures, name: str) -> StarterLimit | None:
    """Return the limit of a figure of whole runs; None where nobody measured it."""
    figure = figures.figures.get(name)
    worst = max(figure.values) if figure is not None else 0.0
    if figure is None or worst <= 0:
        return None
    runs = f"the worst of {len(figure.values)} runs" if len(figure.values) > 1 else "one run"
    seen = f"{format_value(worst, figure.unit)} in {runs}"
    return StarterLimit(name, round_up(WARN_AT * worst), round_up(FAIL_AT * worst), seen)


def function_limits(figures: RunFigures, is_own: Callable[[str], bool]) -> Iterator[StarterLimit]:
    """Yield limits of the share of the own functions that cost most by themselves, in percent.

    Args:
        figures: What was measured.
        is_own: Says of a file whether it is the project's.
    """
    if sum(figures.samples) < _LEAST_SAMPLES:
        return
    own = sorted((row for row in figures.functions if is_own(row.file)), key=lambda row: (-sum(row.self_s), row.file))
    shares = [(row, _share(row, figures)) for row in own if sum(row.self_s)]
    for row, share in [(row, share) for row, share in shares if share >= _LEAST_SHARE][:_MOST_FUNCTIONS]:
        # What has half of the samples cannot have half as much again as a share.
        warn, fail = (min(100.0, ceil(share + part * (100 - share))) for part in (0.2, 0.4))
        if share < warn < fail:
            yield StarterLimit(f"{row.file}:{row.function}", warn, fail, f"{format_percent(share)} of the samples")


def round_up(value: float) -> float:
    """Return the next number of two digits that is not less: 1.234 becomes 1.3."""
    if value <= 0:
        return 0.0
    step = 10.0 ** (floor(log10(value)) - 1)
    return float(f"{ceil(value / step - 1e-9) * step:.12g}")


def _share(row: FunctionRuns, figures: RunFigures) -> float:
    """Return the greatest share that a function has in any run, in percent."""
    pairs = zip(row.samples, figures.samples, strict=True)
    return max((100 * samples / of_all for samples, of_all in pairs if of_all), default=0.0)
