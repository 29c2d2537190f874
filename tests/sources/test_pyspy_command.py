from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from perftui.errors import ObserveError
from perftui.sources import pyspy_command
from perftui.sources.pyspy_command import (
    FailureKind,
    classify,
    explain_failure,
    find_pyspy,
    look_argv,
    record_argv,
)

DENIED = "Permission Denied: Try running again with elevated permissions by going 'sudo env \"PATH=$PATH\" !!'\n"
NONE_FOUND = "Error: No python processes found in process 7 or any of its subprocesses\n"


@pytest.fixture(autouse=True)
def plain_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain user of Linux without Yama, and a process of his own."""
    on_machine(monkeypatch)


def on_machine(
    monkeypatch: pytest.MonkeyPatch,
    *,
    uid: int = 1000,
    owner: int | None = 1000,
    yama: int | None = None,
    platform: str = "linux",
    exists: bool = True,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(pyspy_command, "_owner", lambda _: owner)
    monkeypatch.setattr(pyspy_command, "_yama_scope", lambda: yama)
    monkeypatch.setattr(pyspy_command, "_exists", lambda _: exists)


@pytest.mark.parametrize(
    ("text", "kind", "message", "hint"),
    [
        (
            "Error: Failed to get process executable name. Check that the process is running.\n"
            "Caused by: No such file or directory (os error 2)\n",
            FailureKind.GONE,
            "There is no process 7.",
            "ps",
        ),
        (
            "Error: Failed to find python version from target process\n",
            FailureKind.NOT_PYTHON,
            "Process 7 is not a Python interpreter.",
            "interpreter itself",
        ),
        (NONE_FOUND, FailureKind.NOT_PYTHON, "There is no Python interpreter in process 7 or below it.", "meters"),
        (
            "Error: Unsupported version of Python: 3.15.0\n",
            FailureKind.UNSUPPORTED,
            "Process 7 runs Python 3.15.0, which this py-spy cannot read.",
            "--upgrade py-spy",
        ),
        (
            "Permission Denied\n\nIt looks like you are running in a docker container. Please make sure you started "
            "your container with the SYS_PTRACE capability. See ...",
            FailureKind.PERMISSION,
            "This container may not observe process 7.",
            "--cap-add SYS_PTRACE",
        ),
        (DENIED, FailureKind.PERMISSION, "No permission to observe process 7.", "sudo"),
        (
            "Error: Failed to suspend process\nCaused by:\n    EPERM: Operation not permitted\n",
            FailureKind.TRACED,
            "Process 7 cannot be stopped for a look: a debugger or another profiler holds it, or it is suspended.",
            "nonblocking",
        ),
        (
            "Error: Failed to suspend process\nunexpected waitpid result PtraceEvent(Pid(7), SIGSTOP, 128)\n",
            FailureKind.TRACED,
            "Process 7 cannot be stopped for a look: a debugger or another profiler holds it, or it is suspended.",
            "nonblocking",
        ),
        ("\n \x1b[31mstrange\n", FailureKind.OTHER, "py-spy failed on process 7: ␛[31mstrange", "doctor"),
        ("", FailureKind.OTHER, "py-spy failed on process 7: it said nothing", "doctor"),
    ],
)
def test_every_complaint_becomes_a_sentence_and_a_remedy(text: str, kind: FailureKind, message: str, hint: str) -> None:
    failure = classify(text, 7)
    assert (failure.kind, failure.message) == (kind, message)
    assert hint in failure.hint
    assert explain_failure(text, 7) == (failure.message, failure.hint)


def test_the_remedy_for_a_denial_fits_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    on_machine(monkeypatch, yama=1)
    assert "ptrace_scope=0" in classify(DENIED, 7).hint
    on_machine(monkeypatch, yama=2)
    assert "only root" in classify(DENIED, 7).hint
    on_machine(monkeypatch, owner=0)
    assert classify(DENIED, 7).message == "Process 7 belongs to another user (root)."
    on_machine(monkeypatch, owner=987_654)
    assert "uid 987654" in classify(DENIED, 7).message
    on_machine(monkeypatch, uid=0)
    assert "--cap-add SYS_PTRACE" in classify(DENIED, 7).hint
    on_machine(monkeypatch, platform="darwin")
    assert "macOS" in classify(DENIED, 7).hint


def test_what_the_tool_hides_when_it_follows_children_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    on_machine(monkeypatch, exists=False)
    assert classify(NONE_FOUND, 7).kind is FailureKind.GONE
    on_machine(monkeypatch, owner=0)
    assert classify(NONE_FOUND, 7).kind is FailureKind.PERMISSION
    on_machine(monkeypatch, yama=1)
    assert classify(NONE_FOUND, 7).kind is FailureKind.PERMISSION


def test_commands_say_what_is_asked_for() -> None:
    argv = record_argv("py-spy", 7, rate_hz=50, cap_s=20, subprocesses=True, nonblocking=False, native=True)
    expected = "py-spy record -p 7 -f speedscope -o /dev/stdout -r 50 -d 20 -s --native"
    assert argv == expected.split()
    argv = record_argv("py-spy", 7, rate_hz=50, cap_s=20, subprocesses=False, nonblocking=True, native=True)
    assert argv[-1] == "--nonblocking"
    assert "--native" not in argv
    assert look_argv("py-spy", 7, subprocesses=True) == ["py-spy", "dump", "--json", "--nonblocking", "-p", "7", "-s"]


def test_the_sampler_is_sought_beside_the_interpreter_and_then_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside, elsewhere = tmp_path / "bin", tmp_path / "elsewhere"
    for directory in (beside, elsewhere):
        directory.mkdir()
    monkeypatch.setattr(sys, "executable", str(beside / "python"))
    monkeypatch.setenv("PATH", str(elsewhere))
    with pytest.raises(ObserveError, match="not installed") as caught:
        find_pyspy()
    assert "pip install" in caught.value.hint
    for directory in (elsewhere, beside):
        (directory / "py-spy").write_text("#!/bin/sh\n")
        (directory / "py-spy").chmod(0o755)
        assert find_pyspy() == str(directory / "py-spy")
