"""Work in steps: a generator that stops now and then, so that others have their turn, and returns what it found."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

Found = TypeVar("Found")
Steps = Generator[None, None, Found]
STEP = 4_096
"""Nodes that are gone through at once: some milliseconds."""


def finished(steps: Steps[Found]) -> Found:
    """Do all of it at once."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            found: Found = done.value
            return found
