"""A call tree below branches: the same stacks, kept apart by thread, by thread name or by process."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import compress
from typing import Protocol

from perftui.analysis.call_tree import ROOT, CallTree, FunctionKey, function_key
from perftui.analysis.derived_tree import recount
from perftui.analysis.split import Branch, Split, branch_frame, branch_of
from perftui.analysis.time_index import Cell
from perftui.analysis.time_sums import Held
from perftui.model.frame import Frame
from perftui.model.sample import Thread
from perftui.units import Unit


class HasThread(Protocol):
    """What figures of a thread say of whose they are."""

    @property
    def thread(self) -> Thread:
        """The thread."""


class Stacks(Protocol):
    """The append-only columns that cells (thread id, stack table node) point into."""

    @property
    def threads(self) -> Sequence[HasThread]:
        """By thread id."""

    @property
    def tree(self) -> CallTree:
        """All threads merged."""

    @property
    def tree_node(self) -> Sequence[int]:
        """Stack table node to node of that tree."""

    @property
    def commands(self) -> Mapping[int, str]:
        """What each process runs, in a few words, by process id."""


class SplitTree:
    """A tree whose first level is branches; nodes are made when they are first asked for, and never move."""

    def __init__(self, split: Split, stacks: Stacks, unit: Unit) -> None:
        self.tree = CallTree(unit)
        self._split = split
        self._stacks = stacks
        self._frames: dict[Branch, Frame] = {}
        """What stands for each branch: nodes never move, so it keeps the name that it had when it was made."""
        self._last_named: dict[Branch, Thread] = {}
        self._named = 0
        """How many threads of the stacks are in it."""
        self._roots: dict[HasThread, int] = {}
        """Node of the branch that each thread belongs to."""
        self.branches: dict[FunctionKey, Branch] = {}
        """Identity of each node of the first level to what it stands for."""
        self._nodes: dict[int, dict[int, int]] = {}
        """By node of a branch: leaf of the merged tree to the node that stands for it below."""

    def node_of(self, thread: int, leaf: int) -> int:
        """Return the node that stands for a thread's stack."""
        whose = self._stacks.threads[thread]
        branch = self._roots.get(whose)
        if branch is None:
            branch = self._roots[whose] = self._root_of(whose.thread)
        known, merged = self._nodes.setdefault(branch, {}), self._stacks.tree_node[leaf]
        found = known.get(merged)
        if found is None:
            found = known[merged] = self._node_below(branch, merged)
        return found

    def fill(self, cells: Mapping[Cell, Held]) -> None:
        """Give an empty tree all nodes of cells and their weights at once: several times faster than one by one."""
        leaves: dict[int, list[int]] = {}
        frames: dict[FunctionKey, int] = {}
        for thread, leaf in cells:
            whose = self._stacks.threads[thread]
            branch = self._roots.get(whose)
            if branch is None:
                frame = self._frame_of(whose.thread)
                branch = self._roots[whose] = frames.setdefault(function_key(frame), len(frames) + 1)
                self.tree.function_id(frame)
            leaves.setdefault(branch, []).append(self._stacks.tree_node[leaf])
        self._fill_paths(leaves)
        weights, counts = self.tree.self_weight, self.tree.self_count
        for (thread, leaf), (weight, count) in cells.items():
            node = self.node_of(thread, leaf)
            weights[node] += weight
            counts[node] += count
        recount(self.tree)

    def _fill_paths(self, leaves: Mapping[int, Sequence[int]]) -> None:
        """Make branches 1 and on, and below each of them the nodes of the merged tree that lead to its leaves."""
        tree, merged = self.tree, self._stacks.tree
        parents, labels, outermost = [ROOT] * len(leaves), list(range(len(leaves))), [1] * len(leaves)
        functions = [tree.function_id(frame) for frame in merged.functions]
        # Of each branch only what it wrote itself is read.
        below = array("i", bytes(4 * len(merged)))
        for branch, ends in leaves.items():
            nodes = _paths_to(ends, merged)
            below[ROOT] = branch
            for number, node in enumerate(nodes, len(parents) + 1):
                below[node] = number
            parents.extend(map(below.__getitem__, map(merged.parent.__getitem__, nodes)))
            labels.extend(map(functions.__getitem__, map(merged.function.__getitem__, nodes)))
            outermost.extend(map(merged.outermost.__getitem__, nodes))
            self._nodes[branch] = dict(zip(ends, map(below.__getitem__, ends), strict=True))
        tree.fill_paths(parents, labels, outermost)

    def _frame_of(self, thread: Thread) -> Frame:
        """Return the frame of a thread's branch, and note what it stands for."""
        branch = branch_of(thread, self._split)
        frame = self._frames.get(branch)
        if frame is None:
            # A thread that was renamed, and a process whose command came late, are one branch all the same.
            self._look_for_names()
            named = self._last_named.get(branch, thread)
            frame = self._frames[branch] = branch_frame(named, self._split, self._stacks.commands)
            self.branches[function_key(frame)] = branch
        return frame

    def _look_for_names(self) -> None:
        threads = self._stacks.threads
        for number in range(self._named, len(threads)):
            thread = threads[number].thread
            self._last_named[branch_of(thread, self._split)] = thread
        self._named = len(threads)

    def _root_of(self, thread: Thread) -> int:
        return self.tree.child(ROOT, self.tree.function_id(self._frame_of(thread)))

    def _node_below(self, branch: int, node: int) -> int:
        merged, tree = self._stacks.tree, self.tree
        chain: list[int] = []
        while node:
            chain.append(node)
            node = merged.parent[node]
        at = branch
        for step in reversed(chain):
            at = tree.child(at, tree.function_id(merged.functions[merged.function[step]]))
        return at


def _paths_to(ends: Iterable[int], tree: CallTree) -> list[int]:
    """Return all nodes that lead to some, with these, but for the root: parents before their children."""
    parents, seen = tree.parent, bytearray(len(tree))
    seen[ROOT] = 1
    for node in ends:
        while not seen[node]:
            seen[node] = 1
            node = parents[node]
    seen[ROOT] = 0
    return list(compress(range(len(tree)), seen))
