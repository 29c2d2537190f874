"""What functions cost themselves in the last seconds, without a tree of these: for a column beside the whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from perftui.analysis.call_tree import CallTree
from perftui.analysis.scoped_profile import ScopedProfile
from perftui.analysis.time_index import Cell, TimeIndex
from perftui.analysis.time_sums import Held


class RecentSelfs:
    """Self weights by function of the last seconds of a profile that has no part about time itself.

    Nothing is done before somebody asks: what has come and gone since then is taken in with `update`.
    """

    def __init__(self, profile: ScopedProfile, index: TimeIndex, seconds: float) -> None:
        self.seconds = seconds
        """How long ago is still recent."""
        self.by_function: defaultdict[int, float] = defaultdict(float)
        """Function id of the profile's tree to its self weight."""
        self.weight = 0.0
        """Of all together."""
        self._profile, self._index = profile, index
        self._weighed_for: object = None
        self._range = (0.0, 0.0)
        self._rewrites = 0
        self.update()

    def is_of(self, profile: ScopedProfile, seconds: float) -> bool:
        """Say whether it follows a profile, over so many seconds."""
        return profile is self._profile and seconds == self.seconds

    def update(self) -> None:
        """Take in what has come since the last time, and take away what is no longer recent."""
        index, profile = self._index, self._profile
        start_s, end_s = index.end_s - self.seconds, index.end_s
        before_s, until_s = self._range
        # Where everything was weighed anew functions may have other ids, and threads other shares.
        weighed_for = profile.rebuilds, profile.scope, id(profile.tree)
        stays = weighed_for == self._weighed_for and before_s <= start_s <= until_s <= end_s
        if not stays or index.is_rewritten(self._rewrites, before_s, until_s):
            self.by_function.clear()
            self.weight = 0.0
            before_s, until_s = start_s, start_s
        self._weighed_for, self._rewrites, self._range = weighed_for, index.rewrites, (start_s, end_s)
        self._add(index.weights_between(until_s, end_s), 1)
        self._add(index.weights_between(before_s, start_s), -1)

    def _add(self, cells: Mapping[Cell, Held], sign: int) -> None:
        profile, sums = self._profile, self.by_function
        functions, node_of = profile.tree.function, profile.node_of_stack
        for (_, leaf), (weight, _) in profile.kept(cells):
            self.weight += sign * weight
            node = node_of(leaf)
            if node:
                sums[functions[node]] += sign * weight


def self_shares(of: CallTree | RecentSelfs, functions: Iterable[int]) -> dict[int, float]:
    """Return the share of the whole, 0 to 1, that functions have themselves; without those that came later."""
    whole = of.weight or 1.0
    if isinstance(of, RecentSelfs):
        # What was scaled and is taken away again leaves some rounding.
        return {function: max(0.0, of.by_function.get(function, 0.0) / whole) for function in functions}
    weights = of.function_self_weight
    return {function: weights[function] / whole for function in functions if function < len(weights)}
