from __future__ import annotations

from perftui.analysis.scope import EVERYTHING, OwnOnly
from perftui.analysis.split import Split
from perftui.model.heap import HeapView
from perftui.ui.view_state import Spot, Trail, ViewState


def spot(name: str) -> Spot:
    return Spot(None, Split.NONE, False, (("app.py", name),))


def test_every_lens_keeps_a_scope_of_its_own() -> None:
    own = EVERYTHING.added(OwnOnly())
    view = ViewState().scoped(own)
    assert view.scope == own
    assert ViewState(lens=HeapView.HELD, scopes=view.scopes).scope == EVERYTHING


def test_a_trail_goes_back_and_forward_again() -> None:
    trail = Trail()
    for name in "abc":
        trail.visit(spot(name))
    assert trail.step(-1) == spot("b")
    assert trail.step(-1) == spot("a")
    assert trail.step(-1) is None
    assert trail.step(1) == spot("b")
    assert trail.step(1) == spot("c")
    assert trail.step(1) is None


def test_going_elsewhere_forgets_what_lay_ahead() -> None:
    trail = Trail()
    for name in "abc":
        trail.visit(spot(name))
    trail.step(-1)
    trail.visit(spot("d"))
    assert trail.step(1) is None
    assert trail.step(-1) == spot("b")


def test_the_same_place_is_one_step_and_nothing_selected_is_none() -> None:
    trail = Trail()
    trail.visit(spot("a"))
    trail.visit(spot("a"))
    trail.visit(Spot(None, Split.NONE, False, ()))
    assert trail.step(-1) is None


def test_a_trail_is_not_longer_than_anyone_goes() -> None:
    trail = Trail()
    for i in range(Trail.MOST + 10):
        trail.visit(spot(str(i)))
    steps = 0
    while trail.step(-1) is not None:
        steps += 1
    assert steps == Trail.MOST - 1
