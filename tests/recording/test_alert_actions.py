"""What alerts do, with a fault in each of it: real commands and a real server; the recording goes on meanwhile."""

from __future__ import annotations

import json
import os
import shlex
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from perftui.model.alert import ActionKind, AlertAction, AlertChange, AlertLevel, AlertRule
from perftui.model.session import SessionKind
from perftui.model.workload import Workload
from perftui.recording import alert_actions
from perftui.recording.alert_actions import ActionLimits, AlertActions
from perftui.recording.alert_desk import desk_of
from perftui.recording.plan import RecordingPlan
from perftui.units import Unit
from tests.recording.webhooks import Hook, webhooks
from tests.storage.sessions import meta

USUAL, QUICK = ActionLimits(), ActionLimits(run_s=0.8, webhook_s=0.8)
RUN, WEBHOOK, SNAPSHOT, STOP = ActionKind.RUN, ActionKind.WEBHOOK, ActionKind.SNAPSHOT, ActionKind.STOP


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with webhooks() as address:
        yield address


def change(*actions: tuple[ActionKind, str]) -> AlertChange:
    done = tuple(AlertAction(*action) for action in actions)
    rule = AlertRule("cpu", "cpu_percent", Unit.PERCENT, None, 90.0, critical_actions=done, reason="too much")
    return AlertChange(rule, 1, 3.0, 95.0, AlertLevel.CRITICAL, AlertLevel.OK, 0.0)


def done(*actions: tuple[ActionKind, str], limits: ActionLimits = USUAL, pid: int | None = None) -> list[str]:
    """What is logged of actions that are left their time."""
    acting = AlertActions(stop=lambda: "not here", limits=limits)
    acting.carry_out(change(*actions), meta(pid=pid))
    acting.wait(20, lambda: False)
    acting.close()
    events = acting.report(7.0)
    assert acting.pending == 0
    assert {(event.at_s, event.subject) for event in events} <= {(7.0, "alerts.cpu")}
    return sorted(event.text for event in events)


def python(code: str) -> str:
    return shlex.join([sys.executable, "-S", "-c", code])


def test_a_command_gets_the_facts_and_no_shell(tmp_path: Path) -> None:
    out = tmp_path / "facts"
    facts_of = "{k:v for k,v in os.environ.items() if 'ALERT' in k}"
    code = f"import json,os,sys;json.dump([sys.argv[2],{facts_of}],open(sys.argv[1],'w'))"
    (said,) = done((RUN, f"{python(code)} {out} '$HOME;ls'"))
    assert said == f"run: {Path(sys.executable).name}: done"
    given, facts = json.loads(out.read_text())
    assert given == "$HOME;ls"
    assert facts == {
        "PERFTUI_ALERT_NAME": "cpu",
        "PERFTUI_ALERT_METRIC": "cpu_percent",
        "PERFTUI_ALERT_LEVEL": "critical",
        "PERFTUI_ALERT_BEFORE": "ok",
        "PERFTUI_ALERT_VALUE": "95.0",
        "PERFTUI_ALERT_LIMIT": "90.0",
        "PERFTUI_ALERT_UNIT": Unit.PERCENT.value,
        "PERFTUI_ALERT_AT_S": "3.0",
        "PERFTUI_ALERT_LASTED_S": "0.0",
        "PERFTUI_ALERT_TEXT": "CPU CRITICAL: 95.0 % > 90.0 %",
        "PERFTUI_ALERT_REASON": "too much",
        "PERFTUI_ALERT_SESSION": meta().id,
        "PERFTUI_ALERT_SESSION_NAME": meta().name,
        "PERFTUI_ALERT_PID": "",
    }


def test_commands_that_fail_are_logged() -> None:
    assert done(
        (RUN, "/nowhere/tell me"),
        (RUN, "sh -c 'echo first >&2; echo \"no such user\" >&2; exit 3'"),
        (RUN, "sh -c 'kill -9 $$'"),
    ) == [
        "run: sh: ended by signal 9",
        "run: sh: exit code 3: no such user",
        "run: tell: cannot be started: No such file or directory",
    ]


def test_a_command_that_takes_too_long_is_ended_with_what_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    stubborn = f"trap '' TERM; (trap '' TERM; sleep 60) & echo $$ $! > {pids}; wait; sleep 60"
    late = "took longer than 800 ms, so it was ended"
    said = done((RUN, shlex.join(["sh", "-c", stubborn])), (RUN, "yes"), limits=QUICK)
    assert said == [f"run: sh: {late}", f"run: yes: {late}"]
    for pid in map(int, pids.read_text().split()):
        assert _gone(pid)


