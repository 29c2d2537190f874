"""The real py-spy on tiny workloads, and the keeper against real processes."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from perftui.errors import ObserveError
from perftui.model.sample import SampleWindow, ThreadLooks
from perftui.model.workload import SamplingOptions, Workload
from perftui.sources import processes
from perftui.sources.base import SourceEvent, SourceState, SourceStatus
from perftui.sources.cpu_pyspy import PySpySource
from perftui.sources.gate import GATE_FILE
from perftui.sources.launch import Keeper, Launched

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="observing takes root elsewhere"),
]

WORKLOADS = Path(__file__).parents[1] / "workloads"
LIMIT_S = 40.0


def python(workload: str, *arguments: object) -> Workload:
    return Workload((sys.executable, str(WORKLOADS / workload), *map(str, arguments)))


class Recording:
    """Everything that a source said."""

    def __init__(self) -> None:
        self.events: list[SourceEvent] = []

    @property
    def windows(self) -> list[SampleWindow]:
        return [event for event in self.events if isinstance(event, SampleWindow)]

    @property
    def statuses(self) -> list[SourceStatus]:
        return [event for event in self.events if isinstance(event, SourceStatus)]

    @property
    def samples(self) -> int:
        return sum(window.samples for window in self.windows)

    @property
    def sampled_s(self) -> float:
        return sum(window.end_s - window.start_s for window in self.windows)

    @property
    def pids(self) -> set[int]:
        return {part.thread.pid for window in self.windows for part in window.threads}

    def functions(self) -> set[str]:
        return {frame.function for window in self.windows for frame in window.frames}

    def files(self) -> set[str]:
        return {frame.file for window in self.windows for frame in window.frames}

    def samples_in(self, function: str) -> int:
        """Number of samples that have the function in their stack."""
        count = 0
        for window in self.windows:
            wanted = {n for n, frame in enumerate(window.frames) if frame.function == function}
            for part in window.threads:
                hit = [bool(wanted & set(stack)) for stack in part.stacks]
                count += sum(hit[place] for place in part.order)
        return count


def record(source: PySpySource, seconds: float = LIMIT_S) -> Recording:
    """Record until the target ends, or for so many seconds."""
    recording = Recording()
    deadline = time.monotonic() + seconds
    try:
        source.start()
        while time.monotonic() < deadline:
            events = source.poll(0.1)
            recording.events += events
            final = (SourceState.ENDED, SourceState.FAILED)
            if any(isinstance(event, SourceStatus) and event.state in final for event in events):
                break
    finally:
        recording.events += source.stop()
    return recording


def record_command(workload: Workload, options: SamplingOptions | None = None) -> Recording:
    began = time.monotonic()
    with Keeper() as keeper:
        launched = keeper.launch(workload)
        source = PySpySource(
            launched.pid,
            options=options or SamplingOptions(),
            clock=lambda: time.monotonic() - began,
            keeper=keeper,
            gate=launched.gate,
        )
        recording = record(source)
        os.close(launched.output_fd)
    return recording


def attach(pid: int, seconds: float) -> Recording:
    began = time.monotonic()
    with Keeper() as keeper:
        source = PySpySource(pid, options=SamplingOptions(), clock=lambda: time.monotonic() - began, keeper=keeper)
        return record(source, seconds)


@contextmanager
def running(*argv: str) -> Iterator[int]:
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


def test_nothing_of_a_short_run_s_beginning_is_lost() -> None:
    recording = record_command(python("short_main.py"), SamplingOptions(rate_hz=250))
    assert recording.samples >= 45
    # A sixth of what is expected would be a chance of one in many millions: a busy machine still has it.
    assert recording.samples_in("first") >= 5
    assert recording.samples_in("third") >= 5
    assert GATE_FILE not in recording.files()
    # The first samples may fall into the end of the interpreter's own start.
    assert recording.samples_in("<module>") >= 0.9 * recording.samples
    assert recording.statuses[-1].state is SourceState.ENDED


def test_many_relays_leave_no_gap() -> None:
    recording = record_command(python("spin.py", 3), SamplingOptions(window_s=0.2))
    windows = recording.windows
    assert len(windows) >= 4
    assert all(before.end_s == after.start_s for before, after in pairwise(windows))
    assert recording.samples_in("main") >= 0.98 * recording.samples
    assert recording.samples >= 150
    looks = [event for event in recording.events if isinstance(event, ThreadLooks)]
    assert all(look.threads[0].thread.pid == next(iter(recording.pids)) for look in looks)


def test_children_are_sampled_too() -> None:
    recording = record_command(python("children.py", 2, 1.5))
    assert len(recording.pids) >= 3 or recording.samples_in("leaf") > 0
    assert len(recording.pids) >= 2
    assert recording.samples_in("leaf") >= 60


def test_interpreters_below_a_shell_are_sampled_one_after_the_other() -> None:
    spin = f"{sys.executable} {WORKLOADS / 'spin.py'} 0.4"
    recording = record_command(Workload(("/bin/sh", "-c", f"{spin}; {spin}; true")))
    assert len(recording.pids) == 2
    for pid in recording.pids:
        seen = sum(len(part.order) for window in recording.windows for part in window.threads if part.thread.pid == pid)
        assert seen >= 15
    assert recording.statuses[-1].state is SourceState.ENDED


def test_a_target_that_replaces_itself_is_sampled_on() -> None:
    recording = record_command(python("becomes_another.py", 0.8))
    assert recording.samples_in("leaf") >= 20
    assert any("replaced itself" in status.message for status in recording.statuses)


def test_an_interpreter_that_ignores_the_gate_is_sampled() -> None:
    recording = record_command(Workload((sys.executable, "-I", str(WORKLOADS / "spin.py"), "0.8")))
    assert recording.samples_in("leaf") >= 25


def test_a_command_without_python_ends_without_a_failure() -> None:
    recording = record_command(Workload(("sleep", "0.3")))
    assert recording.windows == []
    assert recording.statuses[-1].state is SourceState.ENDED


def test_an_attached_process_is_sampled_and_lives_on() -> None:
    with running(sys.executable, str(WORKLOADS / "spin.py"), "60") as pid:
        recording = attach(pid, 1.5)
        assert recording.samples_in("leaf") >= 60
        assert processes.alive(pid)
        assert processes.tracer_of(pid) == 0
    assert recording.statuses[-1].state is SourceState.ENDED


def test_a_process_that_is_not_python_fails_with_a_sentence() -> None:
    with running("sleep", "60") as pid:
        recording = attach(pid, LIMIT_S)
    assert recording.statuses[-1].state is SourceState.FAILED
    assert recording.statuses[-1].message == f"Process {pid} is not a Python interpreter."


def test_a_pid_that_nobody_has_is_refused() -> None:
    with pytest.raises(ObserveError, match="There is no process"):
        attach((1 << 22) + 7, LIMIT_S)


# The keeper.

DRIVER = """
import os, sys, time
from perftui.model.workload import Workload
from perftui.sources.launch import Keeper
keeper = Keeper(keep_target=sys.argv[1] == "keep")
launched = keeper.launch(Workload((sys.executable, *sys.argv[2:])))
launched.gate.close()
recorder = keeper.start_recorder(["sleep", "300"])
text = b""
while not text.endswith(b"\\n"):
    text += launched.read_output() or b""
    time.sleep(0.01)
