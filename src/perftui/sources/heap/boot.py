# Python's option -x would skip this line. It runs in any Python that memray knows, so nothing here is newer than 3.8.
# ruff: noqa: E402, PLC0415, PTH100, PTH105, PTH108, PTH109, PTH110, PTH118, PTH120, PTH123, PTH208, UP036
"""The boot: runs a program exactly as Python would, under memray's tracker.

Started by the gate inside the workload. Whatever goes wrong with the tracing, the program runs.
"""

from __future__ import annotations

FRESH = {name: value for name, value in globals().items() if name != "annotations"}
"""What Python itself gives to the module of a script."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
BEFORE = frozenset(sys.modules)
"""What Python has imported for itself."""
if __name__ == "__main__":
    # Whatever is imported from here on comes from where it would without us.
    sys.path[:1] = [entry for entry in sys.path[:1] if entry != HERE]
    for ours in (HERE, __file__):
        sys.path_importer_cache.pop(ours, None)

import atexit
import gc
import json
import marshal
import warnings
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    BuiltinImporter,
    PathFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from importlib.util import MAGIC_NUMBER, module_from_spec
from types import ModuleType, TracebackType
from typing import Any, NamedTuple

SCRIPT, MODULE, COMMAND, INPUT = "script", "module", "command", "input"
REPORT = ".boot"
"""What the name of our report has more than the capture's."""
PYC_HEADER_BYTES = 16
# As in the gate: programs count on the small numbers, and some write to them or close them unseen.
DESCRIPTOR_FLOOR = 200
# As in `logging`, which need not be imported for it.
ERROR_LEVEL = 40
LATE = ("rich", "rich.progress")
"""What memray imports and needs for its reports only; importing it costs more than memray itself."""
LENT = ("rich", "typing_extensions")
"""What memray imports of others; the program shall find its own, or none."""
PYTHON = ".".join(str(part) for part in sys.version_info[:3])


class NoTrackerError(Exception):
    """The program runs without a tracker: a sentence, and the remedy."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Order(NamedTuple):
    """What the gate hands over."""

    capture: str
    """Empty where there is one already."""
    options: dict[str, Any]
    kind: str
    name: str
    """Path, module or code."""
    arguments: list[str]
    words: list[str]
    """The original command line."""


class Program(NamedTuple):
    """What is ready to run."""

    run: Callable[..., Any]
    arguments: tuple[Any, ...]


def read_order(argv: list[str]) -> Order:
    """Return what the gate handed over."""
    capture, options, place = argv[1:4]
    words = argv[4:]
    kind, index, offset = place.split(":")
    at = int(index)
    name = words[at][int(offset) :] if at < len(words) else ""
    # A program may start its own command line again, as the system tells it.
    if os.path.exists(capture + REPORT):
        capture = ""
    try:
        told = json.loads(options)
    except ValueError:
        told = None
    return Order(capture, told if isinstance(told, dict) else {}, kind, name, words[at + 1 :], words)


def put_back(order: Order) -> None:
    """Make `sys` say what it would without us; the program's place on the path comes later."""
    first = {SCRIPT: order.name, MODULE: "-m", COMMAND: "-c", INPUT: order.name}
    sys.argv[:] = [first[order.kind], *order.arguments]
    if hasattr(sys, "orig_argv"):
        sys.orig_argv[:] = order.words


# The tracker.


