"""A terminal of our own: runs a command as a shell would, answers its questions, keeps every byte with its time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import shlex
import signal
import struct
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import pyte

READ_BYTES = 1 << 16
# What a terminal is asked by full-screen programs, and what a plain modern one answers.
ANSWERS = (
    (re.compile(rb"\x1b\[\?2026\$p"), b"\x1b[?2026;2$y"),
    (re.compile(rb"\x1b\[\?2048\$p"), b"\x1b[?2048;0$y"),
    (re.compile(rb"\x1b\[0?c"), b"\x1b[?62;22c"),
    (re.compile(rb"\x1b\[6n"), b"\x1b[1;1R"),
    (re.compile(rb"\x1b\]11;\?(?:\x07|\x1b\\)"), b"\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\"),
)
# A program that prints these switches on what it has to switch off at its end: (on, off, what it is).
MODES = (
    (b"\x1b[?1049h", b"\x1b[?1049l", "the alternate screen"),
    (b"\x1b[?25l", b"\x1b[?25h", "a hidden cursor"),
    (b"\x1b[?1000h", b"\x1b[?1000l", "mouse clicks"),
    (b"\x1b[?1003h", b"\x1b[?1003l", "mouse movement"),
    (b"\x1b[?1006h", b"\x1b[?1006l", "mouse coordinates"),
    (b"\x1b[?1015h", b"\x1b[?1015l", "mouse coordinates of another kind"),
    (b"\x1b[?1004h", b"\x1b[?1004l", "focus reports"),
    (b"\x1b[?2004h", b"\x1b[?2004l", "bracketed paste"),
    (b"\x1b[?2048h", b"\x1b[?2048l", "reports of size"),
    (b"\x1b[>1u", b"\x1b[<u", "another keyboard protocol"),
)
FLAG_FIELDS = ("input", "output", "control", "local")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes that arrived together."""

    at_s: float
    """On the clock of `time.monotonic`."""
    data: bytes


