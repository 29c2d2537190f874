from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.scope import EVERYTHING, Focus, GilHolders, Hidden, Last, OnlyThread, OwnOnly, Part, Scope
from perftui.analysis.scope_menu import Figures, Group, Offer, chosen, figures_of, offers, only
from perftui.model.sample import ThreadLook
from tests.analysis.test_scoped_profile import (
    CHILD,
    FFT,
    JSON,
    NUMPY,
    THREADS,
    WORKER,
    Recorded,
    Run,
    check_sums,
    recorded,
    scopes,
    self_weights,
    windows,
)
from tests.builders import MAIN

selected = st.none() | st.sampled_from(
    [("/srv/app.py", "work"), (NUMPY, "dot"), ("", "len"), ("<stdlib>/json", "[json]")]
)


def figures(record: Recorded, function: tuple[str, str] | None = None) -> Figures:
    return figures_of(record.aggregate, function, root="/srv")


def offer(found: list[Offer], text: str) -> Offer:
    return next(each for each in found if each.text == text)


@given(windows, scopes, selected)
def test_whatever_is_chosen_sums_stay_right_and_choosing_it_again_takes_it_back(
    run: Run, scope: Scope, function: tuple[str, str] | None
) -> None:
    record = recorded(run)
    profile = record.profile(*scope.parts)
    known, named = figures(record, function), {"mine": EVERYTHING.added(OwnOnly())}
    assert sum(known.by_origin.values()) == pytest.approx(1.0 if record.aggregate.samples else 0.0)
    for each in offers(known, scope, named):
        after = chosen(each, scope, known, named)
        assert each.share is None or 0 <= each.share <= 1 + 1e-9
        if each.why_not:
            assert after == scope
            continue
        profile.change(after)
        check_sums(profile.tree)
        again = next(
            (new for new in offers(known, after, named) if (new.group, new.text) == (each.group, each.text)), None
        )
        if again is None:
            assert each.group is Group.ALSO
        elif each.group is Group.NAMED:
            assert again.on
        elif again.why_not:
            assert each.on, "what was taken away may not be there to be chosen again"
        else:
            assert again.on is not each.on
            before = record.profile(*scope.parts)
            profile.change(chosen(again, after, known, named))
            assert set(profile.scope.parts) == set(scope.parts) or each.branch is not None
            if each.branch is None:
                assert self_weights(profile.tree) == self_weights(before.tree)


def test_shares_are_those_of_the_whole_profile() -> None:
    record = recorded(
        [
            (
                MAIN,
                1.0,
                ["main@/srv/app.py"] * 5 + [f"main@/srv/app.py;dot@{NUMPY}"] * 2 + [f"work@/srv/app.py;loads@{JSON}"],
            ),
            (WORKER, 1.0, [f"main@/srv/app.py;fft@{FFT}"] * 2),
        ]
    )
    found = offers(figures(record, (NUMPY, "dot")), EVERYTHING, {})
    expected = {
        "my code only": 0.5,
        "without standard library": 0.1,
        "without site-packages": 0.4,
        "numpy as one": 0.4,
        "without dot (numpy/core.py)": 0.2,
        "only stacks with dot (numpy/core.py)": 0.2,
        "worker-0_1 [100/101]": 0.2,
    }
    assert {text: offer(found, text).share for text in expected} == pytest.approx(expected)
    assert all(each.group is not Group.PROCESSES for each in found), "one process alone is no choice"


def test_what_cannot_be_chosen_says_why() -> None:
    record = recorded([(MAIN, 1.0, ["main"])])
    nothing = offers(figures(record), EVERYTHING, {})
    assert offer(nothing, "selected function: without it").why_not == "select a function first"
    gil = next(each for each in nothing if each.part == GilHolders())
    assert "nothing to estimate" in gil.why_not
    assert gil.text == f"GIL holders: {gil.why_not}", "it is read without moving the cursor there"
    module = offers(figures(record, ("<stdlib>/json", "[json]")), EVERYTHING, {})
    assert [each.why_not for each in module if each.part == Hidden("<stdlib>/json", "[json]")] == [
        "the selected frame stands for a module: x shows its functions"
    ]


def test_the_gil_is_an_estimate() -> None:
    record = recorded([(MAIN, 1.0, ["main"] * 4)])
    for number in range(8):
        record.look(ThreadLook(MAIN, active=True, holds_gil=number < 2))
    found = offer(offers(figures(record), EVERYTHING, {}), "GIL holders")
    assert (found.share, found.estimated, found.part) == (0.25, True, GilHolders())


def test_a_thread_alone_leaves_the_rest_of_the_scope_as_it_is() -> None:
    record = recorded([(each, 1.0, ["main"]) for each in THREADS])
    known = figures(record)
    worker = offer(offers(known, EVERYTHING, {}), "worker-0_1 [100/101]")
    scope = EVERYTHING.added(OwnOnly()).added(OnlyThread(CHILD.pid, CHILD.tid))
    alone = only(worker, scope)
    assert alone.parts == (OwnOnly(), OnlyThread(100, 101))
    assert only(worker, alone).parts == (OwnOnly(),)
    seen = [each.text for each in offers(known, alone, {}) if each.group is Group.THREADS and each.on]
    assert seen == ["worker-0_1 [100/101]"]


def test_parts_that_no_other_line_stands_for_are_listed_and_can_be_taken_away() -> None:
    record = recorded([(MAIN, 1.0, ["main"])])
    parts: tuple[Part, ...] = (Focus("a.py", "f"), Last(5.0))
    known = figures(record)
    also = [each for each in offers(known, Scope(parts), {}) if each.group is Group.ALSO]
    assert [each.text for each in also] == ["with f (a.py)", "last 5.00 s"]
    assert chosen(also[0], Scope(parts), known, {}) == Scope(parts[1:])