print(text.decode().strip(), recorder.pid, flush=True)
time.sleep(300)
"""


@contextmanager
def perftui_dies(policy: str, seconds: float) -> Iterator[list[int]]:
    """Kill a process that launched a workload with a daemon and a recorder; give their pids."""
    driver = subprocess.Popen(
        [sys.executable, "-c", DRIVER, policy, str(WORKLOADS / "stubborn_daemon.py"), str(seconds)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert driver.stdout is not None
    pids = [int(word) for word in driver.stdout.readline().split()]
    assert len(pids) == 3
    assert all(processes.alive(pid) for pid in pids)
    driver.kill()
    driver.wait()
    driver.stdout.close()
    try:
        yield pids
    finally:
        for pid in pids:
            if processes.alive(pid):
                os.kill(pid, signal.SIGKILL)


def wait_until_gone(pids: list[int]) -> list[int]:
    """Wait for the end of processes, and return who still lives."""
    deadline = time.monotonic() + LIMIT_S
    while (left := [pid for pid in pids if processes.alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def test_nothing_outlives_a_perftui_that_was_killed() -> None:
    with perftui_dies("end", 300) as pids:
        assert wait_until_gone(pids) == []


def test_a_workload_to_keep_outlives_a_perftui_that_was_killed_but_its_recorders_do_not() -> None:
    with perftui_dies("keep", 300) as (daemon, workload, recorder):
        assert wait_until_gone([recorder]) == []
        assert processes.alive(daemon)
        assert processes.alive(workload)


def test_a_kept_workload_that_prints_on_is_not_broken_by_it(tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    script = (
        "import sys, time, pathlib; print(1, 2, flush=True); time.sleep(0.5);"
        f"print('x' * 300_000, flush=True); pathlib.Path({str(proof)!r}).touch()"
    )
    driver = subprocess.Popen([sys.executable, "-c", DRIVER, "keep", "-c", script], stdout=subprocess.PIPE)
    assert driver.stdout is not None
    driver.stdout.readline()
    driver.kill()
    driver.wait()
    driver.stdout.close()
    deadline = time.monotonic() + LIMIT_S
    while not proof.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert proof.exists()


def test_the_end_of_a_workload_reaches_daemons_that_left_its_session() -> None:
    with Keeper() as keeper:
        launched = keeper.launch(python("stubborn_daemon.py", 300))
        launched.gate.close()
        pids = pids_printed_by(launched)
        launched.end(grace_s=0.2)
        assert wait_until_gone(pids) == []
        os.close(launched.output_fd)


def pids_printed_by(launched: Launched) -> list[int]:
    said = b""
    while not said.endswith(b"\n"):
        select.select([launched.output_fd], [], [], LIMIT_S)
        said += launched.read_output() or b""
    return [int(word) for word in said.split()]
