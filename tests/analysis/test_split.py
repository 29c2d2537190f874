from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.scope import (
    EVERYTHING,
    OnlyProcess,
    OnlyThread,
    OnlyThreadsNamed,
    Part,
    Scope,
    WithoutProcess,
    WithoutThread,
    WithoutThreadsNamed,
    chips,
    folded_name,
)
from perftui.analysis.scope_json import from_json, to_json
from perftui.analysis.split import Branch, Split, branch_frame, branch_of, thread_name, toggled_out
from perftui.model.sample import Thread

THREADS = (
    Thread(1, 1, "MainThread"),
    Thread(1, 2, "pool-0_0"),
    Thread(1, 3, "pool-0_1"),
    Thread(2, 2, "MainThread"),
    Thread(2, 9, "pool-1_0"),
    Thread(2, 10),
)
PARTS: tuple[Part, ...] = (
    OnlyProcess(1),
    OnlyThread(2, 9),
    OnlyThreadsNamed("pool-*"),
    WithoutProcess(2),
    WithoutThread(1, 2),
    WithoutThreadsNamed("MainThread"),
)
scopes = st.lists(st.sampled_from(PARTS), max_size=4, unique=True).map(lambda parts: Scope(tuple(parts)))
branches = st.tuples(st.sampled_from(THREADS), st.sampled_from([Split.THREAD, Split.NAME, Split.PROCESS])).map(
    lambda pair: branch_of(*pair)
)


def seen(scope: Scope) -> set[Thread]:
    return {each for each in THREADS if scope.keeps_thread(each.pid, each.tid, thread_name(each))}


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("ThreadPoolExecutor-0_3", "ThreadPoolExecutor-*"),
        ("Thread-12 (serve_forever)", "Thread-* (serve_forever)"),
        ("asyncio_0", "asyncio_*"),
        ("worker 7", "worker *"),
        ("MainThread", "MainThread"),
        ("utf8 reader", "utf8 reader"),
        ("9", "*"),
        ("", ""),
    ],
)
def test_numbers_of_a_pool_are_folded_and_other_names_stay(name: str, folded: str) -> None:
    assert folded_name(name) == folded
    assert folded_name(folded) == folded, "a name that is folded already stays"


def test_a_branch_is_called_by_what_it_stands_for() -> None:
    worker, child = THREADS[1], THREADS[5]
    assert branch_frame(worker, Split.THREAD).function == "pool-0_0 [1/2]"
    assert branch_frame(worker, Split.NAME).function == "pool-* [threads]"
    assert branch_frame(child, Split.NAME).function == "thread * [threads]"
    assert branch_frame(child, Split.PROCESS).function == "process [2]"
    assert branch_frame(child, Split.PROCESS, {2: "worker.py"}).function == "worker.py [2]"


def test_splits_come_one_after_the_other_and_begin_again() -> None:
    split, met = Split.NONE, []
    for _ in Split:
        split = split.next
        met.append(split)
    assert met == [Split.THREAD, Split.NAME, Split.PROCESS, Split.NONE]


@given(scopes, branches)
def test_leaving_a_branch_out_and_taking_it_in_again_does_what_it_says(scope: Scope, branch: Branch) -> None:
    mine = {each for each in THREADS if branch.holds(each)}
    toggled = toggled_out(scope, branch, THREADS)
    if seen(scope) & mine:
        assert not seen(toggled) & mine
        assert mine & seen(toggled_out(toggled, branch, THREADS))
    else:
        assert seen(toggled) & mine
    assert from_json(to_json(toggled)) == toggled


@given(branches)
def test_only_a_branch_keeps_its_threads_and_no_others(branch: Branch) -> None:
    mine = {each for each in THREADS if branch.holds(each)}
    assert seen(EVERYTHING.added(branch.only)) == mine
    assert seen(EVERYTHING.added(branch.without)) == set(THREADS) - mine
    [chip] = chips(EVERYTHING.added(branch.only))
    assert chip.text.startswith("only ")


def test_a_process_of_which_no_thread_was_seen_can_be_left_out_too() -> None:
    gone = Branch(Split.PROCESS, pid=77)
    scope = toggled_out(EVERYTHING, gone, THREADS)
    assert scope.parts == (WithoutProcess(77),)
    assert toggled_out(scope, gone, THREADS) == EVERYTHING
