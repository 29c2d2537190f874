"""What the options about memory make of a recording, and which of them contradict each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from perftui.cli import headless, main
from perftui.model.workload import MemoryOptions, RecordMode, Retention
from perftui.recording.plan import RecordingPlan


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PERFTUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", None)  # pytest's own has no descriptor
    return tmp_path


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> list[RecordingPlan]:
    """Every recording that was asked for; none is made."""
    asked: list[RecordingPlan] = []

    def record(plan: RecordingPlan, **_: Any) -> int:
        asked.append(plan)
        return 0

    monkeypatch.setattr(headless, "record_headless", record)
    return asked


def observed(plan: RecordingPlan) -> tuple[RecordMode, bool, MemoryOptions]:
    return plan.mode, plan.two_pass, plan.memory


@pytest.mark.parametrize(
    ("options", "mode", "two_pass", "memory"),
    [
        ([], RecordMode.CPU, False, MemoryOptions()),
        (["--mode", "memory"], RecordMode.MEMORY, False, MemoryOptions()),
        (["--mode", "both", "--native-allocations"], RecordMode.BOTH, False, MemoryOptions(native=True)),
        (["--two-pass", "--trace-pymalloc"], RecordMode.BOTH, True, MemoryOptions(pymalloc=True)),
        (["--mode", "memory", "--follow-forks"], RecordMode.MEMORY, False, MemoryOptions(children=True)),
        (["--mode", "both", "--capture", "drop"], RecordMode.BOTH, False, MemoryOptions(retention=Retention.DROP)),
    ],
)
def test_flags_say_what_is_recorded(
    options: list[str], mode: RecordMode, two_pass: bool, memory: MemoryOptions, plans: list[RecordingPlan]
) -> None:
    assert main(["record", *options, "--", "true"]) == 0
    assert [observed(plan) for plan in plans] == [(mode, two_pass, memory)]


def test_flags_are_stronger_than_the_profile_and_the_profile_than_the_settings(
    home: Path, plans: list[RecordingPlan]
) -> None:
    (home / "perftui.toml").write_text('mode = "memory"\n[memory]\nnative = true\nchildren = true\n')
    (home / "profiles").mkdir()
    command = '[workload]\ncommand = ["true"]\n'
    (home / "profiles/one.toml").write_text(f'{command}[memory]\nnative = false\ncapture = "drop"\n')
    (home / "profiles/two.toml").write_text(f"two_pass = true\n{command}")
    for words in (
        ["--", "true"],
        ["one"],
        ["one", "--mode", "cpu"],
        ["one", "--capture", "keep"],
        ["two"],
        ["two", "--mode", "both"],
        ["one", "--two-pass"],
    ):
        assert main(["record", *words]) == 0
    settings, one = MemoryOptions(native=True, children=True), MemoryOptions(children=True, retention=Retention.DROP)
    assert [observed(plan) for plan in plans] == [
        (RecordMode.MEMORY, False, settings),
        (RecordMode.MEMORY, False, one),
        (RecordMode.CPU, False, one),
        (RecordMode.MEMORY, False, MemoryOptions(children=True)),
        (RecordMode.BOTH, True, settings),
        (RecordMode.BOTH, False, settings),
        (RecordMode.BOTH, True, one),
    ]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--two-pass", "--mode", "cpu"], "no mode to choose"),
        (["--two-pass", "--keep-target"], "neither can be left running"),
        (["--native-allocations"], "--native-allocations is about allocations"),
        (["--mode", "cpu", "--trace-pymalloc"], "--trace-pymalloc is about allocations"),
        (["--follow-forks"], "--two-pass"),
        (["--capture", "drop"], "--capture is about allocations"),
        (["--mode", "memory", "--rate", "50"], "--rate is about CPU samples"),
        (["--mode", "memory", "--sampling", "blocking"], "--sampling is about CPU samples"),
        (["--mode", "memory", "--no-subprocesses"], "--subprocesses is about CPU samples"),
        (["--mode", "heap"], "is not one of"),
        (["--capture", "maybe"], "is not one of"),
    ],
)
def test_what_contradicts_itself_is_one_sentence(
    options: list[str], told: str, plans: list[RecordingPlan], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["record", *options, "--", "true"]) == 2
    assert told in capsys.readouterr().err
    assert plans == []


def test_sampling_goes_with_whatever_samples(plans: list[RecordingPlan]) -> None:
    for options in (["--mode", "both"], ["--two-pass"], []):
        assert main(["record", *options, "--rate", "50", "--no-subprocesses", "--", "true"]) == 0
    assert [plan.sampling.rate_hz for plan in plans] == [50, 50, 50]


@pytest.mark.parametrize("verb", ["run", "record", "attach"])
def test_the_help_names_each_option_with_its_price(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([verb, "--help"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    for option, price in {
        "--mode [cpu|memory|both]": "1.2 to 4 times slower",
        "--native-allocations": "up to 2.5 times slower still",
        "--trace-pymalloc": "1.1 to 3.2 times slower still",
        "--follow-forks": "a capture and a reader for each",
        "--capture [keep|drop]": "3 MB per million allocations",
    }.items():
        assert option in told
        assert price in told
    assert ("--two-pass" in told) is (verb != "attach")
