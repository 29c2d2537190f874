"""The aggregate: what was sampled, folded into call trees, the same way live and from a saved session."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf
from typing import TYPE_CHECKING, Protocol

from perftui.analysis.call_tree import ROOT, CallTree, FunctionKey, joined_paths
from perftui.analysis.cell_sums import CellSums
from perftui.analysis.delta_spans import bounded, joined_weights
from perftui.analysis.derived_tree import mark_outermost, recount
from perftui.model.frame import Frame
from perftui.model.sample import DeltaSpan, ProfileDelta, SamplingQuality, Thread, ThreadLooks, WindowRecord, is_blind
from perftui.units import Unit

if TYPE_CHECKING:
    from perftui.analysis.split import Branch, Split
    from perftui.analysis.split_tree import SplitTree

SATURATED = 0.8
"""A sampler that uses this share of a core no longer keeps its schedule."""


_MANY = 500
"""Nodes from which a first delta is taken at once; below, the plain way takes no time either."""
RECENT_LOOKS = 32
"""Looks that tell what a thread does now."""
_RECENT = (1 << RECENT_LOOKS) - 1


class ThreadShare:
    """Running figures of one thread."""

    __slots__ = (
        "active_looks",
        "alive_from_s",
        "alive_until_s",
        "count",
        "gil_looks",
        "looks",
        "recent_active",
        "recent_gil",
        "recent_looks",
        "seen_from_s",
        "seen_until_s",
        "thread",
        "weight",
    )

    def __init__(self, thread: Thread) -> None:
        self.thread = thread
        self.weight = 0.0
        """Seconds that it was seen running, or bytes that it has allocated."""
        self.count = 0
        self.looks = 0
        """Non-blocking looks that found this thread."""
        self.active_looks = 0
        self.gil_looks = 0
        self.alive_from_s, self.alive_until_s = 0.0, inf
        """Between these seconds of the recording it lived, by the looks before and after those that found it."""
        self.seen_from_s = self.seen_until_s = 0.0
        """The first and the last of those."""
        self.recent_looks = self.recent_active = self.recent_gil = 0
        """The last looks at all threads as bits, the latest the lowest: which found this one, running, with the GIL."""

    def look(self, *, active: bool, holds_gil: bool) -> None:
        """Count a look."""
        self.looks += 1
        self.active_looks += active
        self.gil_looks += holds_gil
        self.recent_looks = (self.recent_looks << 1 | 1) & _RECENT
        self.recent_active = (self.recent_active << 1 | active) & _RECENT
        self.recent_gil = (self.recent_gil << 1 | holds_gil) & _RECENT

    def miss(self) -> None:
        """Count a look that did not find it."""
        self.recent_looks = self.recent_looks << 1 & _RECENT
        self.recent_active = self.recent_active << 1 & _RECENT
        self.recent_gil = self.recent_gil << 1 & _RECENT

    @property
    def idle_ratio(self) -> float | None:
        """Share of looks that found it idle, an estimate; None without a look."""
        return 1 - self.active_looks / self.looks if self.looks else None

    @property
    def gil_ratio(self) -> float | None:
        """Share of looks that found it holding the GIL, an estimate; None without a look."""
        return self.gil_looks / self.looks if self.looks else None


class Aggregate:
    """Everything that views of one profile are made from: CPU samples, or the allocations of one view of the heap.

    `apply` takes deltas in order; ids in them are those of the stack table that made them. The tree merges lines:
    its nodes are functions. Lines are counted beside it, by function.

    In bytes a count is a number of allocations, and deltas take away what was freed. Whole bytes are exact in a
    float up to 8 PiB, so what was freed altogether weighs exactly nothing.
    """

    def __init__(self, unit: Unit = Unit.SECONDS) -> None:
        self.tree = CallTree(unit)
        self.threads: list[ThreadShare] = []
        """By thread id; a thread that got its name later has two ids and one share."""
        self._nameless: dict[tuple[int, int], ThreadShare] = {}
        self.line_counts: dict[tuple[int, int], int] = {}
        """(function id, line) to what its leaves hold: the number of samples, or bytes where these are the unit."""
        self.frames: list[Frame] = []
        self._frame_function = array("i")
        """Frame id to function id of the tree."""
        self.node_parent = array("i", [-1])
        self.node_frame = array("i", [-1])
        self.tree_node = array("i", [ROOT])
        """Stack table node to call tree node."""
        self.leaf_weights = CellSums()
        """(thread id, stack table node) to (weight, count); none that holds nothing."""
        self.samples = 0
        """Number of samples, or of allocations that are held now."""
        self.failed = 0
        self.late_s = 0.0
        self.sampler_cpu_s = 0.0
        self.sampled_s = 0.0
        self.looks = 0.0
        self.end_s = 0.0
        self._looked_at_s = 0.0
        self.approximate = False
        self.commands: Mapping[int, str] = {}
        """What each process runs, in a few words, by process id; a branch keeps the name that it was made with."""
        self._splits: dict[Split, SplitTree] = {}

    def apply(self, delta: ProfileDelta) -> None:
        """Fold one delta in and bring the totals up to date."""
        tree = self.tree
        self.frames.extend(delta.frames)
        self._frame_function.extend(map(tree.function_id, delta.frames))
        for thread in delta.threads:
            self.threads.append(self._share_of(thread))
        if len(self.node_parent) == 1 and len(delta.nodes) > _MANY and not self._splits:
            self._fill(delta)
        else:
            self._grow(delta.nodes)
            for (thread_id, leaf), (weight, count) in delta.weights.items():
                self._add(thread_id, leaf, weight, count)
            tree.flush()
        for apart in self._splits.values():
            apart.tree.flush()
        self.end_s = max(self.end_s, delta.end_s)
        self.sampled_s += delta.sampled_s
        self.looks += delta.looks
        self.failed += delta.failed
        self.late_s += delta.late_s
        self.sampler_cpu_s += delta.sampler_cpu_s
        self.approximate = self.approximate or delta.approximate

    def look(self, looks: ThreadLooks) -> None:
        """Count one non-blocking look at all threads."""
        by_id = {(share.thread.pid, share.thread.tid): share for share in self.threads}
        for seen in looks.threads:
            share = by_id.pop((seen.thread.pid, seen.thread.tid), None)
            if share is not None:
                if not share.looks:
                    share.alive_from_s, share.seen_from_s = self._looked_at_s, looks.at_s
                share.alive_until_s, share.seen_until_s = inf, looks.at_s
                share.look(active=seen.active, holds_gil=seen.holds_gil)
        for share in by_id.values():
            share.miss()
            if share.looks and share.alive_until_s == inf:
                share.alive_until_s = looks.at_s
        self._looked_at_s = looks.at_s

    def split_by(self, split: Split) -> CallTree:
        """Return the tree whose first level is branches; once asked for, it is kept up to date."""
        return self._split(split).tree if split.apart else self.tree

    def node_in(self, split: Split, thread: int, leaf: int) -> int:
        """Return the node that stands for a thread's stack in a tree with branches, or in the one without."""
        return self._split(split).node_of(thread, leaf) if split.apart else self.tree_node[leaf]

    def branches(self, split: Split) -> Mapping[FunctionKey, Branch]:
        """Return what the nodes of the first level stand for, by identity."""
        return self._split(split).branches if split.apart else {}

    def _split(self, split: Split) -> SplitTree:
        apart = self._splits.get(split)
        if apart is None:
            # Only a viewer splits; whoever only adds up need not load what that takes.
            from perftui.analysis.split_tree import SplitTree  # noqa: PLC0415

            apart = self._splits[split] = SplitTree(split, self, self.tree.unit)
            apart.fill(self.leaf_weights)
        return apart

    def quality(self, *, requested_hz: float, wall_s: float) -> SamplingQuality:
        """Return how good the sampling was up to now."""
        return SamplingQuality(
            samples=self.samples,
            requested_hz=requested_hz,
            achieved_hz=self.looks / self.sampled_s if self.sampled_s else 0.0,
            sampled_s=self.sampled_s,
            wall_s=wall_s,
            failed=self.failed,
            late_s=self.late_s,
            sampler_cpu_s=self.sampler_cpu_s,
            approximate=self.approximate,
        )

    def thread_shares(self) -> list[ThreadShare]:
        """Return every thread once."""
        return list(dict.fromkeys(self.threads))

    def _fill(self, delta: ProfileDelta) -> None:
        """Take a whole profile at once, such as a saved session's, into what holds nothing as yet."""
        tree = self.tree
        parents, labels, tree_node = joined_paths(delta.nodes, self._frame_function, len(tree.functions))
        tree.fill_paths(parents, labels, bytes(len(parents)))
        mark_outermost(tree)
        self.tree_node = array("i", tree_node)
        self.node_parent.extend(array("i", [parent for parent, _ in delta.nodes]))
        self.node_frame.extend(array("i", [frame for _, frame in delta.nodes]))
        self._weigh(delta.weights)
        recount(tree)

    def _weigh(self, weights: Mapping[tuple[int, int], tuple[float, int]]) -> None:
        """Add the self weights of a whole profile; totals are worked out afterwards."""
        tree, tree_node, node_frame, frames = self.tree, self.tree_node, self.node_frame, self.frames
        leaf_weights, leaf_counts = [0.0] * len(tree_node), [0] * len(tree_node)
        thread_weights, thread_counts = [0.0] * len(self.threads), [0] * len(self.threads)
        for (thread, leaf), (weight, count) in weights.items():
            leaf_weights[leaf] += weight
            leaf_counts[leaf] += count
            thread_weights[thread] += weight
            thread_counts[thread] += count
        self.leaf_weights.add_all(weights.items())
        in_bytes = tree.unit is Unit.BYTES
        for leaf, (weight, count) in enumerate(zip(leaf_weights, leaf_counts, strict=True)):
            if not weight and not count:
                continue
            node = tree_node[leaf]
            tree.self_weight[node] += weight
            tree.self_count[node] += count
            if leaf:
                line = (tree.function[node], frames[node_frame[leaf]].line)
                self.line_counts[line] = self.line_counts.get(line, 0) + (int(weight) if in_bytes else count)
        for share, weight, count in zip(self.threads, thread_weights, thread_counts, strict=True):
            share.weight += weight
            share.count += count
        self.samples += sum(thread_counts)

    def _grow(self, nodes: Iterable[tuple[int, int]]) -> None:
        child, tree_node, functions = self.tree.child, self.tree_node, self._frame_function
        for parent, frame in nodes:
            self.node_parent.append(parent)
            self.node_frame.append(frame)
            tree_node.append(child(tree_node[parent], functions[frame]))

    def _share_of(self, thread: Thread) -> ThreadShare:
        key = (thread.pid, thread.tid)
        share = self._nameless.pop(key, None)
        if share is None:
            share = ThreadShare(thread)
        else:
            share.thread = thread
        if not thread.name:
            self._nameless[key] = share
        return share

    def _add(self, thread: int, leaf: int, weight: float, count: int) -> None:
        if not weight and not count:
            # Allocated and freed again between two pictures that were merged into one.
            return
        node = self.tree_node[leaf]
        self.tree.add(node, weight, count)
        if leaf:
            key = (self.tree.function[node], self.frames[self.node_frame[leaf]].line)
            # A thousand small objects are not a hotter line than one large array.
            heat = int(weight) if self.tree.unit is Unit.BYTES else count
            self.line_counts[key] = self.line_counts.get(key, 0) + heat
        share = self.threads[thread]
        share.weight += weight
        share.count += count
        self.samples += count
        self.leaf_weights.add(thread, leaf, weight, count)
        for apart in self._splits.values():
            apart.tree.add(apart.node_of(thread, leaf), weight, count)


