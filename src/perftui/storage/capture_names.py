"""What capture files are called: lists look at nothing else of them, and load nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

CAPTURE_FILES = "capture_files"
"""The fact in the meta data of a session that repeats their names."""
# A plain name: nothing that a session says leads out of the directory of captures.
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}", re.ASCII)


def capture_files_of(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of a session's capture files from its facts, which lists read and the heap's tables not."""
    names = facts.get(CAPTURE_FILES, [])
    if not isinstance(names, list) or not all(isinstance(name, str) and is_file_name(name) for name in names):
        raise ValueError("the name of a capture is none")
    return tuple(names)


def is_file_name(text: str) -> bool:
    """Say whether a capture can be called so: a plain name, which leads nowhere else."""
    return _FILE.fullmatch(text) is not None
