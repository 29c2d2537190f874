"""A call tree of bytes seen by number of allocations: the same nodes and ids, other weights, nothing copied."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

from perftui.analysis.call_tree import CallTree, FunctionKey
from perftui.model.frame import Frame
from perftui.units import Unit


class CountTree:
    """A view of a call tree whose weights are its counts; it changes as the tree does.

    It serves flames, layouts and comparisons as a call tree does. Names and paths may be looked up in either.
    """

    __slots__ = ("of",)

    unit = Unit.COUNT

    def __init__(self, of: CallTree) -> None:
        self.of = of
        """The tree that it is a view of."""

    def __len__(self) -> int:
        return len(self.of)

    @property
    def weight(self) -> float:
        """Number of allocations in the whole profile."""
        return self.of.count

    @property
    def count(self) -> int:
        """Number of allocations in the whole profile."""
        return self.of.count

    @property
    def self_weight(self) -> array[int]:
        """Allocations of each node alone."""
        return self.of.self_count

    @property
    def total_weight(self) -> array[int]:
        """Allocations of each node with everything below it."""
        return self.of.total_count

    @property
    def self_count(self) -> array[int]:
        """Allocations of each node alone."""
        return self.of.self_count

    @property
    def total_count(self) -> array[int]:
        """Allocations of each node with everything below it."""
        return self.of.total_count

    @property
    def function_self_weight(self) -> array[int]:
        """Allocations of each function itself."""
        return self.of.function_self_count

    @property
    def function_total_weight(self) -> array[int]:
        """Allocations of each function with what it calls."""
        return self.of.function_total_count

    @property
    def function_self_count(self) -> array[int]:
        """Allocations of each function itself."""
        return self.of.function_self_count

    @property
    def function_total_count(self) -> array[int]:
        """Allocations of each function with what it calls."""
        return self.of.function_total_count

    @property
    def parent(self) -> array[int]:
        """Parent of each node, -1 for the root."""
        return self.of.parent

    @property
    def depth(self) -> array[int]:
        """Depth of each node, 0 for the root."""
        return self.of.depth

    @property
    def function(self) -> array[int]:
        """Function id of each node, -1 for the root."""
        return self.of.function

    @property
    def functions(self) -> list[Frame]:
        """Function id to a frame of it."""
        return self.of.functions

    def children(self, node: int) -> Iterator[int]:
        """Yield the children of a node in the order they were first seen."""
        return self.of.children(node)

    def frame(self, node: int) -> Frame | None:
        """Return the frame of a node; the root has none."""
        return self.of.frame(node)

    def path(self, node: int) -> tuple[FunctionKey, ...]:
        """Return the identities of the functions from below the root to the node."""
        return self.of.path(node)

    def nearest(self, path: Sequence[FunctionKey]) -> int:
        """Return the node of a path, or its nearest living ancestor."""
        return self.of.nearest(path)
