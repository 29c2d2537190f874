"""Memory of a running process: nothing is attached that nobody agreed to, and CPU goes on without it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from perftui.cli import attach, headless, main
from perftui.errors import ObserveError
from perftui.model.workload import RecordMode
from perftui.recording.plan import RecordingPlan
from perftui.sources.heap import attachable

PID = str(os.getppid())


class Desk:
    """What sits in front of the program, and what came of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.plans: list[RecordingPlan] = []
        self.asked: list[str] = []
        self.answer = False
        self.problem: ObserveError | None = None
        self.is_terminal = True
        monkeypatch.setattr(attachable, "why_not", lambda _pid: self.problem)
        monkeypatch.setattr(attach, "explain_target", lambda _pid, **_: None)
        monkeypatch.setattr(attach, "_is_somebody_there", lambda: self.is_terminal)
        monkeypatch.setattr("click.confirm", self._confirm)
        monkeypatch.setattr(headless, "record_headless", self._record)

    def _confirm(self, question: str, **_: object) -> bool:
        self.asked.append(question)
        return self.answer

    def _record(self, plan: RecordingPlan, **_: object) -> int:
        self.plans.append(plan)
        return 0

    @property
    def mode(self) -> RecordMode:
        return self.plans[-1].mode


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Desk:
    monkeypatch.setenv("PERFTUI_HOME", str(tmp_path))
    return Desk(monkeypatch)


def run(mode: str, *more: str) -> int:
    return main(["attach", PID, "--headless", "--mode", mode, *more])


@pytest.mark.parametrize("mode", ["memory", "both"])
def test_the_risk_is_said_before_the_question(mode: str, desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.answer = True
    assert run(mode) == 0
    assert desk.mode is RecordMode(mode)
    assert f"process {PID}" in desk.asked[0]
    said = capsys.readouterr().err
    assert all(risk in said for risk in attachable.RISKS)


@pytest.mark.parametrize("mode", ["memory", "both"])
def test_who_agrees_beforehand_is_not_asked(mode: str, desk: Desk) -> None:
    desk.is_terminal = False
    assert run(mode, "--yes") == 0
    assert desk.mode is RecordMode(mode)
    assert desk.asked == []


def test_cpu_alone_needs_no_consent(desk: Desk) -> None:
    desk.is_terminal = False
    assert run("cpu") == 0
    assert main(["attach", PID, "--headless"]) == 0
    assert desk.mode is RecordMode.CPU
    assert desk.asked == []


@pytest.mark.parametrize("mode", ["memory", "both"])
def test_where_nobody_can_agree_the_command_line_is_to_say_so(
    mode: str, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.is_terminal = False
    assert run(mode) == 2
    assert f"perftui attach {PID} --mode {mode} --yes" in capsys.readouterr().err
    assert desk.plans == []


def test_a_no_leaves_cpu_and_meters_or_nothing(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("both") == 0
    assert desk.mode is RecordMode.CPU
    assert "CPU and meters" in capsys.readouterr().err
    assert run("memory") == 130
    assert len(desk.plans) == 1


def test_where_memray_cannot_be_attached_cpu_and_meters_go_on(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.problem = ObserveError("No debugger here.", hint="Install one.")
    assert run("both") == 0
    assert desk.mode is RecordMode.CPU
    assert run("memory") == 5
    said = capsys.readouterr().err
    assert said.count("No debugger here.") == 2
    assert said.count("Install one.") == 2
    assert len(desk.plans) == 1
    assert desk.asked == []
