# ruff: noqa: E402, F401, PLC0415, PTH100, PTH118, PTH120, PTH123, SIM105, UP024, UP031
# mypy: ignore-errors
"""The gate: imported by the first Python interpreter of a launched command, it waits until the sampler looks.

It runs inside the workload, on any Python from 2.7 on, imports nothing that is not loaded yet, and leaves no trace.
"""

import os
import sys

# Perftui lets a visitor go within 3 s; a dead one closes the pipe; this is for one that hangs.
LIMIT_S = 10.0
# Short against the interval between samples, and next to nothing of a core.
NAP_S = 0.001


def is_pipe(descriptor, inode):
    """A program in between may have closed our descriptor and opened another file under its number."""
    try:
        found = os.fstat(descriptor)
    except OSError:
        return False
    return (found.st_mode & 0o170000) == 0o010000 and found.st_ino == inode


def allow_tracer(pid):
    """Under Yama's restricted scope only ancestors may observe, unless the process names another tracer."""
    try:
        with open("/proc/sys/kernel/yama/ptrace_scope") as scope:
            if scope.read().strip() != "1":
                return
    except (OSError, IOError):  # two classes on Python 2
        return
    try:
        import ctypes

        prctl = ctypes.CDLL(None).prctl
        prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4

        def allow():
            prctl(0x59616D61, pid, 0, 0, 0)  # PR_SET_PTRACER

        allow()
        # The permission is not inherited.
        os.register_at_fork(after_in_child=allow)
    except (ImportError, AttributeError, OSError):
        pass


def hide(had_path):
    """Take our directory out of what the workload and its children see."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if entry != here]
    sys.path_importer_cache.pop(here, None)
    if "PYTHONPATH" not in os.environ:
        return
    rest = os.environ["PYTHONPATH"].split(os.pathsep)
    if here in rest:
        rest.remove(here)
    if rest or had_path:
        os.environ["PYTHONPATH"] = os.pathsep.join(rest)
    else:
        del os.environ["PYTHONPATH"]


def wait_for_release(reader):
    """Sleep until there is a byte for us, nobody is left to write one, or the time is up."""
    clock = getattr(time, "monotonic", time.time)
    end = clock() + LIMIT_S
    while clock() < end:
        try:
            os.read(reader, 1)
            return
        except OSError as error:
            if error.errno not in (4, 11, 35):  # EINTR, EAGAIN on Linux and on macOS
                return
        time.sleep(NAP_S)


def visit(reader, reader_inode, writer, writer_inode, tracer):
    """Announce this interpreter and wait to be let go."""
    if is_pipe(reader, reader_inode) and is_pipe(writer, writer_inode):
        allow_tracer(tracer)
        version = ".".join(str(part) for part in sys.version_info[:3])
        # One write below PIPE_BUF: lines of several visitors never mix.
        line = "%d %s %s\x1f%s" % (os.getpid(), version, sys.executable or "", sys.version)
        if not isinstance(line, bytes):
            line = line.encode("utf-8", "replace")
        try:
            os.write(writer, line.replace(b"\n", b"?")[:500] + b"\n")
            wait_for_release(reader)
        finally:
            # Where nobody listens any more they would be passed on to every child.
            os.close(reader)
            os.close(writer)


def take_detour():
    """Where allocations are to be traced, start again with the tracker before the program; children never see how."""
    capture, options = os.environ.pop("PERFTUI_CAPTURE", ""), os.environ.pop("PERFTUI_MEMRAY", "")
    if not capture:
        return
    try:
        here = os.path.dirname(os.path.abspath(__file__))
        # Not imported: whatever could be imported from our directory would stand before the workload's own.
        path = os.path.join(os.path.dirname(here), "heap", "detour.py")
        space = {"__name__": "detour", "__file__": path}
        with open(path) as file:
            exec(compile(file.read(), path, "exec"), space)
        space["take"](capture, options)
    except Exception:  # noqa: BLE001, S110 (the workload runs, whatever it is)
        pass


def pass_gate():
    """Go through the gate once; whatever goes wrong here must never reach the workload."""
    ticket = os.environ.pop("PERFTUI_GATE", "").split(",")
    hide(ticket[-1] == "1")
    try:
        visit(*[int(field) for field in ticket[:-1]])
    except (ValueError, TypeError, OSError):
        pass


take_detour()
had_time = "time" in sys.modules
import time

pass_gate()
if not had_time:
    del sys.modules["time"]
# Now be what would have been here without us: the system's own module, or none.
sys.modules.pop("sitecustomize", None)
import sitecustomize
