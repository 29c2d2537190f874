"""Guesses from outside whether a process holds a Python interpreter, and which.

A wrong "no" keeps a person from profiling, a wrong "yes" costs one failed attempt: so a "no" has to be certain.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath

from perftui.sources.probe import Probe

_PROGRAM = re.compile(r"(?P<kind>python|pypy)(?P<major>\d)?(?:\.(?P<minor>\d+))?(?P<threaded>t)?d?(?:-dbg)?", re.I)
_LIBRARY = re.compile(
    r"/lib(?P<kind>python|pypy)(?P<major>\d)(?:\.(?P<minor>\d+))?(?P<threaded>t)?[dmu]*(?:-c)?\.(?:so|dylib)", re.I
)
# Names and messages from the heart of every CPython, also where the symbols were stripped.
_TRACES = (b"PyEval_", b"PyCapsule_", b"PYTHONHASHSEED")
_DELETED = " (deleted)"


class Likeness(Enum):
    """How sure it is that a process holds a Python interpreter."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Interpreter:
    """What was found out about the interpreter of a process."""

    likeness: Likeness
    version: tuple[int, int] | None = None
    """Major and minor, where a file name tells them."""
    pypy: bool = False
    free_threaded: bool = False


_UNKNOWN = Interpreter(Likeness.UNKNOWN)


def by_program_name(name: str) -> Interpreter:
    """Guess from the name of a program file, or from the first word of a command line."""
    found = _PROGRAM.fullmatch(PurePosixPath(name.removesuffix(_DELETED)).name)
    return _interpreter(found) if found else _UNKNOWN


def by_memory_map(maps: str) -> Interpreter:
    """Guess from the names of the libraries that a process has loaded."""
    found = _LIBRARY.search(maps)
    return _interpreter(found) if found else _UNKNOWN


def interpreter_of(probe: Probe, pid: int) -> Interpreter:
    """Guess what a process on Linux is, from its program file and its memory map."""
    program = probe.link(f"/proc/{pid}/exe")
    maps = probe.text(f"/proc/{pid}/maps")
    library = by_memory_map(maps or "")
    if library.likeness is Likeness.YES:
        return library
    if program is None:
        words = (probe.text(f"/proc/{pid}/cmdline") or "").split("\0")
        return by_program_name(words[0])
    named = by_program_name(program)
    if named.likeness is Likeness.YES or not maps or "python" in maps.lower():
        return named
    held = probe.holds(f"/proc/{pid}/exe", _TRACES)
    return Interpreter(Likeness.NO) if held is False else _UNKNOWN


def _interpreter(found: re.Match[str]) -> Interpreter:
    major, minor = found["major"], found["minor"]
    pypy = found["kind"].lower() == "pypy"
    return Interpreter(
        Likeness.YES,
        version=(int(major), int(minor)) if major and minor else None,
        pypy=pypy,
        free_threaded=found["threaded"] is not None,
    )
