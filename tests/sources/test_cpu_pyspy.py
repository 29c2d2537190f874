"""The chain of recorders, played with recorders that do what a test tells them, on a machine made to order."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from perftui.errors import ObserveError, UsageError
from perftui.model.sample import SampleWindow, ThreadLooks
from perftui.model.workload import SamplingMode, SamplingOptions
from perftui.sources import cpu_pyspy, processes
from perftui.sources.base import SourceEvent, SourceState, SourceStatus
from perftui.sources.cpu_pyspy import PySpySource
from perftui.sources.gate import Gate
from perftui.sources.recorder_process import RecorderExit
from tests.sources.pyspy_texts import PROCESS_EXITED, SAMPLING, main_thread, output

KEEPER, PID = 90, 100
GONE = b"Error: Failed to get process executable name. Check that the process is running.\n"
NOT_PYTHON = b"Error: Failed to find python version from target process\n"
DENIED = b"Permission Denied: Try running again with elevated permissions\n"
TRACED = b"Error: Failed to suspend process\nCaused by: EPERM: Operation not permitted\n"
START_S = 0.03
"""How long a recorder of these tests takes to begin."""


class FakeTool:
    """A recorder process that says what a test makes it say."""

    def __init__(self, argv: Sequence[str], pid: int) -> None:
        self.argv = list(argv)
        self.pid = pid
        self.stdout_fd, self._stdout = os.pipe()
        self.stderr_fd, self._stderr = os.pipe()
        for descriptor in (self.stdout_fd, self.stderr_fd):
            os.set_blocking(descriptor, False)
        self.interrupted = False
        self.killed = False
        self.closed = False
        self.obedient = True
        self.answer = output(main_thread("main;work"))
        self._exit: RecorderExit | None = None

    @property
    def is_look(self) -> bool:
        return self.argv[1] == "dump"

    def option(self, name: str) -> str:
        return self.argv[self.argv.index(name) + 1]

    def says(self, text: bytes) -> None:
        os.write(self._stdout, text)

    def ends(self, *, code: int = 0, complaint: bytes = b"", cpu_s: float = 0.01) -> None:
        if self._exit is None:
            os.write(self._stderr, complaint)
            os.close(self._stdout)
            os.close(self._stderr)
            self._exit = RecorderExit(code, cpu_s)

    def interrupt(self) -> None:
        self.interrupted = True
        if self.obedient:
            self.says(self.answer)
            self.ends()

    def kill(self) -> None:
        self.killed = True
        self.ends(code=-9)

    def poll(self) -> RecorderExit | None:
        return self._exit

    def close(self) -> RecorderExit:
        self.kill()
        if not self.closed:
            self.closed = True
            os.close(self.stdout_fd)
            os.close(self.stderr_fd)
        assert self._exit is not None
        return self._exit


@dataclass
class Process:
    """A process of the machine."""

    image: tuple[bytes, ...] = (b"1",)
    python: bool = True
    children: list[int] = field(default_factory=list)
    threads: int = 1
    tracer: int = 0


class World:
    """The machine, its clock, and the source under test."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.processes = {KEEPER: Process(children=[PID]), PID: Process()}
        self.tools: list[FakeTool] = []
        self.saturated = False
        self.version: tuple[int, int] | None = (3, 11)
        self.broken: OSError | None = None
        self.events: list[SourceEvent] = []
        self.source: PySpySource

    # What the source is given.

    def clock(self) -> float:
        return self.now_s

    def start_recorder(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> FakeTool:
        assert env == {"RUST_BACKTRACE": "0"}
        if self.broken is not None:
            raise self.broken
        tool = FakeTool(argv, pid=1000 + len(self.tools))
        self.tools.append(tool)
        return tool

    # What a test does.

    def observe(self, *, gate: Gate | None = None, **options: object) -> None:
        self.source = PySpySource(
            PID,
            options=SamplingOptions(**options),  # type: ignore[arg-type]
            clock=self.clock,
            keeper=self,
            gate=gate,
        )
        self.source.start()

    def passes(self, seconds: float) -> None:
        """Let time pass in steps, as a recording that polls all the time would."""
        until_s = self.now_s + seconds
        while self.now_s < until_s - 1e-9:
            self.now_s = min(until_s, self.now_s + 0.01)
            self.poll()

    def poll(self) -> None:
        self.events += self.source.poll(0)

    def begins(self) -> FakeTool:
        """Let the newest recorder begin to sample after its usual time."""
        self.passes(START_S)
        self.newest.says(SAMPLING)
        self.poll()
        return self.newest

    def stops(self) -> None:
        self.events += self.source.stop()

    # What a test sees.

    @property
    def recorders(self) -> list[FakeTool]:
        return [tool for tool in self.tools if not tool.is_look]

    @property
    def newest(self) -> FakeTool:
        return self.recorders[-1]

    @property
    def windows(self) -> list[SampleWindow]:
        return [event for event in self.events if isinstance(event, SampleWindow)]

    @property
    def statuses(self) -> list[SourceStatus]:
        return [event for event in self.events if isinstance(event, SourceStatus)]

    def is_(self, state: SourceState) -> bool:
        return self.statuses[-1].state is state

    @property
    def said(self) -> str:
        return self.statuses[-1].message


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World()
    known = made.processes

    def number(pid: int, name: str) -> int:
        return {"Tgid": pid}.get(name, 0)

    monkeypatch.setattr(processes, "alive", lambda pid: pid in known)
    monkeypatch.setattr(processes, "HAS_PROC", True)
    monkeypatch.setattr(processes, "parent", lambda _: KEEPER)
    monkeypatch.setattr(processes, "identity", lambda pid: pid if pid in known else None)
    monkeypatch.setattr(processes, "image", lambda pid: known[pid].image if pid in known else ())
    monkeypatch.setattr(processes, "is_python", lambda pid: pid in known and known[pid].python)
    monkeypatch.setattr(processes, "ignores_gate", lambda _: False)
    monkeypatch.setattr(processes, "children", lambda pid: known[pid].children if pid in known else [])
    monkeypatch.setattr(processes, "thread_count", lambda pid: known[pid].threads)
    monkeypatch.setattr(processes, "tracer_of", lambda pid: known[pid].tracer)
    monkeypatch.setattr(processes, "status_number", number)
    monkeypatch.setattr(processes, "python_version", lambda _: made.version)
    monkeypatch.setattr(processes, "saturated", lambda: made.saturated)
    monkeypatch.setattr(processes, "cpu_so_far_s", lambda _: 0.008)
    monkeypatch.setattr(cpu_pyspy, "find_pyspy", lambda: "py-spy")
    yield made
    if hasattr(made, "source"):
        made.source.stop()
    assert all(tool.closed for tool in made.tools), "something that was started is left"


def no_gaps(windows: Sequence[SampleWindow]) -> bool:
    return all(one.end_s == next_one.start_s for one, next_one in pairwise(windows))


# The chain.


def test_a_recorder_is_relieved_at_the_very_moment_at_which_the_next_one_samples(world: World) -> None:
    world.observe()
    first = world.begins()
    began_s = world.now_s
    world.passes(0.2 - START_S + 0.01)
    assert len(world.recorders) == 2
    assert not first.interrupted
    world.begins()
    relieved_s = world.now_s
    assert first.interrupted
    world.passes(0.03)
    assert [(one.start_s, one.end_s) for one in world.windows] == [(began_s, relieved_s)]
    assert world.windows[0].samples == 1
    assert world.windows[0].sampler_cpu_s == 0.01
    assert world.windows[0].interval_s == 0.01


def test_ten_relays_leave_no_gap_and_no_overlap(world: World) -> None:
    world.observe()
    world.begins()
    for _ in range(10):
        before = len(world.recorders)
        while len(world.recorders) == before:
            world.passes(0.01)
        world.begins()
    world.passes(0.05)
    assert len(world.windows) == 10
    assert no_gaps(world.windows)
    assert world.windows[0].end_s - world.windows[0].start_s == pytest.approx(0.2, abs=0.03)
    for window in world.windows[2:]:
        assert window.end_s - window.start_s == pytest.approx(0.5, abs=0.03)


def test_the_dead_man_s_switch_is_longer_than_ten_windows(world: World) -> None:
    world.observe(window_s=3.0)
    assert int(world.newest.option("-d")) >= 30


def test_windows_come_in_order_even_if_an_old_recorder_is_slow_to_write(world: World) -> None:
    world.observe()
    slow = world.begins()
    slow.obedient = False
    world.passes(0.2)
    quick = world.begins()
    world.passes(0.5)
    world.begins()
    world.passes(0.02)
    assert quick.interrupted
    assert world.windows == []
    slow.says(slow.answer)
    slow.ends()
    world.passes(0.02)
    assert len(world.windows) == 2
    assert no_gaps(world.windows)


def test_windows_are_longer_on_a_saturated_machine_and_where_starts_are_slow(world: World) -> None:
    world.observe()
    world.begins()
    world.saturated = True
    world.passes(0.2)
    world.begins()
    world.passes(0.6)
    assert len(world.recorders) == 2
    world.passes(0.4)
    assert len(world.recorders) == 3


def test_windows_are_longer_with_many_busy_threads(world: World) -> None:
    world.observe(window_s=0.3)
    world.begins().answer = output({f'Thread {n} "w"': ["main"] * 15 for n in range(8)})
    world.passes(0.2)
    world.begins()
    world.passes(0.3)
    world.begins()
    count = len(world.recorders)
    world.passes(0.6)
    assert len(world.recorders) == count


# Failure.


def test_when_the_newcomer_fails_the_old_one_goes_on_and_another_is_tried(world: World) -> None:
    world.observe()
    first = world.begins()
    world.passes(0.2)
    world.newest.ends(code=1, complaint=TRACED)
    world.passes(0.03)
    assert not first.interrupted
    world.passes(0.1)
    assert len(world.recorders) == 3
    world.begins()
    world.passes(0.02)
    assert len(world.windows) == 1
    assert world.windows[0].samples == 1
    assert world.is_(SourceState.RUNNING)


def test_ten_failures_in_a_row_are_the_end_and_say_why(world: World) -> None:
    world.observe(mode=SamplingMode.BLOCKING)
    world.begins()
    for _ in range(10):
        before = len(world.recorders)
        for _ in range(400):
            if len(world.recorders) > before:
                break
            world.passes(0.01)
        world.newest.ends(code=1, complaint=b"Error: the machine is on fire\n")
        world.passes(0.03)
    assert world.is_(SourceState.FAILED)
    assert world.said == "py-spy failed on process 100: Error: the machine is on fire"
    # What the last good one saw is not lost.
    assert world.windows[-1].samples == 1


@pytest.mark.parametrize("complaint", [DENIED, NOT_PYTHON, GONE, b"Error: Unsupported version of Python: 3.15.0\n"])
def test_what_can_never_work_fails_at_once(world: World, complaint: bytes) -> None:
    world.observe()
    world.passes(0.01)
    world.newest.ends(code=1, complaint=complaint)
    world.passes(0.02)
    assert world.is_(SourceState.FAILED)
    assert world.statuses[-1].hint
    assert len(world.recorders) == 1


def test_a_window_of_garbage_is_lost_and_said_to_be(world: World) -> None:
    world.observe()
    world.begins().answer = b'{"$schema" garbage\n'
    world.passes(0.2)
    world.begins()
    world.passes(0.02)
    assert world.windows[0].samples == 0
    assert world.windows[0].failed == round(100 * (world.windows[0].end_s - world.windows[0].start_s))
    assert world.is_(SourceState.DEGRADED)
    assert "could not be read" in world.said
    world.passes(0.5)
    world.begins()
    world.passes(0.02)
    assert world.windows[1].samples == 1
    assert world.is_(SourceState.RUNNING)


def test_a_recorder_that_does_not_write_is_ended_and_its_window_lost(world: World) -> None:
    world.observe()
    stuck = world.begins()
    stuck.obedient = False
    world.passes(0.2)
    world.begins()
    world.passes(2.2)
    assert stuck.killed
    assert world.windows[0].samples == 0
    assert world.windows[0].failed > 0


def test_a_recorder_that_never_begins_is_ended(world: World) -> None:
    world.observe()
    world.passes(12.2)
    assert world.recorders[0].killed
    assert len(world.recorders) == 2


def test_a_recorder_that_takes_long_to_begin_is_said_to_until_it_does(world: World) -> None:
    world.observe()
    world.passes(3.2)
    assert world.is_(SourceState.DEGRADED)
    assert "does not begin to sample" in world.said
    world.begins()
    world.passes(0.2)
    world.begins()
    world.passes(0.2)
    assert world.is_(SourceState.RUNNING)


def test_whoever_stops_before_a_sampler_that_never_worked_is_told_that_it_failed(world: World) -> None:
    world.observe()
    world.passes(4)
    world.stops()
    assert world.is_(SourceState.FAILED)
    assert "does not begin to sample" in world.said


def test_a_sampler_of_which_nothing_can_be_read_has_failed_when_its_target_ends(world: World) -> None:
    world.observe()
    for _ in range(3):
        world.begins().says(b"nonsense")
        world.newest.ends()
        world.passes(0.5)
    del world.processes[PID]
    world.passes(0.6)
    assert world.windows
    assert not sum(window.samples for window in world.windows)
    assert world.is_(SourceState.FAILED)


def test_a_recorder_that_dies_leaves_a_gap_and_is_replaced(world: World) -> None:
    world.observe()
    world.begins().ends(code=-9)
    world.passes(0.1)
    assert len(world.recorders) == 2
    world.begins()
    world.stops()
    assert [window.samples for window in world.windows] == [0, 1]


def test_a_recorder_that_nobody_relieved_ends_by_itself_and_its_window_is_whole(world: World) -> None:
    world.observe()
    first = world.begins()
    world.passes(0.2)
    world.newest.ends(code=1, complaint=TRACED)
    first.says(output(main_thread("main", "main")))
    first.ends()
    world.passes(0.02)
    assert world.windows[0].samples == 2


def test_one_failed_look_at_an_idle_target_is_no_trouble(world: World) -> None:
    world.observe()
    idle = world.begins()
    world.passes(0.2)
    idle.answer = output(main_thread(), failed=1)
    world.begins()
    world.passes(0.1)
    assert world.windows[0].samples == 0
    assert world.windows[0].failed == 1
    assert world.is_(SourceState.RUNNING)


def test_looks_that_all_failed_are_trouble(world: World) -> None:
    world.observe()
    blind = world.begins()
    world.passes(0.2)
    blind.answer = output(main_thread(), failed=19)
    world.begins()
    world.passes(0.05)
    assert "No look succeeded" in world.said


def test_a_machine_that_starts_nothing_is_reported(world: World) -> None:
    world.broken = OSError(12, "Cannot allocate memory")
    world.observe()
    world.passes(20)
    assert world.is_(SourceState.FAILED)
    assert "Cannot allocate memory" in world.said


# Modes and rates.


def test_a_target_that_cannot_be_stopped_is_read_without_a_stop(world: World) -> None:
    world.observe()
    for _ in range(2):
        world.passes(0.1)
        world.newest.ends(code=1, complaint=TRACED)
    world.passes(0.2)
    assert "--nonblocking" in world.newest.argv
    world.begins().answer = output(main_thread("main;a", "main;b", "b"))
    assert world.is_(SourceState.DEGRADED)
    assert "approximate" in world.said
    world.stops()
    assert world.windows[0].approximate
    assert world.windows[0].samples == 2
    assert world.windows[0].failed == 1


def test_a_pinned_mode_stays(world: World) -> None:
    world.processes[PID].tracer = 55
    world.observe(mode=SamplingMode.BLOCKING)
    for _ in range(3):
        world.passes(0.3)
        assert "--nonblocking" not in world.newest.argv
        world.newest.ends(code=1, complaint=TRACED)


def test_a_traced_target_is_stopped_again_once_it_is_free(world: World) -> None:
    world.processes[PID].tracer = 55
    world.observe()
    assert "--nonblocking" in world.newest.argv
    world.begins()
    assert "Process 55 traces the target" in world.said
    world.processes[PID].tracer = 0
    world.passes(0.2)
    assert "--nonblocking" not in world.newest.argv
    world.begins()
    world.passes(0.02)
    assert world.is_(SourceState.RUNNING)


def test_old_interpreters_read_without_a_stop_show_only_who_holds_the_lock(world: World) -> None:
    world.version = (3, 10)
    world.observe(mode=SamplingMode.NONBLOCKING)
    assert "--gil" in world.newest.argv


@pytest.mark.parametrize("version", [(3, 11), None])
def test_newer_interpreters_show_every_running_thread(world: World, version: tuple[int, int] | None) -> None:
    world.version = version
    world.observe(mode=SamplingMode.NONBLOCKING)
    assert "--gil" not in world.newest.argv


def test_our_own_recorder_is_no_foreign_tracer(world: World) -> None:
    world.observe()
    first = world.begins()
    world.processes[PID].tracer = first.pid
    world.passes(0.2)
    assert "--nonblocking" not in world.newest.argv


def costly(world: World, look_s: float) -> None:
    """Let the recorder that samples report its cost at the end, and the next one begin."""
    tool = world.newest
    tool.obedient = False
    before = len(world.recorders)
    while len(world.recorders) == before:
        world.passes(0.01)
    world.begins()
    tool.says(tool.answer)
    tool.ends(cpu_s=0.008 + look_s * 0.5 * int(tool.option("-r")))
    world.passes(0.02)


def test_a_costly_target_is_sampled_less_often_and_the_status_says_so(world: World) -> None:
    world.observe()
    world.begins()
    for _ in range(4):
        costly(world, 0.002)
    assert 15 <= int(world.newest.option("-r")) <= 30
    assert world.is_(SourceState.DEGRADED)
    assert "instead of 100" in world.said
    for _ in range(30):
        costly(world, 0.000_1)
    assert world.newest.option("-r") == "100"
    assert world.is_(SourceState.RUNNING)


def test_very_many_threads_are_read_without_a_stop_before_the_rate_falls_too_low(world: World) -> None:
    world.processes[PID].threads = 40
    world.observe()
    world.begins()
    for _ in range(4):
        costly(world, 0.01)
    assert "--nonblocking" in world.newest.argv
    assert "that many threads" in world.said


@pytest.mark.parametrize("rate_hz", [0, -1, 1001])
def test_rates_that_the_sampler_cannot_do_are_refused(world: World, rate_hz: int) -> None:
    with pytest.raises(UsageError, match="rate"):
        world.observe(rate_hz=rate_hz)


# Targets.


def test_a_process_that_is_not_there_is_refused(world: World) -> None:
    world.processes.clear()
    with pytest.raises(ObserveError, match="There is no process 100"):
        world.observe()


def test_children_are_followed_from_the_first_one_on(world: World) -> None:
    world.observe()
    world.begins()
    assert "-s" not in world.newest.argv
    world.processes[200] = Process(python=False)
    world.processes[201] = Process()
    world.processes[PID].children = [200]
    world.processes[200].children = [201]
    world.passes(0.2)
    assert "-s" in world.newest.argv


def test_a_child_that_executes_something_else_is_not_followed(world: World) -> None:
    world.observe()
    world.begins()
    world.processes[200] = Process()
    world.processes[PID].children = [200]
    world.passes(0.02)
    world.processes[200] = Process(image=(b"2",), python=False)
    world.passes(0.4)
    assert all("-s" not in tool.argv for tool in world.recorders)


@pytest.mark.parametrize("follow", [True, False])
def test_following_children_can_be_pinned(world: World, follow: bool) -> None:
    world.processes[200] = Process()
    world.processes[PID].children = [200]
    world.observe(follow_children=follow)
    world.begins()
    world.passes(0.4)
    assert all(("-s" in tool.argv) is follow for tool in world.recorders)


def test_a_target_that_becomes_another_program_is_sampled_anew_at_once(world: World) -> None:
    world.observe()
    world.begins()
    world.passes(0.2)
    world.begins()
    count = len(world.recorders)
    world.processes[PID].image = (b"2",)
    world.passes(0.12)
    assert len(world.recorders) == count + 1
    assert "replaced itself" in world.said
    world.begins()
    world.passes(0.02)
    assert world.is_(SourceState.RUNNING)


def test_a_target_that_ends_leaves_a_whole_last_window(world: World) -> None:
    world.observe()
    last = world.begins()
    world.passes(0.1)
    del world.processes[PID]
    ended_s = world.now_s
    last.says(PROCESS_EXITED + output(main_thread("main", "main;end")))
    last.ends()
    world.passes(0.1)
    assert world.windows[-1].samples == 2
    assert world.windows[-1].end_s == pytest.approx(ended_s, abs=0.011)
    assert world.is_(SourceState.ENDED)
    assert world.source.poll(0) == []


def test_a_sampler_that_misses_the_end_is_told(world: World) -> None:
    world.observe()
    last = world.begins()
    del world.processes[PID]
    world.passes(0.6)
    assert last.interrupted
    assert world.windows[-1].samples == 1
    assert world.is_(SourceState.ENDED)


def test_stopping_returns_the_last_window_and_leaves_nothing(world: World) -> None:
    world.observe()
    world.begins()
    world.passes(0.1)
    world.stops()
    assert world.windows[-1].samples == 1
    assert world.is_(SourceState.ENDED)
    assert list(world.source.stop()) == []


def test_stopping_does_not_wait_long_for_a_stuck_recorder(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.observe()
    stuck = world.begins()
    stuck.obedient = False
    # Real waiting, with a limit cut short.
    monkeypatch.setattr(world, "now_s", world.now_s)
    monkeypatch.setattr(world.source, "_clock", _hurrying_clock())
    world.stops()
    assert stuck.killed
    assert world.windows[-1].failed > 0


def _hurrying_clock() -> object:
    ticks = iter(range(1, 1_000_000))
    return lambda: next(ticks) * 0.5


# Looks.


def look(active: bool = True) -> bytes:
    return json.dumps(
        [{"pid": PID, "os_thread_id": PID, "thread_name": "m", "active": active, "owns_gil": True}]
    ).encode()


def looks(world: World) -> list[FakeTool]:
    return [tool for tool in world.tools if tool.is_look]


def test_looks_come_once_a_second_beside_the_windows(world: World) -> None:
    world.observe()
    world.begins()
    for _ in range(3):
        looks(world)[-1].says(look())
        looks(world)[-1].ends()
        world.passes(1.0)
    seen = [event for event in world.events if isinstance(event, ThreadLooks)]
    assert len(seen) == 3
    assert [one.threads[0].holds_gil for one in seen] == [True] * 3
    assert len(looks(world)) in (3, 4)


def test_a_slow_look_puts_the_next_one_off_and_a_stuck_one_is_ended(world: World) -> None:
    world.observe()
    world.begins()
    world.passes(2.5)
    assert looks(world)[0].killed
    world.passes(5.0)
    assert len(looks(world)) == 1


def test_garbage_of_a_look_and_its_failure_are_passed_over(world: World) -> None:
    world.observe()
    world.begins()
    looks(world)[0].says(b"garbage")
    looks(world)[0].ends()
    world.passes(1.1)
    looks(world)[1].ends(code=1)
    world.passes(0.5)
    assert not any(isinstance(event, ThreadLooks) for event in world.events)
    assert world.is_(SourceState.RUNNING)


def test_a_saturated_machine_is_not_looked_at(world: World) -> None:
    world.saturated = True
    world.observe()
    world.begins()
    world.passes(3)
    assert looks(world) == []


# The gate.


class Visit:
    """Somebody who comes to the gate."""

    def __init__(self, world: World, gate: Gate, pid: int) -> None:
        self._reader, self._writer = gate.passed_on
        world.processes.setdefault(pid, Process())
        if pid not in (PID, *world.processes[PID].children):
            world.processes[PID].children.append(pid)
        self.announce(world, pid)

    def announce(self, world: World, pid: int) -> None:
        os.write(self._writer, b"%d 3.11.7 /usr/bin/python\n" % pid)
        world.poll()

    def may_go(self) -> bool:
        try:
            return bool(os.read(self._reader, 1))
        except BlockingIOError:
            return False


def test_a_visitor_is_let_go_when_the_recorder_samples_and_not_before(world: World) -> None:
    gate = Gate()
    world.processes[PID].python = False
    world.observe(gate=gate)
    world.processes[PID].python = True
    visit = Visit(world, gate, PID)
    assert world.newest.option("-p") == str(PID)
    world.passes(START_S)
    assert not visit.may_go()
    world.newest.says(SAMPLING)
    world.poll()
    assert visit.may_go()
    assert world.is_(SourceState.RUNNING)


def test_a_visitor_is_let_go_when_the_recorder_fails(world: World) -> None:
    gate = Gate()
    world.processes[PID].python = False
    world.observe(gate=gate)
    visit = Visit(world, gate, 200)
    world.newest.ends(code=1, complaint=TRACED)
    world.passes(0.03)
    assert visit.may_go()


def test_a_visitor_who_came_after_the_recorder_that_failed_waits_for_the_next(world: World) -> None:
    gate = Gate()
    world.observe(gate=gate)
    # A slow start: the interpreter is found before it comes to the gate.
    world.passes(0.4)
    early = world.newest
    visit = Visit(world, gate, PID)
    early.ends(code=1, complaint=NOT_PYTHON)
    world.passes(0.03)
    assert not visit.may_go()
    world.passes(0.1)
    assert world.newest is not early
    world.begins()
    assert visit.may_go()


def test_a_visitor_is_let_go_after_three_seconds_at_most(world: World) -> None:
    gate = Gate()
    world.processes[PID].python = False
    world.observe(gate=gate)
    visit = Visit(world, gate, 200)
    world.passes(2.9)
    assert not visit.may_go()
    world.passes(0.2)
    assert visit.may_go()


def test_below_a_shell_the_interpreter_itself_is_sampled(world: World) -> None:
    gate = Gate()
    world.processes[PID].python = False
    world.observe(gate=gate)
    world.processes[PID].children = [200]
    Visit(world, gate, 200)
    assert world.newest.option("-p") == "200"
    assert "-s" not in world.newest.argv
    world.begins()
    del world.processes[200]
    world.newest.says(PROCESS_EXITED + output(main_thread("main", pid=200)))
    world.newest.ends()
    world.processes[PID].children = []
    world.passes(0.2)
    assert world.is_(SourceState.RUNNING)
    assert "at the moment" in world.said
    world.processes[PID].children = [300]
    second = Visit(world, gate, 300)
    assert world.newest.option("-p") == "300"
    world.begins()
    assert second.may_go()
    assert len(world.windows) == 1


def test_several_interpreters_below_a_shell_are_sampled_together(world: World) -> None:
    gate = Gate()
    world.processes[PID].python = False
    world.observe(gate=gate)
    world.processes[PID].children = [200, 300]
    one = Visit(world, gate, 200)
    other = Visit(world, gate, 300)
    world.begins()
    # The first recorder knows of one of them only, and either may take the sign of the other.
    assert not one.may_go()
    world.passes(0.01)
    assert world.newest.option("-p") == str(PID)
    assert "-s" in world.newest.argv
    world.begins()
    assert one.may_go()
    assert other.may_go()


def test_an_interpreter_that_does_not_come_to_the_gate_is_found(world: World) -> None:
    gate = Gate()
    world.processes[PID].python = False
    world.observe(gate=gate)
    world.processes[200] = Process()
    world.processes[PID].children = [200]
    world.passes(0.4)
    assert world.newest.option("-p") == "200"


def test_a_command_without_an_interpreter_is_a_status_and_no_failure(world: World) -> None:
    gate = Gate()
    world.processes[PID].python = False
    world.observe(gate=gate)
    world.passes(2.2)
    assert world.is_(SourceState.DEGRADED)
    assert world.said == "No Python interpreter in this command: no samples."
    assert world.tools == []
    del world.processes[PID]
    world.passes(0.2)
    assert world.is_(SourceState.ENDED)
    assert world.said


def test_a_launcher_that_is_not_ready_yet_is_tried_again(world: World) -> None:
    gate = Gate()
    world.observe(gate=gate)
    world.passes(0.4)
    for _ in range(12):
        world.newest.ends(code=1, complaint=NOT_PYTHON)
        world.passes(2.1)
    world.begins()
    world.stops()
    assert world.windows[-1].samples == 1


def test_giving_up_opens_the_gate(world: World) -> None:
    gate = Gate()
    world.processes[PID].python = False
    world.observe(gate=gate)
    Visit(world, gate, 200)
    world.newest.ends(code=1, complaint=DENIED)
    world.passes(0.03)
    assert world.is_(SourceState.FAILED)
    assert list(gate.arrivals()) == []


def test_a_visitor_from_another_world_of_numbers_is_let_go_and_not_mistaken(world: World) -> None:
    gate = Gate()
    world.processes[PID].python = False
    world.observe(gate=gate)
    world.processes[1] = Process()
    os.write(gate.passed_on[1], b"1 3.11.7 /usr/bin/python\n")
    world.poll()
    assert os.read(gate.passed_on[0], 1) == b"."
    world.passes(0.3)
    assert world.tools == []


def test_an_orphan_of_the_command_is_still_its_process(world: World) -> None:
    gate = Gate()
    world.processes[PID].python = False
    world.observe(gate=gate)
    world.processes[200] = Process()
    world.processes[KEEPER].children.append(200)
    world.passes(0.4)
    assert world.newest.option("-p") == "200"


def test_a_source_that_could_not_begin_says_nothing_more_and_opens_the_gate(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> str:
        raise ObserveError("py-spy is not installed.")

    monkeypatch.setattr(cpu_pyspy, "find_pyspy", missing)
    gate = Gate()
    with pytest.raises(ObserveError):
        world.observe(gate=gate)
    assert list(world.source.stop()) == []
    assert list(gate.arrivals()) == []