class Late:
    """Stands for something of a module that is imported when it is called, which a traced program hardly ever does."""

    def __init__(self, *where: Any) -> None:
        self.where = where

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Call what it stands for."""
        module, name = self.where
        return getattr(import_module(module), name)(*args, **named)


class Placeholder(ModuleType):
    """A module that holds whatever it is asked for, until it is used."""

    __path__: list[str] = []  # noqa: RUF012 (what the import system looks for)

    def __getattr__(self, name: str) -> Late:
        if name.startswith("__"):
            raise AttributeError(name)
        return Late(self.__name__, name)


def candidates(options: dict[str, Any]) -> list[tuple[str, str]]:
    """Return where memray may be imported from, best first: directories (empty for the target's own) and versions."""
    spec = PathFinder.find_spec("memray")
    own = [("", version_in(os.path.dirname(spec.origin)))] if spec is not None and spec.origin else []
    fits = sys.implementation.name == "cpython" and EXTENSION_SUFFIXES[0] == options["suffix"]
    ours = [(options["lend"], options["version"])] if fits and options["lend"] else []
    # Reader and writer must agree about the format, and the reader is ours.
    return own + ours if own and own[0][1] == options["version"] else ours + own


def version_in(directory: str) -> str:
    """Return the version of the memray in `directory`, without importing it."""
    try:
        with open(os.path.join(directory, "_version.py"), encoding="utf-8") as file:
            text = file.read()
    except (OSError, ValueError):
        return ""
    parts = text.partition("__version__")[2].replace("'", '"').split('"')
    return parts[1] if len(parts) > 1 else ""


def import_memray(options: dict[str, Any]) -> Any:
    """Import a memray that works here, and leave nothing else of what it brought along."""
    found = candidates(options)
    for directory, _ in found:
        # Another version may need of `rich` what cannot be put off.
        for late in (True, False):
            before = frozenset(sys.modules)
            if late:
                sys.modules.update((name, Placeholder(name)) for name in LATE if name not in sys.modules)
            try:
                return import_from(directory)
            except Exception:  # noqa: BLE001 (an extension made for another machine fails in its own way)
                drop_modules(before, ("memray",))
            finally:
                drop_modules(before, LENT)
    if found:
        raise NoTrackerError("memray cannot be imported by " + sys.executable, remedy(options))
    raise NoTrackerError("memray is not installed for " + sys.executable, remedy(options))


def drop_modules(before: Collection[str], packages: Collection[str]) -> None:
    """Forget what was imported of some packages since `before`."""
    for name in list(sys.modules):
        if name not in before and name.partition(".")[0] in packages:
            del sys.modules[name]


def remedy(options: dict[str, Any]) -> str:
    """Return the command that helps."""
    return "{} -m pip install memray=={}".format(sys.executable, options["version"])


def import_from(directory: str) -> Any:
    """Import memray, from `directory` if it is lent, and with it what it would import later on."""
    if not directory:
        return import_whole()
    spec = PathFinder.find_spec("memray", [directory])
    if spec is None or spec.loader is None:
        raise ImportError(directory)
    # Last, so that nothing else is taken from there that is here.
    sys.path.append(directory)
    try:
        sys.modules["memray"] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules["memray"])
        return import_whole()
    finally:
        sys.path.remove(directory)
        sys.path_importer_cache.pop(directory, None)


def import_whole() -> Any:
    """Import memray with what its tracker imports when it is made, which not every version has."""
    memray = import_module("memray")
    try:
        import_module("memray.reporters.module_tools")
    except ImportError:
        return memray
    return memray


def quieten(memray: Any) -> None:
    """Keep memray's remarks, which concern nobody here, out of what the program prints; errors are told."""
    if hasattr(memray, "set_log_level"):
        memray.set_log_level(ERROR_LEVEL)


def make_tracker(memray: Any, order: Order) -> tuple[Any, bool]:
    """Return a tracker that is not yet entered, and whether it writes in order."""
    options = order.options
    # A child that lives for less than a flush leaves an empty file, unless it writes into a mapping.
    buffered = not options["children"]
    how = {"overwrite": True, "compress_on_exit": False}
    try:
        destination = memray.FileDestination(order.capture, buffered=buffered, **how)
    except TypeError:
        # Older ones know the mapping only.
        buffered = False
        destination = memray.FileDestination(order.capture, **how)
    # The capture's header tells the command line.
    arguments, sys.argv = sys.argv, order.words
    try:
        with high_descriptors():
            tracker = memray.Tracker(
                destination=destination,
                native_traces=options["native"],
                trace_python_allocators=options["pymalloc"],
                follow_fork=options["children"],
            )
    finally:
        sys.argv = arguments
    return tracker, buffered


