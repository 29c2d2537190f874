"""The pump: a child of the live reader that follows a growing capture and serves it on a loopback socket.

memray's socket stream and its files are the same bytes. The pump is a process, because memray reads a stream's header
while it holds the interpreter; and it must be forked before memray is imported.
"""

from __future__ import annotations

import errno
import mmap
import os
import select
import signal
import socket
import struct
import sys
import time
from dataclasses import dataclass
from pathlib import Path

# Half of a live view's delay; at 10 ms it would cost as much CPU as the reading itself.
TICK_S = 0.05
# A tracked process writes at least every 10 ms: one that is gone and silent for so long has written its last.
SILENCE_S = 0.3
LZ4_MAGIC = b"\x04\x22\x4d\x18"
_PAGE = mmap.PAGESIZE
_SCAN_BYTES = 1 << 20
_SEND_BYTES = 1 << 22
_POSITIONS = struct.Struct("=QQ")

# The kernel's tables of connections, and how they spell the loopback addresses on a machine of this byte order.
_TABLES = {
    int(socket.AF_INET): ("/proc/net/tcp", socket.inet_aton("127.0.0.1")),
    int(socket.AF_INET6): ("/proc/net/tcp6", socket.inet_pton(socket.AF_INET6, "::1")),
}

FINISH = b"f"
"""Through the control pipe: serve what is there now, and end."""
WATCH = b"w"
"""Through the control pipe, with a process id: the stream ends after the end of this process."""
_PID_BYTES = 8


@dataclass(frozen=True, slots=True)
class Pump:
    """The live reader's side of the pump."""

    pid: int
    port: int
    control: int
    """Write end of the control pipe; the pump ends when it closes."""
    positions: mmap.mmap

    @property
    def sent(self) -> int:
        """Bytes of the capture that were sent."""
        return int(_POSITIONS.unpack_from(self.positions)[0])

    @property
    def size(self) -> int:
        """Bytes of the capture that could be sent."""
        return int(_POSITIONS.unpack_from(self.positions)[1])

    def watch(self, pid: int) -> None:
        """Say which process writes the capture, so that the stream ends after it."""
        self._say(WATCH + pid.to_bytes(_PID_BYTES, "big"))

    def finish(self) -> None:
        """Ask for an end after what is there now."""
        self._say(FINISH)

    def _say(self, message: bytes) -> None:
        try:
            os.write(self.control, message)
        except BrokenPipeError:
            # It has ended already, which is all that it could be asked for.
            return


def start_pump(capture: Path) -> Pump:
    """Fork a pump for a capture; raises `OSError` where it cannot be opened."""
    file = os.open(capture, os.O_RDONLY)
    listeners = _listen()
    control_out, control_in = os.pipe()
    positions = mmap.mmap(-1, _PAGE)
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.close(control_in)
            _become_quiet()
            _serve(file, listeners, control_out, positions)
            code = 0
        finally:
            os._exit(code)
    port = listeners[0].getsockname()[1]
    for each in listeners:
        each.close()
    os.close(control_out)
    os.close(file)
    return Pump(pid, port, control_in, positions)


