"""The heap on memray: what boots the workload under its tracker, and what reads the capture, live and afterwards.

Everything that imports memray runs in a process of its own: a damaged capture can end its reader, never perftui.
"""

from __future__ import annotations

from pathlib import Path

BOOT_FILE = str(Path(__file__).resolve().with_name("boot.py"))
"""The file of the frames that stand below every program that is traced."""
TRACKER_FILE = str(Path(__file__).resolve().with_name("boot_tracker.py"))
"""The file of what the boot still does when it is traced already."""
PROGRAM_FUNCTION = "run_program"
"""The function in it that runs the program; while it is not on the stack, nothing of the program runs."""
