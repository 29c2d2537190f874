"""Qualified names for memray's frames: memray tells `<listcomp>` and `run`, samplers tell `load.<locals>.<listcomp>`.

A function is known by file and qualified name everywhere else, so that its memory and its time are found side by side.
The names come from compiled modules where they lie in a cache, and from the source where not; what does not fit keeps
the name that memray gave it. Used by the processes that read captures.
"""

from __future__ import annotations

import ast
import marshal
import os
from collections.abc import Iterator
from importlib.util import MAGIC_NUMBER, cache_from_source
from pathlib import Path
from stat import S_ISREG
from types import CodeType

_LARGEST_BYTES = 4 << 20
"""Larger sources are generated, and take seconds to read."""
_PYC_HEAD_BYTES = 16
_COMPREHENSIONS: dict[type[ast.AST], str] = {
    ast.ListComp: "<listcomp>",
    ast.SetComp: "<setcomp>",
    ast.DictComp: "<dictcomp>",
    ast.GeneratorExp: "<genexpr>",
    ast.Lambda: "<lambda>",
}

Scope = tuple[str, str, int, int]
"""Name, qualified name, first and last line."""


class QualifiedNames:
    """Looks names up, each file once."""

    def __init__(self) -> None:
        self._files: dict[str, dict[str, list[tuple[int, int, str]]]] = {}

    def of(self, function: str, file: str, line: int) -> str:
        """Return the qualified name of a function at a line of a file, or its plain name where that is not known."""
        if function == "<module>" or not file.endswith(".py"):
            return function
        scopes = self._files.get(file)
        if scopes is None:
            scopes = self._files[file] = _scopes_by_name(file)
        innermost = function
        narrowest = -1
        for first, last, qualified in scopes.get(function, ()):
            if first <= line <= last and (narrowest < 0 or last - first < narrowest):
                innermost, narrowest = qualified, last - first
        return innermost


def _scopes_by_name(file: str) -> dict[str, list[tuple[int, int, str]]]:
    found: dict[str, list[tuple[int, int, str]]] = {}
    try:
        for name, qualified, first, last in _scopes(file):
            found.setdefault(name, []).append((first, last, qualified))
    except (OSError, ValueError, SyntaxError, EOFError, TypeError, RecursionError, MemoryError):
        return {}
    return found


def _scopes(file: str) -> Iterator[Scope]:
    path = Path(file)
    status = path.stat()
    if not S_ISREG(status.st_mode) or status.st_size > _LARGEST_BYTES:
        return
    code = _compiled(path, status)
    if code is not None:
        yield from _scopes_of_code(code)
    else:
        yield from _scopes_of_source(ast.parse(path.read_bytes()))


def _compiled(path: Path, status: os.stat_result) -> CodeType | None:
    """Return the module as the import system has cached it for this interpreter, if that is of this source."""
    try:
        cache = Path(cache_from_source(str(path)))
        found = cache.stat()
        if not S_ISREG(found.st_mode) or found.st_size > _LARGEST_BYTES:
            return None
        data = cache.read_bytes()
    except (OSError, NotImplementedError):
        return None
    flags = int.from_bytes(data[4:8], "little")
    modified, size = int.from_bytes(data[8:12], "little"), int.from_bytes(data[12:16], "little")
    of_this = modified == int(status.st_mtime) & 0xFFFFFFFF and size == status.st_size & 0xFFFFFFFF
    if data[:4] != MAGIC_NUMBER or flags != 0 or not of_this:
        return None
    try:
        # The workload runs this very file; a damaged one is not run but read anew from its source.
        code = marshal.loads(data[_PYC_HEAD_BYTES:])
    except (ValueError, EOFError, TypeError):
        return None
    return code if isinstance(code, CodeType) else None


def _scopes_of_code(module: CodeType) -> Iterator[Scope]:
    waiting = [module]
    while waiting:
        code = waiting.pop()
        for inner in code.co_consts:
            if isinstance(inner, CodeType):
                waiting.append(inner)
                lines = [line for _, _, line in inner.co_lines() if line is not None]
                yield inner.co_name, inner.co_qualname, inner.co_firstlineno, max(lines, default=inner.co_firstlineno)


def _scopes_of_source(module: ast.Module) -> Iterator[Scope]:
    waiting: list[tuple[ast.AST, str]] = [(module, "")]
    while waiting:
        node, prefix = waiting.pop()
        below = prefix
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, prefix + node.name, node.lineno, node.end_lineno or node.lineno
            below = f"{prefix}{node.name}." + ("" if isinstance(node, ast.ClassDef) else "<locals>.")
        elif (name := _COMPREHENSIONS.get(type(node))) is not None and isinstance(node, ast.expr):
            yield name, prefix + name, node.lineno, node.end_lineno or node.lineno
            below = f"{prefix}{name}.<locals>."
        waiting.extend((child, below) for child in ast.iter_child_nodes(node))