class Terminal:
    """A pseudo-terminal with a shell in it that runs one command in the foreground.

    The shell stays while the command lives and dies, as a user's does: what the command leaves behind in the
    terminal (modes, flags) is then still there to be seen.
    """

    def __init__(
        self, command: Sequence[str], *, env: Mapping[str, str], columns: int = 160, rows: int = 50, shell: bool = True
    ) -> None:
        self.columns, self.rows = columns, rows
        self.chunks: list[Chunk] = []
        self._lock = threading.Lock()
        self._tail = b""
        self.master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        # Held open, so that the flags can be read when everyone else has left.
        self._slave = slave
        self.flags_before = self._flags()
        line = f"{shlex.join(command)}; exit $?" if shell else f"exec {shlex.join(command)}"
        variables = {**env, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        for name in ("NO_COLOR", "FORCE_COLOR", "CI"):
            variables.pop(name, None)
        self.started_s = time.monotonic()
        self.pid = _spawn_in(slave, ["/bin/sh", "-c", line], variables)
        self.status: int | None = None
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def close(self) -> None:
        """End what is left in the terminal and close it."""
        if self.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
            self.wait(seconds=5)
        self.hang_up()
        self._reader.join(2)

    def hang_up(self) -> None:
        """Close the terminal under its programs, as closing the window does."""
        for descriptor in (self._slave, self.master):
            if descriptor >= 0:
                os.close(descriptor)
        self._slave = self.master = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def resize(self, columns: int, rows: int) -> None:
        """Give the window another size; its programs draw everything anew."""
        self.columns, self.rows = columns, rows
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys: bytes) -> float:
        """Type, and return when."""
        at_s = time.monotonic()
        os.write(self.master, keys)
        return at_s

    def poll(self) -> int | None:
        """Return how the shell ended (its exit status, or minus a signal), or None while it runs."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status

    def wait(self, *, seconds: float) -> int | None:
        """Wait for the shell to end."""
        end_s = time.monotonic() + seconds
        while self.poll() is None and time.monotonic() < end_s:
            time.sleep(0.01)
        time.sleep(0.05)
        return self.status

    def output(self) -> bytes:
        """Return everything printed up to now."""
        with self._lock:
            return b"".join(chunk.data for chunk in self.chunks)

    def printed(self) -> list[Chunk]:
        """Return the chunks that came up to now."""
        with self._lock:
            return list(self.chunks)

    def shows(self, text: str, *, seconds: float) -> bool:
        """Wait until the screen holds a text."""
        replay = Replay(self.columns, self.rows)
        fed, end_s = 0, time.monotonic() + seconds
        while time.monotonic() < end_s:
            for chunk in self.printed()[fed:]:
                replay.feed(chunk.data)
                fed += 1
            if any(text in line for line in replay.lines()):
                return True
            time.sleep(0.05)
        return False

    def left_on(self) -> list[str]:
        """Return what was switched on in the terminal and never off again, flags of the line included."""
        printed = self.output()
        left = [name for on, off, name in MODES if printed.rfind(on) > printed.rfind(off)]
        if self._slave >= 0:
            pairs = zip(FLAG_FIELDS, self.flags_before, self._flags(), strict=True)
            left += [f"flags of {name}" for name, before, after in pairs if before != after]
        return left

    def _flags(self) -> list[Any]:
        return termios.tcgetattr(self._slave)[:4]

    def _read(self) -> None:
        while True:
            try:
                # Every byte counts, and so does its time: there is no pause between two reads.
                ready, _, _ = select.select([self.master], [], [], 0.2)
                data = os.read(self.master, READ_BYTES) if ready else None
            except (OSError, ValueError):
                return
            if data is None:
                continue
            if not data:
                return
            with self._lock:
                self.chunks.append(Chunk(time.monotonic(), data))
            with contextlib.suppress(OSError):
                # The window may be closed between the question and the answer.
                self._answer(data)

    def _answer(self, data: bytes) -> None:
        # A question may be cut in two by a read: the last few bytes are looked at again, but answered once.
        seen, asked = len(self._tail), self._tail + data
        for question, answer in ANSWERS:
            for found in question.finditer(asked):
                if found.end() > seen:
                    os.write(self.master, answer)
        self._tail = asked[-16:]


def _spawn_in(slave: int, command: list[str], env: dict[str, str]) -> int:
    """Start a command as the leader of a session whose terminal is `slave`."""
    pid = os.fork()
    if pid:
        return pid
    try:
        os.login_tty(slave)
        os.execve(command[0], command, env)
    finally:
        os._exit(127)


class Replay:
    """What a screen shows after the bytes fed to it."""

    def __init__(self, columns: int, rows: int) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)

    def feed(self, data: bytes) -> None:
        """Take in bytes."""
        # pyte prints sequences with a private prefix that it does not know; nothing of them is to be seen.
        self._stream.feed(re.sub(rb"\x1b\[[<>=][0-9;]*u", b"", data))

    def lines(self) -> list[str]:
        """Return the rows of the screen."""
        return list(self.screen.display)

    def backgrounds(self) -> list[tuple[str, ...]]:
        """Return the background colours of each row."""
        return [
            tuple(self.screen.buffer[row][column].bg for column in range(self.screen.columns))
            for row in range(self.screen.lines)
        ]


def first_time(
    chunks: Sequence[Chunk], true: Callable[[Replay], bool], *, columns: int = 160, rows: int = 50
) -> float | None:
    """Return when the screen first satisfied a condition, looking after each chunk."""
    return next((at_s for at_s, replay in replayed(chunks, columns=columns, rows=rows) if true(replay)), None)


def replayed(chunks: Sequence[Chunk], *, columns: int = 160, rows: int = 50) -> Iterator[tuple[float, Replay]]:
    """Play the chunks again, one at a time."""
    replay = Replay(columns, rows)
    for chunk in chunks:
        replay.feed(chunk.data)
        yield chunk.at_s, replay
