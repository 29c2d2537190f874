"""The few questions that a diagnosis asks of the machine, so that a test can stand in for any machine."""

from __future__ import annotations

import contextlib
import errno
import mmap
import os
import pwd
import shutil
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol

from perftui.sources.side_process import process_exists, run_tool

# The memory map of a process with thousands of libraries has a few megabytes.
_MOST_BYTES = 8 << 20
# A program larger than this is not searched: better no answer than a long wait.
_LARGEST_PROGRAM_BYTES = 256 << 20


class Probe(Protocol):
    """What is asked of the machine; None is always "it cannot be told"."""

    platform: str
    """As in `sys.platform`."""
    uid: int
    """Effective user id."""
    pid: int
    """Our own process id."""
    python: tuple[int, int, int]
    """Version of our own interpreter."""

    def text(self, path: str) -> str | None:
        """Return what a file holds."""

    def link(self, path: str) -> str | None:
        """Return where a symbolic link points to."""

    def exists(self, path: str) -> bool:
        """Tell whether there is such a file."""

    def names(self, path: str) -> Sequence[str]:
        """Return the names in a directory; none where it cannot be read."""

    def owner(self, path: str) -> int | None:
        """Return the user id that a file belongs to."""

    def holds(self, path: str, needles: Sequence[bytes]) -> bool | None:
        """Tell whether a program file holds any of the `needles`."""

    def head(self, path: str) -> bytes | None:
        """Return the first 20 bytes of a file."""

    def process_exists(self, pid: int) -> bool:
        """Tell whether there is a process of that id."""

    def user_name(self, uid: int) -> str:
        """Return the name of a user, or its number."""

    def version_of(self, package: str) -> str | None:
        """Return the version of an installed Python package, without importing it."""

    def executable(self, name: str) -> str | None:
        """Return the path of a program: beside our own interpreter, or else on PATH."""

    def free_bytes(self, path: Path) -> int | None:
        """Return the free disk space where `path` is, or is going to be."""

    def writable(self, path: Path) -> bool:
        """Tell whether files can be made in `path`, or where it is going to be."""

    def tracing_blocked(self) -> bool | None:
        """Tell whether a filter of system calls keeps everybody here from tracing."""

    def run(self, argv: Sequence[str], *, timeout_s: float) -> str | None:
        """Return what a short command prints; None when it fails."""


class SystemProbe:
    """The machine we run on."""

    def __init__(self) -> None:
        self.platform = sys.platform
        self.uid = os.geteuid()
        self.pid = os.getpid()
        self.python = sys.version_info[:3]

    def text(self, path: str) -> str | None:
        """Return what a file holds, at most its first megabytes."""
        try:
            with Path(path).open("rb") as file:
                return file.read(_MOST_BYTES).decode("utf-8", "replace")
        except (OSError, ValueError):
            return None

    def link(self, path: str) -> str | None:
        """Return where a symbolic link points to."""
        try:
            return os.fsencode(os.readlink(path)).decode("utf-8", "replace")  # noqa: PTH115 (it may end in "(deleted)")
        except OSError:
            return None

    def exists(self, path: str) -> bool:
        """Tell whether there is such a file."""
        try:
            Path(path).lstat()
        except OSError:
            return False
        return True

    def names(self, path: str) -> Sequence[str]:
        """Return the names in a directory; none where it cannot be read."""
        try:
            with os.scandir(path) as entries:
                return tuple(entry.name for entry in entries)
        except OSError:
            return ()

    def owner(self, path: str) -> int | None:
        """Return the user id that a file belongs to."""
        try:
            return Path(path).stat().st_uid
        except OSError:
            return None

    def holds(self, path: str, needles: Sequence[bytes]) -> bool | None:
        """Tell whether a program file holds any of the `needles`."""
        try:
            with Path(path).open("rb") as file:
                if not 0 < os.fstat(file.fileno()).st_size <= _LARGEST_PROGRAM_BYTES:
                    return None
                with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as program:
                    return any(program.find(needle) >= 0 for needle in needles)
        except (OSError, ValueError):
            return None

    def head(self, path: str) -> bytes | None:
        """Return the first 20 bytes of a file."""
        try:
            with Path(path).open("rb") as file:
                return file.read(20)
        except OSError:
            return None

    def process_exists(self, pid: int) -> bool:
        """Tell whether there is a process of that id."""
        return process_exists(pid)

    def user_name(self, uid: int) -> str:
        """Return the name of a user, or its number."""
        try:
            return pwd.getpwuid(uid).pw_name
        except (KeyError, OverflowError):
            return f"user {uid}"

    def version_of(self, package: str) -> str | None:
        """Return the version of an installed Python package, without importing it."""
        try:
            return version(package)
        except PackageNotFoundError:
            return None

    def executable(self, name: str) -> str | None:
        """Return the path of a program: beside our own interpreter, or else on PATH."""
        return shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)

    def free_bytes(self, path: Path) -> int | None:
        """Return the free disk space where `path` is, or is going to be."""
        try:
            return shutil.disk_usage(_nearest_existing(path)).free
        except OSError:
            return None

    def writable(self, path: Path) -> bool:
        """Tell whether files can be made in `path`, or where it is going to be."""
        nearest = _nearest_existing(path)
        return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)

    def tracing_blocked(self) -> bool | None:
        """Tell whether a filter of system calls keeps everybody here from tracing.

        A process may always read its own memory: where even that is refused, a filter refuses it. The harmless call is
        made only where a container runtime has set a filter, since those refuse; another filter might kill the caller.
        """
        import ctypes  # noqa: PLC0415 - of no use to anything but a diagnosis

        libc = ctypes.CDLL(None, use_errno=True)
        source, copy = ctypes.create_string_buffer(8), ctypes.create_string_buffer(8)
        span = ctypes.c_size_t * 2  # an address and a length
        there, here = span(ctypes.addressof(source), 8), span(ctypes.addressof(copy), 8)
        with contextlib.suppress(AttributeError):
            read: int = libc.process_vm_readv(self.pid, here, 1, there, 1, 0)
            return read < 0 and ctypes.get_errno() == errno.EPERM
        return None

    def run(self, argv: Sequence[str], *, timeout_s: float) -> str | None:
        """Return what a short command prints; None when it fails."""
        return run_tool(argv, timeout_s=timeout_s)


def _nearest_existing(path: Path) -> Path:
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 (resolve() asks the disk, and fails in a loop of links)
    return next((folder for folder in (absolute, *absolute.parents) if os.path.lexists(folder)), absolute)
