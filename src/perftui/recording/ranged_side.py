"""One run of a comparison in a range of its time: the paths of the whole with the weights of that range."""

from __future__ import annotations

from dataclasses import dataclass, replace

from perftui.analysis.aggregate import Aggregate
from perftui.analysis.call_tree import CallTree, function_key
from perftui.analysis.run_counts import FunctionCounts, RunCounts
from perftui.analysis.scope import Between, Scope
from perftui.analysis.scoped_profile import ScopedProfile
from perftui.recording.playback import SavedTimes

_NOTHING = FunctionCounts(0)


@dataclass(frozen=True)
class TimedRun:
    """What one run saw when; with it a range of its time can be looked at."""

    aggregate: Aggregate
    times: SavedTimes

    def between(self, start_s: float, end_s: float) -> CallTree:
        """Return the tree of a range, with the nodes and functions of the whole."""
        return ScopedProfile(self.aggregate, Scope((Between(start_s, end_s),)), index=self.times.index).tree


def counts_between(run: RunCounts, tree: CallTree) -> RunCounts:
    """Return the counts of a run in the range that a tree of it is of.

    How much counts vary from second to second is taken from all of the run: a short range would not tell.
    """
    rows = zip(map(function_key, tree.functions), tree.function_self_count, strict=True)
    functions = {
        key: replace(run.functions.get(key, _NOTHING), samples=samples)
        for key, samples in rows
        if samples or key in run.functions
    }
    return replace(run, functions=functions)
