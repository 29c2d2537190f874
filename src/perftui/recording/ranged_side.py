"""One run of a comparison in a range of its time: the paths of the whole with the weights of that range."""

from __future__ import annotations

from dataclasses import replace

from perftui.analysis.aggregate import Aggregate
from perftui.analysis.call_tree import CallTree, function_key
from perftui.analysis.run_counts import FunctionCounts, RunCounts
from perftui.analysis.scope import Between, Scope
from perftui.analysis.scoped_profile import ScopedProfile
from perftui.recording.playback import SavedTimes

_NOTHING = FunctionCounts(0)


class TimedRun:
    """What one run saw when; with it a range of its time can be looked at."""

    def __init__(self, aggregate: Aggregate, times: SavedTimes) -> None:
        self.aggregate = aggregate
        self.times = times
        self._ranged: ScopedProfile | None = None

    def between(self, start_s: float, end_s: float) -> CallTree:
        """Return the tree of a range, with the nodes and functions of the whole: the same one at every call."""
        scope = Scope((Between(start_s, end_s),))
        if self._ranged is None:
            self._ranged = ScopedProfile(self.aggregate, scope, index=self.times.index)
        elif scope != self._ranged.scope:
            self._ranged.change(scope)
        return self._ranged.tree

    def advance(self, windows: int) -> bool:
        """Sum up the next windows, so that long ranges come at once; say whether more are left."""
        return self.times.index.advance(windows)


def counts_between(run: RunCounts, tree: CallTree) -> RunCounts:
    """Return the counts of a run in the range that a tree of it is of.

    How much counts vary from second to second is taken from all of the run: a short range would not tell.
    """
    rows = zip(map(function_key, tree.functions), tree.function_self_count, strict=True)
    whole = run.functions
    functions = {
        key: FunctionCounts(samples, whole.get(key, _NOTHING).blocks)
        for key, samples in rows
        if samples or key in whole
    }
    return replace(run, functions=functions)
