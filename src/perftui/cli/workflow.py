"""What a workflow of GitHub is told beside the report: its variables name the files to write to."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from perftui.cli import console
from perftui.text import printable

_SUMMARY, _OUTPUT = "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"
_ACTIONS, _WORKSPACE = "GITHUB_ACTIONS", "GITHUB_WORKSPACE"


def is_workflow() -> bool:
    """Say whether a workflow listens."""
    return bool(os.environ.get(_SUMMARY) or os.environ.get(_OUTPUT)) or os.environ.get(_ACTIONS) == "true"


def tell_workflow(
    *, summary: str, outputs: str = "", annotations: Callable[[Path], Iterable[str]] = lambda _root: ()
) -> None:
    """Add to the step's summary and its outputs, and write annotations; a file that refuses it is only said.

    Annotations go to stderr, where the runner reads them too: stdout belongs to the report.
    """
    root = Path(os.environ.get(_WORKSPACE) or Path.cwd()).absolute()
    for line in annotations(root):
        console.say(line)
    _append(_SUMMARY, summary)
    _append(_OUTPUT, outputs)


def _append(variable: str, text: str) -> None:
    name = os.environ.get(variable)
    if not name or not text:
        return
    if Path(name).exists() and not Path(name).is_file():
        # A pipe would be waited for.
        console.say(f"note: cannot write to ${variable} ({printable(name)}): it is no regular file")
        return
    try:
        with Path(name).open("a", encoding="utf-8") as file:
            file.write(text)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        console.say(f"note: cannot write to ${variable} ({printable(name)}): {reason}")
