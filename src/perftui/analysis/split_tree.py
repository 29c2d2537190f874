"""A call tree below branches: the same stacks, kept apart by thread, by thread name or by process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from perftui.analysis.call_tree import ROOT, CallTree, FunctionKey, function_key
from perftui.analysis.split import Branch, Split, branch_frame, branch_of
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
    def frames(self) -> Sequence[Frame]:
        """By frame id."""

    @property
    def node_parent(self) -> Sequence[int]:
        """By stack table node."""

    @property
    def node_frame(self) -> Sequence[int]:
        """By stack table node."""

    @property
    def commands(self) -> Mapping[int, str]:
        """What each process runs, in a few words, by process id."""


class SplitTree:
    """A tree whose first level is branches; nodes are made when they are first asked for, and never move."""

    def __init__(self, split: Split, stacks: Stacks, unit: Unit) -> None:
        self.tree = CallTree(unit)
        self._split = split
        self._stacks = stacks
        self._roots: dict[HasThread, int] = {}
        """Node of the branch that each thread belongs to."""
        self.branches: dict[FunctionKey, Branch] = {}
        """Identity of each node of the first level to what it stands for."""
        self._nodes: dict[tuple[int, int], int] = {}
        """(node of a branch, stack table node) to node."""

    def node_of(self, thread: int, leaf: int) -> int:
        """Return the node that stands for a thread's stack."""
        whose = self._stacks.threads[thread]
        branch = self._roots.get(whose)
        if branch is None:
            branch = self._roots[whose] = self._root_of(whose.thread)
        found = self._nodes.get((branch, leaf))
        return self._node_below(branch, leaf) if found is None else found

    def _root_of(self, thread: Thread) -> int:
        frame = branch_frame(thread, self._split, self._stacks.commands)
        self.branches[function_key(frame)] = branch_of(thread, self._split)
        return self.tree.child(ROOT, self.tree.function_id(frame))

    def _node_below(self, branch: int, leaf: int) -> int:
        stacks, nodes, tree = self._stacks, self._nodes, self.tree
        chain: list[int] = []
        node = leaf
        while node and (branch, node) not in nodes:
            chain.append(node)
            node = stacks.node_parent[node]
        at = nodes[branch, node] if node else branch
        for step in reversed(chain):
            at = nodes[branch, step] = tree.child(at, tree.function_id(stacks.frames[stacks.node_frame[step]]))
        return at
