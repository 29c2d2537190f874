"""The functions of one side, run by run: those that cost most, and those that somebody named."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from perftui.analysis.call_tree import CallTree, FunctionKey
from perftui.analysis.measures import FunctionSubject
from perftui.analysis.normalise import portable_file
from perftui.analysis.statistics.dispersion import (
    FEW_BLOCKS,
    OWN_FROM,
    SUPPOSED_DISPERSION,
    Spread,
    pooled,
    spread_of,
)
from perftui.model.run_figures import FunctionRuns

_MOST_OF_ALL = 0.5
"""What is in more of the samples hardly varies: it says nothing of how others do."""

Blocks = Sequence[Mapping[int, int]]
"""For each second, how often each node of a stack table was a leaf."""


class FunctionSeen(NamedTuple):
    """One function in one run."""

    samples: int = 0
    total_s: float = 0.0
    self_s: float = 0.0


_UNSEEN = FunctionSeen()


@dataclass(frozen=True, slots=True)
class RunFunctions:
    """All functions of one run, by file and qualified name as they are called on every machine."""

    functions: Mapping[FunctionKey, FunctionSeen]
    samples: int
    """Of all functions."""
    seconds: float
    """Sampled seconds of all threads."""
    named: frozenset[FunctionKey] = frozenset()
    """Those that were asked for."""
    spreads: Callable[[Sequence[FunctionKey]], Sequence[Spread]] = field(default=lambda keys: [Spread()] * len(keys))
    """Says of functions how much their samples vary from second to second."""


def functions_of(tree: CallTree, roots: Sequence[str], named: Collection[FunctionSubject] = ()) -> RunFunctions:
    """Return what the functions of a flushed call tree of seconds cost.

    Args:
        tree: The profile of one run.
        roots: Folders that names of files are relative to, the project's first.
        named: Functions that are wanted whatever they cost.
    """
    found: dict[FunctionKey, FunctionSeen] = {}
    wanted = set()
    weights = zip(tree.function_total_count, tree.function_total_weight, tree.function_self_weight, strict=True)
    for frame, (samples, total_s, self_s) in zip(tree.functions, weights, strict=True):
        key = (portable_file(frame.file, roots), frame.function)
        known = found.get(key, _UNSEEN)
        found[key] = FunctionSeen(known.samples + samples, known.total_s + total_s, known.self_s + self_s)
        if any(subject.matches(frame) for subject in named):
            wanted.add(key)
    return RunFunctions(found, tree.count, tree.weight, frozenset(wanted))


def function_runs(runs: Sequence[RunFunctions], *, top: int) -> tuple[FunctionRuns, ...]:
    """Return the `top` functions by total and by self over runs, with those that were asked for, in order of names."""
    keys = _chosen(runs, top)
    rows = [[run.functions.get(key, _UNSEEN) for run in runs] for key in keys]
    samples = [sum(seen.samples for seen in row) for row in rows]
    dispersions = _dispersions(runs, keys, samples)
    return tuple(
        FunctionRuns(
            function=function,
            file=file,
            samples=tuple(seen.samples for seen in row),
            total_s=tuple(seen.total_s for seen in row),
            self_s=tuple(seen.self_s for seen in row),
            dispersion=dispersion,
        )
        for (file, function), row, dispersion in zip(keys, rows, dispersions, strict=True)
    )


def spreads_in(
    blocks: Blocks, keys: Sequence[FunctionKey], nodes: Sequence[tuple[int, int]], of_frame: Sequence[FunctionKey]
) -> list[Spread]:
    """Return how much the samples that hold each function anywhere vary between blocks.

    Args:
        blocks: How often each node was a leaf, block by block.
        keys: The functions.
        nodes: (parent, frame) of node 1 and on of the stack table.
        of_frame: The function that each frame is in.
    """
    places = {key: number for number, key in enumerate(keys)}
    wanted = [places.get(key) for key in of_frame]
    # What stands on the way to a node is what stands on the way to its parent, for all but a few.
    above: list[tuple[int, ...]] = [()]
    for parent, frame in nodes:
        place, way = wanted[frame], above[parent]
        above.append(way if place is None or place in way else (*way, place))
    counts = [[0] * len(blocks) for _ in keys]
    for number, block in enumerate(blocks):
        for leaf, count in block.items():
            for place in above[leaf]:
                counts[place][number] += count
    return [spread_of(row) for row in counts]


def _chosen(runs: Sequence[RunFunctions], top: int) -> list[FunctionKey]:
    chosen = {key for run in runs for key in run.named}
    if not top:
        return sorted(chosen)
    sums: dict[FunctionKey, tuple[float, float]] = {}
    for run in runs:
        for key, seen in run.functions.items():
            total_s, self_s = sums.get(key, (0.0, 0.0))
            sums[key] = (total_s + seen.total_s, self_s + seen.self_s)
    for column in range(2):
        ranked = sorted(
            (key for key, weights in sums.items() if weights[column]), key=lambda key: (-sums[key][column], key)
        )
        chosen.update(ranked[:top])
    return sorted(chosen)


def _dispersions(runs: Sequence[RunFunctions], keys: Sequence[FunctionKey], samples: Sequence[int]) -> list[float]:
    spreads = [Spread()] * len(keys)
    for run in runs:
        spreads = [known + fresh for known, fresh in zip(spreads, run.spreads(keys), strict=True)]
    most = _MOST_OF_ALL * sum(run.samples for run in runs)
    told = pooled(spread for spread, count in zip(spreads, samples, strict=True) if count <= most)
    blocks = max((spread.blocks for spread in spreads), default=0)
    together = max(1.0, told or 0.0)
    if told is None or blocks < FEW_BLOCKS:
        return [max(together, SUPPOSED_DISPERSION)] * len(keys)
    owns = (spread.dispersion if count >= OWN_FROM else None for spread, count in zip(spreads, samples, strict=True))
    return [together if own is None else max(1.0, own) for own in owns]
