"""The counts of a saved session, second by second, for the tests of a comparison: without the model of its viewers."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from perftui.analysis.call_tree import FunctionKey, function_key
from perftui.analysis.run_counts import FunctionCounts, RunCounts
from perftui.analysis.time_order import OrderedWindow
from perftui.model.frame import Frame
from perftui.model.session import SessionKind
from perftui.storage.session_file import SavedSession
from perftui.units import Unit

MOST_BLOCKS = 240
"""Seconds that are looked at one by one; a long session has so many in stretches over its whole length."""
STRETCHES = 8
_LEAST_SAMPLES = 10
_LEAST_SHARE = 0.001
"""Of a function whose blocks are kept: what has less is not tested, or says little beside the other runs."""
_WHOLE = 0.9
"""A second of which less was sampled is no block."""
_LONGEST_S = 60.0
"""Of a window that is told apart into seconds."""


def counts_of_saved(saved: SavedSession) -> RunCounts:
    """Return how often each function was seen; damaged windows add no blocks."""
    functions = _Functions(saved.frames, saved.nodes)
    samples: Counter[int] = Counter()
    weight = 0.0
    by_leaf = [0] * (len(saved.nodes) + 1)
    for _, leaf, leaf_weight, count in saved.totals():
        by_leaf[leaf] += count
        weight += leaf_weight
    for leaf, count in enumerate(by_leaf):
        if count:
            samples[functions.of_leaf(leaf)] += count
    blocks = [functions.of_block(block) for block in leaf_blocks(saved.windows)]
    least = max(_LEAST_SAMPLES, _LEAST_SHARE * samples.total())
    by_function = _by_function(blocks, {function for function, number in samples.items() if number >= least})
    kept = {
        functions.keys[function]: FunctionCounts(number, tuple(by_function.get(function, ())))
        for function, number in samples.items()
        if function >= 0
    }
    seen = sum(counts.samples for counts in kept.values())
    interval_s = weight / total if (total := samples.total()) else 0.0
    return RunCounts(kept, interval_s=interval_s if seen else 0.0, block_count=len(blocks), cpu_s=_cpu_s(saved))


def _cpu_s(saved: SavedSession) -> float | None:
    """Return the CPU time of a workload that was sampled from its beginning to its end."""
    meta = saved.meta
    return meta.cpu_s if meta.kind is SessionKind.LAUNCHED and meta.unit == Unit.SECONDS.value else None


def _by_function(blocks: Sequence[Counter[int]], wanted: Collection[int]) -> dict[int, list[int]]:
    """Return for each function how often it was seen in each block."""
    found = {function: [0] * len(blocks) for function in wanted}
    for number, block in enumerate(blocks):
        for function, count in block.items():
            if function in found:
                found[function][number] = count
    return found


class _Functions:
    """Which function each node of a stack table is in."""

    def __init__(self, frames: Sequence[Frame], nodes: Sequence[tuple[int, int]]) -> None:
        ids: dict[FunctionKey, int] = {}
        of_frame = [ids.setdefault(function_key(frame), len(ids)) for frame in frames]
        self.keys = list(ids)
        self._of_node = array("i", [-1])
        self._of_node.extend(of_frame[frame] for _, frame in nodes)

    def of_leaf(self, node: int) -> int:
        """Return the id of the function of a node; -1 for the root, which is in none."""
        return self._of_node[node]

    def of_block(self, leaves: Mapping[int, int]) -> Counter[int]:
        """Return how often each function was a leaf, of how often each node was."""
        found: Counter[int] = Counter()
        for leaf, count in leaves.items():
            found[self._of_node[leaf]] += count
        return found


def leaf_blocks(windows: Sequence[OrderedWindow]) -> list[Counter[int]]:
    """Return for each second that was sampled as a whole how often each node of the stack table was a leaf in it."""
    covered: dict[int, float] = {}
    for window in windows:
        for second, share in _seconds_of(window):
            covered[second] = covered.get(second, 0.0) + share * (window.end_s - window.start_s)
    chosen = set(_chosen(sorted(second for second, part in covered.items() if part >= _WHOLE)))
    found: dict[int, Counter[int]] = {second: Counter() for second in sorted(chosen)}
    for window in windows:
        inside = [(second, share) for second, share in _seconds_of(window)]
        if not chosen.isdisjoint(second for second, _ in inside):
            _add(found, window, inside)
    return list(found.values())


def _chosen(seconds: Sequence[int]) -> Iterator[int]:
    if len(seconds) <= MOST_BLOCKS:
        yield from seconds
        return
    length = MOST_BLOCKS // STRETCHES
    for number in range(STRETCHES):
        start = number * (len(seconds) - length) // (STRETCHES - 1)
        yield from seconds[start : start + length]


def _seconds_of(window: OrderedWindow) -> Iterator[tuple[int, float]]:
    """Yield the seconds that a window lies in, each with the share of the window that is in it."""
    start_s, end_s = window.start_s, window.end_s
    length_s = end_s - start_s
    if not 0 < length_s <= _LONGEST_S:
        return
    for second in range(int(start_s), int(end_s) + 1):
        part = min(end_s, second + 1) - max(start_s, second)
        if part > 0:
            yield second, part / length_s


def _add(found: dict[int, Counter[int]], window: OrderedWindow, seconds: Sequence[tuple[int, float]]) -> None:
    try:
        samples = window.samples()
    except ValueError:
        # The comparison goes by totals; what is damaged is told where the session is opened.
        return
    for _, leaves in samples:
        # In a window samples are taken to lie evenly: when each was taken is not known.
        reached, end = 0.0, 0
        for second, share in seconds:
            start, reached = end, reached + share
            end = round(reached * len(leaves))
            block = found.get(second)
            if block is not None:
                block.update(leaves[start:end])
