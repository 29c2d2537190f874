"""What a traced interpreter was started as: the boot of the tracker stands in its command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_BOOT = str(Path(__file__).with_name("boot.py"))
_TOLD = 3
"""Words that the gate hands to the boot before those of the command: capture, options, and where the program stands."""


def as_written(command: Sequence[str]) -> tuple[str, ...]:
    """Return a command line without the boot, as it was before the interpreter started itself again."""
    words = tuple(command)
    if _BOOT not in words:
        return words
    return words[words.index(_BOOT) + _TOLD + 1 :] or words
