"""Threads that wait for locks, and those that wait for something else."""

from __future__ import annotations

import pytest

from perftui.analysis.lock_waits import lock_findings
from perftui.analysis.waits import WaitPlace, Waits
from perftui.model.finding import Severity
from perftui.model.frame import Frame, Stack
from perftui.model.sample import Thread, ThreadLook, ThreadLooks

RUN = Frame("Thread.run", "/usr/lib/python3.11/threading.py", 982)
WORK = Frame("work", "/srv/app/work.py", 20)
ACQUIRE = Frame("SemLock.__enter__", "/usr/lib/python3.11/multiprocessing/synchronize.py", 95)
GET = Frame("Queue.get", "/usr/lib/python3.11/queue.py", 171)
WAIT = Frame("Condition.wait", "/usr/lib/python3.11/threading.py", 327)


def waits(stack: Stack, *, threads: int = 3, looks: int = 10, without: int = 0) -> Waits:
    found = Waits()
    for number in range(looks):
        seen = tuple(
            ThreadLook(Thread(1, tid), number < without, False, () if number < without else stack)
            for tid in range(threads)
        )
        found.look(ThreadLooks(float(number), seen))
    return found


def rules(found: Waits, line: str = "") -> list[str]:
    return [finding.rule for finding in lock_findings(found, lambda _: line)]


def test_places_of_waiting_are_ranked_by_threads_and_told_by_looks() -> None:
    found = waits((RUN, WORK, GET), threads=3, looks=8, without=1)
    for number in range(2):
        found.look(ThreadLooks(float(number), (ThreadLook(Thread(1, 9), False, False, (RUN, WAIT)),)))
    first, second = found.dearest(5)
    assert (first.leaf, first.own, first.threads, first.found, first.crowded) == (GET, WORK, 2.1, 7, 7)
    assert (second.leaf, second.own, second.threads, second.found, second.crowded) == (WAIT, None, 0.2, 2, 0)
    assert found.dearest(1) == (first,)


def test_a_crowd_at_a_line_that_asks_for_a_lock_is_named_with_its_text() -> None:
    (found,) = lock_findings(waits((RUN, WORK)), lambda _: "    with self._lock:")
    assert (found.rule, found.place, found.severity) == ("locks", WORK, Severity.HIGH)
    assert found.title == "3.0 threads at a time wait for a lock"
    assert "10 of 10 looks" in found.evidence
    assert "`with self._lock:`" in found.evidence


@pytest.mark.parametrize(
    "line",
    [
        "",
        "time.sleep(1)",
        "with open(path) as file:",
        "with urlopen(url) as answer:",
        "sock.recv(1024)",
        "work(number)",
    ],
)
def test_what_waits_for_something_else_or_for_what_nobody_knows_is_no_finding(line: str) -> None:
    assert rules(waits((RUN, WORK)), line) == []


@pytest.mark.parametrize(("leaf", "expected"), [(ACQUIRE, ["locks"]), (GET, []), (WAIT, [])])
def test_of_a_leaf_in_the_library_its_function_tells(leaf: Frame, expected: list[str]) -> None:
    assert rules(waits((RUN, WORK, leaf)), "with lock:") == expected


def test_one_thread_few_looks_and_what_chance_may_be_are_no_crowd() -> None:
    assert rules(waits((RUN, WORK), threads=1), "with lock:") == []
    assert rules(waits((RUN, WORK), looks=4), "with lock:") == []
    assert rules(waits((RUN, WORK), without=7), "with lock:") == []
    assert rules(waits((RUN, WORK), without=3), "with lock:") == ["locks"]


def test_threads_are_counted_by_the_innermost_own_line() -> None:
    found = waits((RUN, WORK, GET), threads=2, looks=3)
    assert found.looks == 3
    (place,) = found.at
    assert place == WaitPlace(GET, WORK)
    assert (found.at[place].threads, found.at[place].crowded) == (6, 3)
    # A stack without own code has no line to name.
    assert list(waits((RUN, GET)).at) == [WaitPlace(GET, None)]
