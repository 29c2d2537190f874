"""How another run of a workload is looked at as the one before was."""

from __future__ import annotations

from dataclasses import replace

from perftui.analysis.flame_layout import Order
from perftui.analysis.scope import Between, OnlyProcess, OnlyThread, Scope, WithoutProcess, WithoutThread
from perftui.model.heap import HeapView
from perftui.model.workload import RecordMode
from perftui.recording.session_model import SessionModel
from perftui.ui.lens import first_lens
from perftui.ui.view_state import ViewState

_OF_ONE_RUN = (Between, OnlyProcess, OnlyThread, WithoutProcess, WithoutThread)
"""Parts of a scope that name moments, threads or processes: in another run they would mean others, or nothing."""


def view_of_next_run(view: ViewState, model: SessionModel) -> ViewState:
    """Return the view state for another run: as it was, without what was about the run before alone."""
    scopes = {
        lens: Scope(tuple(part for part in scope.parts if not isinstance(part, _OF_ONE_RUN)))
        for lens, scope in view.scopes.items()
    }
    # While it runs there is only what is held; an order by weight would not keep still.
    traced = RecordMode(model.meta.mode).memory and not model.meta.two_pass
    lens = HeapView.HELD if view.lens is not None and traced else first_lens(model)
    order = Order.FIRST_SEEN if view.order is Order.WEIGHT else view.order
    return replace(view, lens=lens, scopes=scopes, frozen=False, order=order)
