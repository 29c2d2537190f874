"""Trouble is said before it happens, with a remedy of one line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from perftui.errors import ExitCode
from perftui.model.workload import SamplingMode
from perftui.sources.diagnosis import (
    Check,
    CheckVerdict,
    diagnose_machine,
    explain_launch,
    explain_target,
    terminal_checks,
)
from tests.sources.machines import ALL_RIGHTS, US, SimulatedMachine

OK, WARN, FAIL = CheckVerdict.OK, CheckVerdict.WARN, CheckVerdict.FAIL
PID = 99
SESSIONS = Path("/home/ada/sessions")


def checked(machine: SimulatedMachine) -> dict[str, Check]:
    return {check.name: check for check in diagnose_machine(sessions=SESSIONS, probe=machine)}


def drawn(
    environ: Mapping[str, str] | None = None, *, encoding: str = "utf-8", columns: int = 160, lines: int = 50
) -> dict[str, CheckVerdict]:
    checks = terminal_checks(environ=environ or {}, is_terminal=True, columns=columns, lines=lines, encoding=encoding)
    return {check.name: check.verdict for check in checks}


def test_a_machine_that_has_everything_is_all_ok() -> None:
    checks = checked(SimulatedMachine(uid=0))
    assert {check.verdict for check in checks.values()} == {OK}
    assert not any(check.remedy for check in checks.values())


@pytest.mark.parametrize(
    ("machine", "name", "verdict"),
    [
        (SimulatedMachine(python=(3, 10, 13)), "Python", FAIL),
        (SimulatedMachine(has_pyspy=False), "py-spy", FAIL),
        (SimulatedMachine(commands={"--version": None}), "py-spy", FAIL),
        (SimulatedMachine(commands={"--version": "py-spy 0.5.0", "dump": "Thread 1"}), "py-spy", WARN),
        (SimulatedMachine(commands={"--version": "py-spy 0.3.14", "dump": "Thread 1"}), "py-spy", WARN),
        (SimulatedMachine(commands={"--version": "\x1b[31mhm", "dump": "Thread 1"}), "py-spy", WARN),
        (SimulatedMachine(packages={}), "memray", WARN),
        (SimulatedMachine(packages={"memray": "1.19.1"}), "memray", WARN),
        (SimulatedMachine(packages={"memray": "unknown"}), "memray", WARN),
        (SimulatedMachine().with_yama(1), "permission", WARN),
        (SimulatedMachine().with_yama(2), "permission", FAIL),
        (SimulatedMachine(uid=0).with_yama(3), "permission", FAIL),
        (SimulatedMachine(platform="darwin"), "permission", FAIL),
        (SimulatedMachine(commands={"--version": "py-spy 0.4.3", "dump": None}), "trial", FAIL),
        (SimulatedMachine(free=200 << 20), "disk", WARN),
        (SimulatedMachine(free=1 << 20), "disk", FAIL),
        (SimulatedMachine(may_write=False), "sessions", FAIL),
    ],
)
def test_each_trouble_is_found_and_has_a_remedy_of_one_line(
    machine: SimulatedMachine, name: str, verdict: CheckVerdict
) -> None:
    check = checked(machine)[name]
    assert check.verdict is verdict
    assert check.remedy
    assert "\n" not in check.remedy + check.finding
    assert "\x1b" not in check.finding


def test_free_space_that_cannot_be_told_is_a_warning() -> None:
    assert checked(SimulatedMachine(free=None))["disk"].verdict is WARN


def test_no_trial_is_made_where_the_rules_forbid_it_anyway() -> None:
    assert "trial" not in checked(SimulatedMachine().with_yama(1))
    assert "trial" not in checked(SimulatedMachine(has_pyspy=False))


def test_a_container_is_named() -> None:
    assert "Docker" in checked(SimulatedMachine(files={"/.dockerenv": ""}))["container"].finding


@pytest.mark.parametrize(
    ("environ", "verdict"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, OK),
        ({"TERM": "xterm-256color", "COLORTERM": "24bit"}, OK),
        ({"TERM": "xterm-256color"}, WARN),
        ({"TERM": "linux"}, WARN),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, WARN),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": ""}, OK),
        ({"TERM": "dumb", "COLORTERM": "truecolor"}, FAIL),
        ({}, FAIL),
    ],
)
def test_colours(environ: dict[str, str], verdict: CheckVerdict) -> None:
    assert drawn(environ)["colours"] is verdict


@pytest.mark.parametrize(
    ("columns", "lines", "verdict"), [(80, 24, OK), (79, 24, WARN), (80, 23, WARN), (240, 70, OK), (0, 0, WARN)]
)
def test_size(columns: int, lines: int, verdict: CheckVerdict) -> None:
    assert drawn(columns=columns, lines=lines)["size"] is verdict


@pytest.mark.parametrize(
    ("encoding", "verdict"), [("utf-8", OK), ("UTF8", OK), ("ascii", FAIL), ("iso-8859-1", FAIL), ("", FAIL)]
)
def test_encoding(encoding: str, verdict: CheckVerdict) -> None:
    assert drawn(encoding=encoding)["encoding"] is verdict


def test_without_a_terminal_only_that_is_said() -> None:
    checks = terminal_checks(environ={}, is_terminal=False, columns=80, lines=24, encoding="ascii")
    assert [(check.name, check.verdict) for check in checks] == [("terminal", WARN)]


@pytest.mark.parametrize(
    "machine",
    [
        SimulatedMachine().with_process(PID),
        SimulatedMachine(uid=0).with_process(PID, uid=1000),
        SimulatedMachine(uid=0).with_yama(1).with_process(PID, dumpable=False),
        SimulatedMachine().with_process(PID, program="/opt/app", holds=None),
        SimulatedMachine().with_process(PID, status={"TracerPid": "5"}),
        SimulatedMachine().with_process(PID, program="/usr/bin/python3.14"),
        SimulatedMachine().with_process(PID, program="/usr/bin/python2.7"),
        SimulatedMachine(platform="darwin", uid=0, processes={PID}),
    ],
    ids=["plain", "root", "root, not dumpable", "not certain", "traced", "newest", "oldest", "root on a mac"],
)
def test_where_nothing_speaks_against_it_nothing_is_said(machine: SimulatedMachine) -> None:
    assert explain_target(PID, probe=machine) is None


@pytest.mark.parametrize(
    ("machine", "message", "hint"),
    [
        (SimulatedMachine(), "no process 99", "pgrep"),
        (SimulatedMachine().with_process(PID, status={"State": "Z (zombie)", "PPid": "7"}), "its parent 7", "running"),
        (SimulatedMachine().with_process(PID, program=None, flags=0x00208040), "kernel", "Python"),
        (SimulatedMachine().with_process(PID, program="/bin/ls", holds=b"ls"), "(ls) is not a Python", "pgrep"),
        (SimulatedMachine().with_process(PID, uid=1001), "belongs to grace", "sudo"),
        (SimulatedMachine().with_process(PID, uid=0, program=None, libraries=None), "belongs to root", "sudo"),
        (SimulatedMachine().with_process(PID, status={"Uid": "1000\t0\t0\t0"}), "belongs to root", "sudo"),
        (SimulatedMachine().with_yama(1).with_process(PID), "ptrace_scope=1", "perftui run"),
        (SimulatedMachine().with_yama(2).with_process(PID), "ptrace_scope=2", "sudo"),
        (SimulatedMachine(uid=0).with_yama(3).with_process(PID), "ptrace_scope=3", "/etc/sysctl.d"),
        (SimulatedMachine().with_process(PID, dumpable=False), "not dumpable", "sudo"),
        (SimulatedMachine().with_process(PID, status={"CapPrm": ALL_RIGHTS}), "rights", "sudo"),
        (SimulatedMachine().with_process(PID, holds=b"\x7fELF\x01 PyEval_"), "32-bit", "64-bit"),
        (SimulatedMachine().with_process(PID, program="/usr/bin/pypy3.10"), "PyPy", "CPython"),
        (SimulatedMachine().with_process(PID, program="/usr/bin/python3.13t"), "free-threaded", "usual"),
        (SimulatedMachine().with_process(PID, program="/usr/bin/python3.15"), "Python 3.15", "3.14"),
        (SimulatedMachine().with_process(PID, libraries="/lib/libpython3.15.so.1.0"), "Python 3.15", "3.14"),
        (SimulatedMachine().with_process(PID, program="/usr/bin/python3.2"), "Python 3.2", "3.14"),
        (SimulatedMachine(platform="darwin", processes={PID}), "macOS", "sudo"),
    ],
)
def test_why_a_process_cannot_be_observed(machine: SimulatedMachine, message: str, hint: str) -> None:
    problem = explain_target(PID, probe=machine)
    assert problem is not None
    assert problem.exit_code is ExitCode.CANNOT_OBSERVE
    assert message in problem.message
    assert hint in problem.hint
    assert "\n" not in problem.message + problem.hint


def test_perftui_does_not_observe_itself() -> None:
    problem = explain_target(US, probe=SimulatedMachine(uid=0).with_process(US))
    assert problem is not None
    assert "itself" in problem.message


@pytest.mark.parametrize("pid", [0, -1, 2**40])
def test_a_number_that_names_no_process_is_said_to(pid: int) -> None:
    problem = explain_target(pid, probe=SimulatedMachine())
    assert problem is not None
    assert "no process" in problem.message


def test_a_shell_that_started_python_names_its_child() -> None:
    machine = SimulatedMachine().with_process(PID, program="/bin/bash", holds=b"bash").with_process(120, parent=PID)
    problem = explain_target(PID, probe=machine)
    assert problem is not None
    assert "perftui attach 120" in problem.hint


def test_perftui_is_not_the_python_that_a_shell_is_said_to_have_started() -> None:
    machine = SimulatedMachine().with_process(PID, program="/bin/bash", holds=b"bash").with_process(US, parent=PID)
    problem = explain_target(PID, probe=machine)
    assert problem is not None
    assert "attach" not in problem.hint


def test_another_tracer_matters_only_where_exact_samples_are_asked_for() -> None:
    machine = SimulatedMachine().with_process(PID, status={"TracerPid": "5"})
    assert explain_target(PID, mode=SamplingMode.NONBLOCKING, probe=machine) is None
    problem = explain_target(PID, mode=SamplingMode.BLOCKING, probe=machine)
    assert problem is not None
    assert "process 5" in problem.message
    assert "nonblocking" in problem.hint


def test_a_name_that_would_act_on_the_terminal_is_only_shown() -> None:
    machine = SimulatedMachine().with_process(PID, uid=1001, status={"Name": "\x1b[2Jevil"})
    problem = explain_target(PID, probe=machine)
    assert problem is not None
    assert "\x1b" not in problem.message


@pytest.mark.parametrize("held", ["", "garbage", "99 (x", ") S", ") S x y z 1 2 nan", "\0\0\0"])
def test_a_status_that_makes_no_sense_is_no_reason_to_refuse(held: str) -> None:
    machine = SimulatedMachine(uid=0).with_process(PID)
    machine.files[f"/proc/{PID}/stat"] = held
    machine.files[f"/proc/{PID}/status"] = held
    assert explain_target(PID, probe=machine) is None


@pytest.mark.parametrize(
    ("machine", "message"),
    [
        (SimulatedMachine(has_pyspy=False), "py-spy"),
        (SimulatedMachine().with_yama(2), "ptrace_scope=2"),
        (SimulatedMachine(platform="darwin"), "macOS"),
    ],
)
def test_what_keeps_a_launched_command_from_being_sampled(machine: SimulatedMachine, message: str) -> None:
    problem = explain_launch(probe=machine)
    assert problem is not None
    assert message in problem.message
    assert problem.hint


def test_a_plain_user_under_yama_may_launch() -> None:
    assert explain_launch(probe=SimulatedMachine().with_yama(1)) is None
