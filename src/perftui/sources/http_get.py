"""One GET of HTTP in steps that never wait longer than they are told to, within a time and a size."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import select
import socket
import time
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from perftui.errors import ObserveError
from perftui.units import format_bytes, format_seconds

if TYPE_CHECKING:
    import ssl

_HEAD_BYTES = 1 << 16
_READ_BYTES = 1 << 16
_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked", re.IGNORECASE)
_LAST_CHUNK = b"0\r\n\r\n"
_BROKEN = "the answer is no HTTP, or was cut off"
_UNDER_WAY = (errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    content_type: str
    encoding: str
    location: str
    body: bytes


class Get:
    """A request that is under way; whatever goes wrong is an `ObserveError` with a few words of why."""

    def __init__(self, url: str, *, accept: str, limit_s: float, most_bytes: int) -> None:
        """Begin it; only the lookup of a name can take its time."""
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._secure = parts.scheme == "https"
        self._limit_s, self._most_bytes = limit_s, most_bytes
        self._until = time.monotonic() + limit_s
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._to_send = (
            f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: {accept}\r\nAccept-Encoding: identity\r\n"
            "User-Agent: perftui\r\nConnection: close\r\n\r\n"
        ).encode("ascii")
        self._received = bytearray()
        self._socket: socket.socket | ssl.SSLSocket | None = None
        self._connected = self._shaken = False
        try:
            self._places = socket.getaddrinfo(
                self._host, parts.port or (443 if self._secure else 80), type=socket.SOCK_STREAM
            )
        except (OSError, UnicodeError):
            raise ObserveError(f"there is no host {self._host}") from None

    def step(self, timeout_s: float) -> Answer | None:
        """Go on with it; return the answer once it is whole."""
        until = min(self._until, time.monotonic() + timeout_s)
        try:
            while not self._advance(max(0.0, until - time.monotonic())):
                now = time.monotonic()
                if now >= self._until:
                    raise ObserveError(f"no whole answer within {format_seconds(self._limit_s)}")
                if now >= until:
                    return None
        except OSError as error:
            raise ObserveError(_words(error)) from None
        return self._answer()

    def close(self) -> None:
        """Let go of it; safe to call twice."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None

    def _advance(self, timeout_s: float) -> bool:
        """Take one step; say whether the answer is whole."""
        if not self._connected:
            self._connect(timeout_s)
        elif self._secure and not self._shaken:
            self._shake(timeout_s)
        elif self._to_send:
            self._send(timeout_s)
        else:
            return self._receive(timeout_s)
        return False

    def _connect(self, timeout_s: float) -> None:
        if self._socket is None:
            if not self._places:
                raise ObserveError("nobody listens there")
            family, kind, protocol, _, address = self._places.pop(0)
            self._socket = socket.socket(family, kind, protocol)
            self._socket.setblocking(False)
            number = self._socket.connect_ex(address)
            if number not in (0, *_UNDER_WAY):
                self._give_up(number)
                return
        if not _ready(self._socket, timeout_s, writing=True):
            return
        number = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number:
            self._give_up(number)
            return
        self._connected = True
        if self._secure:
            # Only who reads over TLS pays for it.
            import ssl  # noqa: PLC0415

            context = ssl.create_default_context()
            self._socket = context.wrap_socket(self._socket, server_hostname=self._host, do_handshake_on_connect=False)

    def _give_up(self, number: int) -> None:
        """Try the next place that the host may be at."""
        self.close()
        if not self._places:
            raise OSError(number, os.strerror(number))

    def _shake(self, timeout_s: float) -> None:
        import ssl  # noqa: PLC0415

        assert isinstance(self._socket, ssl.SSLSocket)
        try:
            self._socket.do_handshake()
        except ssl.SSLWantReadError:
            _ready(self._socket, timeout_s)
        except ssl.SSLWantWriteError:
            _ready(self._socket, timeout_s, writing=True)
        else:
            self._shaken = True

    def _send(self, timeout_s: float) -> None:
        assert self._socket is not None
        if _ready(self._socket, timeout_s, writing=True):
            self._to_send = self._to_send[self._socket.send(self._to_send) :]

    def _receive(self, timeout_s: float) -> bool:
        assert self._socket is not None
        # What TLS has deciphered already is not waited for.
        pending = getattr(self._socket, "pending", None)
        if not (pending and pending()) and not _ready(self._socket, timeout_s):
            return False
        try:
            data = self._socket.recv(_READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError as error:
            if type(error).__name__ in ("SSLWantReadError", "SSLWantWriteError"):
                return False
            raise
        self._received += data
        if len(self._received) > self._most_bytes + _HEAD_BYTES:
            raise ObserveError(f"the answer is larger than {format_bytes(self._most_bytes)}")
        return not data or self._is_whole()

    def _is_whole(self) -> bool:
        end = self._received.find(_HEAD_END, 0, _HEAD_BYTES)
        if end < 0:
            if len(self._received) > _HEAD_BYTES:
                raise ObserveError("the answer is no HTTP")
            return False
        head = bytes(self._received[: end + 2])
        length = _LENGTH.search(head)
        if _CHUNKED.search(head):
            return self._received.endswith(_LAST_CHUNK)
        return length is not None and len(self._received) >= end + len(_HEAD_END) + int(length[1])

    def _answer(self) -> Answer:
        response = HTTPResponse(cast("socket.socket", _Received(self._received)))
        try:
            response.begin()
            body = response.read(self._most_bytes + 1)
        except (HTTPException, ValueError, OSError):
            raise ObserveError(_BROKEN) from None
        if response.length and len(body) <= self._most_bytes:
            raise ObserveError(_BROKEN)
        if len(body) > self._most_bytes:
            raise ObserveError(f"the answer is larger than {format_bytes(self._most_bytes)}")
        found = {name: response.getheader(name) or "" for name in ("Content-Type", "Content-Encoding", "Location")}
        return Answer(response.status, found["Content-Type"], found["Content-Encoding"], found["Location"], body)


class _Received:
    """Bytes that came, as what the standard library reads an answer from."""

    def __init__(self, data: bytearray) -> None:
        self._data = bytes(data)

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def _ready(opened: socket.socket, timeout_s: float, *, writing: bool = False) -> bool:
    poll = select.poll()
    poll.register(opened, select.POLLOUT if writing else select.POLLIN)
    return bool(poll.poll(timeout_s * 1000))


def _words(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "nobody listens there"
    if type(error).__name__.startswith("SSL"):
        return f"TLS was refused: {getattr(error, 'verify_message', '') or error.strerror or 'unknown reason'}"
    return (error.strerror or "the connection was lost").lower()
