"""The text front end: one verb a module, one writer of stdout and one of stderr, one door for errors."""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    try:
        # Loading what is behind the door takes a moment, in which an impatient Ctrl-C must not show a traceback.
        from perftui.cli.door import main as door
    except KeyboardInterrupt:
        return 130
    return door(arguments)
