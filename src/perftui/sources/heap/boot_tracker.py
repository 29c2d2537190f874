# ruff: noqa: PTH115, PTH118, PTH120, PTH123, PTH208
"""The boot's tracker: memray from wherever it can be had, and a tracker that does not get in the program's way."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Collection
from importlib import import_module
from importlib.machinery import EXTENSION_SUFFIXES, PathFinder
from importlib.util import module_from_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from perftui.sources.heap.boot import Order

# As in the gate: programs count on the small numbers, and some write to them or close them unseen.
DESCRIPTOR_FLOOR = 200
# What memray reads the size of its process from, in this version and in others.
MEASURED = ("/status", "/statm")
# As in `logging`, which need not be imported for it.
ERROR_LEVEL = 40
LATE = ("rich", "rich.progress")
"""What memray imports and needs for its reports only; importing it costs more than memray itself."""
LENT = ("rich", "typing_extensions")
"""What memray imports of others; the program shall find its own, or none."""


class NoTrackerError(Exception):
    """The program runs without a tracker: a sentence, and the remedy."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


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


def remedy(options: dict[str, Any]) -> str:
    """Return the command that helps."""
    return "{} -m pip install memray=={}".format(sys.executable, options["version"])


def drop_modules(before: Collection[str], packages: Collection[str]) -> None:
    """Forget what was imported of some packages since `before`."""
    for name in list(sys.modules):
        if name not in before and name.partition(".")[0] in packages:
            del sys.modules[name]


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
    # The capture's header tells the command line, in UTF-8.
    arguments, sys.argv = sys.argv, [word.encode("utf-8", "replace").decode() for word in order.words]
    try:
        with HighDescriptors():
            tracker = memray.Tracker(
                destination=destination,
                native_traces=options["native"],
                trace_python_allocators=options["pymalloc"],
                follow_fork=options["children"],
            )
    finally:
        sys.argv = arguments
    return tracker, buffered


class HighDescriptors:
    """Lets what is opened inside get great numbers, if the limit allows, and stay out of other programs.

    What it does in the end may be traced already: it is all in frames of this file, which readers know.
    """

    def __init__(self) -> None:
        self._before: set[int] = set()
        self._held: list[int] = []

    def __enter__(self) -> None:
        """Occupy the small numbers."""
        self._before = open_descriptors()
        held = self._held
        try:
            while not held or held[-1] < DESCRIPTOR_FLOOR - 1:
                held.append(os.open(os.devnull, os.O_RDONLY))
        except OSError:
            close_all(held)

    def __exit__(self, *_: object) -> None:
        """Give the small numbers back."""
        close_all(self._held)
        for descriptor in open_descriptors() - self._before if self._before else ():
            try:
                os.set_inheritable(descriptor, False)
            except OSError:
                # It was the listing's own.
                continue


class CloseRange:
    """`os.closerange` that passes by what the tracker has open.

    Daemons begin by closing everything. memray aborts the process where it cannot read its own memory's size any more,
    and would write its records into whatever the program opens next under the number of the capture.
    """

    def __init__(self, close: Callable[[int, int], None], capture: str) -> None:
        self.close = close
        self.capture = os.path.realpath(capture)

    def __call__(self, fd_low: int, fd_high: int) -> None:
        """Close the descriptors from `fd_low` up to, but not including, `fd_high`."""
        for descriptor in sorted(filter(self.is_tracker_s, open_descriptors())):
            if fd_low <= descriptor < fd_high:
                self.close(fd_low, descriptor)
                fd_low = descriptor + 1
        self.close(fd_low, fd_high)

    def is_tracker_s(self, descriptor: int) -> bool:
        """Tell whether this is a capture, of a forked child perhaps, or what memray measures its process by."""
        try:
            name = os.readlink(f"/dev/fd/{descriptor}")
        except OSError:
            return False
        return name.startswith(self.capture) or (name.startswith("/proc/") and name.endswith(MEASURED))


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
