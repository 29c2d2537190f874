"""The workload is never harmed by being traced, and its session is readable, however either of them ends."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from harness.command import PERFTUI, Home, workload
from harness.memray_truth import View, truth
from harness.processes import Process, carrying, descendants, running, wait_until

pytestmark = pytest.mark.integration

MB = 1_000_000
# What stands in the command line of the process that reads what is held.
LIVE_READER = "sources.heap.live"
HOLD = "heap_ending.py:hold"
HELD, HELD_IN_CHILD = 20 * MB, 5 * MB
# What the lists of the held blocks and their objects cost.
BESIDE = 10_000
LIMIT_S = 30.0


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def ending(how: str, seconds: float = 0.8) -> list[str]:
    return workload("heap_ending", how, seconds)


def record(home: Home, *words: str) -> tuple[dict[str, Any], str]:
    """Return the document of a recording of memory, and everything that was said beside it."""
    done = home.run("record", "--mode", "memory", "--json", *words)
    assert done.stdout, done.stderr
    document = json.loads(done.stdout)
    assert isinstance(document, dict)
    return document, done.stderr


def shown(home: Home, session: str) -> dict[str, Any]:
    document = home.json("show", session, "--json", "--top", "1000")
    assert isinstance(document, dict)
    return document


def self_bytes(memory: dict[str, Any], view: str) -> int:
    rows = memory["views"][view]["top"]
    return sum(row["self_bytes"] for row in rows if f"{Path(row['file']).name}:{row['function']}" == HOLD)


def assert_exact(memory: dict[str, Any], said: dict[str, View]) -> None:
    """What the session says of its capture is what memray's own reader says."""
    assert memory["exact"]
    assert memory["high_watermark_bytes"] == said["high_watermark"].total_bytes
    assert memory["leaked_bytes"] == said["leaked"].total_bytes
    assert memory["total_allocated_bytes"] == said["allocated"].total_bytes
    assert memory["allocations"] == said["allocated"].allocations
    for view in ("high_watermark", "leaked", "allocated"):
        assert self_bytes(memory, view) == said[view].self_bytes(HOLD), view


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("ends", 0),
        ("raises", 1),
        ("exits", 3),
        ("leaves", 4),
        ("kills", -signal.SIGKILL),
        ("crashes", -signal.SIGSEGV),
        pytest.param("spawns", 0, marks=pytest.mark.soak),
    ],
)
def test_a_session_is_exact_and_the_exit_code_kept_however_the_workload_ends(home: Home, how: str, code: int) -> None:
    document, _ = record(home, "--", *ending(how))
    assert document["exit_code"] == code
    memory = shown(home, document["id"])["memory"]
    assert_exact(memory, truth(Path(memory["capture"])))
    assert self_bytes(memory, "held") == pytest.approx(HELD, abs=BESIDE), "what the live table showed last"
    assert self_bytes(memory, "leaked") == pytest.approx(HELD, abs=BESIDE)
    assert memory["high_watermark_bytes"] > HELD + 9 * MB


def test_the_program_of_an_uncaught_exception_sees_its_own_traceback_only(home: Home) -> None:
    _, said = record(home, "--", *ending("raises", 0.1))
    assert "RuntimeError: as asked" in said
    assert "perftui/sources" not in said


@pytest.mark.parametrize(("how", "children"), [("forks", 1), ("pool", 4)])
def test_forked_children_have_captures_of_their_own_when_they_are_followed(home: Home, how: str, children: int) -> None:
    document, said = record(home, "--follow-forks", "--", *ending(how))
    assert document["exit_code"] == 0
    assert "finished" in said
    memory = shown(home, document["id"])["memory"]
    captures = [each for each in memory["captures"] if each["complete"]]
    assert len(captures) == children + 1
    assert self_bytes(memory, "held") == pytest.approx(HELD + children * HELD_IN_CHILD, abs=BESIDE), "all of them live"
    held = sorted(truth(Path(each["path"]))["leaked"].self_bytes(HOLD) for each in captures)
    assert held[-1] == pytest.approx(HELD, abs=BESIDE)
    assert sum(each["leaked_bytes"] for each in captures) == memory["leaked_bytes"]