def delta_of(record: WindowRecord, *, after_s: float) -> ProfileDelta:
    """Return what a record adds to a profile that was sampled up to `after_s` seconds."""
    weights: dict[tuple[int, int], tuple[float, int]] = {}
    for thread, leaves in record.samples:
        for leaf, count in Counter(leaves).items():
            weights[thread, leaf] = (count * record.interval_s, count)
    return ProfileDelta(
        frames=record.frames,
        nodes=record.nodes,
        threads=record.threads,
        weights=weights,
        spans=(DeltaSpan(record.start_s, record.end_s, weights),) if weights else (),
        end_s=record.end_s,
        sampled_s=covered_s(record, record.sample_count, after_s=after_s),
        looks=looks_in(record, lambda: max((len(leaves) for _, leaves in record.samples), default=0)),
        failed=record.failed,
        late_s=record.late_s,
        sampler_cpu_s=record.sampler_cpu_s,
        approximate=record.approximate,
    )


def merged(first: ProfileDelta, second: ProfileDelta) -> ProfileDelta:
    """Return one delta that adds what both add, one after the other."""
    return ProfileDelta(
        frames=first.frames + second.frames,
        nodes=first.nodes + second.nodes,
        threads=first.threads + second.threads,
        weights=joined_weights(first.weights, second.weights),
        spans=bounded(first.spans + second.spans),
        end_s=max(first.end_s, second.end_s),
        sampled_s=first.sampled_s + second.sampled_s,
        looks=first.looks + second.looks,
        failed=first.failed + second.failed,
        late_s=first.late_s + second.late_s,
        sampler_cpu_s=first.sampler_cpu_s + second.sampler_cpu_s,
        approximate=first.approximate or second.approximate,
    )