@contextmanager
def high_descriptors() -> Iterator[None]:
    """Let what is opened inside get great numbers, if the limit allows, and stay out of other programs."""
    before = open_descriptors()
    held: list[int] = []
    try:
        while not held or held[-1] < DESCRIPTOR_FLOOR - 1:
            held.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        close_all(held)
    try:
        yield
    finally:
        close_all(held)
        for descriptor in open_descriptors() - before if before else ():
            try:
                os.set_inheritable(descriptor, False)
            except OSError:
                # It was the listing's own.
                continue


def open_descriptors() -> set[int]:
    """Return the numbers of what is open; none where they cannot be had."""
    try:
        return {int(name) for name in os.listdir("/dev/fd")}
    except OSError:
        return set()


def close_all(descriptors: list[int]) -> None:
    """Close descriptors, and forget them."""
    while descriptors:
        os.close(descriptors.pop())


def prepare_tracker(order: Order) -> tuple[Any, dict[str, Any]]:
    """Return a tracker that is not yet entered, and what to report of it; None where there is none."""
    if not order.capture:
        return None, {"message": ""}
    try:
        # The user may have asked for errors in place of warnings; that concerns the program.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            memray = import_memray(order.options)
            quieten(memray)
            tracker, buffered = make_tracker(memray, order)
    except NoTrackerError as error:
        return None, {"message": str(error), "hint": error.hint}
    except TypeError:
        return None, {"message": "This memray is too old", "hint": remedy(order.options)}
    # What others raise here is theirs: whatever it is, the program runs.
    except Exception as error:  # noqa: BLE001
        return None, {"message": f"memray does not start: {error}"}
    return tracker, {"memray": memray.__version__, "buffered": buffered}


def report(order: Order, state: str, **more: Any) -> None:
    """Say how it went, beside the capture."""
    told = {"pid": os.getpid(), "state": state, "message": "", "hint": "", "memray": "", "python": PYTHON, **more}
    path = order.capture + REPORT
    if not order.capture:
        return
    try:
        with open(path + ".part", "w", encoding="ascii") as file:
            file.write(json.dumps(told) + "\n")
        os.replace(path + ".part", path)
    except OSError:
        return


def give_up(order: Order, message: str, hint: str = "") -> None:
    """Report that nothing is traced, and leave no capture."""
    report(order, "refused", message=message.rstrip(".") + ".", hint=hint)
    try:
        os.unlink(order.capture)
    except OSError:
        return


def ready(order: Order, tracker: Any, told: dict[str, Any]) -> bool:
    """Make everything ready for a tracker to be entered; tells whether there is one."""
    if tracker is None:
        give_up(order, **told)
        return False
    report(order, "tracing", **told)
    # memray's own objects would be looked at by each collection of the program's.
    gc.collect()
    gc.freeze()
    return True


# The program.


def prepare_program(order: Order) -> Program:
    """Return what runs the program, with `__main__` and `sys.path` as it will find them.

    Raises what Python would: it does not compile, or it cannot be read.
    """
    name = order.name
    if order.kind == MODULE:
        return prepare_module(name, working_directory(), alter_argv=True)
    if order.kind == COMMAND:
        # As Python does: the code ends with a newline.
        program = prepare_source((name + "\n").encode(), "<string>", "")
        show_source(name)
        return program
    if order.kind == INPUT:
        return prepare_source(sys.stdin.buffer.read() if sys.stdin else b"", "<stdin>", "")
    if sys.version_info >= (3, 9):
        name = absolute(name)
    if is_importable(name):
        # Even with a safe path: it holds the program.
        return prepare_module("__main__", name, alter_argv=False)
    with open(name, "rb") as file:
        content = file.read()
    return prepare_source(content, name, os.path.dirname(os.path.realpath(name)))


def show_source(code: str) -> None:
    """Let tracebacks show the lines of code from the command line, where Python does."""
    if sys.version_info >= (3, 13):
        import linecache

        linecache.cache["<string>"] = (len(code), None, code.splitlines(keepends=True), "<string>")


