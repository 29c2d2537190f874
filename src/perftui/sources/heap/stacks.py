"""The call tree of a heap, in columns: stacks go in once, weights often, a pruned picture with exact sums comes out.

Used by the processes that read captures. A weight is bytes and a count in one integer, so that one addition adds both.
"""

from __future__ import annotations

import heapq
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from perftui.model.heap import NO_PYTHON, SMALLER
from perftui.sources.heap import BOOT_FILE, TRACKER_FILE
from perftui.sources.heap.qualified import QualifiedNames

RawFrame = tuple[str, str, int]
"""Function, file and line, as memray tells them."""

# Far more allocations than a machine holds, and sums stay integers of a few digits.
COUNT_BITS = 40
COUNT_MASK = (1 << COUNT_BITS) - 1
# A cell of an icicle of 500 columns: what is smaller cannot be drawn.
LIVE_SHARE = 0.002
LIVE_NODES = 3000
# Top rows by self and by total: more than anybody scrolls through, and a bound for the line that carries them.
TOP_FUNCTIONS = 1000

# Python's own limit of recursion. One that goes far beyond it would cost the square of its depth wherever it is drawn.
DEEPEST = 1_000
# Above memray's own command stand what started it: a console script, or the interpreter's `runpy`.
_MOST_ROOTS = 10
_RUNNER_ENDS = ("memray/__main__.py",)
_RUNNER_PARTS = ("memray/commands/",)
_RUNPY_ENDS = ("/runpy.py",)
_NO_PYTHON: RawFrame = (NO_PYTHON, "", 0)
_SMALLER: RawFrame = (SMALLER, "", 0)


def weight(size: int, count: int) -> int:
    """Return bytes and a count as one integer."""
    return size << COUNT_BITS | count


@dataclass(frozen=True, slots=True)
class Picture:
    """What a tree of weights shows: flat lists of integers, ready for a line of JSON."""

    total_bytes: int
    allocations: int
    stacks: int
    """Distinct stacks with a weight."""
    nodes: list[int]
    """Parent and frame of node 1 and on, one after the other."""
    cells: list[int]
    """Thread, node, self bytes, self count."""
    functions: list[int]
    """Frame, self bytes, total bytes, self count, total count."""


@dataclass(frozen=True, slots=True)
class Pruning:
    """What is too small to be listed."""

    share: float = LIVE_SHARE
    """Of all bytes, and of all allocations: a node is listed that has this much of either."""
    nodes: int = LIVE_NODES
    """Listed at most."""
    functions: int = TOP_FUNCTIONS


