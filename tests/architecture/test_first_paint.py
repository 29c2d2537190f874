"""What the first paint of `perftui run` waits for: nothing that only a recording needs."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("sqlite3", "psutil", "perftui.recording.recorder", "perftui.budgets.rules", "perftui.ui.screens.dashboard")
PROGRAM = f"""
import sys
import perftui.cli.door, perftui.cli.run, perftui.cli.dashboard, perftui.ui, perftui.ui.screens.boot
print(" ".join(name for name in {HEAVY!r} if name in sys.modules))
"""


def test_nothing_that_only_a_recording_needs_is_loaded_before_the_first_paint() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