def _become_quiet() -> None:
    """Let go of the reader's pipes, so that they close with the reader, and leave interruptions to it."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)


def _listen() -> list[socket.socket]:
    """Return listeners on one port of both loopback addresses: memray tries both, and nobody else may have either."""
    while True:
        four = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        four.bind(("127.0.0.1", 0))
        four.listen(1)
        try:
            six = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        except OSError:
            return [four]
        try:
            six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            six.bind(("::1", four.getsockname()[1]))
            six.listen(1)
        except OSError as error:
            six.close()
            if error.errno != errno.EADDRINUSE:
                # There is no such address here.
                return [four]
            four.close()
            continue
        return [four, six]


def _serve(capture: int, listeners: list[socket.socket], control: int, positions: mmap.mmap) -> None:
    stream = _accepted(listeners, control)
    if stream is None:
        return
    with stream:
        if os.pread(capture, len(LZ4_MAGIC), 0) == LZ4_MAGIC:
            _send_unpacked(capture, stream, positions)
        else:
            Follower(capture, stream.fileno(), positions).run(control)


def _accepted(listeners: list[socket.socket], control: int) -> socket.socket | None:
    """Wait for the reader, and turn away whoever else may connect; None where the reader is gone."""
    poll = select.poll()
    for each in listeners:
        poll.register(each, select.POLLIN)
    # Its end only: what it says can wait.
    poll.register(control, 0)
    while True:
        ready = {descriptor for descriptor, _ in poll.poll()}
        if control in ready:
            return None
        stream, address = next(each for each in listeners if each.fileno() in ready).accept()
        if _is_of_our_user(stream.family, address[1]):
            for each in listeners:
                each.close()
            return stream
        stream.close()


def _is_of_our_user(family: int, port: int) -> bool:
    """Tell whether the loopback connection from this port belongs to our user; the system tells it on Linux only."""
    table, address = _TABLES[family]
    try:
        rows = Path(table).read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return True
    words = (address[start : start + 4] for start in range(0, len(address), 4))
    wanted = "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in words) + f":{port:04X}"
    owners = [fields[7] for fields in map(str.split, rows) if len(fields) > 7 and fields[1] == wanted]
    return str(os.getuid()) in owners


class Follower:
    """Sends a capture as it grows, until its writer is gone or somebody asks for the end."""

    def __init__(self, file: int, stream: int, positions: mmap.mmap) -> None:
        self._file = file
        self._stream = stream
        self._positions = positions
        self._sent = 0
        self._settled = 0
        """How far the file went one tick ago: in a mapped file the last record may be half written."""
        self._writer: int | None = None
        self._pidfd = -1
        self._finish = False

    def run(self, control: int) -> None:
        """Serve until the end."""
        poll = select.poll()
        poll.register(control, select.POLLIN)
        grown_at = time.monotonic()
        while True:
            end, padded = extent(self._file, self._settled)
            if end > self._settled:
                grown_at = time.monotonic()
            last = self._finish or (self._gone() and time.monotonic() - grown_at > SILENCE_S)
            self._send(self._settled if padded and not last else end, of=end)
            self._settled = end
            if last:
                return
            if poll.poll(TICK_S * 1000):
                message = os.read(control, 64)
                if not message:
                    return
                self._obey(message)

    def _obey(self, message: bytes) -> None:
        if message.startswith(WATCH):
            end = len(WATCH) + _PID_BYTES
            self._watch(int.from_bytes(message[len(WATCH) : end], "big"))
            message = message[end:]
        self._finish = self._finish or FINISH in message

    def _watch(self, pid: int) -> None:
        self._writer = pid
        try:
            self._pidfd = os.pidfd_open(pid)
        except (AttributeError, OSError):
            # Gone already, or a system without such descriptors.
            self._pidfd = -1

    def _gone(self) -> bool:
        if self._writer is None:
            return False
        if self._pidfd >= 0:
            # Readable as soon as it has ended, collected or not.
            return bool(select.select([self._pidfd], [], [], 0)[0])
        try:
            os.kill(self._writer, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False

    def _send(self, end: int, *, of: int) -> None:
        _POSITIONS.pack_into(self._positions, 0, self._sent, of)
        while self._sent < end:
            sent = os.sendfile(self._stream, self._file, self._sent, min(end - self._sent, _SEND_BYTES))
            if not sent:
                # The file was cut short.
                return
            self._sent += sent
            _POSITIONS.pack_into(self._positions, 0, self._sent, of)


def extent(file: int, known: int) -> tuple[int, bool]:
    """Return how far a capture is written, beyond what is known, and whether the file is longer than that.

    A mapped capture is grown ahead of what is written, by whole pages of zeros, and read up to the last other byte,
    as memray itself does it.
    """
    size = os.fstat(file).st_size
    if size <= known:
        return min(known, size), False
    if size % _PAGE or os.pread(file, 1, size - 1) != b"\0":
        return size, False
    end = known
    position = known
    while position < size:
        chunk = os.pread(file, _SCAN_BYTES, position)
        written = len(chunk.rstrip(b"\0"))
        if not written:
            break
        end = position + written
        position += len(chunk)
    return end, True


def _send_unpacked(file: int, stream: socket.socket, positions: mmap.mmap) -> None:
    """Send a finished capture that is compressed; positions are those in the file."""
    import lz4.frame  # noqa: PLC0415 - of no use for a capture that grows

    size = os.fstat(file).st_size
    with os.fdopen(os.dup(file), "rb") as raw:
        raw.seek(0)
        unpack = lz4.frame.LZ4FrameDecompressor()
        while not unpack.eof and (data := raw.read(_SCAN_BYTES)):
            stream.sendall(unpack.decompress(data))
            _POSITIONS.pack_into(positions, 0, raw.tell(), size)
