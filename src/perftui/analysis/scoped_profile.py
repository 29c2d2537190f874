"""A profile through a scope: the same tree, lines and threads as the whole has, kept up to date as it grows.

Choosing among stacks (focus, threads, time) only changes weights. Scaling them by what looks found threads doing does
so too; counts are then still those of the samples that the weights are estimated from. Changing stacks (own code,
hidden functions, modules and recursion as one) makes a tree of its own. Either way nodes stay where they are while a
scope's shape stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from perftui.analysis.aggregate import Aggregate
from perftui.analysis.call_tree import CallTree
from perftui.analysis.derived_tree import DerivedTree, SameShape
from perftui.analysis.fading import FadingWeights
from perftui.analysis.reshaped_tree import Reshaped, Rules
from perftui.analysis.scope import EVERYTHING, Between, Fading, Last, Scope
from perftui.analysis.scoped_lines import ScopedLines, StackWeights
from perftui.analysis.split import Split, thread_name
from perftui.analysis.thread_states import state_factors
from perftui.analysis.time_index import Cell, TimeIndex, Weights
from perftui.analysis.time_sums import Held
from perftui.model.sample import ProfileDelta

CellWeights = Mapping[Cell, Held]


class ScopedProfile:
    """What a scope leaves of an aggregate.

    `apply` follows `Aggregate.apply` (and `TimeIndex.follow`), and folds only what is new. A scope with a part about
    time needs the index. Without any part the aggregate's own trees are handed through.
    """

    def __init__(
        self,
        aggregate: Aggregate,
        scope: Scope = EVERYTHING,
        *,
        cwd: str = "",
        index: TimeIndex | None = None,
        idle_recorded: bool = False,
    ) -> None:
        self.aggregate = aggregate
        self.scope = EVERYTHING
        self.index = index
        self.rebuilds = 0
        """Goes up when everything was weighed anew."""
        self.folds = 0
        """Goes up with every change since then."""
        self.last_change: CellWeights = {}
        """What the last fold added, of threads and stacks that are looked at."""
        self._cwd = cwd
        self._idle_recorded = idle_recorded
        self._factors: list[float] = []
        """By thread id what is left of its weight; empty while nothing is scaled."""
        self._tree: DerivedTree | None = None
        self._splits: dict[Split, DerivedTree] = {}
        self._weighed: set[Split] = set()
        """Trees with branches are weighed when they are asked for."""
        self._fresh: CellWeights | None = None
        """Everything that the scope covers, until something is added to it."""
        self._fresh_stacks: StackWeights | None = None
        self._rules = Rules(())
        self._lines: ScopedLines | None = None
        self._kept_threads = bytearray()
        self._focus: dict[int, int] = {}
        self._all_of_focus = 0
        self._holds: list[int] = []
        """By node of the aggregate's tree: which functions of the focus its stack holds, as bits."""
        self._row: Sequence[int] | None = None
        """Samples of each stack of the index, where the tree was weighed by these and nothing was added since."""
        self._range = (0.0, 0.0)
        self._rewrites = 0
        self._fading: FadingWeights | None = None
        self.change(scope)

    @property
    def tree(self) -> CallTree:
        """All threads merged; the same object until the shape of the scope changes."""
        if self._tree is None:
            return self.aggregate.tree
        # The aggregate may have gone on while nobody looks through this scope.
        self._tree.sync()
        return self._tree

    @property
    def weight(self) -> float:
        """Weight of what the scope covers."""
        return self.tree.weight

    @property
    def count(self) -> int:
        """Number of samples (or allocations) of what the scope covers; where weights fade, about so many."""
        return self.tree.count

    @property
    def share(self) -> float:
        """Share of the whole that the scope covers, 0 to 1; where weights fade, of the whole that fades as well."""
        return self.weight / self.whole if self.whole else 0.0

    @property
    def whole(self) -> float:
        """Weight of what the share is of; where weights fade, it fades as well."""
        return self.aggregate.tree.weight if self._fading is None else self._fading.weight

    @property
    def estimated(self) -> bool:
        """Whether the scope cuts a window of samples, of which the part inside is then taken evenly."""
        return self._fading is None and self.index is not None and self.index.is_cut(*self._range)

    @property
    def line_counts(self) -> dict[tuple[int, int], int]:
        """(function id of the tree, line) to samples, or bytes where these are the unit; kept once asked for."""
        if self._tree is None:
            return self.aggregate.line_counts
        lines = self._lines
        assert lines is not None
        if lines.counts is None:
            lines.begin()
            if self._row is None or self.index is None:
                lines.fold(self.stacks())
            else:
                lines.fold_row(self.index.leaves, self._row)
        assert lines.counts is not None
        return lines.counts

    def split_by(self, split: Split) -> CallTree:
        """Return the tree whose first level is branches; once asked for, it is kept up to date."""
        if split is Split.NONE:
            return self.tree
        if self._tree is None:
            return self.aggregate.split_by(split)
        apart = self._splits.get(split)
        if apart is None:
            apart = self._splits[split] = self._derived(self.aggregate.split_by(split), keeps_first=True)
        if split not in self._weighed:
            self._weighed.add(split)
            cells, node_in = self._all_cells(), self.aggregate.node_in
            apart.refill([node_in(split, *cell) for cell in cells], cells.values())
        return apart

    def cells(self) -> Iterator[tuple[Cell, tuple[float, int]]]:
        """Yield (cell, (weight, count)) of everything that the scope covers."""
        return self.kept(self._in_time()) if self._fresh is None else iter(self._fresh.items())

    def stacks(self) -> StackWeights:
        """Return (weight, count) of each stack that the scope covers; of a range that takes milliseconds."""
        if self._fresh_stacks is None:
            self._fresh_stacks = self._stacks_in_time() if self._is_range else _by_stack(self._all_cells())
        return self._fresh_stacks

    def thread_weights(self) -> dict[int, Held]:
        """Return (weight, count) of what the scope covers by thread id."""
        if self._is_range and not self._all_of_focus and self.index is not None:
            kept = self._kept_threads
            threads = self.index.threads_between(*self._range)
            return {thread: held for thread, held in threads.items() if kept[thread]}
        sums: dict[int, Held] = {}
        for (thread, _), (weight, count) in self._all_cells().items():
            known = sums.get(thread, (0.0, 0))
            sums[thread] = (known[0] + weight, known[1] + count)
        return sums

    def node_of_stack(self, leaf: int) -> int | None:
        """Return the node of `tree` that a stack ends in; None for a stack that the scope leaves out."""
        node = self.aggregate.tree_node[leaf]
        if self._tree is None:
            return node
        if self._all_of_focus and (node >= len(self._holds) or self._holds[node] != self._all_of_focus):
            return None
        return self._tree.node_of(node)

    def own_place(self, leaf: int) -> int:
        """Return the stack table node that a stack's self weight is charged to; the root where no frame is left."""
        return leaf if self._lines is None else self._lines.own_place(leaf)

    def change(self, scope: Scope) -> None:
        """Look through another scope; while its shape is the same, the tree and its ids stay."""
        if scope.time is not None and self.index is None:
            raise ValueError("a scope with a part about time needs an index by time")
        stays = self._tree is not None and scope.shape == self.scope.shape
        self.scope = scope
        if scope.is_everything:
            self._tree = self._lines = None
            self._splits = {}
        elif not stays:
            self._rules = Rules(scope.shape, root=self._cwd)
            self._tree = self._derived(self.aggregate.tree)
            self._lines = ScopedLines(self.aggregate, self._tree, self._rules)
            self._splits = {}
        focus = [self.aggregate.tree.function_ids.get(key, -1 - i) for i, key in enumerate(sorted(scope.focus))]
        self._focus = {function: 1 << bit for bit, function in enumerate(focus)}
        self._all_of_focus = (1 << len(focus)) - 1
        self._holds = [0]
        self._kept_threads.clear()
        self._weigh()

    def apply(self, delta: ProfileDelta) -> None:
        """Fold in what the aggregate has just folded in."""
        if self._tree is None:
            self._folded(delta.weights)
            return
        if self.look():
            return
        if self.scope.time is None:
            self._sync()
            self._fold(dict(self.kept(delta.weights)))
        else:
            self._move()

    def look(self) -> bool:
        """Weigh anew where looks at the threads say that they did something else than before; say whether they do."""
        changed = self._factors_now()[: len(self._factors)] != self._factors
        if changed:
            self._weigh()
        return changed

    def _derived(self, source: CallTree, *, keeps_first: bool = False) -> DerivedTree:
        if self.scope.shape:
            return Reshaped(source, self._rules, keeps_first=keeps_first)
        return SameShape(source)

    def _weigh(self) -> None:
        """Weigh everything anew."""
        self.rebuilds += 1
        self.folds = 0
        self.last_change = {}
        self._fading = self._fresh = self._fresh_stacks = self._row = None
        if self._lines is not None:
            self._lines.counts = None
        self._weighed.clear()
        self._factors = self._factors_now()
        self._begin_time()
        if self._tree is None:
            return
        self._sync()
        if self._is_range and self._keeps_all and self._refill_from_row():
            return
        if self._in_time() is self.aggregate.leaf_weights and self._keeps_all and not self._factors:
            # What is only shaped anew weighs what it weighs in the whole.
            whole = self.aggregate.tree
            held = zip(whole.self_weight, whole.self_count, strict=True)
            rows = {node: each for node, each in enumerate(held) if each[1] or each[0]}
            self._tree.refill(rows, rows.values())
            return
        stacks = self.stacks()
        self._tree.refill(list(map(self.aggregate.tree_node.__getitem__, stacks)), stacks.values())

    def _refill_from_row(self) -> bool:
        """Weigh the tree by a long range, stack beside stack; say whether that could be done."""
        index, tree_node = self.index, self.aggregate.tree_node
        assert index is not None
        assert self._tree is not None
        row = index.row_between(*self._range)
        if row is None or not self._tree.refill_row(list(map(tree_node.__getitem__, index.leaves)), *row):
            return False
        self._row = row[0]
        return True

    @property
    def _keeps_all(self) -> bool:
        """Whether all threads and all stacks are looked at."""
        return not self._all_of_focus and all(self._kept_threads)

    def _sync(self) -> None:
        """Take over the threads and nodes that the aggregate has gained."""
        aggregate, kept = self.aggregate, self._kept_threads
        self._resolve_focus()
        if len(self._factors) < len(aggregate.threads):
            self._factors = self._factors_now()
        for share in aggregate.threads[len(kept) :]:
            thread = share.thread
            kept.append(self.scope.keeps_thread(thread.pid, thread.tid, thread_name(thread)))
        if self._focus:
            holds, focus, tree = self._holds, self._focus, aggregate.tree
            for node in range(len(holds), len(tree)):
                holds.append(holds[tree.parent[node]] | focus.get(tree.function[node], 0))

    def _factors_now(self) -> list[float]:
        if not self.scope.is_estimate:
            return []
        return state_factors(self.aggregate, self.scope, idle_recorded=self._idle_recorded)

    def _resolve_focus(self) -> None:
        """Look whether a function of the focus that nobody had seen yet is there now."""
        waiting = [function for function in self._focus if function < 0]
        if not waiting:
            return
        keys, known = sorted(self.scope.focus), self.aggregate.tree.function_ids
        for function in waiting:
            found = known.get(keys[-1 - function])
            if found is not None:
                self._focus[found] = self._focus.pop(function)
        # Only nodes that are new can hold a function that is new.

    def kept(self, cells: CellWeights) -> Iterator[tuple[Cell, tuple[float, int]]]:
        """Yield the cells of threads and stacks that are looked at, with what is left of their weight."""
        if self._tree is None:
            yield from cells.items()
            return
        if len(self._kept_threads) < len(self.aggregate.threads):
            self._sync()
        kept, holds, wanted, tree_node = self._kept_threads, self._holds, self._all_of_focus, self.aggregate.tree_node
        factors = self._factors
        for cell, held in cells.items():
            if kept[cell[0]] and (not wanted or holds[tree_node[cell[1]]] == wanted):
                if not factors:
                    yield cell, held
                elif factors[cell[0]]:
                    yield cell, (held[0] * factors[cell[0]], held[1])

    def _all_cells(self) -> CellWeights:
        if self._fresh is None:
            self._fresh = dict(self.cells())
        return self._fresh

    @property
    def _is_range(self) -> bool:
        """Whether the index by time has what the scope covers, stack by stack: not where threads are scaled apart."""
        return not self._factors and self.index is not None and isinstance(self.scope.time, Between | Last)

    def _stacks_in_time(self) -> StackWeights:
        """Return the stacks of a range, those of the threads and with the functions that are looked at."""
        assert self.index is not None
        kept, holds, wanted, tree_node = self._kept_threads, self._holds, self._all_of_focus, self.aggregate.tree_node
        threads = None if all(kept) else {thread for thread, is_kept in enumerate(kept) if is_kept}
        stacks = self.index.stacks_between(*self._range, threads=threads)
        if not wanted:
            return stacks
        return {leaf: held for leaf, held in stacks.items() if holds[tree_node[leaf]] == wanted}

    def _folded(self, cells: CellWeights) -> None:
        self.folds += 1
        self.last_change = cells
        self._fresh = self._fresh_stacks = self._row = None

    def _fold(self, cells: CellWeights) -> None:
        self._folded(cells)
        self._fold_stacks(_by_stack(cells))
        for split in self._weighed:
            self._fold_apart(split, self._splits[split], cells)

    def _fold_stacks(self, stacks: StackWeights) -> None:
        assert self._tree is not None
        self._tree.put(list(map(self.aggregate.tree_node.__getitem__, stacks)), stacks.values())
        if self._lines is not None:
            self._lines.fold(stacks)

    def _fold_apart(self, split: Split, apart: DerivedTree, cells: CellWeights) -> None:
        node_in = self.aggregate.node_in
        apart.put([node_in(split, *cell) for cell in cells], cells.values())

    def _in_time(self) -> CellWeights:
        if self.scope.time is None or self.index is None:
            return self.aggregate.leaf_weights
        if self._fading is not None:
            return self._fading.cells
        return self.index.weights_between(*self._range)

    def _begin_time(self) -> None:
        part, index = self.scope.time, self.index
        if part is None or index is None:
            self._range = (0.0, 0.0)
            return
        self._rewrites = index.rewrites
        self._range = self._range_now(index)
        if isinstance(part, Fading):
            self._fading = FadingWeights(part.half_life_s)
            self._fading.add(index.windows(*self._range), until_s=self._range[1])

    def _range_now(self, index: TimeIndex) -> tuple[float, float]:
        match self.scope.time:
            case Between(start_s, end_s):
                return start_s, max(start_s, min(end_s, index.end_s))
            case Last(seconds):
                return index.end_s - seconds, index.end_s
            case Fading(half_life_s):
                return index.end_s - FadingWeights.SPAN * half_life_s, index.end_s
            case None:
                return 0.0, index.end_s

    def _move(self) -> None:
        """Follow time: add what came in, take away what fell out."""
        index = self.index
        assert index is not None
        start_s, end_s = self._range_now(index)
        before_s, until_s = self._range
        rewritten = index.is_rewritten(self._rewrites, before_s, until_s)
        if rewritten or start_s > until_s or end_s < until_s:
            self._weigh()
            return
        self._rewrites = index.rewrites
        self._sync()
        self._range = (start_s, end_s)
        if self._fading is not None:
            self._fold(dict(self.kept(self._fading.add(index.windows(until_s, end_s), until_s=end_s))))
            return
        change = index.weights_between(until_s, end_s)
        _take(change, index.weights_between(before_s, start_s))
        self._fold(dict(self.kept(change)))


def _by_stack(cells: CellWeights) -> dict[int, Held]:
    sums: dict[int, Held] = {}
    get = sums.get
    for (_, leaf), held in cells.items():
        known = get(leaf)
        sums[leaf] = held if known is None else (known[0] + held[0], known[1] + held[1])
    return sums


def _take(weights: Weights, away: Weights) -> None:
    for cell, (weight, count) in away.items():
        known = weights.get(cell, (0.0, 0))
        weights[cell] = (known[0] - weight, known[1] - count)
