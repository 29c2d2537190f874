# Python's option -x would skip this line. It runs in any Python that memray knows, so nothing here is newer than 3.8.
# ruff: noqa: E402, PTH100, PTH101, PTH105, PTH108, PTH110, PTH118, PTH120, PTH123
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
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

REPORT = ".boot"
"""What the name of our report has more than the capture's."""
PYTHON = ".".join(str(part) for part in sys.version_info[:3])


def load(name: str) -> ModuleType:
    """Return a module that lies beside this one, which is on no path."""
    spec = spec_from_file_location(name, os.path.join(HERE, name + ".py"))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if TYPE_CHECKING:
    from perftui.sources.heap import boot_program, boot_tracker
else:
    boot_program, boot_tracker = load("boot_program"), load("boot_tracker")

FIRST_WORD = {boot_program.MODULE: "-m", boot_program.COMMAND: "-c"}
"""What stands for the program in `sys.argv`, where that is not its name."""


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
    sys.argv[:] = [FIRST_WORD.get(order.kind, order.name), *order.arguments]
    if hasattr(sys, "orig_argv"):
        sys.orig_argv[:] = order.words


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


def seal(order: Order, pid: int) -> None:
    """Tell that the tracing was ended in order, by the mode of our report: that takes no space on a full disk."""
    if os.getpid() != pid:
        # A forked child ends as we do.
        return
    try:
        os.chmod(order.capture + REPORT, 0o400)
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


def prepare_or_report(order: Order) -> boot_program.Program:
    """Return what runs the program, or report why there is nothing to trace."""
    try:
        return boot_program.prepare_program(order, boot_program.Stage(FRESH, BEFORE))
    except BaseException:
        give_up(order, "The program could not be read")
        raise


def run_program(order: Order, program: boot_program.Program) -> None:
    """Run it. Whoever reads stacks knows by this name where ours end and the program's begin."""
    try:
        program.run(*program.arguments)
    except SystemExit as error:
        if never_began(error, program):
            give_up(order, "There is no such program")
        raise


def never_began(error: SystemExit, program: boot_program.Program) -> bool:
    """Tell whether this is Python's own complaint about a module that is not there."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    runner = getattr(program.run, "__code__", None)
    return trace is not None and trace.tb_frame.f_code is runner


def hide_boot() -> None:
    """Show the exception that is about to end the program without our frames."""
    shown = sys.excepthook
    ours = {__file__, boot_program.__file__, boot_tracker.__file__}

    def without_boot(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.excepthook = shown
        while trace is not None and trace.tb_frame.f_code.co_filename in ours:
            trace = trace.tb_next
        sys.last_traceback = trace
        shown(kind, error.with_traceback(trace), trace)

    sys.excepthook = without_boot


if __name__ == "__main__":
    ORDER = read_order(sys.argv)
    BOOT = sys.modules["__main__"]  # It must live as long as its functions do.
    put_back(ORDER)
    try:
        TRACKER, TOLD = boot_tracker.prepare_tracker(ORDER)
        PROGRAM = prepare_or_report(ORDER)
        CLOSE_RANGE = boot_tracker.CloseRange(os.closerange, ORDER.capture)
        if ready(ORDER, TRACKER, TOLD):
            try:
                with boot_tracker.HighDescriptors():
                    # A tracker knows of the main thread only what is above the frame that enters it: so it is this one.
                    TRACKER.__enter__()
            except (OSError, RuntimeError) as error:
                give_up(ORDER, f"memray does not start: {error}")
            else:
                atexit.register(seal, ORDER, os.getpid())
                # The last to be called: threads that outlive the main one, and what others call then, are traced.
                atexit.register(TRACKER.__exit__, None, None, None)
                setattr(os, "closerange", CLOSE_RANGE)  # noqa: B010 - no type would allow it
        run_program(ORDER, PROGRAM)
    except BaseException:
        hide_boot()
        raise
