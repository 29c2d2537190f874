"""A place in code, and a stack of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """A place in code; its identity is (file, function), the line is detail."""

    function: str
    """Qualified name where the interpreter tells it (Python 3.11 and later), bare name otherwise."""
    file: str = ""
    """File name as the sampler saw it; empty for frames without one."""
    line: int = 0
    """Line that was running, or 0 where it is not known."""


Stack = tuple[Frame, ...]
"""Frames from the root to the leaf."""
