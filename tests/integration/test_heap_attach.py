"""The real memray and the real debugger on processes of our own: whatever happens to us, the target lives on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from perftui.sources.heap.attach import AttachState, HeapAttachment, State
from perftui.sources.heap.attachable import method_for, why_not
from perftui.sources.heap.inject import debugger_below
from perftui.sources.keeper import children_of, start_time, stat_fields
from perftui.sources.processes import alive, tracer_of

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="attaching takes root elsewhere"),
    pytest.mark.skipif(shutil.which("gdb") is None, reason="there is no gdb here"),
]

WORKLOAD = Path(__file__).parents[1] / "workloads" / "on_request.py"
LIMIT_S = 40.0
EXIT_CODE = 7


class Target:
    """A process to attach to, which ends when it is told to."""

    def __init__(self, kind: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(WORKLOAD), kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert self.process.stdout is not None
        self.process.stdout.readline()
        self.pid = self.process.pid

    @property
    def is_tracked(self) -> bool:
        problem = why_not(self.pid)
        return problem is not None and "already" in problem.message

    def lives(self) -> bool:
        return self.process.poll() is None

    def say(self) -> None:
        """Send it a byte, and wait until it has answered."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(b"x")
        self.process.stdin.flush()
        self.process.stdout.readline()

    def end(self) -> tuple[int, bytes]:
        """Let it end, and return its exit code and what it complained of."""
        _, errors = self.process.communicate(timeout=LIMIT_S)
        return self.process.returncode, errors


@contextmanager
def target(kind: str) -> Iterator[Target]:
    one = Target(kind)
    try:
        yield one
    finally:
        one.process.kill()
        one.process.communicate()


@contextmanager
def attachment(pid: int, capture: Path) -> Iterator[HeapAttachment]:
    one = HeapAttachment(pid, capture)
    one.start()
    try:
        yield one
    finally:
        one.close()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def settle(one: HeapAttachment, *states: State) -> AttachState:
    wait_until(lambda: one.poll(0.1).state in states)
    return one.poll()


def injector_of(pid: int) -> tuple[int, int | None]:
    """Return the injector that a process has started, so that its end can be seen."""
    wait_until(lambda: any(b"inject.py" in command_line(child) for child in children_of(pid)))
    found = next(child for child in children_of(pid) if b"inject.py" in command_line(child))
    return found, start_time(found)


def command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def is_gone(process: tuple[int, int | None]) -> bool:
    return not alive(process[0]) or start_time(process[0]) != process[1]


def waits_for(pid: int, injector: tuple[int, int | None]) -> bool:
    """Tell whether a debugger waits for the target to allocate: it holds it, and lets it run."""
    states = {(task / "stat").read_text().split()[2] for task in Path(f"/proc/{pid}/task").iterdir()}
    return debugger_below(injector[0]) == tracer_of(pid) != 0 and states == {"S"}


def wait_until_pending(pid: int, injector: tuple[int, int | None]) -> None:
    looks: list[bool] = []

    def has_settled() -> bool:
        looks.append(waits_for(pid, injector))
        return all(looks[-10:]) and len(looks) >= 10

    wait_until(has_settled)


