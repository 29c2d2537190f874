"""Perftui's side of the gate: the first Python interpreter of a launched command waits until the sampler looks.

This directory stands first on the command's PYTHONPATH, for the sake of `sitecustomize`.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

GATE_DIRECTORY = Path(__file__).resolve().parent
GATE_FILE = str(GATE_DIRECTORY / "sitecustomize.py")
# Shell scripts like to use small numbers themselves, and a closed standard stream is no place for a pipe.
_DESCRIPTOR_FLOOR = 200
_LINE = re.compile(rb"(\d+) (\d+)\.(\d+)\.(\d+) (.*?)(?:\x1f(.*))?\Z", re.DOTALL)
_READ_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Visitor:
    """An interpreter that waits at the gate."""

    pid: int
    version: tuple[int, int, int]
    executable: str
    build: str = ""
    """What it says of its version: implementation, build, compiler."""


class Gate:
    """Two pipes: on one the visitors announce themselves, on the other they are let go."""

    def __init__(self) -> None:
        self._announce_out, self._announce_in = high(os.pipe())
        self._release_out, self._release_in = high(os.pipe())
        self._partial = b""
        self._open = False
        self.visited = False
        """Whether an interpreter has come; until the first is let go, nothing of the command's Python runs."""
        self.first: Visitor | None = None
        """The interpreter that came first: the command itself, or what it started."""
        self.deserted = False
        """Whether nobody can come any more."""
        os.set_blocking(self._announce_out, False)
        # Of two visitors that wait for the same byte one must be able to wait on.
        os.set_blocking(self._release_out, False)

    def fileno(self) -> int:
        """Return the descriptor that becomes readable when somebody comes."""
        return self._announce_out

    @property
    def passed_on(self) -> tuple[int, int]:
        """The descriptors that the command must inherit under their numbers."""
        return self._release_out, self._announce_in

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Return the variables that lead a command started with `inherited` through the gate."""
        before = inherited.get("PYTHONPATH")
        fields: list[int] = []
        for descriptor in self.passed_on:
            fields += descriptor, os.fstat(descriptor).st_ino
        ticket = (*fields, os.getpid(), 0 if before is None else 1)
        return {
            "PERFTUI_GATE": ",".join(map(str, ticket)),
            "PYTHONPATH": f"{GATE_DIRECTORY}{os.pathsep}{before}" if before else str(GATE_DIRECTORY),
        }

    def seal(self) -> None:
        """Close the command's end, once it has been started; the end of visits can then be told."""
        if self._announce_in >= 0:
            os.close(self._announce_in)
            self._announce_in = -1

    def arrivals(self) -> Iterator[Visitor]:
        """Yield who came since the last call."""
        if self._open:
            return
        lines = (self._partial + self._read()).split(b"\n")
        self._partial = lines.pop()[-_READ_BYTES:]
        for line in lines:
            match = _LINE.match(line)
            if match:
                self.visited = True
                pid, major, minor, micro = (int(text) for text in match.groups()[:4])
                build = (match[6] or b"").decode("utf-8", "replace")
                visitor = Visitor(pid, (major, minor, micro), os.fsdecode(match[5]), build)
                self.first = self.first or visitor
                yield visitor

    def release(self, visitors: int) -> None:
        """Let that many visitors go: all that wait and live, because any of them may take any byte."""
        if not self._open:
            os.write(self._release_in, b"." * visitors)

    def close(self) -> None:
        """Open the gate for good: whoever waits or comes from now on goes through at once."""
        if self._open:
            return
        self._open = True
        self.seal()
        for descriptor in (self._release_in, self._release_out, self._announce_out):
            os.close(descriptor)

    def _read(self) -> bytes:
        try:
            data = os.read(self._announce_out, _READ_BYTES)
        except BlockingIOError:
            return b""
        self.deserted = not data
        return data


def high(descriptors: Iterable[int]) -> list[int]:
    """Move descriptors to numbers that are not used for anything else, by shells or as standard streams."""
    moved = []
    for descriptor in descriptors:
        try:
            moved.append(fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _DESCRIPTOR_FLOOR))
        except OSError:
            # The limit of open files is that low.
            moved.append(descriptor)
        else:
            os.close(descriptor)
    return moved