def _gone(pid: int) -> bool:
    """Whether a process ends within a while; an orphan is a zombie until somebody takes note of it."""
    for _ in range(200):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX":
                return True
            os.kill(pid, 0)
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.02)
    return False


def test_a_webhook_gets_the_facts_and_each_fault_of_it_is_logged(server: str) -> None:
    host = "webhook: 127.0.0.1:"
    paths = ("ok?key=secret", "broken", "endless", "elsewhere", "silent")
    said = done(*((WEBHOOK, f"{server}/{path}") for path in paths))
    assert said == sorted(
        [
            f"{host} answered 204",
            f"{host} answered 500",
            f"{host} answered 200",
            f"{host} answered 302; redirects are not followed",
            f"{host} no answer: Remote end closed connection without response",
        ]
    )
    assert sorted(path for path, _ in Hook.seen) == sorted(f"/{path}" for path in paths)
    body = Hook.seen[0][1]
    assert (body["schema"], body["name"], body["level"], body["value"], body["limit"], body["session"]) == (
        "perftui.alert/1", "cpu", "critical", 95.0, 90.0, meta().id,
    )  # fmt: skip


def test_a_webhook_that_does_not_answer_is_ended(server: str) -> None:
    assert done((WEBHOOK, f"{server}/slow"), limits=QUICK) == [
        "webhook: 127.0.0.1: took longer than 800 ms, so it was ended"
    ]


def test_an_address_that_nobody_answers_is_logged() -> None:
    closed, unknown = done(
        (WEBHOOK, "http://127.0.0.1:9/x"), (WEBHOOK, "http://nowhere.invalid/x"), limits=ActionLimits()
    )
    assert closed == "webhook: 127.0.0.1: no answer: Connection refused"
    assert unknown.startswith("webhook: nowhere.invalid: no answer: ")


def test_what_is_left_when_the_recording_ends_is_ended_and_said() -> None:
    acting = AlertActions(stop=str)
    acting.carry_out(change(*[(RUN, "sleep 60")] * 6), meta())
    acting.wait(0.1, lambda: False)
    acting.close()
    words = {event.text for event in acting.report(1.0)}
    assert words <= {"run: sleep: was ended with the recording", "run: sleep: was not begun before the recording ended"}
    assert acting.pending == 0


def test_more_than_can_wait_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alert_actions, "MOST_WAITING", 1)
    said = done((RUN, "true"), (RUN, "true"))
    assert said == ["run: true: done", "run: true: left out, because 1 actions are not done yet"]


@pytest.mark.parametrize(("threads", "cut"), [(400, False), (4_000, True)])
def test_a_snapshot_holds_the_stacks_of_all_threads_or_says_that_it_does_not(
    threads: int, cut: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = "".join(f"    work_{depth} (app.py:{depth})\n" for depth in range(20))
    code = f"for n in range({threads}): print('Thread', n, '(idle): \"worker\"\\n', end={stack!r})"
    monkeypatch.setattr(alert_actions, "find_pyspy", str)
    monkeypatch.setattr(alert_actions, "dump_argv", lambda *_: [sys.executable, "-S", "-c", code])
    (said,) = done((SNAPSHOT, ""), pid=os.getpid())
    head, _, stacks = said.partition("\n")
    number = sum(line.startswith("Thread ") for line in stacks.splitlines())
    assert head.startswith(f"snapshot: stacks of {number} threads")
    assert head.endswith("is left out") == cut
    assert (number < threads) == cut


def test_a_snapshot_of_what_is_no_python_is_refused_in_a_sentence() -> None:
    assert done((SNAPSHOT, "")) == ["snapshot: no process is observed"]
    (said,) = done((SNAPSHOT, ""), pid=2**22 + 5)
    assert said.startswith("snapshot: There is no process")


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (RecordingPlan(sessions=Path(), attach_pid=1), "stop: the process was attached to, so it is left alone"),
        (
            RecordingPlan(sessions=Path(), workload=Workload(("x",)), keep_target=True),
            "stop: the workload is to be kept, so it is left alone",
        ),
        (RecordingPlan(sessions=Path(), workload=Workload(("x",))), "stop: the workload is ended"),
    ],
)
def test_an_alert_ends_only_what_was_launched_and_is_not_to_be_kept(plan: RecordingPlan, said: str) -> None:
    stopped: list[bool] = []
    desk = desk_of(plan, log=lambda _: None, stop=lambda: stopped.append(True))
    desk._actions.carry_out(change((STOP, "")), meta(kind=SessionKind.LAUNCHED))
    assert [event.text for event in desk._actions.report(1.0)] == [said]
    assert bool(stopped) == said.endswith("is ended")
