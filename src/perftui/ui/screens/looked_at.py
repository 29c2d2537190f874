"""What one lens shows of a session: its trees, its rows, its threads, and why there is nothing where there is not."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from perftui.analysis.aggregate import Aggregate
from perftui.analysis.call_tree import ROOT, CallTree, FunctionKey, function_key
from perftui.analysis.data_quality import TORN, Doubt, share_doubt
from perftui.analysis.heap_profile import HeapProfile, HeapSort
from perftui.analysis.hotspots import Listing, SortBy, hotspots, listing, rest_of
from perftui.analysis.neighbours import Neighbours, neighbours
from perftui.analysis.scope import Fading, chips
from perftui.analysis.split import Branch, Split
from perftui.analysis.thread_rows import ThreadRow, ThreadSort, thread_rows
from perftui.model.heap import HeapView
from perftui.model.hotspot import Hotspot
from perftui.model.session import SessionKind
from perftui.recording.quality_report import doubts_of
from perftui.recording.session_model import SessionModel
from perftui.recording.update import Phase
from perftui.ui.screens.scoped_view import ScopedView
from perftui.ui.view_state import ViewState
from perftui.ui.widgets.chip_strip import ChipText
from perftui.ui.widgets.flame_text import FlameTree
from perftui.units import format_percent, format_value

_LAST_LOOK_S = 2.5
"""What is not found any more in so short a time before the end of a run ended with it."""
TABLE_ROWS = 200
"""Rows of the table that are ranked at each refresh; nobody scrolls further while it is live."""
_ONLY_OPERATIONS = "Nothing was sampled: this session holds what a benchmark tool has measured. O shows its operations."
_NO_SAMPLES = "No Python samples: no interpreter ran long enough to be seen. Meters, budget and output are there."
_ONLY_METERS = "No stacks: `perftui watch` reads the meters alone, and takes stacks with --cpu. 9 shows all over time."
_NO_ALLOCATIONS = "No allocation was traced. Meters, budget and output are there."
_NOTHING_IN = {
    HeapView.HELD: "Nothing is held: all that was traced was freed again.",
    HeapView.HIGH_WATERMARK: "Nothing was ever held.",
    HeapView.LEAKED: "Nothing leaked: all that was traced was freed before the tracking ended.",
    HeapView.TEMPORARY: "No allocation was freed before the next one of its thread.",
    HeapView.ALLOCATED: "Nothing was allocated.",
}
_NOTHING_YET = HeapProfile()
"""A view without a picture; nothing is ever added to it."""
_NOTHING_LEFT = "Nothing is left in this scope. u takes its last chip away, U all of them."
_FIRST_ROW = {
    Split.THREAD: ("first row: threads",),
    Split.NAME: ("first row: threads of one name, of all processes", "first row: names"),
    Split.PROCESS: ("first row: processes",),
}
_NOTHING_HELD = "No picture of the heap was taken up to the end of this range, or nothing was held."
_NOTHING_GREW = "Nothing grew between the pictures at the ends of this range. M looks at what was held."
_UPSIDE_DOWN = ("below each function: its callers", "callers below")
_RANKED_AS = {HeapSort.SELF: SortBy.SELF, HeapSort.TOTAL: SortBy.TOTAL, HeapSort.NAME: SortBy.NAME}


def profile_of(model: SessionModel, lens: HeapView | None) -> HeapProfile | None:
    """Return a view of the heap, without anything in it until there is a picture; None for CPU."""
    return None if lens is None else model.heap.get(lens, _NOTHING_YET)


def aggregate_of(model: SessionModel, lens: HeapView | None) -> Aggregate:
    """Return what everything that a lens shows is made from."""
    profile = profile_of(model, lens)
    return model.aggregate if profile is None else profile.aggregate


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A session through the lens and the scope of a view state."""

    model: SessionModel
    view: ViewState
    scoped: ScopedView
    """The lens through the scope."""
    heap: HeapProfile | None = None
    """What was held in the range of time that is looked at; None where that has no part in it."""
    in_time: tuple[str, ...] = ()
    """How a range of time concerns memory, from the longest wording to the shortest."""

    @property
    def is_scoped(self) -> bool:
        """Whether only a part is looked at; of memory a range of time shows another moment, and no part."""
        scope = self.view.scope
        return not (scope if self.view.lens is None else scope.timeless()).is_everything

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return self.scoped.is_empty

    @property
    def named_tree(self) -> CallTree:
        """The tree that names and paths are looked up in."""
        return self.scoped.tree(split=self.view.split, inverted=self.view.inverted)

    @property
    def upright_tree(self) -> CallTree:
        """The same the right way up."""
        return self.scoped.tree(split=self.view.split)

    @property
    def weighed_tree(self) -> FlameTree:
        """The tree that widths are taken from."""
        view = self.view
        return self.scoped.flames(split=view.split, inverted=view.inverted, by_count=self._by_count)

    def listing(self, *, least: float = 0.0, listed: Sequence[Hotspot] = ()) -> Listing:
        """Return the rows of the table; in a scope they are counted from the drawn stacks, for memory too.

        `least` is the share, 0 to 1, below which nothing is listed but the selected function; rows of `listed` stay
        for a little longer.
        """
        view, tree = self.view, self.scoped.tree()
        profile = self.heap or profile_of(self.model, view.lens)
        if profile is not None and not self.is_scoped:
            keys = {function_key(row.frame) for row in listed}
            grown = self.heap is not None and view.grown
            return profile.listing(
                sort=view.heap_sort, top=TABLE_ROWS, changes=grown, least=least, listed=keys, always=view.function
            )
        counts = self.scoped.profile.line_counts
        if profile is not None and view.heap_sort is HeapSort.COUNT:
            enough = (row for row in hotspots(tree, line_counts=counts) if row.self_count >= least * tree.count)
            rows = heapq.nsmallest(TABLE_ROWS, enough, key=_by_count)
            return Listing(rows, rest_of(tree, rows))
        return listing(
            tree,
            sort=view.sort if profile is None else _RANKED_AS[view.heap_sort],
            top=TABLE_ROWS,
            line_counts=counts,
            least=least,
            listed={row.function_id for row in listed},
            always=None if view.function is None else tree.function_ids.get(view.function),
        )

    def neighbours(self) -> Neighbours | None:
        """Return callers and callees of the selected function; None where that is none that is looked at."""
        key, tree = self.view.function, self.scoped.tree()
        function = None if key is None else tree.function_ids.get(key)
        if function is None or not (tree.function_total_weight[function] or tree.function_total_count[function]):
            return None
        return neighbours(tree, function, by_count=self._by_count)

    def selected_branch(self) -> Branch | None:
        """Return the thread, the threads of one name or the process that the selected frame belongs to."""
        branches = self.scoped.aggregate.branches(self.view.split)
        return next((branches[key] for key in self.view.selected if key in branches), None)

    def is_branch(self, key: FunctionKey | None) -> bool:
        """Say whether what is selected stands for threads and not for a function."""
        return key in self.scoped.aggregate.branches(self.view.split)

    def rank_threads(self, sort: ThreadSort, opened: Mapping[int, bool]) -> list[ThreadRow]:
        """Return the rows of the table of threads and processes."""
        model, scoped = self.model, self.scoped
        meta, is_over = model.meta, model.phase is Phase.DONE
        return thread_rows(
            scoped.thread_shares(),
            split=self.view.split,
            sort=sort,
            left_out=scoped.left_out(),
            records=model.processes.newest(),
            commands=model.processes.commands,
            opened=opened,
            exits={} if meta.pid is None or meta.exit_code is None else {meta.pid: meta.exit_code},
            until_s=model.elapsed_s - _LAST_LOOK_S if is_over else inf,
        )

    def doubt(self, node: int) -> Doubt | None:
        """Return why the share of a node of the drawn flames says little; None where it does, and for memory."""
        tree = self.weighed_tree
        if self.view.lens is not None or not node or node >= len(tree):
            return None
        whole = tree.total_weight[ROOT]
        share = tree.total_weight[node] / whole if whole else 0.0
        against = self.doubts()
        return share_doubt(share, tree.total_count[ROOT]) or (against[0] if against else None)

    def doubts(self) -> list[Doubt]:
        """Return what speaks against every share of the samples, the weightiest first; torn stacks the header tells."""
        return [doubt for doubt in doubts_of(self.model) if doubt.badge != TORN]

    # What the strip of chips says.

    def chips(self) -> list[ChipText]:
        """Return the parts of the scope for a person, with how the flames stand."""
        threads = {
            (share.thread.pid, share.thread.tid): share.thread.name
            for share in self.scoped.aggregate.threads
            if share.thread.name
        }
        found = [ChipText(chip.text, chip.part) for chip in chips(self.view.scope, root=self.view.cwd, threads=threads)]
        if self.view.split is not Split.NONE:
            found.append(ChipText(self.view.split.value, self.view.split))
        return [*found, ChipText("inverted", None)] if self.view.inverted else found

    def covered(self) -> tuple[str, ...]:
        """Return how much of the whole the scope leaves, from the longest wording to the shortest."""
        if not self.is_scoped and self.in_time:
            return self.in_time
        if not self.is_scoped:
            return _UPSIDE_DOWN if self.view.inverted else _FIRST_ROW.get(self.view.split, ())
        profile, whole_tree = self.scoped.profile, self.scoped.aggregate.tree
        if self._by_count:
            part, whole = f"{profile.count:,}", f"{whole_tree.count:,} allocations"
            share = profile.count / whole_tree.count if whole_tree.count else 0.0
        else:
            part, whole = (format_value(value, whole_tree.unit) for value in (profile.weight, profile.whole))
            share = profile.share
        percent = f"{'est. ' if self.view.scope.is_estimate else ''}{format_percent(100 * share)}"
        short = f"{percent} of {whole}"
        table = "; the table counts drawn stacks" if self.view.lens is not None else ""
        cut = "; the range cuts windows of samples" if profile.estimated else ""
        cut += "; what is older counts less" if isinstance(self.view.scope.time, Fading) else ""
        cut += "; looks at threads, spread evenly" if self.view.scope.is_estimate else ""
        return f"{short} · shares are of these {part}{table}{cut}", f"{short} · shares of {part}", short, percent

    @property
    def _by_count(self) -> bool:
        return self.view.by_count and self.view.lens is not None

    def why_empty(self) -> str:
        """Return why there is nothing to draw."""
        if self.is_scoped and self.scoped.aggregate.samples:
            return _NOTHING_LEFT
        if self.heap is not None:
            return _NOTHING_GREW if self.view.grown else _NOTHING_HELD
        lens, done = self.view.lens, self.model.phase is Phase.DONE
        if done and lens is not None and lens in self.model.heap:
            return _NOTHING_IN[lens]
        about = ("cpu",) if lens is None else ("heap", "capture")
        for status in self.model.statuses.values():
            if status.source in about and status.message:
                return status.told
        if not done:
            return "waiting for the first samples…" if lens is None else "waiting for the first picture of the heap…"
        if lens is None and self.model.operations and self.model.meta.kind is SessionKind.IMPORTED:
            return _ONLY_OPERATIONS
        if lens is None and self.model.meta.only_metered:
            return _ONLY_METERS
        return self.model.meta.trouble or (_NO_SAMPLES if lens is None else _NO_ALLOCATIONS)

    def no_rows(self) -> str:
        """Return what stands in the table where it is empty."""
        if self.is_scoped and self.scoped.aggregate.samples:
            return "nothing is left in this scope"
        if self.view.lens is not None:
            return "no allocation is in this view"
        return f"no function was seen running{'' if self.model.phase is Phase.DONE else ' yet'}"

    def why_no_output(self) -> str:
        """Return what stands in place of the workload's output where there is none."""
        if self.model.meta.kind is SessionKind.IMPORTED:
            return "an import holds no output"
        if self.model.meta.kind is SessionKind.ATTACHED:
            return "what a process prints that was attached to goes where it went before"
        return "nothing was printed" if self.model.phase is Phase.DONE else "no output yet"


def _by_count(row: Hotspot) -> tuple[int, int, str, str]:
    return -row.self_count, -row.total_count, row.frame.function, row.frame.file
