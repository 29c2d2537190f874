from __future__ import annotations

from dataclasses import replace

import pytest

from perftui.budgets.spec import Budget, Gate
from perftui.errors import ExitCode
from perftui.model.session import SessionKind, SessionMeta, SessionState
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.recording.session_model import SessionModel
from perftui.recording.summary import document, exit_code
from perftui.recording.surroundings import session_name
from perftui.recording.update import Phase, Update
from perftui.units import Unit

META = SessionMeta(
    "20260101-000000-aaaa", "run", SessionKind.LAUNCHED, SessionState.COMPLETE, "2026-01-01T00:00:00+00:00"
)


def model(meta: SessionMeta = META, *verdicts: Verdict) -> SessionModel:
    made = SessionModel(meta)
    rules = tuple(
        RuleVerdict(f"rule-{i}", "x", "wall_s", Unit.SECONDS, 1.0, None, 2.0, verdict)
        for i, verdict in enumerate(verdicts)
    )
    made.apply(Update(meta, Phase.DONE, 1.0, verdicts=rules))
    return made


@pytest.mark.parametrize(
    ("meta", "verdicts", "code"),
    [
        (replace(META, exit_code=0), [Verdict.PASS], ExitCode.OK),
        (replace(META, exit_code=0), [Verdict.WARN, Verdict.INCONCLUSIVE, Verdict.MISSING], ExitCode.OK),
        (replace(META, exit_code=0), [Verdict.PASS, Verdict.FAIL], ExitCode.FAILED_CHECK),
        (replace(META, exit_code=7), [Verdict.FAIL], ExitCode.WORKLOAD_FAILED),
        (replace(META, exit_code=-15, ended_by_us=True), [], ExitCode.OK),
        (replace(META, exit_code=None), [], ExitCode.OK),
        (replace(META, kind=SessionKind.ATTACHED, trouble="not Python"), [], ExitCode.CANNOT_OBSERVE),
    ],
)
def test_the_exit_code_says_the_worst_that_the_run_itself_did(
    meta: SessionMeta, verdicts: list[Verdict], code: ExitCode
) -> None:
    assert exit_code(model(meta, *verdicts)) is code


def test_a_budget_says_what_inconclusive_means_for_the_exit_code() -> None:
    made = model(replace(META, exit_code=0), Verdict.INCONCLUSIVE)
    assert exit_code(made, Budget("strict", on_inconclusive=Gate.FAIL)) is ExitCode.FAILED_CHECK
    assert exit_code(made, Budget("usual")) is ExitCode.OK


def test_a_document_of_an_empty_session_has_every_key() -> None:
    made = document(model(), None, top=3)
    assert made["cpu"]["samples"] == 0
    assert made["cpu"]["coverage"] == 0
    assert made["hotspots"] == []
    assert made["readings"]["peak_rss_bytes"] is None


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("python", "app.py", "--x"), "app"),
        (("/usr/bin/python3.12", "-X", "dev", "-m", "http.server"), "http.server"),
        (("python", "-c", "pass"), "python-c"),
        (("./bin/serve.sh", "now"), "serve"),
        (("pytest",), "pytest"),
    ],
)
def test_a_session_is_called_by_what_ran(command: tuple[str, ...], name: str) -> None:
    assert session_name(command, "", 1) == name


def test_a_profile_and_a_pid_name_a_session_too() -> None:
    assert session_name(("python", "app.py"), "demo", 1) == "demo"
    assert session_name((), "", 42) == "pid-42"
