"""What `perftui watch` understands of its limits, and what it refuses before anything is started."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from perftui.cli import main, watching
from perftui.recording.plan import RecordingPlan
from perftui.recording.watch_plan import Keep, WatchPlan

DAY_S = 86_400.0


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PERFTUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", None)  # pytest's own has no descriptor
    return tmp_path / "home"


def asked(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[RecordingPlan, WatchPlan]:
    """What a command line asks for."""
    plans: list[tuple[RecordingPlan, WatchPlan]] = []

    def note(plan: RecordingPlan, watch: WatchPlan, **_: object) -> int:
        plans.append((plan, watch))
        return 0

    monkeypatch.setattr(watching, "follow", note)
    assert main(["watch", *arguments]) == 0
    return plans[0]


def test_a_part_is_a_day_and_everything_stays_where_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    plan, watch = asked(monkeypatch, str(os.getpid()))
    assert plan.attach_pid == os.getpid()
    assert (plan.samples, plan.duration_s) == (False, None)
    assert {rule.metric for rule in plan.usual_alerts} >= {"system_cpu_percent", "memory_percent"}
    assert (watch.rotate_s, watch.rotate_bytes, watch.keep) == (DAY_S, None, Keep())


@pytest.mark.parametrize(
    ("arguments", "rotation"),
    [
        (["--rotate", "12h"], (DAY_S / 2, None)),
        (["--rotate", "100MB"], (None, 100_000_000)),
        (["--rotate", "24h", "--rotate", "1MiB"], (DAY_S, 1 << 20)),
        (["--rotate", "never"], (None, None)),
    ],
)
def test_a_part_ends_by_time_by_size_or_by_both(
    arguments: list[str], rotation: tuple[float | None, int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, watch = asked(monkeypatch, *arguments, "--", "true")
    assert (watch.rotate_s, watch.rotate_bytes) == rotation


def test_what_is_kept_is_a_number_a_size_or_an_age(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ["--keep", "30", "--keep", "2GB", "--keep", "30d", "--for", "7d", "--cpu", "10"]
    plan, watch = asked(monkeypatch, *arguments, "--", "true")
    assert watch.keep == Keep(30, 2_000_000_000, 30 * DAY_S)
    assert plan.duration_s == 7 * DAY_S
    assert (plan.samples, plan.sampling.rate_hz) == (True, 10)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "say what to watch"),
        (["--for", "soon", "--", "true"], "'soon' is no time"),
        (["--for", "10", "--", "true"], "'10' is no time"),
        (["--for", "nan", "--", "true"], "'nan' is no time"),
        (["--for", "-1h", "--", "true"], "'-1h' is no time"),
        (["--rotate", "0.1s", "--", "true"], "a part lasts a second"),
        (["--rotate", "1kB", "--", "true"], "an empty session"),
        (["--rotate", "\x1b[31m", "--", "true"], "is neither a size nor a time"),
        (["--keep", "a few", "--", "true"], "'a few' is neither a size nor a time"),
        # Not 30 bytes: all that was recorded would go.
        (["--keep", "30.0", "--", "true"], "write it like 30 (parts)"),
        (["--for", "soon", "--", "true"], "is no time"),
        (["--budget", "missing", "--", "true"], "missing"),
    ],
)
def test_what_is_no_limit_is_one_sentence_and_nothing_is_started(
    arguments: list[str], said: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["watch", *arguments]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "\x1b" not in told
    assert not home.exists()


def test_a_process_that_is_not_there_cannot_be_observed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "999999999"]) == 5
    assert "there is no process 999999999" in capsys.readouterr().err
