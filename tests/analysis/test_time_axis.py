"""Zooming, panning and reading the axis."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.time_axis import SHORTEST_S, TimeAxis, moment_text, ticks

WIDTH = 60
Step = tuple[str, float]
steps = st.lists(
    st.tuples(
        st.sampled_from(["zoom", "pan", "move", "read", "home", "follow", "show", "grow"]), st.floats(-500.0, 500.0)
    ),
    max_size=30,
)


def axis(run_s: float = 60.0) -> TimeAxis:
    return TimeAxis().grown(run_s)


def stepped(known: TimeAxis, step: Step) -> TimeAxis:
    what, value = step
    match what:
        case "zoom":
            return known.zoomed(2.0 ** (value / 200), known.read_s if value > 300 else abs(value) / 500 * known.run_s)
        case "pan":
            return known.panned(value / 50)
        case "move":
            return known.moved(round(value / 50), WIDTH)
        case "read":
            return known.read_at(value)
        case "home":
            return known.home()
        case "follow":
            return known.following()
        case "show":
            return known.showing(0.0, min(known.run_s, abs(value)), read_s=abs(value) / 2)
        case _:
            return known.grown(known.run_s + abs(value) / 100)


@given(st.floats(0.1, 4000.0), steps)
def test_whatever_is_pressed_the_axis_lies_inside_the_run_and_what_is_read_is_in_sight(
    run_s: float, pressed: list[Step]
) -> None:
    known = axis(run_s)
    for step in pressed:
        known = stepped(known, step)
        assert -1e-6 <= known.start_s <= known.end_s <= known.run_s + 1e-6
        assert known.span_s >= min(SHORTEST_S, run_s) - 1e-6
        assert known.start_s - 1e-6 <= known.read_s <= known.end_s + 1e-6
        if known.whole:
            assert (known.start_s, known.end_s) == (0.0, known.run_s)


def test_zooming_keeps_the_moment_below_the_mouse_where_it_is() -> None:
    known = axis().zoomed(0.5, 40.0)
    assert (known.start_s, known.end_s) == (20.0, 50.0)
    assert known.cell_of(40.0, WIDTH) == axis().cell_of(40.0, WIDTH)
    assert known.zoomed(2.0, 40.0).whole
    assert known.read_s == 40.0, "the end is no longer in sight, so it cannot be what is read"
    assert axis().zoomed(1e-6, 30.0).span_s == SHORTEST_S
    assert TimeAxis().zoomed(0.5, 0.0) == TimeAxis()


def test_the_cursor_goes_cell_by_cell_pans_at_the_edge_and_follows_at_the_end() -> None:
    known = axis().zoomed(0.5, 60.0)
    assert known.follows
    assert (known.start_s, known.end_s) == (30.0, 60.0)
    known = known.moved(-1, WIDTH)
    assert not known.follows
    assert known.cell_of(known.read_s, WIDTH) == WIDTH - 2
    known = known.moved(-(WIDTH - 2), WIDTH)
    assert known.cell_of(known.read_s, WIDTH) == 0
    panned = known.moved(-4, WIDTH)
    assert panned.start_s == pytest.approx(30.0 - 4 * 0.5 + 0.25)
    assert panned.span_s == 30.0
    assert known.moved(500, WIDTH).follows
    assert axis().moved(-500, WIDTH).read_s == 0.0


def test_while_the_run_grows_the_end_is_followed_until_something_else_is_read() -> None:
    known = axis().zoomed(0.5, 60.0).grown(70.0)
    assert (known.start_s, known.end_s, known.read_s) == (40.0, 70.0, 70.0)
    still = known.moved(-3, WIDTH)
    assert (still.grown(80.0).start_s, still.grown(80.0).read_s) == (40.0, still.read_s)
    assert still.grown(80.0).following().end_s == 80.0
    assert axis().moved(-3, WIDTH).grown(80.0).end_s == 80.0


def test_a_range_is_brought_into_sight() -> None:
    known = axis(600.0).zoomed(0.05, 10.0)
    shown = known.showing(400.0, 405.0, read_s=404.0)
    assert shown.start_s <= 400.0 < 405.0 <= shown.end_s
    assert shown.read_s == 404.0
    assert known.showing(100.0, 200.0, read_s=150.0).span_s == pytest.approx(100.0)
    assert axis().showing(1.0, 2.0, read_s=1.5).whole


@given(st.floats(0.0, 1e5), st.floats(0.05, 1e6), st.integers(1, 30))
def test_ticks_are_round_in_order_and_not_too_many(start_s: float, length_s: float, most: int) -> None:
    moments, step_s = ticks(start_s, start_s + length_s, most)
    assert len(moments) <= most
    assert all(start_s - 1e-8 * step_s <= moment < start_s + length_s for moment in moments)
    assert all(moment / step_s == pytest.approx(round(moment / step_s)) for moment in moments)


def test_moments_have_the_digits_that_their_distance_needs() -> None:
    assert ticks(0.0, 30.0, 6) == ([0.0, 5.0, 10.0, 15.0, 20.0, 25.0], 5.0)
    assert ticks(58.0, 250.0, 5)[0] == [60.0, 120.0, 180.0, 240.0]
    assert [moment_text(12.25, step_s) for step_s in (5.0, 0.5, 0.02)] == ["12 s", "12.2 s", "12.25 s"]
    assert [moment_text(187.25, step_s) for step_s in (5.0, 0.5, 0.02)] == ["3m 07s", "3m 07.2s", "3m 07.25s"]
    assert moment_text(7_300.0, 0.1) == "2h 01m"
