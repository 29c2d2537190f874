"""What a command line is called in a few words: its script, its module, or its program."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath

_OPTIONS_WITH_VALUE = ("-X", "-W", "--check-hash-based-pycs")
"""Options of the interpreter whose value is a word of its own."""
_MULTIPROCESSING = re.compile(r"from multiprocessing\.(\w+) import")


def command_name(command: Sequence[str]) -> str:
    """Return the script, module or program that a command runs; empty where there is no command."""
    if not command:
        return ""
    program, *arguments = command
    if PurePath(program).name.startswith("python"):
        return _python_name(arguments) or PurePath(program).name
    return PurePath(program).stem or program


def _python_name(arguments: Sequence[str]) -> str:
    """Return the script or module that an interpreter's arguments name."""
    words = iter(arguments)
    for word in words:
        if word in _OPTIONS_WITH_VALUE:
            next(words, None)
        elif word == "-c":
            return _code_name(next(words, ""))
        elif word == "-m":
            return next(words, "")
        elif word == "-":
            return "stdin"
        elif not word.startswith("-"):
            return PurePath(word).stem
    return ""


def _code_name(code: str) -> str:
    """Tell what multiprocessing starts from other code on a command line."""
    found = _MULTIPROCESSING.match(code)
    return f"multiprocessing-{found[1]}" if found else "python-c"
