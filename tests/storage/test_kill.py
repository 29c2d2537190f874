from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from perftui.storage.catalogue import Catalogue
from perftui.storage.session_file import open_session, verify

ROOT = Path(__file__).parents[2]
WINDOWS = 60


def killed_recorder(directory: Path, after: int) -> tuple[int, bool]:
    """Kill a recorder as soon as it has said `after` words; return the windows that it called stored."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.storage.recorder_child", str(directory), str(WINDOWS)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert child.stdout is not None
    for _ in range(after):
        child.stdout.readline()
    os.kill(child.pid, signal.SIGKILL)
    # What it said before it died counts too; `after` lines were read already.
    rest = child.stdout.read().splitlines()
    child.wait()
    child.stdout.close()
    numbers = [int(line) for line in rest if line.isdigit()]
    acknowledged = max([*numbers, after - 1, 0])
    return min(acknowledged, WINDOWS), "finished" in rest or after >= WINDOWS + 2


def survive(directory: Path, after: int) -> None:
    acknowledged, _ = killed_recorder(directory, after)
    entries = Catalogue(directory).list()
    assert [entry.trouble for entry in entries if entry.meta is None] == []
    if not entries:
        # It was killed before it had said that there was a session.
        assert after == 0
        return
    session = open_session(entries[0].path)
    assert len(session.windows) >= acknowledged
    assert len(session.readings) == len(list(session.records())) == len(session.windows)
    assert [snapshot.total_bytes for snapshot in session.heap] == list(range(1, 1 + len(session.windows)))
    assert b"".join(chunk.data for chunk in session.output).count(b"\n") == len(session.windows)
    assert verify(session.path) == []


@pytest.mark.parametrize("number", range(20))
def test_a_killed_recorder_loses_nothing_that_it_called_stored(tmp_path: Path, number: int) -> None:
    # The last ones are killed while they finish.
    survive(tmp_path, number * 3 if number < 14 else WINDOWS + 1 - number % 2)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_killed_recorder_loses_nothing_at_length(tmp_path: Path) -> None:
    chance = random.Random(20260104)
    for number in range(300):
        directory = tmp_path / str(number)
        directory.mkdir()
        survive(directory, chance.choice((chance.randrange(WINDOWS + 2), WINDOWS + 1)))


FULL_DISK = """
import resource, sys
from pathlib import Path
from perftui.errors import SessionWriteError
from perftui.storage.session_file import open_session, verify
from tests.storage.heap_sessions import heap
from tests.storage.sessions import Recording, begin, finish

writer = begin(Path(sys.argv[1]))
recording = Recording()
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), hard))
refused = 0
for i in range(120):
    writer.add_window(recording.window(*(f"main;{i};{k}" for k in range(40))))
    writer.add_heap(heap(f"main;{i} {i + 1} 1", at_s=float(i)))
    try:
        writer.commit()
    except SessionWriteError:
        refused += 1
# What was stored before can be read while the disk is full.
before = len(open_session(writer.path).windows)
try:
    finish(writer)
    raise SystemExit("finishing on a full disk should fail")
except SessionWriteError:
    pass
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
session = open_session(finish(writer))
assert verify(session.path) == []
assert [snapshot.total_bytes for snapshot in session.heap] == list(range(1, 121))
print(refused, before, len(session.windows))
"""


@pytest.mark.parametrize("limit", [120_000, 200_000, 333_333, 500_001])
def test_a_full_disk_holds_a_recording_up_and_loses_nothing(tmp_path: Path, limit: int) -> None:
    result = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path), str(limit)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    refused, before, windows = map(int, result.stdout.split())
    assert refused > 0
    assert 120 - refused <= before < 120
    assert windows == 120