@pytest.mark.parametrize("how", ["forks", pytest.param("pool", marks=pytest.mark.soak)])
def test_children_that_are_not_followed_do_not_disturb_the_figures_of_their_parent(home: Home, how: str) -> None:
    document, said = record(home, "--", *ending(how))
    assert document["exit_code"] == 0
    assert "finished" in said
    memory = shown(home, document["id"])["memory"]
    assert len(memory["captures"]) == 1
    assert_exact(memory, truth(Path(memory["capture"])))


class Running:
    """A recording that goes on while something happens to it."""

    def __init__(self, home: Home, *words: str) -> None:
        self.home = home
        self.mark = uuid.uuid4().hex
        self.output = home.directory / "said.json"
        home.directory.mkdir(parents=True, exist_ok=True)
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [PERFTUI, "record", "--mode", "memory", "--json", *words],
                env=home.environment({"PERFTUI_TEST_MARK": self.mark}),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.DEVNULL,
            )

    def below(self, word: str, count: int = 1) -> list[Process]:
        """The processes of perftui's own with a word in their command, once there are so many."""
        found: list[Process] = []

        def there() -> bool:
            found[:] = [one for one in descendants(self.process.pid) if word in one.command]
            return len(found) >= count

        assert wait_until(there, seconds=LIMIT_S), [one.command for one in descendants(self.process.pid)]
        return found

    def target(self) -> Process:
        """The workload, once it holds what it holds."""
        assert wait_until(lambda: len(self.targets()) > 0, seconds=LIMIT_S)
        return self.targets()[0]

    def targets(self) -> list[Process]:
        return [
            one
            for one in carrying(self.mark)
            if "heap_ending.py" in one.command and "perftui record" not in one.command
        ]

    def capture(self) -> Path:
        """The capture that is being written."""
        found: list[Path] = []

        def there() -> bool:
            found[:] = list(self.home.directory.rglob("captures/*.bin"))
            return bool(found)

        assert wait_until(there, seconds=LIMIT_S)
        return found[0]

    def document(self) -> dict[str, Any]:
        """What it says at its end."""
        self.process.wait(LIMIT_S)
        document = json.loads(self.output.read_bytes())
        assert isinstance(document, dict)
        return document


@contextmanager
def recording(home: Home, *words: str) -> Iterator[Running]:
    """Start a recording and leave nothing of it behind."""
    started = Running(home, *words)
    try:
        yield started
    finally:
        for one in [*carrying(started.mark), *descendants(started.process.pid)]:
            if running(one.pid):
                os.kill(one.pid, signal.SIGKILL)
        started.process.kill()
        started.process.wait()


@pytest.mark.parametrize(
    "number", [signal.SIGKILL, signal.SIGSTOP, pytest.param(signal.SIGTERM, marks=pytest.mark.soak)], ids=str
)
def test_a_live_reader_that_dies_or_hangs_harms_nobody(home: Home, number: signal.Signals) -> None:
    with recording(home, "--", *ending("ends", 2.5)) as started:
        started.capture()
        reader = started.below(LIVE_READER)[0]
        time.sleep(0.8)
        os.kill(reader.pid, number)
        document = started.document()
        assert not carrying(started.mark), "nothing is left, not even what was stopped"
    assert document["exit_code"] == 0
    memory = shown(home, document["id"])["memory"]
    assert_exact(memory, truth(Path(memory["capture"])))


def test_a_reader_that_is_killed_is_started_again_and_shows_the_heap_again(home: Home) -> None:
    with recording(home, "--", *ending("ends", 3)) as started:
        started.capture()
        first = started.below(LIVE_READER)[0]
        time.sleep(0.8)
        os.kill(first.pid, signal.SIGKILL)
        assert wait_until(
            lambda: any(LIVE_READER in one.command and one.pid != first.pid for one in carrying(started.mark)),
            seconds=LIMIT_S,
        )
        document = started.document()
    assert self_bytes(shown(home, document["id"])["memory"], "held") == pytest.approx(HELD, abs=BESIDE)


