from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.aggregate import RECENT_LOOKS, ThreadShare
from perftui.analysis.processes import ProcessRecords
from perftui.analysis.split import Split
from perftui.analysis.thread_rows import ThreadSort, thread_rows
from perftui.model.process import Process, ProcessReadings
from perftui.model.sample import Thread

threads = st.builds(
    Thread, st.integers(1, 4), st.integers(1, 9), st.sampled_from(["", "MainThread", "pool-0_1", "pool-0_2"])
)


def shares_of(whose: dict[Thread, float]) -> list[ThreadShare]:
    found = []
    for thread, weight in whose.items():
        share = ThreadShare(thread)
        share.weight, share.count = weight, int(weight)
        found.append(share)
    return found


@given(
    st.dictionaries(threads, st.floats(0, 1e6), max_size=12),
    st.sampled_from(Split),
    st.sampled_from(ThreadSort),
    st.dictionaries(st.integers(1, 4), st.booleans()),
)
def test_rows_add_up_to_the_profile_however_they_are_split_sorted_and_opened(
    whose: dict[Thread, float], split: Split, sort: ThreadSort, opened: dict[int, bool]
) -> None:
    rows = thread_rows(shares_of(whose), split=split, sort=sort, opened=opened)
    tops = [row for row in rows if not row.depth]
    assert sum(row.weight for row in tops) == pytest.approx(sum(whose.values()))
    assert sum(row.count for row in tops) == sum(map(int, whose.values()))
    assert len({row.branch for row in rows}) <= len(rows)
    for at, row in enumerate(rows):
        below = []
        for each in rows[at + 1 :]:
            if not each.depth:
                break
            below.append(each)
        if row.is_open:
            assert sum(each.weight for each in below) == pytest.approx(row.weight)
            assert {each.branch.pid for each in below} == {row.branch.pid}
        elif not row.depth:
            assert not below


def test_processes_without_a_sample_stand_there_too_and_of_many_that_ended_the_latest() -> None:
    records = ProcessRecords()
    records.apply(ProcessReadings(0.0, tuple(Process(pid, 0.0, ended_s=1.0) for pid in range(100, 1_100))))
    records.apply(ProcessReadings(1.0, (Process(5, 0.0, None, "sleep", ("sleep", "9")),)))
    rows = thread_rows(shares_of({Thread(1, 1, "MainThread"): 3.0}), records=records.newest())
    assert rows[0].branch.pid == 1
    pids = [row.branch.pid for row in rows]
    assert 5 in pids
    assert 1_099 in pids
    assert 100 not in pids
    assert len(rows) < 250
    assert all(row.is_open is None for row in rows if not row.shares)


def test_a_child_that_ended_with_the_run_is_not_called_gone() -> None:
    records = ProcessRecords()
    records.apply(ProcessReadings(9.5, (Process(1, 0.0, ended_s=9.5), Process(2, 0.0, 1, ended_s=4.0, exit_code=1))))
    whose = shares_of({Thread(1, 1): 2.0, Thread(2, 2): 1.0})
    main, child = thread_rows(whose, records=records.newest(), exits={1: 0}, until_s=7.5)
    assert (main.is_gone, main.has_ended, main.exit_code) == (False, True, 0)
    assert (child.is_gone, child.has_ended, child.exit_code) == (True, True, 1)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=100))
def test_recent_ratios_are_of_the_last_looks_alone(looks: list[tuple[bool, bool]]) -> None:
    share = ThreadShare(Thread(1, 1))
    for active, holds_gil in looks:
        share.look(active=active, holds_gil=holds_gil)
    [row, *_] = thread_rows([share])
    last = looks[-RECENT_LOOKS:]
    if not looks:
        assert row.ratios(recent=True) is None
        return
    running = sum(active for active, _ in last) / len(last)
    assert row.ratios(recent=True) == pytest.approx((running, sum(gil for _, gil in last) / len(last)))
    assert row.ratios(recent=False) == pytest.approx((share.active_looks / len(looks), share.gil_looks / len(looks)))
    activity = row.activity(8)
    assert len(activity) == 8
    assert activity[-1] == pytest.approx(sum(active for active, _ in looks[-4:]) / len(looks[-4:]))
    assert [value is None for value in activity] == [len(looks) <= 4 * later for later in reversed(range(8))]


def test_of_thousands_of_threads_the_first_are_listed_and_the_others_counted() -> None:
    shares = shares_of({Thread(1, tid, f"request-{tid}"): float(tid % 100) for tid in range(2_000)})
    process, *threads = thread_rows(shares)
    assert (len(threads), process.unlisted) == (500, 1_500)
    assert process.weight == sum(share.weight for share in shares)
    assert min(row.weight for row in threads) >= 75
    assert [row.branch.tid for row in thread_rows(shares, sort=ThreadSort.PID)[1:4]] == [0, 1, 2]


def test_threads_that_come_and_go_never_hold_more_than_one_gil() -> None:
    first, second = ThreadShare(Thread(1, 2)), ThreadShare(Thread(1, 3))
    main = ThreadShare(Thread(1, 1))
    for number in range(20):
        main.look(active=False, holds_gil=False)
        one, other = (first, second) if number < 10 else (second, first)
        one.look(active=True, holds_gil=True)
        other.miss()
    [process, *_] = thread_rows([main, first, second])
    assert process.ratios(recent=True) == process.ratios(recent=False) == (1.0, 1.0)
    [gone] = [row for row in thread_rows([main, first, second]) if row.branch.tid == 2]
    for _ in range(RECENT_LOOKS):
        first.miss()
    assert gone.ratios(recent=True) is None
    assert gone.ratios(recent=False) == (1.0, 1.0)


def test_a_thread_that_was_renamed_is_one_thread_and_its_ratios_are_of_all_looks() -> None:
    before, after = ThreadShare(Thread(1, 7, "Thread-1")), ThreadShare(Thread(1, 7, "importer"))
    before.weight, before.count, after.weight, after.count = 2.0, 200, 3.0, 300
    for number in range(20):
        now, other = (before, after) if number < 15 else (after, before)
        now.look(active=number % 2 == 0, holds_gil=False)
        other.miss()
    process, thread = thread_rows([before, after], opened={1: True})
    assert (thread.name, thread.weight, thread.count, thread.looks) == ("importer", 5.0, 500, 20)
    for row in (process, thread):
        assert row.ratios(recent=True) == row.ratios(recent=False) == (0.5, 0.0)
    assert [row.name for row in thread_rows([before, after], split=Split.NAME)] == ["importer", "Thread-*"]


def test_workers_of_one_command_are_told_apart_by_their_numbers() -> None:
    shares = shares_of({Thread(1, 1): 9.0, Thread(2, 2): 5.0, Thread(3, 3): 4.0})
    rows = thread_rows(shares, commands={1: "server", 2: "worker", 3: "worker"})
    assert [row.name for row in rows] == ["server", "worker [2]", "worker [3]"]
