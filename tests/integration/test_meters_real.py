"""The meters against real processes of one behaviour each."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from perftui.model.process import ProcessReadings
from perftui.model.reading import ResourceReading
from perftui.sources.base import SourceState, SourceStatus
from perftui.sources.diagnosis import CheckVerdict, diagnose_machine, explain_target
from perftui.sources.meters_psutil import PsutilMeters
from perftui.sources.probe import SystemProbe
from perftui.sources.processes_psutil import process_facts, python_processes

pytestmark = pytest.mark.integration
LINUX_ONLY = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@contextmanager
def running(code: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A Python that runs `code` and has said on its output that it is ready."""
    argv = [sys.executable, "-c", code, *arguments]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            # The tree as it is now: a child may have come since the start.
            for child in psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []:
                with suppress(psutil.NoSuchProcess):
                    child.kill()
            process.kill()


@dataclass
class Metered:
    """Meters with what they have said so far."""

    pid: int
    interval_s: float = 0.2
    readings: list[ResourceReading] = field(default_factory=list)
    statuses: list[SourceStatus] = field(default_factory=list)

    def __post_init__(self) -> None:
        began_s = time.monotonic()
        self.source = PsutilMeters(self.pid, clock=lambda: time.monotonic() - began_s, interval_s=self.interval_s)
        self.source.start()

    @property
    def ended(self) -> bool:
        return bool(self.statuses) and self.statuses[-1].state is SourceState.ENDED

    def until(self, fulfilled: Callable[[], bool], *, polls: int = 100) -> None:
        """Poll until something is so."""
        for _ in range(polls):
            for event in self.source.poll(self.interval_s):
                if isinstance(event, ResourceReading):
                    self.readings.append(event)
                elif isinstance(event, SourceStatus):
                    self.statuses.append(event)
                else:
                    assert isinstance(event, ProcessReadings)
            if fulfilled():
                return
        pytest.fail(f"not within {polls} polls; last reading: {self.readings[-1:]}, statuses: {self.statuses}")

    def read(self, count: int) -> list[ResourceReading]:
        there = len(self.readings)
        self.until(lambda: len(self.readings) >= there + count)
        return self.readings[there:]


def cpu_seconds(readings: list[ResourceReading]) -> float:
    """What the readings say was used, from the first to the last."""
    return sum((now.cpu_percent or 0) / 100 * (now.at_s - before.at_s) for before, now in pairwise(readings))


def kernel_cpu_seconds(pid: int) -> float:
    return sum(psutil.Process(pid).cpu_times()[:4])


def test_what_a_busy_process_uses_is_what_the_kernel_counts() -> None:
    with running("print('ready', flush=True)\nwhile True: pass") as target:
        meters = Metered(target.pid)
        at_least, at_most = 0.0, -kernel_cpu_seconds(target.pid)
        meters.read(1)
        at_least -= kernel_cpu_seconds(target.pid)
        meters.read(6)
        at_least += kernel_cpu_seconds(target.pid)
        meters.read(1)
        at_most += kernel_cpu_seconds(target.pid)
        # Both sides are rounded to ticks of 10 ms.
        assert at_least - 0.05 <= cpu_seconds(meters.readings) <= at_most + 0.05
        assert all((reading.cpu_percent or 0) <= 100 * os.cpu_count() for reading in meters.readings)  # type: ignore[operator]


def test_an_idle_process_uses_next_to_nothing() -> None:
    with running("import time; print('ready', flush=True); time.sleep(60)") as target:
        meters = Metered(target.pid)
        meters.read(4)
        assert cpu_seconds(meters.readings) <= 0.05


def test_memory_that_is_taken_is_seen() -> None:
    code = """
print('ready', flush=True)
input()
block = b'x' * (64 << 20)
input()
"""
    with running(code) as target:
        meters = Metered(target.pid)
        (before,) = meters.read(1)
        assert target.stdin is not None
        target.stdin.write("\n")
        target.stdin.flush()
        assert before.rss_bytes is not None
        wanted = before.rss_bytes + (60 << 20)
        meters.until(lambda: (meters.readings[-1].rss_bytes or 0) >= wanted)
        weighed = [reading for reading in meters.read(6) if reading.uss_bytes is not None]
        assert weighed
        assert all((reading.uss_bytes or 0) <= (reading.rss_bytes or 0) for reading in weighed)


