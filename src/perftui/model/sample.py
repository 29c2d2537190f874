"""What a CPU source observes: windows of samples, per thread, in the order they were taken."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field

from perftui.model.frame import Frame, Stack

# A look that fails does so at once, so of a window without any success nearly all that were planned are counted.
_BLIND_SHARE = 0.5


def is_blind(samples: int, *, failed: int, planned: float) -> bool:
    """Tell whether of so many looks that were planned hardly one succeeded: an idle target gives no samples either."""
    return failed > 0 and not samples and failed >= _BLIND_SHARE * planned


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread of the target or of one of its child processes."""

    pid: int
    tid: int
    """The operating system's thread id, where the sampler knows it."""
    name: str = ""


@dataclass(frozen=True, slots=True)
class ThreadSamples:
    """The samples of one thread in one window."""

    thread: Thread
    stacks: tuple[tuple[int, ...], ...]
    """The distinct stacks, root first, each a tuple of indices into the window's `frames`."""
    order: array[int]
    """One entry a sample (type code "I"), in the order of time: an index into `stacks`."""


@dataclass(frozen=True, slots=True)
class SampleWindow:
    """What one recorder saw between two moments; times are seconds since the recording began."""

    start_s: float
    end_s: float
    interval_s: float
    """Mean time between two looks at each thread: one sample weighs this much."""
    frames: tuple[Frame, ...]
    threads: tuple[ThreadSamples, ...]
    failed: int = 0
    """Looks that failed."""
    late_s: float = 0.0
    """How far behind its schedule the sampler said that it fell."""
    sampler_cpu_s: float = 0.0
    """CPU time that the sampler used for this window."""
    approximate: bool = False
    """Taken without stopping the target: stacks may be torn."""

    @property
    def samples(self) -> int:
        """Number of samples of all threads."""
        return sum(len(thread.order) for thread in self.threads)

    @property
    def blind(self) -> bool:
        """Whether looks failed and hardly one can have succeeded."""
        return is_blind(self.samples, failed=self.failed, planned=(self.end_s - self.start_s) / self.interval_s)


@dataclass(frozen=True, slots=True)
class ThreadLook:
    """One non-blocking look at one thread: whether it ran, and whether it held the GIL."""

    thread: Thread
    active: bool
    holds_gil: bool
    waits: Stack = ()
    """Where it waits, root first, the leaf's end of it; empty for one that runs, and where nobody knows."""


@dataclass(frozen=True, slots=True)
class ThreadLooks:
    """All threads at one moment; a series of these estimates idle and GIL ratios."""

    at_s: float
    threads: tuple[ThreadLook, ...]


@dataclass(frozen=True, slots=True)
class WindowRecord:
    """A window as it is stored and folded: stacks interned into append-only tables.

    `frames`, `nodes` and `threads` are what is new since the record before; the ids continue theirs.
    """

    start_s: float
    end_s: float
    interval_s: float
    frames: tuple[Frame, ...]
    nodes: tuple[tuple[int, int], ...]
    """(parent node, frame id) of each new node; node 0 is the root, which has no frame and is never listed."""
    threads: tuple[Thread, ...]
    samples: tuple[tuple[int, array[int]], ...]
    """(thread id, leaf node of each sample in the order of time; type code "I")."""
    failed: int = 0
    late_s: float = 0.0
    sampler_cpu_s: float = 0.0
    approximate: bool = False

    @property
    def sample_count(self) -> int:
        """Number of samples of all threads."""
        return sum(len(leaves) for _, leaves in self.samples)

    @property
    def order(self) -> WindowOrder:
        """Its samples in the order of time, alone."""
        return WindowOrder(self.start_s, self.end_s, self.interval_s, self.samples)


@dataclass(frozen=True, slots=True)
class WindowOrder:
    """The samples of one window in the order of time, for viewers: what a delta does not hold."""

    start_s: float
    end_s: float
    interval_s: float
    taken: tuple[tuple[int, array[int]], ...]
    """(thread id, leaf node of each sample in the order of time; type code "I")."""

    def samples(self) -> tuple[tuple[int, array[int]], ...]:
        """Return (thread id, leaf node of each sample in the order of time)."""
        return self.taken


@dataclass(frozen=True, slots=True)
class DeltaSpan:
    """What a delta adds between two moments: one window, or neighbouring ones that were joined."""

    start_s: float
    end_s: float
    weights: Mapping[tuple[int, int], tuple[float, int]]
    """(thread id, leaf node) to (weight, count)."""


@dataclass(frozen=True, slots=True)
class ProfileDelta:
    """What one or several records add to a profile, without the order of samples: deltas merge, records do not."""

    frames: tuple[Frame, ...] = ()
    nodes: tuple[tuple[int, int], ...] = ()
    threads: tuple[Thread, ...] = ()
    weights: Mapping[tuple[int, int], tuple[float, int]] = field(default_factory=dict)
    """(thread id, leaf node) to (weight, count)."""
    spans: tuple[DeltaSpan, ...] = ()
    """The same weights by when they were seen, in order of time; none where that is kept elsewhere."""
    end_s: float = 0.0
    sampled_s: float = 0.0
    """Time that the sampling covered, overlaps counted once."""
    looks: float = 0.0
    """How often each thread was looked at, idle or not."""
    failed: int = 0
    late_s: float = 0.0
    sampler_cpu_s: float = 0.0
    approximate: bool = False


@dataclass(frozen=True, slots=True)
class SamplingQuality:
    """How good the sampling of a session was: what stands beside every number it gives."""

    samples: int = 0
    requested_hz: float = 0.0
    achieved_hz: float = 0.0
    """Mean looks per second at each thread over the sampled time."""
    sampled_s: float = 0.0
    wall_s: float = 0.0
    failed: int = 0
    late_s: float = 0.0
    sampler_cpu_s: float = 0.0
    approximate: bool = False

    @property
    def coverage(self) -> float:
        """Sampled time over wall time, 0 to 1."""
        return min(1.0, self.sampled_s / self.wall_s) if self.wall_s > 0 else 0.0

    @property
    def sampler_cpu_percent(self) -> float:
        """CPU of the sampler in percent of one core."""
        return 100 * self.sampler_cpu_s / self.sampled_s if self.sampled_s > 0 else 0.0