def test_a_disk_that_is_full_ends_the_tracing_and_not_the_workload(home: Home) -> None:
    # Python ignores the signal that comes with the limit, as a full disk sends none.
    shell = "ulimit -f 40; exec " + " ".join(workload("many_allocations", 200_000, 1_000))
    document, said = record(home, "--", "/bin/sh", "-c", shell)
    assert document["exit_code"] == 0
    assert "bytes held" in said
    memory = shown(home, document["id"])["memory"]
    assert memory["captures"][0]["size_bytes"] <= 40 * 1024
    assert not memory["exact"]
    assert "stopped before the process ended" in memory["captures"][0]["trouble"]
    assert not memory["exact"]
    assert "The tracing stopped" in memory["captures"][0]["trouble"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    place = tmp_path / "small"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("no file system can be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.soak
def test_a_full_disk_below_captures_and_session_harms_no_workload(small_disk: Path) -> None:
    home = Home(small_disk / "home")
    document, said = record(home, "--", *workload("many_allocations", 4_000_000, 1_000))
    assert document["exit_code"] == 0
    assert "bytes held" in said
    assert not document["memory"]["exact"]
    assert document["memory"]["captures"][0]["trouble"]


def test_a_capture_that_is_deleted_meanwhile_costs_its_figures_only(home: Home) -> None:
    with recording(home, "--", *ending("ends", 2.5)) as started:
        capture = started.capture()
        time.sleep(1)
        capture.unlink()
        document = started.document()
    assert document["exit_code"] == 0
    memory = shown(home, document["id"])["memory"]
    assert memory["capture"] is None
    assert not memory["exact"]
    assert self_bytes(memory, "held") == pytest.approx(HELD, abs=BESIDE), "the live table is kept"


def test_a_killed_perftui_leaves_nothing_behind_but_what_it_had_committed(home: Home) -> None:
    with recording(home, "--name", "cut", "--", *ending("ends", 30)) as started:
        started.capture()
        started.below(LIVE_READER)
        time.sleep(4)
        started.process.kill()
        started.process.wait()
        assert wait_until(lambda: not carrying(started.mark), seconds=LIMIT_S), carrying(started.mark)
    document = shown(home, "cut")
    assert document["state"] == "interrupted"
    memory = document["memory"]
    held = "held" if "held" in memory["views"] else "leaked"
    assert self_bytes(memory, held) == pytest.approx(HELD, abs=BESIDE)


def test_a_workload_to_keep_outlives_a_killed_perftui_and_completes_its_capture(home: Home) -> None:
    with recording(home, "--keep-target", "--", *ending("ends", 4)) as started:
        capture = started.capture()
        target = started.target()
        time.sleep(2)
        started.process.kill()
        started.process.wait()
        assert wait_until(lambda: not carrying_readers(started.mark), seconds=LIMIT_S)
        assert running(target.pid)
        before = capture.stat().st_size
        assert wait_until(lambda: not running(target.pid), seconds=LIMIT_S)
        assert capture.stat().st_size > before, "it was written on"
    said = truth(capture)
    assert said["leaked"].self_bytes(HOLD) == pytest.approx(HELD, abs=BESIDE)


def carrying_readers(mark: str) -> list[Process]:
    return [one for one in carrying(mark) if LIVE_READER in one.command]


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.soak)], ids=str)
def test_a_signal_to_perftui_ends_the_workload_and_saves_exact_figures(home: Home, number: signal.Signals) -> None:
    with recording(home, "--", *ending("ends", 30)) as started:
        started.capture()
        time.sleep(2.5)
        started.process.send_signal(number)
        document = started.document()
        assert not carrying(started.mark)
    assert started.process.returncode == 128 + number
    memory = shown(home, document["id"])["memory"]
    assert_exact(memory, truth(Path(memory["capture"])))
    assert self_bytes(memory, "leaked") == pytest.approx(HELD, abs=BESIDE)


def test_an_interpreter_that_takes_no_part_runs_as_ever(home: Home) -> None:
    python, *rest = ending("ends", 0.5)
    document, said = record(home, "--", python, "-I", *rest)
    assert document["exit_code"] == 0
    assert "finished" in said
    assert document["memory"] is not None
    assert document["memory"]["high_watermark_bytes"] is None


def test_of_a_command_that_starts_python_one_process_is_told_with_exact_figures(home: Home) -> None:
    document, _ = record(home, "--", "sh", "-c", f"{shlex.join(ending('ends'))}; exit 3")
    assert document["exit_code"] == 3
    memory = shown(home, document["id"])["memory"]
    assert len(memory["captures"]) == 1
    assert_exact(memory, truth(Path(memory["capture"])))


def test_a_command_without_python_runs_as_ever(home: Home) -> None:
    document, said = record(home, "--", "/bin/sh", "-c", "echo hello; exit 7")
    assert document["exit_code"] == 7
    assert "hello" in said
