# ruff: noqa: PLC0415, PTH109, PTH118, PTH120, PTH123
"""The boot's program: what Python would run, with `__main__` and `sys.path` as it would find them."""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Callable, Collection, Mapping
from importlib.machinery import BuiltinImporter, PathFinder, SourceFileLoader, SourcelessFileLoader
from importlib.util import MAGIC_NUMBER
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from perftui.sources.heap.boot import Order

SCRIPT, MODULE, COMMAND, INPUT = "script", "module", "command", "input"
PYC_HEADER_BYTES = 16


class Stage:
    """Where the program is set up: what Python itself had made before there was anything of ours."""

    def __init__(self, main: Mapping[str, Any], modules: Collection[str]) -> None:
        self._main = main
        self._modules = modules

    def put_on_path(self, directory: str | None, always: bool = False) -> None:
        """Put the program's place first, unless the user wants the path to be safe."""
        if directory is not None and (always or not getattr(sys.flags, "safe_path", False)):
            sys.path.insert(0, directory)
            self._forget_shadowed(directory)

    def _forget_shadowed(self, directory: str) -> None:
        """Forget modules that we needed, and that the program means to import from its own directory."""
        packages: dict[str, list[str]] = {}
        for name in sys.modules:
            if name not in self._modules:
                packages.setdefault(name.partition(".")[0], []).append(name)
        packages.pop("memray", None)
        for package, names in packages.items():
            spec = PathFinder.find_spec(package, [directory])
            if spec is not None and spec.has_location:
                for name in names:
                    del sys.modules[name]

    def new_main(self, file: str = "", loader: Any = BuiltinImporter) -> dict[str, Any]:
        """Put a module as Python makes it in our place, and return its namespace."""
        main = ModuleType("__main__")
        space = vars(main)
        space.clear()
        space.update(self._main, __doc__=None, __loader__=loader, __file__=file)
        if "__annotations__" in self._main:
            space["__annotations__"] = {}
        if not file:
            space.pop("__file__", None)
            space.pop("__cached__", None)
        sys.modules["__main__"] = main
        return space


class Program(NamedTuple):
    """What is ready to run."""

    run: Callable[..., Any]
    arguments: tuple[Any, ...]


def prepare_program(order: Order, stage: Stage) -> Program:
    """Return what runs the program, with `__main__` and `sys.path` as it will find them.

    Raises what Python would: it does not compile, or it cannot be read.
    """
    name = order.name
    if order.kind == MODULE:
        stage.put_on_path(working_directory())
        return prepare_module(stage, name, alter_argv=True)
    if order.kind == COMMAND:
        stage.put_on_path("")
        show_source(name)
        # As Python does: the code ends with a newline.
        return prepare_code((name + "\n").encode(), "<string>", stage.new_main())
    if order.kind == INPUT:
        stage.put_on_path("")
        content = sys.stdin.buffer.read() if sys.stdin else b""
        return prepare_code(content, "<stdin>", stage.new_main("<stdin>"))
    # As Python names the file of a script: not normalised.
    path = os.path.join(os.getcwd(), name) if sys.version_info >= (3, 9) else name
    if is_importable(path):
        # Even where the path is to be safe: it holds the program.
        stage.put_on_path(path, always=True)
        return prepare_module(stage, "__main__", alter_argv=False)
    stage.put_on_path(os.path.dirname(os.path.realpath(path)))
    return prepare_script(stage, path)


def show_source(code: str) -> None:
    """Let tracebacks show the lines of code from the command line, where Python does."""
    if sys.version_info >= (3, 13):
        import linecache

        linecache.cache["<string>"] = (len(code), None, code.splitlines(keepends=True), "<string>")


def working_directory() -> str | None:
    """Return where we are, if that is anywhere."""
    try:
        return os.getcwd()
    except OSError:
        return None


def is_importable(path: str) -> bool:
    """Tell whether a program is a directory or an archive, as Python itself does for each script."""
    if path not in sys.path_importer_cache:
        sys.path_importer_cache[path] = first_importer(path)
    return sys.path_importer_cache[path] is not None


def first_importer(path: str) -> Any:
    """Return what could import from a path."""
    for hook in sys.path_hooks:
        try:
            return hook(path)
        except ImportError:
            continue
    return None


def prepare_module(stage: Stage, name: str, *, alter_argv: bool) -> Program:
    """Prepare a module, by the function that Python itself calls for it."""
    import runpy

    stage.new_main()
    return Program(vars(runpy)["_run_module_as_main"], (name, alter_argv))


def prepare_script(stage: Stage, path: str) -> Program:
    """Prepare a file of code, compiled or not."""
    with open(path, "rb") as file:
        content = file.read()
    if path.endswith(".pyc") and content.startswith(MAGIC_NUMBER):
        space = stage.new_main(path, SourcelessFileLoader("__main__", path))
        return Program(exec, (marshal.loads(content[PYC_HEADER_BYTES:]), space))
    return prepare_code(content, path, stage.new_main(path, SourceFileLoader("__main__", path)))


def prepare_code(content: bytes, name: str, space: dict[str, Any]) -> Program:
    """Prepare source code; none of our own future statements is in force there."""
    return Program(exec, (compile(content, name, "exec", 0, True), space))
