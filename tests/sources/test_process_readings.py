"""Single processes: news where something is new, CPU between looks, and the largest where there are too many."""

from __future__ import annotations

from dataclasses import replace

import pytest

from perftui.model.process import Process
from perftui.sources import process_readings
from perftui.sources.looks import ProcessLook
from perftui.sources.process_readings import MOST_READ, ProcessRates
from perftui.sources.tree_ledger import Count

BEGAN = 1_000.0
TARGET = ProcessLook(
    (7, 990.0), old=True, cpu_s=Count(5.0, 2.0), rss_bytes=100.0, threads=3, name="python", command=("python", "a.py")
)
CHILD = ProcessLook((8, 1_000.4), (7, 990.0), cpu_s=Count(0.3), rss_bytes=50.0, threads=1, command=("python", "b.py"))


def test_a_process_is_told_once_and_its_cpu_is_what_it_used_between_looks() -> None:
    rates = ProcessRates(began_epoch_s=BEGAN)
    first = rates.read(0.0, [TARGET])
    assert first.news == (Process(7, -10.0, None, "python", ("python", "a.py")),)
    assert first.readings[0].cpu_percent is None, "nobody knows when it used what it had used before"
    assert first.readings[0].cpu_s == 5.0
    second = rates.read(1.0, [replace(TARGET, cpu_s=Count(5.5, 9.0)), CHILD])
    assert second.news == (Process(8, 0.4, 7, "", ("python", "b.py")),)
    assert [reading.cpu_percent for reading in second.readings] == [pytest.approx(50.0), pytest.approx(30.0)]
    third = rates.read(2.0, [replace(TARGET, cpu_s=None), replace(CHILD, cpu_s=Count(0.3))])
    assert third.news == ()
    assert [reading.cpu_percent for reading in third.readings] == [None, 0.0]


def test_a_fork_that_becomes_another_program_is_told_again() -> None:
    rates = ProcessRates(began_epoch_s=BEGAN)
    rates.read(0.0, [TARGET, replace(CHILD, command=("python", "a.py"))])
    [child] = rates.read(1.0, [TARGET, CHILD]).news
    assert child.command == ("python", "b.py")
    assert rates.read(2.0, [replace(TARGET, command=()), replace(CHILD, command=())]).news == ()


def test_a_process_ends_once_with_its_exit_code_where_that_is_told() -> None:
    rates = ProcessRates(began_epoch_s=BEGAN)
    rates.read(0.0, [TARGET, CHILD])
    zombie = ProcessLook(CHILD.key, TARGET.key, ended=True, exit_code=-9)
    [ended] = rates.read(1.0, [TARGET, zombie]).news
    assert (ended.ended_s, ended.exit_code, ended.command) == (1.0, -9, ("python", "b.py"))
    assert rates.read(2.0, [TARGET, zombie]).news == ()
    assert rates.read(3.0, [TARGET]).news == ()
    [ended] = rates.read(4.0, []).news
    assert (ended.pid, ended.ended_s, ended.exit_code) == (7, 4.0, None)


def test_an_id_that_is_used_again_is_another_process() -> None:
    rates = ProcessRates(began_epoch_s=BEGAN)
    rates.read(0.0, [TARGET, CHILD])
    again = replace(CHILD, key=(8, 1_002.0))
    news = rates.read(3.0, [TARGET, again]).news
    assert {(process.created_s, process.ended_s) for process in news} == {(2.0, None), (0.4, 3.0)}


def test_of_many_processes_the_target_and_the_largest_are_read_and_the_others_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rates = ProcessRates(began_epoch_s=BEGAN)
    children = [replace(CHILD, key=(100 + i, 1_001.0), rss_bytes=float(i), cpu_s=None) for i in range(100)]
    found = rates.read(0.0, [replace(TARGET, rss_bytes=0.0), *children])
    assert len(found.readings) == MOST_READ
    assert found.left_out == 101 - MOST_READ
    assert len(found.news) == 101, "all are told apart"
    assert [reading.process[0] for reading in found.readings[:3]] == [7, 199, 198]
    monkeypatch.setattr(process_readings, "MOST_KNOWN", 102)
    more = [replace(CHILD, key=(300 + i, 1_001.0)) for i in range(3)]
    last = rates.read(1.0, [TARGET, *more])
    assert sum(process.ended_s is None for process in last.news) == 1
    assert last.left_out == 2
