"""A guess at the interpreter: a "no" is certain, everything else may be tried."""

from __future__ import annotations

import pytest

from perftui.sources.interpreter import Interpreter, Likeness, by_memory_map, by_program_name, interpreter_of
from tests.sources.machines import SimulatedMachine

PID = 99


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("/usr/bin/python3.12", (3, 12)),
        ("python", None),
        ("python3", None),
        ("python2.7", (2, 7)),
        ("/opt/python3.11-dbg", (3, 11)),
        ("/usr/bin/python3.10 (deleted)", (3, 10)),
        ("/Library/Frameworks/Python.framework/Versions/3.12/Python", None),
    ],
)
def test_a_program_of_that_name_is_python(name: str, version: tuple[int, int] | None) -> None:
    assert by_program_name(name) == Interpreter(Likeness.YES, version)


@pytest.mark.parametrize(
    "name", ["", "bash", "pythonista", "ipython-wrapper", "uwsgi", "python-build", "/usr/lib/python3/x"]
)
def test_a_program_of_another_name_is_not_known(name: str) -> None:
    assert by_program_name(name).likeness is Likeness.UNKNOWN


def test_the_build_is_told_apart() -> None:
    assert by_program_name("python3.13t").free_threaded
    assert by_program_name("pypy3.10").pypy
    assert not by_program_name("python3.13").free_threaded


@pytest.mark.parametrize(
    ("library", "expected"),
    [
        ("/usr/lib/libpython3.11.so.1.0", Interpreter(Likeness.YES, (3, 11))),
        ("/usr/lib/libpython3.7m.so.1.0", Interpreter(Likeness.YES, (3, 7))),
        ("/opt/libpython3.13t.so", Interpreter(Likeness.YES, (3, 13), free_threaded=True)),
        ("/usr/lib/libpypy3.10-c.so", Interpreter(Likeness.YES, (3, 10), pypy=True)),
        ("/tmp/_MEI1/libpython3.12.so.1.0 (deleted)", Interpreter(Likeness.YES, (3, 12))),
        ("/usr/lib/libc.so.6", Interpreter(Likeness.UNKNOWN)),
        ("/usr/lib/libboost_python311.so", Interpreter(Likeness.UNKNOWN)),
    ],
)
def test_a_library_tells_the_interpreter(library: str, expected: Interpreter) -> None:
    assert by_memory_map(f"7f00-7f10 r-xp 0 08:01 42   {library}\n") == expected


def test_a_program_without_any_trace_of_python_is_not_python() -> None:
    machine = SimulatedMachine().with_process(PID, program="/bin/ls", holds=b"\x7fELF\x02 nothing of the kind")
    assert interpreter_of(machine, PID).likeness is Likeness.NO


@pytest.mark.parametrize(
    "machine",
    [
        SimulatedMachine().with_process(PID, program="/opt/app", holds=b"... PYTHONHASHSEED ..."),
        SimulatedMachine().with_process(PID, program="/opt/app", holds=None),
        SimulatedMachine().with_process(PID, program="/opt/app", holds=b"", libraries=None),
        SimulatedMachine().with_process(PID, program="/opt/app", holds=b"", libraries="/usr/lib/python3/x.so"),
        SimulatedMachine().with_process(PID, program=None),
    ],
    ids=["linked in", "unreadable program", "unreadable map", "loads extensions", "nothing readable"],
)
def test_where_anything_is_hidden_nothing_is_denied(machine: SimulatedMachine) -> None:
    assert interpreter_of(machine, PID).likeness is Likeness.UNKNOWN


def test_an_embedded_interpreter_is_found_by_its_library() -> None:
    machine = SimulatedMachine().with_process(PID, program="/usr/bin/uwsgi", libraries="/usr/lib/libpython3.11.so.1.0")
    assert interpreter_of(machine, PID) == Interpreter(Likeness.YES, (3, 11))
