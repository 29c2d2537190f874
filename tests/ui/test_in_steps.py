from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from perftui.ui.in_steps import AT_ONCE_S, InSteps


class Desk:
    """A clock that work moves on, and what was put off."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.later: list[Callable[[], None]] = []
        self.done: list[str] = []
        self.rounds = InSteps(self.later.append, clock=lambda: self.now_s)

    def work(self, name: str, step_s: float, steps: int = 3) -> Iterator[None]:
        for number in range(steps):
            self.done.append(f"{name}{number}")
            self.now_s += step_s
            yield

    def turn(self) -> None:
        self.later.pop(0)()


def test_short_work_is_done_at_once_and_long_work_lets_others_in_between() -> None:
    desk = Desk()
    desk.rounds.begin(desk.work("a", AT_ONCE_S))
    assert desk.done == ["a0", "a1", "a2"], "nothing is known of the first round"
    desk.rounds.begin(desk.work("b", 0.0))
    assert (desk.done[3:], desk.rounds.busy) == (["b0"], True)
    desk.turn()
    desk.turn()
    desk.turn()
    assert (desk.done[3:], desk.rounds.busy, desk.later) == (["b0", "b1", "b2"], False, [])


def test_a_long_round_is_remembered_through_short_ones_and_forgotten_in_the_end() -> None:
    desk = Desk()
    desk.rounds.begin(desk.work("long", AT_ONCE_S))
    at_once = []
    for number in range(30):
        desk.rounds.begin(desk.work(str(number), 0.0))
        at_once.append(not desk.rounds.busy)
        desk.rounds.finish()
    assert not at_once[0]
    assert not at_once[1]
    assert at_once[-1]


def test_a_round_is_finished_before_the_next_and_one_that_fails_is_over() -> None:
    desk = Desk()
    desk.rounds.begin(desk.work("a", AT_ONCE_S))
    desk.rounds.begin(desk.work("b", 0.0))
    desk.rounds.begin(desk.work("c", 0.0))
    assert desk.done[3:] == ["b0", "b1", "b2", "c0"]
    desk.turn()
    desk.rounds.finish()
    assert desk.done[6:] == ["c0", "c1", "c2"]
    desk.turn()
    assert desk.done[6:] == ["c0", "c1", "c2"], "a step that was put off finds nothing left to do"

    def failing() -> Iterator[None]:
        yield
        _ = 1 / 0

    desk.rounds.begin(failing())
    with pytest.raises(ZeroDivisionError):
        desk.rounds.finish()
    assert not desk.rounds.busy


def test_a_round_that_is_known_to_be_long_begins_at_once_and_waits_after_its_first_step() -> None:
    desk = Desk()
    desk.rounds.begin(desk.work("a", 0.0), long=True)
    assert (desk.done, desk.rounds.busy, desk.rounds.at_work) == (["a0"], True, False)
    desk.rounds.begin(desk.work("b", 0.0), long=True)
    assert desk.done == ["a0", "a1", "a2", "b0"], "the one before is not lost"