def test_threads_and_open_files_are_counted() -> None:
    code = """
import os, threading, time
files = [open(os.devnull) for _ in range(20)]
for _ in range(6): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
print('ready', flush=True)
time.sleep(60)
"""
    with running(code) as target:
        (reading,) = Metered(target.pid).read(1)
        assert reading.threads == 7
        assert reading.open_files is not None
        assert reading.open_files >= 23


@LINUX_ONLY
def test_a_switching_thread_that_is_not_the_first_is_seen() -> None:
    code = """
import threading, time
def nap():
    while True: time.sleep(0.002)
threading.Thread(target=nap, daemon=True).start()
print('ready', flush=True)
time.sleep(60)
"""
    with running(code) as target:
        meters = Metered(target.pid)
        meters.until(lambda: bool(meters.readings) and (meters.readings[-1].context_switches_per_s or 0) > 30)


def test_children_come_and_go_and_nothing_is_counted_twice() -> None:
    code = """
import subprocess, sys
spin = "import time; t = time.process_time()\\nwhile time.process_time() - t < 0.25: pass"
print('ready', flush=True)
input()
for _ in range(4): subprocess.run([sys.executable, '-c', spin], check=True)
print('done', flush=True)
input()
"""
    with running(code) as target:
        meters = Metered(target.pid)
        meters.read(1)
        before_s = kernel_cpu_seconds(target.pid)
        assert target.stdin is not None
        target.stdin.write("\n")
        target.stdin.flush()
        meters.until(lambda: kernel_cpu_seconds(target.pid) - before_s >= 1.0 and meters.readings[-1].processes == 1)
        meters.read(1)
        used_s = kernel_cpu_seconds(target.pid) - before_s
        assert max(reading.processes or 0 for reading in meters.readings) >= 2
        assert cpu_seconds(meters.readings) == pytest.approx(used_s, abs=0.15)


@LINUX_ONLY
def test_what_a_child_wrote_is_not_counted_again_when_it_ends(tmp_path: Path) -> None:
    code = """
import subprocess, sys
write = "import sys; f = open(sys.argv[1], 'wb'); f.write(bytes(8 << 20)); f.flush(); print('w', flush=True); input()"
child = subprocess.Popen([sys.executable, '-c', write, sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
print('ready', flush=True)
input()
child.communicate(b'\\n')
print('done', flush=True)
input()
"""
    with running(code, str(tmp_path / "file")) as target:
        meters = Metered(target.pid)
        meters.until(lambda: bool(meters.readings) and meters.readings[-1].processes == 2)
        counted = psutil.Process(target.pid).children()[0].io_counters().write_bytes
        meters.read(2)
        assert target.stdin is not None
        target.stdin.write("\n")
        target.stdin.flush()
        meters.until(lambda: meters.readings[-1].processes == 1)
        meters.read(1)
        since = meters.readings[-3:]
        written = sum((reading.write_bytes_per_s or 0) * meters.interval_s for reading in since)
        assert written < max(counted / 2, 1 << 20)


def test_two_hundred_children_that_die_at_once_raise_nothing() -> None:
    code = """
import os
print('ready', flush=True)
input()
for n in range(200):
    pid = os.fork()
    if pid == 0: os._exit(0)
    if n % 2: os.waitpid(pid, 0)
print('done', flush=True)
input()
"""
    with running(code) as target:
        meters = Metered(target.pid, interval_s=0.01)
        meters.read(1)
        assert target.stdin is not None
        assert target.stdout is not None
        target.stdin.write("\n")
        target.stdin.flush()
        meters.read(30)
        assert target.stdout.readline() == "done\n"
        (reading,) = meters.read(1)
        # Those that nobody waited for are zombies, and no processes.
        assert reading.processes == 1
        assert not any(status.state is SourceState.ENDED for status in meters.statuses)


