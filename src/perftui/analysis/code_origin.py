"""Whose code a file is, and the shortest name that still says which file is meant."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache

from perftui.analysis.normalise import is_library, normal_file

_STDLIB_PREFIX = "<stdlib>/"


class Origin(Enum):
    """Whose code it is."""

    OWN = "own"
    """The person's own: neither installed nor part of Python."""
    PACKAGE = "package"
    """An installed package."""
    STDLIB = "stdlib"
    """The standard library, frozen modules, and frames without a file."""


@lru_cache(maxsize=65_536)
def origin(file: str) -> Origin:
    """Say whose code a file is."""
    name = file.replace("\\", "/")
    if name.startswith("<"):
        # `<string>`, `<stdin>` and notebook cells are typed by the person; `<frozen os>` and `<stdlib>/os.py` are not.
        return Origin.STDLIB if name.startswith(("<frozen ", "<built-in", _STDLIB_PREFIX)) else Origin.OWN
    if not is_library(name):
        return Origin.OWN
    in_stdlib = not name or normal_file(name).startswith(_STDLIB_PREFIX)
    return Origin.STDLIB if in_stdlib else Origin.PACKAGE


@lru_cache(maxsize=65_536)
def place(file: str, root: str = "") -> str:
    """Return a file's name relative to `root`, its package or the standard library, without a marker before it."""
    return normal_file(file, root).removeprefix(_STDLIB_PREFIX)


def tail(name: str, parts: int = 2) -> str:
    """Return the last components of a file name: `services/batch.py`."""
    return "/".join(name.replace("\\", "/").rsplit("/", parts)[-parts:])
