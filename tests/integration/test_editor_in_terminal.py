"""An editor in a real terminal: it has the terminal to itself, the recording goes on, and the dashboard comes back."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parent.parent.parent
SPIN = ROOT / "tests" / "workloads" / "spin.py"
EDITOR = """#!{python} -IS
import signal, sys, termios
signal.signal(signal.SIGINT, lambda *_: print("INTERRUPTED", flush=True))
print("EDITING", sys.argv[1], sys.argv[2], bool(termios.tcgetattr(0)[3] & termios.ICANON), flush=True)
print("TYPED", sys.stdin.readline().strip(), flush=True)
"""


@pytest.fixture
def dashboard(tmp_path: Path) -> Iterator[pexpect.spawn[str]]:
    editor = tmp_path / "vi"
    editor.write_text(EDITOR.format(python=sys.executable))
    editor.chmod(0o755)
    home = {"PERFTUI_HOME": str(tmp_path), "TERM": "xterm-256color", "COLORTERM": "truecolor", "VISUAL": str(editor)}
    child = pexpect.spawn(
        sys.executable,
        ["-m", "perftui", "run", "--", sys.executable, str(SPIN), "60"],
        env={**os.environ, **home},
        dimensions=(40, 140),
        encoding="utf-8",
        timeout=20,
    )
    child.expect("RUNNING")
    child.expect("coverage")
    yield child
    with contextlib.suppress(pexpect.ExceptionPexpect, OSError):
        child.close(force=True)


def recorded_bytes(home: Path) -> int:
    """Return how much of the session has been written."""
    return sum(path.stat().st_size for path in home.rglob("*.perftui*"))


def test_an_editor_has_the_terminal_and_the_dashboard_gets_it_back(
    dashboard: pexpect.spawn[str], tmp_path: Path
) -> None:
    time.sleep(1)
    # The table, its first row, the source of that.
    for keys in ("1", "\x1b[H", "7"):
        dashboard.send(keys)
        time.sleep(0.3)
    dashboard.send("e")
    dashboard.expect(r"EDITING \+(\d+) (\S+) (\w+)")
    assert isinstance(dashboard.match, re.Match)
    line, file, cooked = dashboard.match.groups()
    assert Path(file) == SPIN
    assert "def leaf" in SPIN.read_text().splitlines()[int(line) - 2], "the hottest line is below it"
    assert cooked == "True"
    assert "\x1b[?1049l" in str(dashboard.before), "the screen was left"
    dashboard.send("\x03")
    dashboard.expect("INTERRUPTED")
    before = recorded_bytes(tmp_path)
    for _ in range(100):
        if recorded_bytes(tmp_path) > before:
            break
        time.sleep(0.1)
    assert recorded_bytes(tmp_path) > before, "the recording goes on while the editor has the terminal"
    dashboard.send("hello\n")
    dashboard.expect("TYPED hello")
    dashboard.expect(re.escape("\x1b[?1049h"))
    dashboard.expect("RUNNING")
    time.sleep(0.5)
    dashboard.send("q")
    dashboard.expect("End spin")
    dashboard.send("q")
    dashboard.expect(pexpect.EOF)
    dashboard.wait()
    assert dashboard.exitstatus == 0
    assert "samples" in str(dashboard.before), "the session was saved and told"
