"""Commands that cannot be started: found out before, or refused by the operating system, each in one sentence."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from perftui.errors import StartError
from perftui.model.workload import Workload
from perftui.text import printable


def check_command(workload: Workload) -> None:
    """Raise `StartError` for a command that no operating system would take."""
    if not workload.argv or not workload.argv[0]:
        raise StartError("There is no command to start.", hint="Put it after `--`.")
    texts = (*workload.argv, *workload.env, *workload.env.values(), str(workload.cwd or ""))
    if any("\0" in text for text in texts) or any("=" in name or not name for name in workload.env):
        raise StartError("The command or its environment holds a character that no command may hold.")


def refusal(workload: Workload, stage: str, number: int) -> StartError:
    """Return the error for a command whose start failed at `stage` (`cwd` or `exec`) with an errno."""
    if stage == "cwd":
        return StartError(
            f"Cannot start in the directory {printable(str(workload.cwd))}: {os.strerror(number)}.",
            hint="Check the working directory.",
        )
    name = printable(workload.argv[0])
    file = Path(workload.cwd or "", workload.argv[0])
    hint = f"Put the interpreter before it: python {name} ..." if name.endswith(".py") else ""
    match number:
        case errno.ENOENT if os.sep in name and os.path.exists(file):  # noqa: PTH110 - this one never raises
            return StartError(f"{name} asks for an interpreter that does not exist.", hint="See its first line.")
        case errno.ENOENT | errno.ENOTDIR:
            return StartError(f"Command not found: {name}.", hint=hint or "Check the spelling and PATH.")
        case errno.EACCES if os.path.isdir(file):  # noqa: PTH112 - this one never raises
            return StartError(f"{name} is a directory, not a command.")
        case errno.EACCES if os.path.exists(file):  # noqa: PTH110 - this one never raises
            return StartError(f"{name} is not executable.", hint=hint or f"chmod +x {name}")
        case errno.ENOEXEC:
            hint = hint or "A script needs a first line like #!/bin/sh."
        case errno.E2BIG:
            hint = "Its arguments and its environment are too long."
    return StartError(f"Cannot execute {name}: {os.strerror(number)}.", hint=hint)
