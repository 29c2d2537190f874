from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given

from perftui.analysis.line_heat import LineHeat, LineWeight
from perftui.analysis.scope import Between, Focus, OwnOnly, Part, Scope, WithoutThread
from perftui.analysis.split import thread_name
from tests.analysis.test_scoped_profile import (
    NUMPY,
    WORKER,
    Recorded,
    Run,
    inside,
    recorded,
    scopes,
    time_part,
    windows,
)
from tests.builders import MAIN

APP = "/srv/app.py"


def slowly(record: Recorded, scope: Scope, file: str) -> dict[int, tuple[float, float]]:
    """(self, total) of each line, from sample to sample."""
    sums: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    end_s = max((each.end_s for each in record.windows if each.samples), default=0.0)
    for each in record.windows:
        for thread in each.threads:
            if not scope.keeps_thread(thread.thread.pid, thread.thread.tid, thread_name(thread.thread)):
                continue
            for order in thread.order:
                frames = [each.frames[i] for i in thread.stacks[order]]
                if not scope.focus <= {(frame.file, frame.function) for frame in frames}:
                    continue
                weight = each.interval_s * inside(each, scope, end_s)
                for line in {frame.line for frame in frames if frame.file == file}:
                    sums[line][1] += weight
                if frames[-1].file == file:
                    sums[frames[-1].line][0] += weight
    return {line: (own, total) for line, (own, total) in sums.items() if total > 1e-5}


def found(heat: LineHeat) -> dict[int, tuple[float, float]]:
    return {
        line: (each.self_weight, each.total_weight) for line, each in heat.lines.items() if each.total_weight > 1e-5
    }


def chosen(scope: Scope) -> Scope:
    """A scope without what changes stacks."""
    return Scope(tuple(part for part in scope.parts if part not in scope.shape))


def same(first: dict[int, tuple[float, float]], second: dict[int, tuple[float, float]]) -> None:
    assert first.keys() == second.keys()
    for line, weights in first.items():
        assert weights == pytest.approx(second[line], abs=2e-6)


@given(windows, windows, scopes)
def test_lines_weigh_what_their_samples_weigh_while_a_run_goes_on(first: Run, second: Run, any_scope: Scope) -> None:
    scope = chosen(any_scope)
    record = recorded(first)
    profile = record.profile(*scope.parts)
    heats = [LineHeat(profile, file) for file in (APP, NUMPY)]
    for each in second:
        record.take(*each, profile)
        for heat in heats:
            heat.update()
    for heat in heats:
        same(found(heat), slowly(record, scope, heat.file))
        assert not heat.update()


@given(windows, windows, scopes, time_part)
def test_lines_follow_scopes_and_ranges(first: Run, second: Run, any_scope: Scope, time: Part) -> None:
    record = recorded(first)
    profile = record.profile()
    heat = LineHeat(profile, APP)
    for each in second:
        record.take(*each, profile)
    scope = chosen(any_scope).added(time)
    profile.change(scope)
    heat.update()
    same(found(heat), slowly(record, scope, APP))


@given(windows, windows, scopes)
def test_a_heat_that_follows_is_the_same_as_one_that_begins(first: Run, second: Run, scope: Scope) -> None:
    record = recorded(first)
    profile = record.profile(*scope.parts)
    heat = LineHeat(profile, APP)
    for number, each in enumerate(second):
        record.take(*each, profile)
        if number % 2:
            heat.update()
    heat.update()
    same(found(heat), found(LineHeat(profile, APP)))


def test_a_line_that_calls_itself_again_counts_once_a_stack() -> None:
    record = recorded([(MAIN, 1.0, ["fib@a.py:3;fib@a.py:3;fib@a.py:4", "fib@a.py:4;fib@a.py:3"])])
    heat = LineHeat(record.profile(), "a.py")
    assert {line: (each.self_count, each.total_count) for line, each in heat.lines.items()} == {3: (1, 2), 4: (1, 2)}


def test_two_functions_on_one_line_count_it_once_a_stack() -> None:
    record = recorded([(MAIN, 1.0, ["main@a.py:3;lambda@a.py:3"])])
    heat = LineHeat(record.profile(), "a.py")
    assert heat.lines == {3: LineWeight(0.01, 0.01, 1, 1)}


def test_what_is_not_mine_heats_the_line_of_mine_that_called_it() -> None:
    record = recorded([(MAIN, 1.0, [f"main@{APP}:3;dot@{NUMPY}:9", f"main@{APP}:4"])])
    profile = record.profile()
    heat = LineHeat(profile, APP)
    assert (heat.lines[3].self_count, heat.hottest) == (0, 4)
    profile.change(Scope((OwnOnly(),)))
    assert heat.update()
    assert (heat.lines[3].self_count, heat.lines[4].self_count, heat.hottest) == (1, 1, 3)


def test_lines_that_are_in_no_stack_any_more_are_cold() -> None:
    record = recorded([(MAIN, 1.0, [f"main@{APP}:3"]), (WORKER, 1.0, [f"main@{APP}:4"])])
    profile = record.profile()
    heat = LineHeat(profile, APP)
    for scope, lines in (
        (Scope((WithoutThread(WORKER.pid, WORKER.tid),)), {3}),
        (Scope((Between(1.0, 2.0),)), {4}),
        (Scope((Focus(NUMPY, "dot"),)), set()),
    ):
        profile.change(scope)
        heat.update()
        assert set(heat.lines) == lines


def test_a_line_number_that_no_file_has_is_an_unknown_line() -> None:
    record = recorded([(MAIN, 1.0, [f"main@{APP}:-7", f"main@{APP}:0", f"main@{APP}:{1 << 40}"])])
    heat = LineHeat(record.profile(), APP)
    assert {line: each.self_count for line, each in heat.lines.items()} == {0: 2, 1 << 40: 1}
