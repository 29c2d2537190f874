"""Functions that may have been renamed, by whom they are called from and what they call: a guess, and told as one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from perftui.analysis.call_tree import FunctionKey, function_key
from perftui.analysis.compare import Side

LIKE = 0.8
"""Neighbours that two functions share, of all that they have together, from which they may be one."""
_FEWEST = 3
"""Fewer neighbours are shared by chance."""
_LEAST_SHARE = 0.01
"""Of the whole of a side; what weighs less is not worth a word."""
_MOST = 50
_LONGEST = 200
"""Letters of a file with a function; what is longer nobody writes down."""

_Neighbours = dict[FunctionKey, set[tuple[str, FunctionKey]]]


@dataclass(frozen=True, slots=True)
class RenameHint:
    """A function of the baseline that may be one of the current side under another name."""

    old: FunctionKey
    new: FunctionKey
    shared: int
    """Callers and callees that both have."""
    neighbours: int
    """Callers and callees of both together."""

    @property
    def setting(self) -> str:
        """The line of `[compare.renames]` that would say so."""
        return f'"{_written(self.old)}" = "{_written(self.new)}"'

    @property
    def sentence(self) -> str:
        """What is guessed, why, and what would make it hold."""
        return (
            f"{self.old[1]} may be {self.new[1]} now ({self.shared} of {self.neighbours} callers and callees are the "
            f"same): {self.setting} in [compare.renames] would compare them as one"
        )


def rename_hints(
    baseline: Side, current: Side, left_over: tuple[AbstractSet[FunctionKey], AbstractSet[FunctionKey]]
) -> list[RenameHint]:
    """Return which functions that only one side has are alike by their neighbours, the most alike first."""
    before, after = _weighty(baseline, left_over[0]), _weighty(current, left_over[1])
    if not (before and after):
        return []
    old_ones, new_ones = _neighbours(baseline, before), _neighbours(current, after)
    found = sorted(_alike(old_ones, new_ones), key=lambda hint: (-hint.shared / hint.neighbours, hint.old, hint.new))
    hints: list[RenameHint] = []
    for hint in found:
        if all(hint.old != known.old and hint.new != known.new for known in hints):
            hints.append(hint)
    return hints


def _alike(old_ones: _Neighbours, new_ones: _Neighbours) -> Iterator[RenameHint]:
    for old, before in old_ones.items():
        for new, after in new_ones.items():
            shared, together = len(before & after), len(before | after)
            if together >= _FEWEST and shared >= LIKE * together:
                yield RenameHint(old, new, shared, together)


def _weighty(side: Side, keys: AbstractSet[FunctionKey]) -> set[FunctionKey]:
    """Return the functions that weigh enough, the heaviest of them where they are many."""
    tree = side.tree
    least = _LEAST_SHARE * tree.weight
    rows = zip(tree.functions, tree.function_total_weight, strict=True)
    weighed = [(weight, function_key(side.named(frame))) for frame, weight in rows if weight >= least > 0]
    wanted = sorted(((weight, key) for weight, key in weighed if key in keys and _can_be_written(key)), reverse=True)
    return {key for _, key in wanted[:_MOST]}


def _neighbours(side: Side, wanted: AbstractSet[FunctionKey]) -> _Neighbours:
    """Return the callers and callees of some functions."""
    tree = side.tree
    names = [function_key(side.named(frame)) for frame in tree.functions]
    among = [name in wanted for name in names]
    found: _Neighbours = defaultdict(set)
    functions = tree.function
    for function, parent in zip(functions, tree.parent, strict=True):
        if function < 0:
            continue
        above = functions[parent]
        if above < 0 or above == function:
            continue
        if among[function]:
            found[names[function]].add(("<", names[above]))
        if among[above]:
            found[names[above]].add((">", names[function]))
    return found


def _can_be_written(key: FunctionKey) -> bool:
    """Say whether a line of the settings, and of a screen, can hold a name that may come from anywhere."""
    written = _written(key)
    return bool(key[0]) and written.isprintable() and len(written) <= _LONGEST and not set(written) & {'"', "\\"}


def _written(key: FunctionKey) -> str:
    return f"{key[0]}:{key[1]}"
