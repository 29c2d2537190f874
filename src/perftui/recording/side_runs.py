"""One side of a comparison: one run or several, each with what it counted, and the tree that is the mean of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from perftui.analysis.call_tree import ROOT, CallTree, FunctionKey
from perftui.analysis.compare import Evidence, Side
from perftui.analysis.normalise import normal_file
from perftui.analysis.run_counts import FunctionCounts, RunCounts, counts_of_tree
from perftui.analysis.run_holdings import RunHoldings
from perftui.errors import NoDataError
from perftui.model.frame import Frame
from perftui.model.heap import HeapView
from perftui.model.session import SessionKind, SessionMeta
from perftui.model.source_file import SourceFile
from perftui.recording.function_matching import Recorded
from perftui.recording.playback import playback_of
from perftui.recording.ranged_side import TimedRun, counts_between
from perftui.recording.run_counting import counts_of_saved
from perftui.recording.session_model import SessionModel
from perftui.storage.session_file import open_session
from perftui.units import Unit


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a side."""

    meta: SessionMeta
    counts: RunCounts
    model: SessionModel
    """What its meters, its budget and its views of the heap say."""


@dataclass(frozen=True)
class SideRuns:
    """All runs of one side."""

    model: SessionModel
    """The first run: the side is called as it is."""
    runs: tuple[Run, ...]
    tree: CallTree
    """CPU of all runs, a run."""
    root: str
    """Directory that file names are made relative to; empty where that is done."""
    sources: Mapping[str, SourceFile] = field(default_factory=dict)
    """What any of the runs saw of source files, by their names in frames."""
    names: Mapping[FunctionKey, FunctionKey] = field(default_factory=dict)
    """(file, name) of a function as the runs saw it, to its name for both sides, where the two were matched."""

    timed: tuple[TimedRun, ...] = ()
    """What each run saw when; none where that is not known."""
    seen: tuple[Run, ...] = ()
    """The runs under the names that each saw."""
    _held: dict[tuple[HeapView, bool], tuple[RunHoldings, ...]] = field(default_factory=dict)
    """What each run held, of the views that were asked for, by bytes or by count."""

    @property
    def metas(self) -> tuple[SessionMeta, ...]:
        """What is known of each run."""
        return tuple(run.meta for run in self.runs)

    @property
    def keeps_nodes(self) -> bool:
        """Whether its tree has the same nodes in every range: the mean of several has only those that it weighs."""
        return max(len(self.runs), len(self.timed)) == 1

    @property
    def attached(self) -> bool:
        """Whether the time of a run is as long as somebody liked to look."""
        return any(run.meta.kind is SessionKind.ATTACHED for run in self.runs)

    def holders(self, view: HeapView) -> tuple[SessionModel, ...]:
        """Return the runs that hold a view of the heap, in their order."""
        return tuple(run.model for run in self.runs if view in run.model.heap)

    def median_run(self, view: HeapView, *, by_count: bool = False) -> SessionModel:
        """Return the run that stands for the others in a view of the heap: of the median of their bytes, or counts.

        Of an even number it is the smaller of the two in the middle, so that every figure is one that was seen.
        """

        def held(model: SessionModel) -> int:
            profile = model.heap[view]
            return profile.allocations if by_count else profile.total_bytes

        ranked = sorted(self.holders(view), key=held)
        return ranked[(len(ranked) - 1) // 2]

    def side(self, view: HeapView | None, *, by_count: bool = False) -> Side:
        """Return what a comparison goes by: CPU, or a view of the heap, which a run must hold."""
        if view is None:
            return Side(self.tree, self.root, runs=tuple(run.counts for run in self.runs), names=self.names)
        median, holders = self.median_run(view, by_count=by_count), self.holders(view)
        side = median.heap[view].side(median.meta.cwd, by_count=by_count)
        # What one run was only looked at for, is no more than that of the side.
        evidence = Evidence.EVERYTHING if all(model.heap[view].exact for model in holders) else Evidence.LOOKS
        return replace(side, names=self.names, evidence=evidence, holdings=self._holdings(view, by_count))

    def _holdings(self, view: HeapView, by_count: bool) -> tuple[RunHoldings, ...]:
        key = view, by_count
        if key not in self._held:
            self._held[key] = tuple(model.heap[view].holdings(by_count=by_count) for model in self.holders(view))
        return self._held[key]

    @property
    def recorded(self) -> Recorded:
        """What matching its functions with those of another side goes by: everything that was seen of them."""
        seen: dict[FunctionKey, Frame] = {}
        profiles = [heap for run in self.runs for heap in run.model.heap.values()]
        heaps = [[*heap.tree.functions, *heap.functions()] for heap in profiles]
        for frame in chain(self.tree.functions, *heaps):
            seen.setdefault((frame.file, frame.function), frame)
        return Recorded(tuple(seen.values()), self.metas, self.sources)

    def between(self, start_s: float, end_s: float) -> SideRuns:
        """Return the same side with what each run saw from one moment of it to another; all of it without times.

        Runs that saw nothing then, as those that had ended, are left out: they tell nothing of it. Its tree is weighed
        anew by the next call.
        """
        if not self.timed:
            return self
        looked = [(run, timed.between(start_s, end_s)) for run, timed in zip(self.seen, self.timed, strict=True)]
        there = [(run, tree) for run, tree in looked if tree.count] or looked
        runs = [replace(run, counts=counts_between(run.counts, tree)) for run, tree in there]
        together = _together(runs, [tree for _, tree in there])
        return replace(self, runs=together.runs, tree=together.tree)


def side_of_model(model: SessionModel) -> SideRuns:
    """Return a side of one run of which nothing is known but its model."""
    tree = model.aggregate.tree
    return SideRuns(model, (Run(model.meta, counts_of_tree(tree), model),), tree, model.meta.cwd, model.sources)


def open_side(paths: Path | Sequence[Path]) -> SideRuns:
    """Open the session files of one side; raises `NoDataError` where runs count different things."""
    first, *others = [paths] if isinstance(paths, Path) else paths
    opened = [open_session(path) for path in (first, *others)]
    for other in opened[1:]:
        if other.meta.unit != opened[0].meta.unit:
            raise NoDataError(
                f"the runs {opened[0].meta.name} and {other.meta.name} count different things",
                hint="compare runs of one kind",
            )
    played = [playback_of(saved) for saved in opened]
    timed = tuple(TimedRun(playback.model.aggregate, playback.times) for playback in played)
    runs = tuple(
        Run(saved.meta, counts_of_saved(saved), playback.model) for saved, playback in zip(opened, played, strict=True)
    )
    sources = {source.file: source for saved in opened[::-1] for source in saved.sources}
    together = _together(runs, [run.aggregate.tree for run in timed])
    return SideRuns(played[0].model, together.runs, together.tree, together.root, sources, timed=timed, seen=runs)


class _Together(NamedTuple):
    """Runs of one side, under names that they have in common, and the tree that is the mean of them."""

    runs: tuple[Run, ...]
    tree: CallTree
    root: str


def _together(runs: Sequence[Run], trees: Sequence[CallTree]) -> _Together:
    roots = [run.meta.cwd for run in runs]
    if len(set(roots)) == 1:
        return _Together(tuple(runs), trees[0] if len(trees) == 1 else mean_tree(trees), roots[0])
    return _Together(tuple(map(_renamed, runs)), mean_tree(trees, roots), "")


def mean_tree(trees: Sequence[CallTree], roots: Sequence[str] = ()) -> CallTree:
    """Return the union of trees with the mean of their weights and the sum of their counts.

    File names are made relative to `roots`, one a tree, where runs in several directories are of one program.
    """
    union = CallTree(trees[0].unit if trees else Unit.SECONDS)
    for number, tree in enumerate(trees):
        frames = [_below(frame, roots[number]) for frame in tree.functions] if roots else tree.functions
        functions = list(map(union.function_id, frames))
        nodes = [ROOT]
        for node in range(1, len(tree)):
            nodes.append(union.child(nodes[tree.parent[node]], functions[tree.function[node]]))
        for node, weight in enumerate(tree.self_weight):
            if weight:
                union.add(nodes[node], weight / len(trees), tree.self_count[node])
    union.flush()
    return union


def _below(frame: Frame, root: str) -> Frame:
    return replace(frame, file=normal_file(frame.file, root))


def _renamed(run: Run) -> Run:
    """Return a run whose functions are named as those of the mean tree are."""
    functions: dict[tuple[str, str], FunctionCounts] = {}
    for (file, function), counts in run.counts.functions.items():
        key = (normal_file(file, run.meta.cwd), function)
        functions[key] = functions[key] + counts if key in functions else counts
    return replace(run, counts=replace(run.counts, functions=functions))
