"""Two looks make a reading; what could not be measured is None, never nought."""

from __future__ import annotations

from dataclasses import replace

import pytest

from perftui.sources.looks import MachineLook, ProcessLook, Readings
from perftui.sources.tree_ledger import Count

ROOT = ProcessLook(
    (10, 1.0),
    old=True,
    cpu_s=Count(5.0),
    rss_bytes=100.0,
    threads=2,
    open_files=7,
    read_bytes=Count(0, 1000),
    written_bytes=Count(0, 500),
    switches={10: 40.0, 11: 60.0},
)
CHILD = replace(ROOT, key=(20, 2.0), parent=(10, 1.0), old=False, cpu_s=Count(0.5), switches={20: 3.0})
MACHINE = MachineLook(cpu_busy_s=100.0, cpu_total_s=400.0, disk_read_bytes=1000, net_sent_bytes=50)


def test_rates_wait_for_the_second_look() -> None:
    reading = Readings(cores=4).read(0.0, [ROOT], MACHINE)
    rates = [reading.cpu_percent, reading.read_bytes_per_s, reading.context_switches_per_s, reading.system_cpu_percent]
    assert rates == [None, None, None, None]
    assert (reading.rss_bytes, reading.threads, reading.open_files, reading.processes) == (100, 2, 7, 1)


def test_rates_are_growth_over_the_time_that_passed() -> None:
    readings = Readings(cores=4)
    readings.read(1.0, [ROOT], MACHINE)
    later = replace(ROOT, cpu_s=Count(6.0), read_bytes=Count(0, 3000), switches={10: 50.0, 11: 60.0})
    machine = replace(MACHINE, cpu_busy_s=102.0, cpu_total_s=408.0, disk_read_bytes=5000)
    reading = readings.read(3.0, [later], machine)
    assert reading.cpu_percent == pytest.approx(50)
    assert reading.read_bytes_per_s == pytest.approx(1000)
    assert reading.write_bytes_per_s == 0
    assert reading.context_switches_per_s == pytest.approx(5)
    assert reading.system_cpu_percent == pytest.approx(25)
    assert reading.disk_read_bytes_per_s == pytest.approx(2000)


def test_a_tree_adds_up() -> None:
    readings = Readings(cores=4)
    readings.read(0.0, [ROOT], MACHINE)
    reading = readings.read(1.0, [ROOT, CHILD], MACHINE)
    assert (reading.processes, reading.threads, reading.rss_bytes) == (2, 4, 200)
    assert reading.cpu_percent == pytest.approx(50)
    assert reading.context_switches_per_s == pytest.approx(3)


def test_a_thread_started_later_counts_whole_and_one_found_at_first_does_not() -> None:
    readings = Readings(cores=4)
    readings.read(0.0, [ROOT], MACHINE)
    later = replace(ROOT, switches={10: 40.0, 12: 9.0})
    assert readings.read(1.0, [later], MACHINE).context_switches_per_s == pytest.approx(9)


def test_a_figure_that_one_process_withholds_is_none_for_the_tree() -> None:
    readings = Readings(cores=4)
    veiled = replace(CHILD, open_files=None, read_bytes=None)
    readings.read(0.0, [ROOT, veiled], MACHINE)
    reading = readings.read(1.0, [ROOT, veiled], MACHINE)
    assert (reading.open_files, reading.read_bytes_per_s) == (None, None)
    assert (reading.rss_bytes, reading.write_bytes_per_s) == (200, 0)


def test_a_zombie_is_no_process_but_what_it_used_is_kept() -> None:
    readings = Readings(cores=4)
    readings.read(0.0, [ROOT, CHILD], MACHINE)
    zombie = ProcessLook(CHILD.key, CHILD.parent, ended=True, cpu_s=Count(0.8))
    reading = readings.read(1.0, [ROOT, zombie], MACHINE)
    assert reading.processes == 1
    assert reading.cpu_percent == pytest.approx(30)
    waited = replace(ROOT, cpu_s=Count(5.0, 0.8), read_bytes=Count(0, 2000))
    reading = readings.read(2.0, [waited], MACHINE)
    assert reading.cpu_percent == pytest.approx(0, abs=1e-9)
    assert reading.read_bytes_per_s == 0


def test_no_tree_uses_more_than_all_cores() -> None:
    readings = Readings(cores=2)
    readings.read(0.0, [ROOT], MACHINE)
    assert readings.read(1.0, [replace(ROOT, cpu_s=Count(7.02))], MACHINE).cpu_percent == 200


@pytest.mark.parametrize("passed_s", [0.0, -1.0])
def test_time_that_stands_still_gives_no_rates(passed_s: float) -> None:
    readings = Readings(cores=2)
    readings.read(5.0, [ROOT], MACHINE)
    reading = readings.read(5.0 + passed_s, [replace(ROOT, cpu_s=Count(6.0))], MACHINE)
    assert (reading.cpu_percent, reading.disk_read_bytes_per_s) == (None, None)


def test_a_counter_of_the_machine_that_falls_gives_no_rate() -> None:
    readings = Readings(cores=2)
    readings.read(0.0, [ROOT], MACHINE)
    assert readings.read(1.0, [ROOT], replace(MACHINE, disk_read_bytes=10)).disk_read_bytes_per_s is None


def test_a_machine_that_tells_nothing_is_all_none() -> None:
    readings = Readings(cores=2)
    readings.read(0.0, [ROOT], MachineLook())
    reading = readings.read(1.0, [ROOT], MachineLook())
    assert (reading.system_cpu_percent, reading.load_1, reading.net_sent_bytes_per_s) == (None, None, None)
