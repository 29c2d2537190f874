"""What alerts do while a real workload is recorded, with a fault in each of it: the recording does not feel it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.recording.webhooks import Hook, webhooks

pytestmark = pytest.mark.integration

BUSY = """
import os, sys, time
def leaf(n):
    return sum(i * i for i in range(n))
begun = time.monotonic()
while time.monotonic() < begun + 1.5 or not os.path.exists(sys.argv[1]) and time.monotonic() < begun + 40:
    leaf(2000)
sys.exit(3)
"""
STUBBORN = """trap '' TERM
(trap '' TERM; sleep 300) &
echo $$ $! > "$PERFTUI_HOME/stubborn"
wait; sleep 300
"""
HOOKS = ("slow", "broken", "endless", "silent")


@pytest.fixture
def busy(tmp_path: Path) -> Path:
    script = tmp_path / "busy.py"
    script.write_text(BUSY)
    return script


def budget(folder: Path, server: str) -> Path:
    """A budget whose alerts fire with the first reading, and whose actions fail in every way."""
    stubborn = folder / "stubborn.sh"
    stubborn.write_text(STUBBORN)
    actions = [
        "run:/nowhere/tell me",
        "run:sh -c 'echo \"no such user\" >&2; exit 5'",
        f"run:sh {stubborn}",
        "webhook:http://127.0.0.1:9/refused",
        *(f"webhook:{server}/{path}" for path in HOOKS),
    ]
    file = folder / "budget.toml"
    tables = {"rss_bytes": actions, "threads": ["snapshot", "run:yes"]}
    file.write_text(
        "".join(f"[alerts.{name}]\nwarn = 0\naction = {json.dumps(todo)}\n" for name, todo in tables.items())
    )
    return file


def recording(home: Path, *words: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "perftui", "record", "--json", *map(str, words)],
        env={**os.environ, "PERFTUI_HOME": str(home), "no_proxy": "127.0.0.1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(running: subprocess.Popen[str]) -> dict[str, Any]:
    out, said = running.communicate(timeout=90)
    assert running.returncode == 3, said
    document = json.loads(out)
    assert isinstance(document, dict)
    return document


def left_behind(home: Path) -> list[str]:
    """What still runs of all that was started with this home."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("PERFTUI_HOME") == str(home) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            pass
    return found


def test_a_recording_is_as_without_alerts_whatever_their_actions_suffer(tmp_path: Path, busy: Path) -> None:
    calm_home, home, enough = tmp_path / "calm", tmp_path / "home", tmp_path / "enough"
    home.mkdir()
    command = ("--", sys.executable, busy, enough)
    with webhooks() as server:
        calm = recording(calm_home, "--name", "calm", *command)
        troubled = recording(home, "--name", "troubled", "--budget", budget(tmp_path, server), *command)
        give_up_s = time.monotonic() + 40
        while {path for path, _ in Hook.seen} != {f"/{path}" for path in HOOKS} or not (home / "stubborn").exists():
            assert time.monotonic() < give_up_s, "not every action was begun"
            assert troubled.poll() is None, troubled.communicate()
            time.sleep(0.02)
        enough.touch()
        without, recorded = ended(calm), ended(troubled)

    assert (recorded["exit_code"], without["exit_code"]) == (3, 3)
    assert recorded["state"] == without["state"]
    for document in (recorded, without):
        assert document["cpu"]["coverage"] > 0.85
    rates = [document["cpu"]["samples"] / document["duration_s"] for document in (recorded, without)]
    assert rates[0] > 0.6 * rates[1]

    events = [event for event in recorded["events"] if event["kind"] == "alert"]
    said = {event["text"] for event in events}
    hook = "webhook: 127.0.0.1:"
    assert said >= {
        "run: tell: cannot be started: No such file or directory",
        "run: sh: exit code 5: no such user",
        "run: sh: was ended with the recording",
        "run: yes: was ended with the recording",
        f"{hook} no answer: Connection refused",
        f"{hook} answered 500",
        f"{hook} no answer: Remote end closed connection without response",
    }
    assert any(text.startswith("snapshot: stacks of 1 thread") for text in said)
    assert len(events) == 12, "two that fire, and how each of their ten actions ended"
    assert not [event for event in without["events"] if event["kind"] == "alert"]
    assert not left_behind(home)
    assert not left_behind(calm_home)
