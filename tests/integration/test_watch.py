"""A watch of a real process: parts that lose nothing, intervals that follow an alert, and every way to end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import psutil
import pytest

from perftui.analysis.alerting import standings
from perftui.model.alert import AlertLevel
from perftui.model.session import SessionState
from perftui.recording.playback import Playback, open_playback
from perftui.storage.catalogue import Catalogue
from perftui.storage.listing import SessionEntry
from perftui.storage.session_file import verify

pytestmark = pytest.mark.integration
BUSY = "import time\nwhile True: sum(range(20_000)); time.sleep(0.002)"
IDLE = "import time; print('up', flush=True); time.sleep(600)"
ALARM = """
[alerts.processes]
warn = 0
action = []
critical = 1
[intervals]
critical = 0.25
warning = 0.5
normal = 60
"""
"""Alerts at once: there is always one process, and never a second one."""


class Start(Protocol):
    """Starts a watch of an own Python process."""

    def __call__(self, home: Path, *arguments: str, code: str = IDLE, pid: int = 0) -> subprocess.Popen[bytes]: ...


@pytest.fixture
def watch() -> Iterator[Start]:
    """Start watches, none of which outlives its test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(home: Path, *arguments: str, code: str = IDLE, pid: int = 0) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "perftui", "watch", "--sessions-dir", str(home), *arguments]
        command += [str(pid)] if pid else ["--", sys.executable, "-c", code]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def parts_of(home: Path) -> list[SessionEntry]:
    return sorted(Catalogue(home).list(), key=lambda entry: entry.meta.part if entry.meta else 0)


def opened(home: Path) -> list[Playback]:
    return [open_playback(entry.path) for entry in parts_of(home)]


def until(condition: Any, limit_s: float = 60.0) -> Any:
    """Wait for what another process does."""
    due_s = time.monotonic() + limit_s
    while not (found := condition()):
        assert time.monotonic() < due_s, "did not happen"
        time.sleep(0.05)
    return found


@pytest.fixture
def alarm(tmp_path: Path) -> Path:
    file = tmp_path / "alarm.toml"
    file.write_text(ALARM)
    return file


@pytest.fixture
def target() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", IDLE], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    yield process
    process.kill()
    process.wait()


def test_parts_follow_each_other_without_a_gap_and_alerts_stand_through_the_cut(
    tmp_path: Path, alarm: Path, watch: Start
) -> None:
    home = tmp_path / "s"
    process = watch(home, "--budget", str(alarm), "--rotate", "1s", "--for", "3.5s", "--json", "--name", "web")
    out, err = process.communicate(timeout=90)
    assert process.returncode == 0, err.decode()
    told = json.loads(out)
    parts = opened(home)
    assert len(parts) >= 3
    assert [part["id"] for part in told["parts"]] == [part.model.meta.id for part in parts]
    assert [part.model.meta.part for part in parts] == list(range(1, len(parts) + 1))
    assert {part.model.meta.name for part in parts} == {"web"}
    assert len({part.model.meta.group for part in parts}) == 1
    assert all(part.model.meta.state is SessionState.COMPLETE for part in parts)
    assert sum(part.model.meta.duration_s for part in parts) == pytest.approx(told["watched_s"], abs=0.1)
    for part in parts:
        assert not verify(part.path)
        assert [standing.level for standing in standings(part.model.events)] == [AlertLevel.WARN]
        assert len(part.model.processes.by_key) >= 1, "each part knows the processes that run"
    fired = [standings(part.model.events)[0].fired for part in parts]
    assert fired == [1] + [0] * (len(parts) - 1), "what stands since the part before has not fired again"
    moments, began_s = [], 0.0
    for part in parts:
        moments += [began_s + reading.at_s for reading in part.update.readings]
        began_s += part.model.meta.duration_s
    assert all(later > before for before, later in pairwise(moments))
    # It begins close, with four readings at the most before it steps back: the others come because a warning stands.
    assert len(moments) > 4


