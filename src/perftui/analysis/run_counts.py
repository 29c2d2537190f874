"""What a test needs of one run: how often each function was seen, second by second."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log
from operator import add

from perftui.analysis.call_tree import CallTree, FunctionKey, function_key
from perftui.analysis.count_tree import CountTree


@dataclass(frozen=True, slots=True)
class FunctionCounts:
    """How often one function was seen as the leaf of a stack."""

    samples: int
    """In the whole run."""
    blocks: tuple[int, ...] = ()
    """In each second that blocks were counted in, in order of time; empty where these are not known."""

    def __add__(self, other: FunctionCounts) -> FunctionCounts:
        """Return the counts of two functions as one."""
        blocks = tuple(map(add, self.blocks, other.blocks)) if self.blocks and other.blocks else ()
        return FunctionCounts(self.samples + other.samples, blocks)


@dataclass(frozen=True, slots=True)
class RunCounts:
    """One run of one side."""

    functions: Mapping[FunctionKey, FunctionCounts]
    interval_s: float
    """Mean time that one sample stands for, in the unit of the weights."""
    block_count: int = 0
    """Seconds that blocks were counted in; 0 where nothing is known of time."""
    cpu_s: float | None = None
    """CPU time as the kernel counted it; None where it is not known."""

    @property
    def samples(self) -> int:
        """Number of samples of all functions."""
        return sum(counts.samples for counts in self.functions.values())

    @property
    def weight(self) -> float:
        """Weight of all functions."""
        return self.samples * self.interval_s


def waiting(runs: Iterable[RunCounts]) -> float:
    """Return how much longer runs were seen to run than they had a processor, as a logarithm, of the worst of them.

    Threads that wait for a processor are seen as running: on a busy host, or for each other.
    """
    return max((log(run.weight / run.cpu_s) for run in runs if run.cpu_s and run.weight > run.cpu_s), default=0.0)


def counts_of_tree(tree: CallTree | CountTree) -> RunCounts:
    """Return the counts of a profile of which no time is known."""
    whole = tree.of if isinstance(tree, CountTree) else tree
    rows = zip(whole.functions, whole.function_self_count, strict=True)
    functions = {function_key(frame): FunctionCounts(samples) for frame, samples in rows}
    samples = sum(counts.samples for counts in functions.values())
    return RunCounts(functions, interval_s=whole.weight / samples if samples else 0.0)
