"""A trie in append-only columns: nodes by parent and label, found without an object or a dictionary entry for each."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple

ROOT = 0
NONE = -1
# A node with more children has them in a dictionary; fewer are found as fast, and in a fraction of the memory, one
# after the other.
_MANY_CHILDREN = 6
_LABEL_BITS = 24


class Trie:
    """Nodes numbered in the order in which they were first seen; the root is 0, which has no label.

    All columns are indexed by node. A node's number is greater than its parent's, and it never changes.
    """

    __slots__ = ("_index", "children_count", "first_child", "label", "last_child", "next_sibling", "parent")

    def __init__(self) -> None:
        self.parent = array("i", [NONE])
        self.label = array("i", [NONE])
        self.first_child = array("i", [NONE])
        self.last_child = array("i", [NONE])
        self.next_sibling = array("i", [NONE])
        self.children_count = array("i", [0])
        self._index: dict[int, int] = {}
        """(parent, label) to the child, of nodes with many children."""

    def __len__(self) -> int:
        return len(self.parent)

    def child(self, parent: int, label: int) -> int:
        """Return the child of a node with a label, made at first sight."""
        node = self._found(parent, label)
        return self._append(parent, label) if node == NONE else node

    def fill(self, parents: Sequence[int], labels: Sequence[int]) -> None:
        """Give an empty trie nodes 1 and on at once, each told by its parent and its label; no two are alike."""
        self.parent.extend(parents)
        self.label.extend(labels)
        links = links_of(parents)
        columns = (self.first_child, self.last_child, self.next_sibling, self.children_count)
        for column, values in zip(columns, links, strict=True):
            column[:] = values
        for parent, count in enumerate(links.children_count):
            if count > _MANY_CHILDREN:
                for node in Trie.children(self, parent):
                    self._index[(parent << _LABEL_BITS) | labels[node - 1]] = node

    def find_child(self, parent: int, label: int) -> int:
        """Return the child of a node with a label, or `NONE`."""
        return self._found(parent, label)

    def children(self, node: int) -> Iterator[int]:
        """Yield the children of a node in the order they were first seen."""
        child = self.first_child[node]
        while child != NONE:
            yield child
            child = self.next_sibling[child]

    def _found(self, parent: int, label: int) -> int:
        if self.children_count[parent] > _MANY_CHILDREN:
            return self._index.get((parent << _LABEL_BITS) | label, NONE)
        labels, siblings = self.label, self.next_sibling
        node = self.first_child[parent]
        while node != NONE and labels[node] != label:
            node = siblings[node]
        return node

    def _append(self, parent: int, label: int) -> int:
        node = len(self.parent)
        self.parent.append(parent)
        self.label.append(label)
        self.first_child.append(NONE)
        self.last_child.append(NONE)
        self.next_sibling.append(NONE)
        self.children_count.append(0)
        last = self.last_child[parent]
        if last == NONE:
            self.first_child[parent] = node
        else:
            self.next_sibling[last] = node
        self.last_child[parent] = node
        self.children_count[parent] += 1
        if self.children_count[parent] > _MANY_CHILDREN:
            self._remember(parent, node)
        return node

    def _remember(self, parent: int, node: int) -> None:
        """Note where a child is, of a node that has many; with the first that is too many, of all."""
        first = self.children_count[parent] == _MANY_CHILDREN + 1
        for child in Trie.children(self, parent) if first else (node,):
            self._index[(parent << _LABEL_BITS) | self.label[child]] = child


class Links(NamedTuple):
    """The columns that link nodes, each by node."""

    first_child: array[int]
    last_child: array[int]
    next_sibling: array[int]
    children_count: array[int]


def links_of(parents: Sequence[int]) -> Links:
    """Return the links of a trie from the parents of its nodes 1 and on."""
    nodes = len(parents) + 1
    first, last, following, counts = [NONE] * nodes, [NONE] * nodes, [NONE] * nodes, [0] * nodes
    # From the last node back, each stands before its siblings that came already.
    for node, parent in zip(range(nodes - 1, ROOT, -1), reversed(parents), strict=True):
        following[node] = first[parent]
        first[parent] = node
    for node, parent in enumerate(parents, 1):
        last[parent] = node
        counts[parent] += 1
    return Links(array("i", first), array("i", last), array("i", following), array("i", counts))