class StackTree:
    """Stacks merged by their path from the root; ids of frames, nodes and slots only ever grow.

    A slot is one leaf on one thread: what a weight belongs to.
    """

    def __init__(self, cwd: str = "") -> None:
        self._cwd = cwd
        self._names = QualifiedNames()
        self.frames: list[RawFrame] = []
        self._frame_ids: dict[RawFrame, int] = {}
        self._function_of: list[int] = []
        """By frame; function 0 is nobody's."""
        self._function_ids: dict[tuple[str, str], int] = {}
        self._function_frame: list[int] = [0]
        """By function: the frame that it was seen in first."""
        self._parent: list[int] = [0]
        self._frame: list[int] = [-1]
        self._once: list[int] = [0]
        """By node: its function where no caller has the same, else 0, so that recursion counts once a stack."""
        self._children: dict[int, int] = {}
        self._slot_thread: list[int] = []
        self._slot_node: list[int] = []
        self._slots: dict[tuple[int, int], int] = {}
        self._smaller = self._frame_id(_SMALLER)

    @property
    def size(self) -> int:
        """Number of nodes, with the root."""
        return len(self._parent)

    def slot(self, thread: int, stack: Sequence[RawFrame]) -> int:
        """Return the slot of a stack, given leaf first as memray has it, on a thread."""
        key = (thread, self._leaf(_cut(without_ours(stack)) or (_NO_PYTHON,)))
        found = self._slots.get(key)
        if found is None:
            found = self._slots[key] = len(self._slot_node)
            self._slot_thread.append(thread)
            self._slot_node.append(key[1])
        return found

    def picture(self, slots: Sequence[int], weights: Sequence[int], pruning: Pruning) -> Picture:
        """Return what these weights show; a slot may come several times."""
        total, frame_self = self._self_weights(slots, weights)
        stacks = len(total) - total.count(0)
        function_total = self._sum_up(total)
        shown = self._listed(total, pruning)
        places = {node: place for place, node in enumerate(shown, 1)}
        places[0] = 0
        nodes = [entry for node in shown for entry in (places[self._parent[node]], self._frame[node])]
        cells = self._cells(slots, weights, places, nodes)
        return Picture(
            total_bytes=total[0] >> COUNT_BITS,
            allocations=total[0] & COUNT_MASK,
            stacks=stacks,
            nodes=nodes,
            cells=cells,
            functions=self._functions(frame_self, function_total, pruning.functions),
        )

    def _leaf(self, stack: Sequence[RawFrame]) -> int:
        node = 0
        children = self._children
        for depth in range(len(stack) - 1, -1, -1):
            frame = self._frame_id(stack[depth])
            found = children.get(node << 32 | frame)
            if found is None:
                return self._grow(node, stack[: depth + 1])
            node = found
        return node

    def _grow(self, node: int, rest: Sequence[RawFrame]) -> int:
        """Add the rest of a stack, leaf first, below a node."""
        above = set()
        walk = node
        while walk:
            above.add(self._function_of[self._frame[walk]])
            walk = self._parent[walk]
        for raw in reversed(rest):
            frame = self._frame_id(raw)
            function = self._function_of[frame]
            new = len(self._parent)
            self._children[node << 32 | frame] = new
            self._parent.append(node)
            self._frame.append(frame)
            self._once.append(0 if function in above else function)
            above.add(function)
            node = new
        return node

    def _frame_id(self, raw: RawFrame) -> int:
        found = self._frame_ids.get(raw)
        if found is None:
            function, file, line = raw
            file = self._resolved(file)
            resolved = (self._names.of(function, file, line), file, line)
            # Two spellings of one file are one frame.
            found = self._frame_ids.get(resolved)
            if found is None:
                found = self._frame_ids[resolved] = len(self.frames)
                self.frames.append(resolved)
                self._function_of.append(self._function_id(resolved, found))
            self._frame_ids[raw] = found
        return found

    def _function_id(self, raw: RawFrame, frame: int) -> int:
        key = raw[:2]
        found = self._function_ids.get(key)
        if found is None:
            found = self._function_ids[key] = len(self._function_frame)
            self._function_frame.append(frame)
        return found

    def _resolved(self, file: str) -> str:
        if not self._cwd or not file or file[0] in "<(" or os.path.isabs(file):  # noqa: PTH117
            return file
        path = os.path.normpath(os.path.join(self._cwd, file))  # noqa: PTH118
        try:
            # What was not run from there, as a native frame, keeps the name that it has.
            return path if os.path.exists(path) else file  # noqa: PTH110
        except ValueError:
            return file

    def _self_weights(self, slots: Sequence[int], weights: Sequence[int]) -> tuple[list[int], list[int]]:
        """Return what lies in each node itself, and in each frame."""
        by_node = [0] * len(self._parent)
        by_frame = [0] * len(self.frames)
        node_of, frame_of = self._slot_node, self._frame
        for slot, each in zip(slots, weights, strict=True):
            node = node_of[slot]
            by_node[node] += each
            by_frame[frame_of[node]] += each
        return by_node, by_frame

    def _sum_up(self, total: list[int]) -> list[int]:
        """Turn self weights of nodes into total weights, in place, and return those of functions."""
        functions = [0] * len(self._function_frame)
        parent, once = self._parent, self._once
        # Children have greater ids than their parents.
        for node in range(len(total) - 1, 0, -1):
            each = total[node]
            if each:
                total[parent[node]] += each
                functions[once[node]] += each
        return functions

    def _listed(self, total: list[int], pruning: Pruning) -> list[int]:
        """Return the nodes that are large enough, parents first; with a node come all that it stands below."""
        size = max(1, int((total[0] >> COUNT_BITS) * pruning.share))
        count = max(1, int((total[0] & COUNT_MASK) * pruning.share))
        floor = size << COUNT_BITS
        listed = [node for node, each in enumerate(total) if node and (each >= floor or (each & COUNT_MASK) >= count)]
        while len(listed) > pruning.nodes:
            size, count = size * 3 // 2 + 1, count * 3 // 2 + 1
            floor = size << COUNT_BITS
            listed = [node for node in listed if total[node] >= floor or (total[node] & COUNT_MASK) >= count]
        return listed

    def _cells(
        self, slots: Sequence[int], weights: Sequence[int], places: dict[int, int], nodes: list[int]
    ) -> list[int]:
        """Return the cells; adds to `nodes` one for what is smaller wherever something is."""
        parent, thread_of, node_of = self._parent, self._slot_thread, self._slot_node
        below: dict[int, int] = {}
        sums: dict[int, int] = {}
        for slot, each in zip(slots, weights, strict=True):
            node = node_of[slot]
            place = places.get(node)
            if place is None:
                place = below.get(node)
                if place is None:
                    place = self._smaller_place(node, parent, places, below, nodes)
            key = thread_of[slot] << 32 | place
            sums[key] = sums.get(key, 0) + each
        return [
            entry
            for key, each in sums.items()
            if each
            for entry in (key >> 32, key & 0xFFFFFFFF, each >> COUNT_BITS, each & COUNT_MASK)
        ]

    def _smaller_place(
        self, node: int, parent: list[int], places: dict[int, int], below: dict[int, int], nodes: list[int]
    ) -> int:
        """Return the place of what is smaller below the nearest listed ancestor, and remember it for the way there."""
        path = []
        while node not in places and node not in below:
            path.append(node)
            node = parent[node]
        place = below.get(node)
        if place is None:
            # The nearest listed ancestor: what is smaller below it is remembered under a key that no node has.
            place = below.get(~node)
            if place is None:
                nodes += (places[node], self._smaller)
                place = below[~node] = len(nodes) // 2
        for each in path:
            below[each] = place
        return place

    def _functions(self, frame_self: list[int], total: list[int], top: int) -> list[int]:
        function_of = self._function_of
        own = [0] * len(total)
        frame = list(self._function_frame)
        most = [0] * len(total)
        for index, each in enumerate(frame_self):
            if each:
                function = function_of[index]
                own[function] += each
                if each > most[function]:
                    most[function], frame[function] = each, index
        rows: Iterable[int] = [function for function in range(1, len(total)) if total[function]]
        if len(total) > 2 * top:
            rows = _top(rows, own.__getitem__, total.__getitem__, top)
        return [
            entry
            for row in rows
            for entry in (
                frame[row],
                own[row] >> COUNT_BITS,
                total[row] >> COUNT_BITS,
                own[row] & COUNT_MASK,
                total[row] & COUNT_MASK,
            )
        ]


