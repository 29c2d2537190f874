"""The two sides of a comparison, and what two figures of them tell.

Functions are matched by the names that a matching gave them, or else by (normalised file, qualified name), never by
line. A change of samples counts as one only where
it is greater than twice the standard deviation of the two sample counts; one of allocations, which are all seen, where
it is greater than what differs between two equal runs. Below that it is called unclear.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from math import sqrt
from typing import NamedTuple

from perftui.analysis.call_tree import CallTree, FunctionKey
from perftui.analysis.count_tree import CountTree
from perftui.analysis.normalise import normal_file
from perftui.analysis.run_counts import RunCounts
from perftui.analysis.run_holdings import RunHoldings
from perftui.model.frame import Frame
from perftui.model.heap import SMALLER
from perftui.model.hotspot import Hotspot
from perftui.units import Unit

CLEAR_Z = 2.0
"""Standard deviations of the difference of two Poisson counts from which a change is called one."""
# Equal runs allocate the same, but for what the interpreter does in the first of them; half a percent is room for that.
_ROOM_EXACT = 0.005
# A peak that was looked for several times a second is missed by a little, and by another little in every run.
_ROOM_LOOKS = 0.05
# A dictionary that grew once more is no news: 1 KiB, or ten objects.
_FLOORS = {Unit.BYTES: 1024.0, Unit.COUNT: 10.0}


class DeltaKind(Enum):
    """What happened to a function or a path between two sessions."""

    GREW = "grew"
    SHRANK = "shrank"
    APPEARED = "appeared"
    VANISHED = "vanished"
    UNCLEAR = "unclear"
    """It is not told from noise."""


class Evidence(Enum):
    """What the weights of a side rest on."""

    SAMPLES = "samples"
    """Their counts vary as those of rare events do."""
    LOOKS = "looks"
    """Exact at some moments; between two of them there may have been more."""
    EVERYTHING = "everything"
    """Nothing was missed."""


@dataclass(frozen=True, slots=True)
class Side:
    """One session of a comparison."""

    tree: CallTree | CountTree
    root: str = ""
    """Directory that file names are made relative to."""
    evidence: Evidence = Evidence.SAMPLES
    rows: Sequence[Hotspot] | None = None
    """Exact figures of the functions, in bytes and counts, where the tree holds only what is large enough to draw."""
    names: Mapping[FunctionKey, FunctionKey] = field(default_factory=dict)
    """(file, name) of a function as this side saw it, to its name for both sides: see `matching.match`."""
    runs: tuple[RunCounts, ...] = ()
    """How often each function was seen in each run that the tree is the mean of; none where that is not known."""
    holdings: tuple[RunHoldings, ...] = ()
    """What each run held, where nothing was sampled and the tree is that of the median run."""

    def named(self, frame: Frame) -> Frame:
        """Return a frame under the name that its function has for both sides."""
        file, function = self.key_of((frame.file, frame.function))
        return Frame(function, file, frame.line)

    def key_of(self, key: FunctionKey) -> FunctionKey:
        """Return the identity for both sides of a function as this side saw it."""
        return self.names.get(key) or (normal_file(key[0], self.root), key[1])


class Tolerance(NamedTuple):
    """How much two figures that nothing was sampled for may differ and mean the same."""

    share: float
    """Of the larger one."""
    floor: float
    """At least so much, in the unit of the figures."""

    def of(self, before: float, after: float) -> float:
        """Return the greatest difference of two figures that says nothing."""
        return max(self.share * max(before, after), self.floor)


def tolerance_of(baseline: Side, current: Side, *, scale: float = 1.0) -> Tolerance | None:
    """Return how much two sides may differ; None where samples, which know better, tell it.

    `scale` turns weights into what is compared: 1 for absolute weights, 1/whole for shares.
    """
    found = (baseline.evidence, current.evidence)
    if Evidence.SAMPLES in found:
        return None
    share = _ROOM_LOOKS if Evidence.LOOKS in found else _ROOM_EXACT
    return Tolerance(share, scale * _FLOORS.get(baseline.tree.unit, 0.0))


class Seen(NamedTuple):
    """A weight and the number of samples that it was seen in."""

    weight: float
    samples: float


def z_of(before: Seen, after: Seen, tolerance: Tolerance | None = None) -> float:
    """Return the difference of two sampled weights in standard deviations, of others in half tolerances.

    Counts of samples are taken as Poisson: a weight of n samples has the variance weight squared over n.
    """
    if tolerance is not None:
        room = tolerance.of(before.weight, after.weight)
        return CLEAR_Z * (after.weight - before.weight) / room if room else 0.0
    variance = sum(seen.weight**2 / seen.samples for seen in (before, after) if seen.samples > 0)
    return (after.weight - before.weight) / sqrt(variance) if variance > 0 else 0.0


def kind_of(before: Seen, after: Seen, tolerance: Tolerance | None = None) -> DeltaKind:
    """Say what two weights tell: sampled ones, or others that may differ by a tolerance."""
    if tolerance is None:
        clear = abs(z_of(before, after)) >= CLEAR_Z
    else:
        clear = abs(after.weight - before.weight) > tolerance.of(before.weight, after.weight)
    if not clear:
        return DeltaKind.UNCLEAR
    if after.weight > before.weight:
        return DeltaKind.APPEARED if before.samples == 0 else DeltaKind.GREW
    return DeltaKind.VANISHED if after.samples == 0 else DeltaKind.SHRANK


REST: FunctionKey = ("", SMALLER)
"""Identity of the pseudo function that stands for what is not listed."""
