from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from perftui.sources import processes
from perftui.sources.keeper import children_by_scan, children_of, descendants_of

pytestmark = pytest.mark.skipif(not processes.HAS_PROC, reason="needs /proc")
NOBODY = (1 << 22) + 9
LIMIT_S = 20.0


@contextmanager
def running(*argv: str) -> Iterator[int]:
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.kill()
        process.communicate()


def becomes_true(claim: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + LIMIT_S
    while not claim() and time.monotonic() < deadline:
        time.sleep(0.01)
    return claim()


def test_the_living_and_the_dead_and_zombies_are_told_apart() -> None:
    process = subprocess.Popen(["true"])
    assert becomes_true(lambda: not processes.alive(process.pid))
    assert Path(f"/proc/{process.pid}").exists()
    process.wait()
    assert processes.alive(os.getpid())
    assert not processes.alive(NOBODY)


def test_of_nobody_nothing_is_known() -> None:
    assert processes.identity(NOBODY) is None
    assert processes.image(NOBODY) == ()
    assert processes.parent(NOBODY) == 0
    assert processes.thread_count(NOBODY) == 0
    assert processes.tracer_of(NOBODY) == 0
    assert processes.children(NOBODY) == []
    assert processes.descendants(NOBODY) == []
    assert not processes.is_python(NOBODY)
    assert not processes.ignores_gate(NOBODY)
    assert processes.cpu_so_far_s(NOBODY) is None


def test_interpreters_are_recognised() -> None:
    assert processes.is_python(os.getpid())
    with running("cat") as pid:
        assert not processes.is_python(pid)


def test_the_version_of_an_interpreter_is_told_by_its_files() -> None:
    assert processes.python_version(os.getpid()) == sys.version_info[:2]
    assert processes.python_version(NOBODY) is None
    with running("cat") as pid:
        assert processes.python_version(pid) is None


def test_nobody_traces_us_and_a_tracer_of_ours_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    assert processes.foreign_tracer(os.getpid(), ()) == 0
    monkeypatch.setattr(processes, "tracer_of", lambda _: os.getpid())
    assert processes.foreign_tracer(1, ()) == os.getpid()
    assert processes.foreign_tracer(1, {os.getpid()}) == 0


def test_a_process_that_replaces_itself_has_another_image_and_the_same_identity() -> None:
    with running("sh", "-c", "read line; exec cat") as pid:
        assert becomes_true(lambda: processes.image(pid) != ())
        image, identity = processes.image(pid), processes.identity(pid)
        assert processes.image(pid) == image
        with Path(f"/proc/{pid}/fd/0").open("wb", buffering=0) as pipe:
            pipe.write(b"\n")
        assert becomes_true(lambda: processes.image(pid) not in (image, ()))
        assert processes.identity(pid) == identity


def test_a_family_is_known_by_either_way_of_asking() -> None:
    with running("sh", "-c", "sleep 300 & wait") as pid:
        assert becomes_true(lambda: len(children_of(pid)) == 1)
        assert children_by_scan(pid) == children_of(pid) == processes.descendants(pid) == descendants_of(pid)
        (child,) = children_of(pid)
        assert processes.parent(child) == pid
        assert child in processes.descendants(os.getpid())
        os.kill(child, 9)


@pytest.mark.parametrize(
    ("options", "ignores"),
    [
        (("-I",), True),
        (("-u", "-S"), True),
        (("-uE",), True),
        ((), False),
        (("-u", "-c", "'-I'; import time; time.sleep(300)"), False),
        (("-Wignore::SyntaxWarning",), False),
    ],
)
def test_interpreters_that_will_not_come_to_the_gate_are_known_by_their_options(
    options: tuple[str, ...], ignores: bool
) -> None:
    program = () if "-c" in options else ("-c", "import time; time.sleep(300)")
    argv = (sys.executable, *options, *program)
    with running(*argv) as pid:
        # For a moment after its start a process has no command line.
        assert becomes_true(lambda: Path(f"/proc/{pid}/cmdline").read_bytes() != b"")
        assert processes.ignores_gate(pid) is ignores


def test_the_cost_of_a_process_is_known_while_it_runs() -> None:
    before = processes.cpu_so_far_s(os.getpid())
    assert before is not None
    assert before > 0
    # The kernel adds up at its next tick.
    assert becomes_true(lambda: (processes.cpu_so_far_s(os.getpid()) or 0) > before)


def test_the_machine_is_saturated_or_not() -> None:
    assert processes.saturated() in (True, False)
