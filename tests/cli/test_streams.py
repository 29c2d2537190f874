"""Closed, full and abandoned standard streams: the exit code stays true and no recording is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PERFTUI = f'"{sys.executable}" -m perftui'


def shell(home: Path, script: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {script}"],
        env={**os.environ, "PERFTUI_HOME": str(home), **variables},
        cwd=home,
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def many(home: Path) -> Path:
    """A session whose export is larger than any pipe holds."""
    (home / "many.col").write_text("".join(f"main;{'f' * 50}{number} 1\n" for number in range(10_000)))
    done = shell(home, f"{PERFTUI} import many.col --name many")
    assert done.returncode == 0, done.stderr
    return home


def test_a_reader_that_goes_away_is_no_failure(many: Path) -> None:
    done = shell(many, f"{PERFTUI} export many -f collapsed | head -1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"main;")
    assert done.stderr == b""


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="needs /dev/full")
def test_a_full_disk_behind_stdout_is_one_sentence(home: Path) -> None:
    done = shell(home, f"{PERFTUI} sessions list --json > /dev/full")
    assert done.returncode == 2
    assert b"cannot write the result: No space left on device" in done.stderr
    assert b"internal error" not in done.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_change_no_exit_code(home: Path, closed: str) -> None:
    assert shell(home, f"{PERFTUI} sessions list {closed}").returncode == 0
    assert shell(home, f"{PERFTUI} show nothing {closed}").returncode == 4
    assert shell(home, f"{PERFTUI} show --bogus {closed}").returncode == 2


def test_a_name_that_the_encoding_cannot_say_is_escaped(home: Path) -> None:
    (home / "one.col").write_text("ma…n 1\n")
    latin = {"PYTHONIOENCODING": "latin-1"}
    assert shell(home, f"{PERFTUI} import one.col --name nämé…", PYTHONUTF8="1").returncode == 0
    told = shell(home, f"{PERFTUI} show", **latin)
    assert told.returncode == 0, told.stderr
    document = shell(home, f"{PERFTUI} show --json", **latin)
    assert json.loads(document.stdout)["name"] == "nämé…"


@pytest.mark.integration
@pytest.mark.parametrize("closed", ["2>&-", "<&- >&- 2>&-"])
def test_a_recording_with_closed_streams_is_saved(home: Path, closed: str) -> None:
    command = f"""{PERFTUI} record --name quiet -- "{sys.executable}" -c 'print("x" * 5000)' {closed}"""
    assert shell(home, command).returncode == 0
    (session,) = (home / "sessions").iterdir()
    assert session.suffix == ".perftui", "it is finished, and nothing is left beside it"
    assert json.loads(shell(home, f"{PERFTUI} show quiet --json").stdout)["state"] == "complete"


@pytest.mark.integration
def test_a_recording_goes_on_when_nobody_reads_its_progress(home: Path) -> None:
    command = f"""{PERFTUI} record --name on -- "{sys.executable}" -c 'print("x" * 500000)' 2>&1 | head -c 5"""
    assert shell(home, command).returncode == 0
    assert json.loads(shell(home, f"{PERFTUI} show on --json").stdout)["state"] == "complete"
