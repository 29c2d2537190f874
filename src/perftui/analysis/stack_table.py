"""Interning: stacks with their lines become node ids of an append-only table, the thing that a session stores."""

from __future__ import annotations

from array import array

from perftui.analysis.trie import ROOT, Trie
from perftui.model.frame import Frame
from perftui.model.sample import SampleWindow, Thread, WindowRecord


class StackTable:
    """Turns sample windows into records whose ids continue from record to record.

    A stack is known by its leaf node: a trie of (parent node, frame id), frames told apart by their line too.
    """

    def __init__(self) -> None:
        self._frames: dict[Frame, int] = {}
        self._nodes = Trie()
        self._threads: dict[Thread, int] = {}
        self._memo: dict[bytes, int] = {}
        """Frame ids of a stack, four bytes each, to its leaf: stacks are many, and a tuple takes twice as much."""

    def intern(self, window: SampleWindow) -> WindowRecord:
        """Return the window with its stacks as leaf nodes, and what is new in the tables."""
        new_frames: list[Frame] = []
        new_nodes: list[tuple[int, int]] = []
        new_threads: list[Thread] = []
        frame_ids = [self._frame_id(frame, new_frames) for frame in window.frames]
        samples: list[tuple[int, array[int]]] = []
        for part in window.threads:
            thread = self._threads.get(part.thread)
            if thread is None:
                thread = self._threads[part.thread] = len(self._threads)
                new_threads.append(part.thread)
            leaves = [self._leaf(array("I", [frame_ids[i] for i in stack]), new_nodes) for stack in part.stacks]
            samples.append((thread, array("I", [leaves[i] for i in part.order])))
        return WindowRecord(
            start_s=window.start_s,
            end_s=window.end_s,
            interval_s=window.interval_s,
            frames=tuple(new_frames),
            nodes=tuple(new_nodes),
            threads=tuple(new_threads),
            samples=tuple(samples),
            failed=window.failed,
            late_s=window.late_s,
            sampler_cpu_s=window.sampler_cpu_s,
            approximate=window.approximate,
        )

    def _frame_id(self, frame: Frame, new: list[Frame]) -> int:
        found = self._frames.get(frame)
        if found is None:
            found = self._frames[frame] = len(self._frames)
            new.append(frame)
        return found

    def _leaf(self, stack: array[int], new: list[tuple[int, int]]) -> int:
        key = stack.tobytes()
        known = self._memo.get(key)
        if known is not None:
            return known
        node, nodes = ROOT, self._nodes
        for frame in stack:
            known_nodes = len(nodes)
            child = nodes.child(node, frame)
            if child == known_nodes:
                new.append((node, frame))
            node = child
        self._memo[key] = node
        return node
