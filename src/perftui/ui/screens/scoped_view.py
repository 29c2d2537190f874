"""One lens of a session through a scope: its trees in every arrangement, kept up to date as the session grows."""

from __future__ import annotations

from collections.abc import Iterable

from perftui.analysis.aggregate import Aggregate, ThreadShare
from perftui.analysis.call_tree import CallTree
from perftui.analysis.count_tree import CountTree
from perftui.analysis.inversion import MergedTree
from perftui.analysis.scope import EVERYTHING, Scope
from perftui.analysis.scoped_profile import ScopedProfile
from perftui.analysis.split import Split, thread_name
from perftui.analysis.time_index import TimeIndex
from perftui.analysis.time_sums import Held
from perftui.model.sample import ProfileDelta


class ScopedView:
    """Trees of an aggregate as a scope leaves them; each is the same object until the scope changes its shape.

    `apply` follows the aggregate. What is not looked at is not kept up to date before it is.
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
        self.profile = ScopedProfile(aggregate, scope, cwd=cwd, index=index, idle_recorded=idle_recorded)
        self._inverted: dict[Split, MergedTree] = {}
        self._inverted_at: dict[Split, tuple[int, int]] = {}
        self._counts: dict[tuple[Split, bool], CountTree] = {}
        self._threads: dict[ThreadShare, tuple[float, int]] = {}
        self._threads_at = (-1, -1)

    @property
    def aggregate(self) -> Aggregate:
        """What everything is made from."""
        return self.profile.aggregate

    @property
    def stamp(self) -> tuple[int, int]:
        """Another one after each change of what is seen."""
        return self.profile.rebuilds, self.profile.folds

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to draw."""
        if self.profile.scope.is_everything:
            # What was all freed again leaves nodes without a weight.
            return not self.aggregate.samples
        return not self.profile.count

    def change(self, scope: Scope) -> None:
        """Look through another scope."""
        if scope != self.profile.scope:
            self.profile.change(scope)

    def apply(self, delta: ProfileDelta) -> None:
        """Fold in what the aggregate has just folded in."""
        self.profile.apply(delta)

    def look(self) -> None:
        """Take over what new looks at the threads say of what they did."""
        self.profile.look()

    def tree(self, *, split: Split = Split.NONE, inverted: bool = False) -> CallTree:
        """Return the tree that names and paths are looked up in."""
        upright = self.profile.split_by(split)
        return self._upside_down(upright, split) if inverted else upright

    def flames(
        self, *, split: Split = Split.NONE, inverted: bool = False, by_count: bool = False
    ) -> CallTree | CountTree:
        """Return the tree that widths are taken from; its nodes are those of `tree`."""
        tree = self.tree(split=split, inverted=inverted)
        if not by_count:
            return tree
        counts = self._counts.get((split, inverted))
        if counts is None or counts.of is not tree:
            counts = self._counts[split, inverted] = CountTree(tree)
        return counts

    def thread_shares(self) -> list[ThreadShare]:
        """Return every thread once, with what the scope leaves of it; one that is left out weighs nothing."""
        if self.profile.scope.is_everything:
            return self.aggregate.thread_shares()
        self._weigh_threads()
        return [_with(share, *self._threads.get(share, (0.0, 0))) for share in self.aggregate.thread_shares()]

    def left_out(self) -> frozenset[tuple[int, int]]:
        """Return (process id, thread id) of the threads that the scope does not show."""
        keeps, threads = self.profile.scope.keeps_thread, self.aggregate.threads
        keys = ((share.thread.pid, share.thread.tid, thread_name(share.thread)) for share in threads)
        return frozenset(key[:2] for key in keys if not keeps(*key))

    def _upside_down(self, upright: CallTree, split: Split) -> MergedTree:
        tree = self._inverted.get(split)
        if tree is None or tree.source is not upright:
            tree = self._inverted[split] = MergedTree(upright, inverted=True)
        elif self._inverted_at[split] != self.stamp:
            tree.update()
        self._inverted_at[split] = self.stamp
        return tree

    def _weigh_threads(self) -> None:
        stamp = self.stamp
        if stamp == self._threads_at:
            return
        if stamp == (self._threads_at[0], self._threads_at[1] + 1):
            self._add((thread, held) for (thread, _), held in self.profile.last_change.items())
        else:
            self._threads = {}
            self._add(self.profile.thread_weights().items())
        self._threads_at = stamp

    def _add(self, held: Iterable[tuple[int, Held]]) -> None:
        shares, sums = self.aggregate.threads, self._threads
        for thread, (weight, count) in held:
            known = sums.get(shares[thread], (0.0, 0))
            sums[shares[thread]] = (known[0] + weight, known[1] + count)


def _with(share: ThreadShare, weight: float, count: int) -> ThreadShare:
    """Return a thread with other weights; how often it was found idle is of the whole."""
    scoped = ThreadShare(share.thread)
    scoped.weight, scoped.count = weight, count
    scoped.looks, scoped.active_looks, scoped.gil_looks = share.looks, share.active_looks, share.gil_looks
    scoped.recent_looks, scoped.recent_active = share.recent_looks, share.recent_active
    scoped.recent_gil = share.recent_gil
    return scoped
