"""Every error a user can meet: one class a cause, with a hint and the exit code that goes with it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path


class ExitCode(IntEnum):
    """What the exit status of every verb means."""

    OK = 0
    FAILED_CHECK = 1
    """A budget failed, or a regression was found."""
    USAGE = 2
    """The command line, a profile or a budget file is wrong, or the command in it cannot be started."""
    WORKLOAD_FAILED = 3
    """The workload itself failed; its own code is in the JSON."""
    NO_DATA = 4
    """Not enough data, or nothing of that name."""
    CANNOT_OBSERVE = 5
    """The target cannot be observed: permission, missing tool, unsupported interpreter."""
    SESSION_UNREADABLE = 6
    """A session file is corrupt, foreign or newer than this program."""
    CANNOT_WRITE = 7
    """A session or one of its files cannot be written: the disk is full, or not ours to write."""
    INTERRUPTED = 130


class PerftuiError(Exception):
    """A trouble with a sentence that says what it is and a hint that says what to try next."""

    exit_code: ExitCode = ExitCode.USAGE

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(PerftuiError):
    """The command line asks for something that makes no sense."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file a trouble sits."""

    file: Path
    line: int | None = None
    table: str = ""
    key: str = ""

    def __str__(self) -> str:
        where = str(self.file) if self.line is None else f"{self.file}:{self.line}"
        inside = ".".join(part for part in (self.table, self.key) if part)
        return f"{where} ({inside})" if inside else where


class ConfigError(PerftuiError):
    """A workload profile, a budget or a settings file is wrong; `place` says where."""

    def __init__(self, message: str, place: Place, *, hint: str = "") -> None:
        super().__init__(f"{place}: {message}", hint=hint)
        self.place = place


class WorkloadError(PerftuiError):
    """The workload could not be started, or failed."""

    exit_code = ExitCode.WORKLOAD_FAILED


class StartError(WorkloadError):
    """The command cannot be started as it was given: no such command, no such directory, not executable."""

    exit_code = ExitCode.USAGE


class NoDataError(PerftuiError):
    """There is nothing of that name, or not enough of it."""

    exit_code = ExitCode.NO_DATA


class ObserveError(PerftuiError):
    """The target cannot be observed."""

    exit_code = ExitCode.CANNOT_OBSERVE


class SessionError(PerftuiError):
    """A session file cannot be read."""

    exit_code = ExitCode.SESSION_UNREADABLE


class SessionWriteError(SessionError):
    """A session cannot be written now; what was recorded waits in memory and is tried again."""

    exit_code = ExitCode.CANNOT_WRITE


class ImportFormatError(PerftuiError):
    """A profile to import is not what its format asks for."""

    exit_code = ExitCode.SESSION_UNREADABLE


class OperationFormatError(PerftuiError):
    """A benchmark tool's result is not what its format asks for."""
