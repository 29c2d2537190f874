"""Names of functions as the rest of perftui knows them."""

from __future__ import annotations

import compileall
import os
import sys
from pathlib import Path

import pytest

from perftui.sources.heap.qualified import QualifiedNames

SOURCE = """\
class Index:
    def query(self):
        return [each for each in
                self.rows]

    class Inner:
        def query(self):
            def helper():
                return (lambda: 1)()
            return helper()


def query():
    return sorted(x for x in [])
"""
CASES = [
    ("query", 3, "Index.query"),
    ("query", 10, "Index.Inner.query"),
    ("query", 14, "query"),
    ("helper", 9, "Index.Inner.query.<locals>.helper"),
    ("<lambda>", 9, "Index.Inner.query.<locals>.helper.<locals>.<lambda>"),
    ("<genexpr>", 14, "query.<locals>.<genexpr>"),
    ("Index", 1, "Index"),
    ("<module>", 1, "<module>"),
    ("query", 99, "query"),
    ("elsewhere", 3, "elsewhere"),
]


@pytest.fixture
def module(tmp_path: Path) -> Path:
    path = tmp_path / "index.py"
    path.write_text(SOURCE)
    return path


@pytest.mark.parametrize(("function", "line", "expected"), CASES)
@pytest.mark.parametrize("compiled", [False, True])
def test_a_function_is_named_as_the_interpreter_names_it(
    module: Path, function: str, line: int, expected: str, *, compiled: bool
) -> None:
    if compiled:
        assert compileall.compile_file(str(module), quiet=2)
    assert QualifiedNames().of(function, str(module), line) == expected


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="comprehensions are no functions any more")
def test_a_comprehension_belongs_to_its_function(module: Path) -> None:
    assert QualifiedNames().of("<listcomp>", str(module), 3) == "Index.query.<locals>.<listcomp>"


def test_a_cache_of_another_source_is_not_believed(module: Path) -> None:
    assert compileall.compile_file(str(module), quiet=2)
    module.write_text(SOURCE.replace("class Index", "class Other"))
    os.utime(module, (1, 1))
    assert QualifiedNames().of("query", str(module), 3) == "Other.query"


@pytest.mark.parametrize("content", [b"def broken(:\n", b"\0\0", b"x = " + b"(" * 5_000, b"\xff\xfe"])
def test_what_cannot_be_read_keeps_the_name_that_it_has(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.py"
    path.write_bytes(content)
    assert QualifiedNames().of("broken", str(path), 1) == "broken"
    assert QualifiedNames().of("broken", str(tmp_path / "missing.py"), 1) == "broken"


def test_a_damaged_cache_is_not_believed(module: Path) -> None:
    assert compileall.compile_file(str(module), quiet=2)
    (cache,) = module.parent.glob("__pycache__/*.pyc")
    cache.write_bytes(cache.read_bytes()[:40])
    assert QualifiedNames().of("query", str(module), 3) == "Index.query"


def test_nobody_waits_for_a_pipe_that_is_called_like_a_module(tmp_path: Path) -> None:
    path = tmp_path / "pipe.py"
    os.mkfifo(path)
    assert QualifiedNames().of("f", str(path), 1) == "f"