def _top(rows: Iterable[int], own: Callable[[int], int], total: Callable[[int], int], top: int) -> list[int]:
    rows = list(rows)
    if len(rows) <= 2 * top:
        return rows
    return sorted({*heapq.nlargest(top, rows, key=own), *heapq.nlargest(top, rows, key=total)})


def without_ours(stack: Sequence[RawFrame]) -> Sequence[RawFrame]:
    """Return a stack, leaf first, without what ran the program: our boot or memray's, and the `runpy` below it."""
    keep = len(stack)
    for place in range(keep - 1, max(-1, keep - 1 - _MOST_ROOTS), -1):
        if is_runner(stack[place][1]):
            keep = place
    # Only at the root: a program may call what the boot has put into its place, too.
    while keep and stack[keep - 1][1] == TRACKER_FILE:
        keep -= 1
    if keep == len(stack):
        return stack
    while keep and is_runpy(stack[keep - 1][1]):
        keep -= 1
    return stack[:keep]


def _cut(stack: Sequence[RawFrame]) -> Sequence[RawFrame]:
    """Return both ends of a stack that is deeper than any can be looked at: in its middle, functions repeat."""
    return stack if len(stack) <= DEEPEST else [*stack[: DEEPEST // 2], *stack[-(DEEPEST // 2) :]]


@lru_cache(maxsize=4096)
def is_runner(file: str) -> bool:
    """Tell whether a file is our boot, or part of memray's command line."""
    return file == BOOT_FILE or file.endswith(_RUNNER_ENDS) or any(part in file for part in _RUNNER_PARTS)


def is_runpy(file: str) -> bool:
    """Tell whether a file is the standard library's `runpy`."""
    return file == "<frozen runpy>" or file.endswith(_RUNPY_ENDS)