@pytest.mark.parametrize("waited", [True, False])
def test_the_series_ends_with_the_target_whether_or_not_it_was_waited_for(waited: bool) -> None:
    with running("print('ready', flush=True); input()") as target:
        meters = Metered(target.pid)
        meters.read(2)
        target.kill()
        if waited:
            target.wait()
        meters.until(lambda: meters.ended)
        there = len(meters.readings)
        meters.source.poll(0.05)
        assert len(meters.readings) == there


def test_a_short_process_leaves_a_last_reading_when_the_meters_stop() -> None:
    with running("print('ready', flush=True); input()") as target:
        meters = Metered(target.pid, interval_s=10)
        meters.read(1)
        time.sleep(0.15)
        events = meters.source.stop()
        # Of the processes it is said between the two what they used.
        assert [type(event) for event in events] == [ResourceReading, ProcessReadings, SourceStatus]


def test_facts_of_a_process_are_those_it_was_started_with(tmp_path: Path) -> None:
    with running("print('ready', flush=True); input()", "an argument") as target:
        facts = process_facts(target.pid)
        assert facts is not None
        assert facts.command[-1] == "an argument"
        assert facts.python
        assert facts.is_ours
        # What we started ourselves is not offered for observation.
        assert target.pid not in {each.pid for each in python_processes()}


def test_a_python_is_not_refused_and_a_program_that_is_none_is() -> None:
    with running("print('ready', flush=True); input()") as target:
        problem = explain_target(target.pid)
        # Whether this user may observe it is the machine's affair; that it is Python is not in doubt.
        assert problem is None or "not a Python" not in problem.message
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as cat:
        try:
            assert cat.stdin is not None
            assert cat.stdout is not None
            cat.stdin.write(b"\n")
            cat.stdin.flush()
            # Until it answers, its program may not be loaded yet, and nothing can be said of it for certain.
            assert cat.stdout.readline() == b"\n"
            problem = explain_target(cat.pid)
            assert problem is not None
            if sys.platform.startswith("linux"):
                assert "(cat) is not a Python" in problem.message
        finally:
            cat.kill()


def test_this_machine_can_be_diagnosed(tmp_path: Path) -> None:
    checks = {check.name: check for check in diagnose_machine(sessions=tmp_path / "not" / "there" / "yet")}
    assert checks["py-spy"].verdict is CheckVerdict.OK
    assert checks["memray"].verdict is CheckVerdict.OK
    assert checks["sessions"].verdict is CheckVerdict.OK
    assert all(check.remedy for check in checks.values() if check.verdict is CheckVerdict.FAIL)


def test_what_the_machine_does_not_have_is_not_known_and_no_error(tmp_path: Path) -> None:
    probe = SystemProbe()
    missing = str(tmp_path / "missing")
    assert (probe.text(missing), probe.link(missing), probe.owner(missing), probe.head(missing)) == (None,) * 4
    assert probe.holds(missing, [b"x"]) is None
    assert probe.names(missing) == ()
    assert not probe.exists(missing)
    assert probe.text("/proc/self/\0") is None
    assert probe.user_name(3_999_999_999) == "user 3999999999"
    assert probe.version_of("a-package-that-nobody-has") is None
    assert probe.executable("a-program-that-nobody-has") is None


def test_an_interpreter_is_found_in_the_file_of_a_program(tmp_path: Path) -> None:
    probe = SystemProbe()
    (tmp_path / "program").write_bytes(bytes(10_000) + b"PyEval_EvalFrame" + bytes(10))
    (tmp_path / "empty").write_bytes(b"")
    assert probe.holds(str(tmp_path / "program"), [b"nothing", b"PyEval_"]) is True
    assert probe.holds(str(tmp_path / "program"), [b"nothing"]) is False
    assert probe.holds(str(tmp_path / "empty"), [b"x"]) is None


@LINUX_ONLY
def test_reading_our_own_memory_tells_whether_a_filter_forbids_tracing() -> None:
    blocked = SystemProbe().tracing_blocked()
    status = Path("/proc/self/status").read_text(encoding="ascii")
    if "Seccomp:\t0" in status:
        assert blocked is False