def functions_in(capture: Path) -> str:
    """Return what memray's own command line finds in a capture."""
    run = [sys.executable, "-m", "memray", "stats", "--num-largest", "50", str(capture)]
    return subprocess.run(run, capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": "200"}).stdout


@contextmanager
def controller(pid: int, capture: Path) -> Iterator[subprocess.Popen[str]]:
    """Run an attachment in a process that can be killed; it prints each state once."""
    script = f"""
        from pathlib import Path
        from perftui.sources.heap.attach import HeapAttachment
        one, said = HeapAttachment({pid}, Path({str(capture)!r})), None
        one.start()
        while True:
            if one.poll(0.1).state is not said:
                said = one.poll().state
                print(said.value, flush=True)
    """
    run = [sys.executable, "-c", textwrap.dedent(script)]
    with subprocess.Popen(run, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_what_is_attached_traces_until_it_is_detached_and_the_target_lives_on(tmp_path: Path) -> None:
    capture = tmp_path / "a.bin"
    with target("busy") as busy, attachment(busy.pid, capture) as one:
        assert why_not(busy.pid) is None
        assert settle(one, State.TRACING, State.REFUSED) == AttachState(State.TRACING)
        wait_until(lambda: capture.stat().st_size > 50_000)
        assert busy.is_tracked
        one.detach()
        assert settle(one, State.DETACHED) == AttachState(State.DETACHED)
        assert not busy.is_tracked
        size = capture.stat().st_size
        assert busy.lives()
        assert busy.end() == (EXIT_CODE, b"")
        assert capture.stat().st_size == size
        assert "allocate" in functions_in(capture)


def test_an_attempt_is_cancelled_while_the_target_sleeps_and_it_never_notices(tmp_path: Path) -> None:
    with target("idle") as idle, attachment(idle.pid, tmp_path / "a.bin") as one:
        injector = injector_of(os.getpid())
        wait_until_pending(idle.pid, injector)
        one.detach()
        assert settle(one, State.DETACHED, State.REFUSED) == AttachState(State.DETACHED)
        wait_until(lambda: is_gone(injector))
        assert tracer_of(idle.pid) == 0
        assert idle.end() == (EXIT_CODE, b"")
    assert not (tmp_path / "a.bin").exists()


def test_a_dashboard_that_is_killed_while_the_debugger_waits_leaves_nothing_behind(tmp_path: Path) -> None:
    with target("idle") as idle, controller(idle.pid, tmp_path / "a.bin") as dashboard:
        injector = injector_of(dashboard.pid)
        wait_until_pending(idle.pid, injector)
        dashboard.kill()
        wait_until(lambda: is_gone(injector))
        assert tracer_of(idle.pid) == 0
        assert idle.end() == (EXIT_CODE, b"")


def test_a_dashboard_that_is_killed_while_memray_traces_leaves_no_tracing_behind(tmp_path: Path) -> None:
    with target("busy") as busy, controller(busy.pid, tmp_path / "a.bin") as dashboard:
        injector = injector_of(dashboard.pid)
        assert dashboard.stdout is not None
        wait_until(lambda: dashboard.stdout.readline() == "tracing\n")  # type: ignore[union-attr]
        dashboard.kill()
        wait_until(lambda: is_gone(injector))
        assert not busy.is_tracked
        assert busy.end() == (EXIT_CODE, b"")
    assert "allocate" in functions_in(tmp_path / "a.bin")


def test_a_dashboard_that_is_killed_at_once_leaves_nothing_behind(tmp_path: Path) -> None:
    with target("busy") as busy, controller(busy.pid, tmp_path / "a.bin") as dashboard:
        injector = injector_of(dashboard.pid)
        dashboard.kill()
        wait_until(lambda: is_gone(injector))
        assert not busy.is_tracked
        assert busy.end() == (EXIT_CODE, b"")


def test_a_signal_to_the_injector_detaches_and_harms_nobody(tmp_path: Path) -> None:
    with target("busy") as busy, attachment(busy.pid, tmp_path / "a.bin") as one:
        assert settle(one, State.TRACING, State.REFUSED).state is State.TRACING
        os.kill(injector_of(os.getpid())[0], signal.SIGTERM)
        assert settle(one, State.DETACHED).state is State.DETACHED
        assert not busy.is_tracked
        assert busy.end() == (EXIT_CODE, b"")


def test_a_target_that_ends_while_it_is_traced_ends_as_ever(tmp_path: Path) -> None:
    with target("busy") as busy, attachment(busy.pid, tmp_path / "a.bin") as one:
        assert settle(one, State.TRACING, State.REFUSED).state is State.TRACING
        injector = injector_of(os.getpid())
        assert busy.end() == (EXIT_CODE, b"")
        assert settle(one, State.DETACHED) == AttachState(State.DETACHED, f"Process {busy.pid} has ended.")
        wait_until(lambda: is_gone(injector))
    assert "allocate" in functions_in(tmp_path / "a.bin")


def test_a_target_that_is_killed_while_the_debugger_waits_is_told(tmp_path: Path) -> None:
    with target("idle") as idle, attachment(idle.pid, tmp_path / "a.bin") as one:
        injector = injector_of(os.getpid())
        wait_until_pending(idle.pid, injector)
        idle.process.kill()
        assert settle(one, State.DETACHED, State.REFUSED).message == f"Process {idle.pid} has ended."
        wait_until(lambda: is_gone(injector))


def test_a_target_that_falls_asleep_is_detached_from_all_the_same(tmp_path: Path) -> None:
    with target("dozing") as dozing, attachment(dozing.pid, tmp_path / "a.bin") as one:
        assert settle(one, State.TRACING, State.REFUSED).state is State.TRACING
        dozing.say()
        one.detach()
        assert settle(one, State.DETACHED) == AttachState(State.DETACHED)
        assert not dozing.is_tracked
        assert dozing.end() == (EXIT_CODE, b"")


def test_a_target_that_is_stopped_is_left_to_the_injector(tmp_path: Path) -> None:
    with target("busy") as busy:
        one = HeapAttachment(busy.pid, tmp_path / "a.bin")
        one.start()
        assert settle(one, State.TRACING, State.REFUSED).state is State.TRACING
        injector = injector_of(os.getpid())
        busy.process.send_signal(signal.SIGSTOP)
        wait_until(lambda: stat_fields(busy.pid)[0] == b"T")
        one.close(timeout_s=0.5)
        busy.process.send_signal(signal.SIGCONT)
        wait_until(lambda: is_gone(injector))
        assert not busy.is_tracked
        assert busy.end() == (EXIT_CODE, b"")


def test_a_process_that_is_traced_already_is_not_taken_away(tmp_path: Path) -> None:
    with target("busy") as busy, attachment(busy.pid, tmp_path / "a.bin") as one:
        assert settle(one, State.TRACING, State.REFUSED).state is State.TRACING
        problem = why_not(busy.pid)
        assert problem is not None
        assert str(tmp_path / "a.bin") in problem.message
        assert f"memray detach {busy.pid}" in problem.hint
        one.detach()
        settle(one, State.DETACHED)
        assert why_not(busy.pid) is None


def test_what_is_not_python_is_refused_before_and_by_the_debugger(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as sleep:
        try:
            wait_until(lambda: command_line(sleep.pid).startswith(b"sleep"))
            problem = why_not(sleep.pid)
            assert problem is not None
            assert "not a Python program" in problem.message
            with attachment(sleep.pid, tmp_path / "a.bin") as one:
                assert "finds no Python" in settle(one, State.REFUSED, State.TRACING).message
            assert sleep.poll() is None
        finally:
            sleep.kill()


def test_a_capture_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with target("busy") as busy, attachment(busy.pid, tmp_path / "missing" / "a.bin") as one:
        state = settle(one, State.REFUSED, State.TRACING)
        assert "cannot write the capture" in state.message
        assert "No such file or directory" in state.message
        assert state.hint
        assert busy.end() == (EXIT_CODE, b"")


def test_an_attempt_to_attach_to_a_process_that_has_ended_says_so(tmp_path: Path) -> None:
    with target("idle") as idle:
        idle.end()
        with attachment(idle.pid, tmp_path / "a.bin") as one:
            assert "has ended" in settle(one, State.DETACHED, State.REFUSED, State.TRACING).message


def test_the_debugger_of_this_machine_is_found() -> None:
    assert method_for(os.getpid()) == "gdb"


def perftui(home: Path, *words: object) -> subprocess.Popen[str]:
    run = [sys.executable, "-m", "perftui", *map(str, words)]
    return subprocess.Popen(
        run,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PERFTUI_HOME": str(home)},
    )


@pytest.mark.parametrize("mode", ["memory", "both"])
def test_a_recording_of_a_running_process_holds_its_memory_and_leaves_it_as_it_was(mode: str, tmp_path: Path) -> None:
    with target("busy") as busy:
        words = ("attach", busy.pid, "--mode", mode, "--yes", "--headless", "--json", "--duration", 4)
        with perftui(tmp_path, *words) as recording:
            out, errors = recording.communicate(timeout=LIMIT_S)
        assert recording.returncode == 0, errors
        memory = json.loads(out)["memory"]
        assert any("allocate" in row["function"] for row in memory["top"])
        assert memory["total_allocated_bytes"] > 1_000_000
        # Where a busy target lets the debugger wait, the injector outlives the recording until it is done.
        wait_until(lambda: not busy.is_tracked)
        assert busy.end() == (EXIT_CODE, b"")


def test_a_recording_that_is_killed_leaves_the_process_as_it_was(tmp_path: Path) -> None:
    with target("busy") as busy:
        words = ("attach", busy.pid, "--mode", "memory", "--yes", "--headless")
        with perftui(tmp_path, *words) as recording:
            injector = injector_of(recording.pid)
            wait_until(lambda: busy.is_tracked)
            recording.kill()
            recording.communicate()
        wait_until(lambda: is_gone(injector))
        assert not busy.is_tracked
        assert busy.end() == (EXIT_CODE, b"")


def test_memory_of_a_process_that_memray_cannot_enter_is_one_sentence(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as sleep:
        wait_until(lambda: command_line(sleep.pid).startswith(b"sleep"))
        with perftui(tmp_path, "attach", sleep.pid, "--mode", "memory", "--headless") as recording:
            _, errors = recording.communicate(timeout=LIMIT_S)
        sleep.kill()
    assert recording.returncode == 5
    assert "not a Python program" in errors
    assert "Traceback" not in errors