def tree_of(stacks: Iterable[tuple[Sequence[Frame], float, int]], unit: Unit) -> CallTree:
    """Return a call tree of (stack root first, weight, count) rows."""
    tree = CallTree(unit)
    for stack, weight, count in stacks:
        tree.add_stack(stack, weight, count)
    tree.flush()
    return tree


class WindowFacts(Protocol):
    """What is known of a window beside its samples."""

    @property
    def start_s(self) -> float:
        """Beginning, in seconds of the recording."""

    @property
    def end_s(self) -> float:
        """End, in seconds of the recording."""

    @property
    def interval_s(self) -> float:
        """Mean time between two looks at each thread."""

    @property
    def failed(self) -> int:
        """Looks that failed."""

    @property
    def late_s(self) -> float:
        """How far the sampler fell behind."""

    @property
    def sampler_cpu_s(self) -> float:
        """CPU time of the sampler."""


def covered_s(window: WindowFacts, samples: int, *, after_s: float) -> float:
    """Return how much time a window covers that was not covered up to `after_s`: none where hardly a look succeeded."""
    planned = (window.end_s - window.start_s) / window.interval_s if window.interval_s > 0 else 0.0
    if is_blind(samples, failed=window.failed, planned=planned):
        return 0.0
    return max(0.0, window.end_s - max(window.start_s, after_s))


def looks_in(window: WindowFacts, busiest: Callable[[], int]) -> float:
    """Return how often each thread was looked at; `busiest` tells the samples of the thread that has most."""
    # An idle thread is looked at but gives no sample, so samples tell the number of looks only where the sampler could
    # not keep its schedule; elsewhere the schedule does.
    wall_s = window.end_s - window.start_s
    behind = window.late_s > 0 or window.sampler_cpu_s > SATURATED * wall_s
    if behind or window.interval_s <= 0:
        return float(busiest())
    return max(0.0, wall_s / window.interval_s - window.failed)
