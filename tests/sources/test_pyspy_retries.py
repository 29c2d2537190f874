from __future__ import annotations

import pytest

from perftui.sources.pyspy_command import Failure, FailureKind
from perftui.sources.pyspy_retries import Retries


def of(kind: FailureKind) -> Failure:
    return Failure(kind, "It failed.", "")


def test_pauses_grow_up_to_a_bound_and_begin_anew_after_a_success() -> None:
    retries = Retries(launched=False)
    pauses = []
    for _ in range(8):
        assert retries.fail(of(FailureKind.OTHER), 100.0, seen=True)
        pauses.append(retries.at_s - 100.0)
    assert pauses == sorted(pauses)
    assert pauses[0] < 0.1
    assert pauses[-1] == 2.0
    assert retries.repeated
    retries.succeed()
    retries.fail(of(FailureKind.OTHER), 100.0, seen=True)
    assert retries.at_s - 100.0 == pauses[0]
    assert not retries.repeated


def test_ten_in_a_row_are_the_end() -> None:
    retries = Retries(launched=True)
    assert [retries.fail(of(FailureKind.OTHER), 0.0, seen=True) for _ in range(10)] == [True] * 9 + [False]


@pytest.mark.parametrize("kind", [FailureKind.PERMISSION, FailureKind.UNSUPPORTED])
def test_what_will_not_change_is_not_tried_again_where_nothing_was_seen(kind: FailureKind) -> None:
    assert not Retries(launched=True).fail(of(kind), 0.0, seen=False)
    assert Retries(launched=True).fail(of(kind), 0.0, seen=True)


def test_a_launched_command_may_become_python_at_any_time_and_an_attached_one_may_not() -> None:
    retries = Retries(launched=True)
    assert all(retries.fail(of(FailureKind.NOT_PYTHON), 0.0, seen=False) for _ in range(50))
    assert retries.may_lack_python
    assert not Retries(launched=False).fail(of(FailureKind.NOT_PYTHON), 0.0, seen=False)