def prepare_or_report(order: Order) -> Program:
    """Return what runs the program, or report why there is nothing to trace."""
    try:
        return prepare_program(order)
    except BaseException:
        give_up(order, "The program could not be read")
        raise


def absolute(path: str) -> str:
    """Return a path as Python names the file of a script: not normalised."""
    return os.path.join(os.getcwd(), path)


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


def prepare_module(name: str, directory: str | None, alter_argv: bool) -> Program:
    """Prepare a module, by the function that Python itself calls for it."""
    put_on_path(directory, always=not alter_argv)
    import runpy

    new_main()
    return Program(vars(runpy)["_run_module_as_main"], (name, alter_argv))


def prepare_source(content: bytes, name: str, directory: str) -> Program:
    """Prepare code that is at hand, compiled or not."""
    put_on_path(directory)
    if name.endswith(".pyc") and content.startswith(MAGIC_NUMBER):
        space = new_main(name, SourcelessFileLoader("__main__", name))
        return Program(exec, (marshal.loads(content[PYC_HEADER_BYTES:]), space))
    space = new_main(name, BuiltinImporter if name.startswith("<") else SourceFileLoader("__main__", name))
    return Program(exec, (compile(content, name, "exec", 0, True), space))


def put_on_path(directory: str | None, always: bool = False) -> None:
    """Put the program's place first, unless the user wants the path to be safe."""
    if directory is not None and (always or not getattr(sys.flags, "safe_path", False)):
        sys.path.insert(0, directory)
        forget_shadowed(directory)


def forget_shadowed(directory: str) -> None:
    """Forget modules that we needed, and that the program means to import from its own directory."""
    names = {name.partition(".")[0] for name in sys.modules if name not in BEFORE}
    for name in names - {"memray"}:
        spec = PathFinder.find_spec(name, [directory])
        if spec is not None and spec.has_location:
            drop_modules(BEFORE, (name,))


def new_main(file: str = "<string>", loader: Any = BuiltinImporter) -> dict[str, Any]:
    """Put a module as Python makes it in our place, and return its namespace."""
    main = ModuleType("__main__")
    space = vars(main)
    space.clear()
    space.update(FRESH, __doc__=None, __loader__=loader, __file__=file)
    if "__annotations__" in FRESH:
        space["__annotations__"] = {}
    if file == "<string>":
        space.pop("__file__", None)
        space.pop("__cached__", None)
    sys.modules["__main__"] = main
    return space


def run_program(order: Order, program: Program) -> None:
    """Run it. Whoever reads stacks knows by this name where ours end and the program's begin."""
    try:
        program.run(*program.arguments)
    except SystemExit as error:
        if never_began(error, program):
            give_up(order, "There is no such program")
        raise


def never_began(error: SystemExit, program: Program) -> bool:
    """Tell whether this is Python's own complaint about a module that is not there."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    runner = getattr(program.run, "__code__", None)
    return trace is not None and trace.tb_frame.f_code is runner


def hide_boot() -> None:
    """Show the exception that is about to end the program without our frames."""
    shown = sys.excepthook

    def without_boot(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.excepthook = shown
        while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
            trace = trace.tb_next
        sys.last_traceback = trace
        shown(kind, error.with_traceback(trace), trace)

    sys.excepthook = without_boot


if __name__ == "__main__":
    ORDER = read_order(sys.argv)
    BOOT = sys.modules["__main__"]  # It must live as long as its functions do.
    put_back(ORDER)
    try:
        TRACKER, TOLD = prepare_tracker(ORDER)
        PROGRAM = prepare_or_report(ORDER)
        if ready(ORDER, TRACKER, TOLD):
            try:
                with high_descriptors():
                    # A tracker knows of the main thread only what is above the frame that enters it: so it is this one.
                    TRACKER.__enter__()
            except (OSError, RuntimeError) as error:
                give_up(ORDER, f"memray does not start: {error}")
            else:
                # The last to be called: threads that outlive the main one, and what others call then, are traced.
                atexit.register(TRACKER.__exit__, None, None, None)
        run_program(ORDER, PROGRAM)
    except BaseException:
        hide_boot()
        raise
