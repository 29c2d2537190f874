"""The order of time of a session: which thread is shown, from when to when, and what its blocks select."""

from __future__ import annotations

from perftui.analysis.aggregate import ThreadShare
from perftui.analysis.call_tree import ROOT, FunctionKey
from perftui.analysis.order_chart import ThreadOrder
from perftui.analysis.split import Split, branch_of, thread_name
from perftui.analysis.thread_rows import one_each
from perftui.analysis.time_order import TimeOrder
from perftui.recording.update import Phase
from perftui.ui.screens.range_screen import NO_TIMES, RangeScreen
from perftui.ui.view_state import Path
from perftui.ui.widgets.order_picture import OrderFacts
from perftui.ui.widgets.order_view import OrderView
from perftui.ui.widgets.order_zoom import Span
from perftui.ui.widgets.status_line import StatusLine
from perftui.ui.widgets.thread_table import ThreadTable
from perftui.units import format_seconds

_MEMORY = "What a thread did when is of CPU samples: m looks at CPU."
_NOTHING = "No sample of a thread is kept in its order."
_NO_OTHER = "there is no other thread in this scope"
_ThreadKey = tuple[int, int]


class OrderScreen(RangeScreen):
    """What one thread did when, as a chart."""

    _order_of: _ThreadKey | None = None
    """(process id, thread id) of the thread that was asked for; None for the busiest."""
    _thread_order: tuple[object, ThreadOrder] | None = None
    """The thread that is shown and what it was made for."""

    def _draw_strip(self) -> None:
        super()._draw_strip()
        self._draw_order()

    def _draw_order(self) -> None:
        """Draw the order of time where its pane is in front."""
        chart = self.query_one(OrderView)
        if chart.display:
            chart.show(self._order_facts())

    def _order_facts(self) -> OrderFacts:
        view = self._view
        if view.lens is not None:
            return OrderFacts(empty=_MEMORY)
        threads = self._ordered_threads
        share = self._shown_thread(threads)
        order = self._order
        if share is None or not order.end_s:
            return OrderFacts(empty=_NOTHING if self._knows_times else NO_TIMES)
        return OrderFacts(
            thread=self._order_of_thread(share, order),
            name=f"{thread_name(share.thread)} [{share.thread.pid}/{share.thread.tid}]",
            number=threads.index(share) + 1,
            of=len(threads),
            run=self._ordered_span(order),
            follows=self._model.phase is not Phase.DONE and self._range is None,
            selected=self._stack_of_selected(),
            function=view.function,
            cwd=view.cwd,
            note=f"in order from {format_seconds(order.start_s)} on" if order.is_cut else "",
        )

    @property
    def _order(self) -> TimeOrder:
        return self._model.order if self._saved_times is None else self._saved_times.order

    @property
    def _ordered_threads(self) -> list[ThreadShare]:
        """Threads that are looked at and were seen, the busiest first."""
        shares = [share for share in one_each(self._shown.scoped.thread_shares()) if share.count]
        return sorted(shares, key=lambda share: (-share.weight, _key(share)))

    def _shown_thread(self, threads: list[ThreadShare]) -> ThreadShare | None:
        """Return the thread that was asked for, that of the selected frame, or the busiest."""
        view = self._view
        branch = self._shown.selected_branch() if view.split is Split.THREAD else None
        wanted = self._order_of or (None if branch is None else (branch.pid, branch.tid))
        return next((share for share in threads if _key(share) == wanted), threads[0] if threads else None)

    def _order_of_thread(self, share: ThreadShare, order: TimeOrder) -> ThreadOrder:
        scoped = self._shown.scoped
        profile, tree = scoped.profile, scoped.tree()
        aggregate = scoped.aggregate
        ids = [number for number, each in enumerate(aggregate.threads) if _key(each) == _key(share)]
        made_for = (tuple(ids), tree, profile, self._view.scope.timeless())
        known = self._thread_order
        if known is None or known[0] != made_for:
            made = ThreadOrder(order, ids, tree=tree, node_of=profile.node_of_stack)
            known = self._thread_order = made_for, made
        return known[1]

    def _ordered_span(self, order: TimeOrder) -> Span:
        """Return what can be shown: the range that is looked at, as far as there is an order."""
        start_s, end_s = self._range or (0.0, max(self._run_s, order.end_s))
        start_s = max(start_s, order.start_s if order.is_cut else 0.0)
        return start_s, max(end_s, start_s)

    def _stack_of_selected(self) -> Path:
        """Return what is selected as a path of functions alone."""
        view = self._view
        if view.inverted:
            return ()
        return view.selected if view.split is Split.NONE else view.selected[1:]

    # What a person does.

    def action_next_thread(self, step: int) -> None:
        """Show the next thread, by how busy they were."""
        threads = self._ordered_threads
        share = self._shown_thread(threads)
        if share is None or len(threads) < 2:
            self.notify(_NO_OTHER, markup=False)
            return
        self._order_of = _key(threads[(threads.index(share) + step) % len(threads)])
        self._draw_order()

    def _take_thread(self) -> None:
        """Let the order be that of the thread that has the cursor in the pane of threads."""
        table = self.query_one(ThreadTable)
        branch = table.chosen if table.has_focus else None
        if branch is not None and branch.split is Split.THREAD:
            self._order_of = branch.pid, branch.tid

    def on_order_view_selected(self, message: OrderView.Selected) -> None:
        """Let everything else follow the block."""
        view, tree = self._view, self._named_tree
        if view.inverted:
            self._select_function(message.path[-1])
            return
        path = message.path if view.split is Split.NONE else (*self._branch_of_order(), *message.path)
        node = tree.nearest(path)
        if node != ROOT:
            self._select_node(node)

    def on_order_view_hovered(self, message: OrderView.Hovered) -> None:
        """Say what is under the mouse."""
        self.query_one(StatusLine).pass_by(message.text)

    def _branch_of_order(self) -> tuple[FunctionKey, ...]:
        """Return the identity of the branch that the shown thread belongs to."""
        share, split = self._shown_thread(self._ordered_threads), self._view.split
        if share is None:
            return ()
        mine = branch_of(share.thread, split)
        branches = self._shown.scoped.aggregate.branches(split)
        return next(((key,) for key, branch in branches.items() if branch == mine), ())


def _key(share: ThreadShare) -> _ThreadKey:
    return share.thread.pid, share.thread.tid
