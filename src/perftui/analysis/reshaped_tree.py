"""Call trees whose stacks are changed by rules: frames taken out, and frames that become one."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

from perftui.analysis.call_tree import NONE, ROOT, CallTree, FunctionKey
from perftui.analysis.code_origin import Origin, origin
from perftui.analysis.derived_tree import DerivedTree
from perftui.analysis.scope import (
    Collapsed,
    Hidden,
    MergedRecursion,
    OwnOnly,
    RootedAt,
    ShapePart,
    WithoutOrigin,
    module_name,
    package_of,
)
from perftui.model.frame import Frame

_FUNCTION_BITS = 24


class Rules:
    """What is done with the frame of each function when stacks are changed."""

    def __init__(self, parts: Iterable[ShapePart], *, root: str = "") -> None:
        parts = frozenset(parts)
        self.merges_recursion = MergedRecursion() in parts
        self._origins_out = frozenset(part.origin for part in parts if isinstance(part, WithoutOrigin))
        if OwnOnly() in parts:
            self._origins_out |= frozenset(Origin) - {Origin.OWN}
        self._hidden: frozenset[FunctionKey] = frozenset(
            (part.file, part.function) for part in parts if isinstance(part, Hidden)
        )
        self._collapsed = frozenset(part.module for part in parts if isinstance(part, Collapsed))
        self._root = root
        self.first: FunctionKey | None = next(
            ((part.file, part.function) for part in parts if isinstance(part, RootedAt)), None
        )
        """The function that stacks begin with; None where they stay whole."""

    def takes_out(self, frame: Frame) -> bool:
        """Say whether frames of this function are taken out of stacks."""
        return (frame.file, frame.function) in self._hidden or (
            bool(self._origins_out) and origin(frame.file) in self._origins_out
        )

    def collapsed(self, frame: Frame) -> Frame | None:
        """Return the frame that stands for the module of a function; None where it stands for itself."""
        for module in (frame.file, package_of(frame.file, self._root)):
            if module in self._collapsed:
                return Frame(module_name(module, self._root), module)
        return None


class Reshaped(DerivedTree):
    """The stacks of another tree changed by rules; a stack is changed from its root on, so it grows as the source."""

    __slots__ = ("_begun", "_collapsed", "_keeps_first", "_node_of", "_rules", "_targets")

    def __init__(self, source: CallTree, rules: Rules, *, keeps_first: bool = False) -> None:
        super().__init__(source)
        self._rules = rules
        self._keeps_first = keeps_first
        """The first level stays: it holds threads and not functions."""
        self._targets = array("i")
        """Function id of the source to one of this tree, -1 for one that is taken out."""
        self._collapsed = bytearray()
        """1 by function id of this tree where it stands for a module."""
        self._node_of = array("i", [ROOT])
        self._begun = bytearray(1)
        """1 by node of the source where the stack holds the function that it is to begin with; empty otherwise."""
        self.sync()

    def sync(self) -> None:
        """Take over what the source has gained."""
        source, targets, node_of = self.source, self._targets, self._node_of
        for frame in source.functions[len(targets) :]:
            targets.append(self._target(frame))
        if len(node_of) == 1:
            self._build()
            return
        parents, functions = source.parent, source.function
        first = 1 if self._keeps_first else 0
        begins = self._rules.first is not None
        root = source.function_ids.get(self._rules.first, NONE) if self._rules.first is not None else NONE
        for node in range(len(node_of), len(source)):
            at, function = node_of[parents[node]], functions[node]
            if begins:
                self._begun.append(self._begun[parents[node]] or function == root)
            if first and parents[node] == ROOT:
                node_of.append(self.child(at, self._plain(source.functions[function])))
                continue
            target = targets[function]
            left_out = target < 0 or (begins and not self._begun[node])
            node_of.append(at if left_out else self._step(at, target))

    def node_of(self, node: int) -> int:
        """Return the node that stands for a node of the source."""
        return self._node_of[node]

    def _build(self) -> None:
        """Take over the whole source at once: what `sync` does node by node, several times faster."""
        source, targets, begun = self.source, self._targets, self._begun
        first, begins = self._rules.first, self._rules.first is not None
        root = source.function_ids.get(first, NONE) if first is not None else NONE
        joins = self._may_join()
        # Most nodes have one child: only the others are looked up in a dictionary.
        only: list[int] = [NONE]
        index: dict[int, int] = {}
        node_of, parents, labels, made_of = [ROOT], [ROOT], [NONE], [ROOT]
        for node, (above, function) in enumerate(zip(source.parent, source.function, strict=True)):
            if not node:
                continue
            at = node_of[above]
            if begins:
                begun.append(begun[above] or function == root)
            if above == ROOT and self._keeps_first:
                target = self._plain(source.functions[function])
            else:
                target = targets[function]
                if target < 0 or (begins and not begun[node]):
                    node_of.append(at)
                    continue
                if joins[function] and (joined := self._joined(at, target, parents, labels)):
                    node_of.append(joined)
                    continue
            found, made = only[at], len(parents)
            if found == NONE:
                found = only[at] = made
            elif labels[found] != target:
                found = index.setdefault((at << _FUNCTION_BITS) | target, made)
            if found == made:
                parents.append(at)
                labels.append(target)
                made_of.append(node)
                only.append(NONE)
            node_of.append(found)
        self._node_of.extend(node_of[1:])
        self.fill_paths(parents[1:], labels[1:], self._outermost(parents, labels, made_of))

    def _may_join(self) -> bytearray:
        """Return 1 by function id of the source where its frames may become one with a frame above them."""
        source = self.source
        joins = bytearray(target >= 0 and self._collapsed[target] for target in self._targets)
        if self._rules.merges_recursion:
            for function, outermost in zip(source.function, source.outermost, strict=True):
                if not outermost:
                    joins[function] = 1
        return joins

    def _joined(self, at: int, target: int, parents: list[int], labels: list[int]) -> int:
        """Return the node that a frame below `at` becomes one with; the root where it stands for itself."""
        if at and labels[at] == target and self._collapsed[target]:
            return at
        while self._rules.merges_recursion and at and labels[at] != target:
            at = parents[at]
        return at if self._rules.merges_recursion else ROOT

    def _outermost(self, parents: list[int], labels: list[int], made_of: list[int]) -> list[int]:
        """Return for node 1 and on whether no ancestor is the same function; `made_of` are nodes of the source."""
        if self._rules.merges_recursion:
            return [1] * (len(parents) - 1)
        known, collapsed, begins = self.source.outermost, self._collapsed, self._rules.first is not None
        found = []
        for node in range(1, len(parents)):
            label, above = labels[node], parents[node]
            if not begins and not collapsed[label]:
                found.append(known[made_of[node]])
                continue
            while above and labels[above] != label:
                above = parents[above]
            found.append(int(above == ROOT))
        return found

    def _target(self, frame: Frame) -> int:
        if self._rules.takes_out(frame):
            return -1
        module = self._rules.collapsed(frame)
        if module is None:
            return self._plain(frame)
        function = self._plain(module)
        self._collapsed[function] = 1
        return function

    def _plain(self, frame: Frame) -> int:
        function = self.function_id(frame)
        self._collapsed.extend(bytes(len(self.functions) - len(self._collapsed)))
        return function

    def _step(self, at: int, target: int) -> int:
        functions, parents = self.function, self.parent
        if at and functions[at] == target and self._collapsed[target]:
            return at
        if self._rules.merges_recursion:
            above = at
            while above:
                if functions[above] == target:
                    return above
                above = parents[above]
        return self.child(at, target)