def test_the_oldest_parts_go_while_it_goes_on(tmp_path: Path, watch: Start) -> None:
    home = tmp_path / "s"
    process = watch(home, "--rotate", "1s", "--keep", "2")
    until(lambda: any(entry.meta and entry.meta.part >= 4 for entry in parts_of(home)))
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGINT
    numbers = [entry.meta.part for entry in parts_of(home) if entry.meta is not None]
    assert numbers[0] > 1
    assert len(numbers) <= 3, "on a busy machine the last one may still be on its way"
    assert b"removed (" in err
    assert not list((home / "trash").glob("*.perftui")), "what goes by itself frees the disk"


def test_a_budget_that_fails_is_told_when_it_does_and_where_at_the_end(tmp_path: Path, watch: Start) -> None:
    file = tmp_path / "b.toml"
    file.write_text('[resources.rss]\nlimit = "1MB"\n[alerts.processes]\nwarn = 0\naction = "run:false"')
    process = watch(tmp_path / "s", "--budget", str(file), "--rotate", "1.5s", "--for", "2.5s", "--quiet")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    lines = err.decode().splitlines()
    assert "budget: peak RSS: fail" in lines
    assert "alert: run: false: exit code 1" in lines
    assert not any("still WARN" in line for line in lines), "what stands since the part before is no news"
    assert lines[-1].startswith("the budget failed"), lines
    assert any(lines[-1].endswith(f"`perftui show {part.id}` tells where") for part in parts_of(tmp_path / "s"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_in_order_and_what_it_started(tmp_path: Path, number: signal.Signals, watch: Start) -> None:
    process = watch(tmp_path, code="import os, time; print(os.getpid(), flush=True); time.sleep(600)")
    assert process.stderr is not None
    pid = int(process.stderr.readline())
    until(lambda: parts_of(tmp_path))
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert not psutil.pid_exists(pid)
    (part,) = opened(tmp_path)
    assert part.model.meta.state is SessionState.COMPLETE
    assert part.model.meta.ended_by_us


def test_a_watch_that_is_killed_leaves_its_part_and_nothing_that_it_started(
    tmp_path: Path, alarm: Path, watch: Start
) -> None:
    code = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    process = watch(tmp_path / "s", "--budget", str(alarm), code=code)
    assert process.stderr is not None
    pid = int(process.stderr.readline())
    part = until(lambda: next(iter(parts_of(tmp_path / "s")), None))
    until(lambda: len(open_playback(part.path).update.readings) >= 3)
    process.kill()
    process.communicate()
    until(lambda: not psutil.pid_exists(pid))
    path = Catalogue(tmp_path / "s").resolve("@latest")
    playback = open_playback(path)
    assert playback.model.meta.state is SessionState.INTERRUPTED
    assert len(playback.update.readings) >= 3


def test_a_process_that_was_there_is_left_alone_and_its_end_is_told(
    tmp_path: Path, target: subprocess.Popen[bytes], watch: Start
) -> None:
    process = watch(tmp_path, pid=target.pid)
    until(lambda: parts_of(tmp_path))
    target.terminate()
    target.wait()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err.decode()
    assert f"process {target.pid} has ended".encode() in err
    (part,) = opened(tmp_path)
    assert part.model.meta.only_metered
    assert not part.model.aggregate.samples


def test_samples_in_flight_belong_to_one_part(tmp_path: Path, watch: Start) -> None:
    process = watch(tmp_path, "--cpu", "50", "--rotate", "1s", "--for", "7.5s", code=BUSY)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err.decode()
    parts = opened(tmp_path)
    assert len(parts) >= 2
    for part in parts:
        assert not verify(part.path)
        quality = part.model.quality
        assert quality.samples
        assert quality.sampled_s <= part.model.meta.duration_s + 0.5, "no window is told twice"
    sampled_s = sum(part.model.quality.sampled_s for part in parts)
    watched_s = sum(part.model.meta.duration_s for part in parts)
    print(f"{sampled_s:.2f} s of {watched_s:.2f} s sampled in {len(parts)} parts")
    assert sampled_s > 0.5 * watched_s
