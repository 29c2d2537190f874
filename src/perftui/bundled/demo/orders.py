"""Orders: written to a journal on disk, read back, and sent to a warehouse over a socket."""

from __future__ import annotations

import json
import os
import socket
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path


class Journal:
    """A file of orders, one a line, each with its check sum."""

    def __init__(self) -> None:
        descriptor, name = tempfile.mkstemp(prefix="little-shop-", suffix=".journal")
        self.path = Path(name)
        self._file = os.fdopen(descriptor, "w+b", buffering=0)
        self.written = 0

    def append(self, order: dict[str, object]) -> None:
        """Write one order."""
        self._file.write(self.encode(order))
        self.written += 1

    def encode(self, order: dict[str, object]) -> bytes:
        """Return an order as a line."""
        body = json.dumps(order, sort_keys=True).encode()
        return b"%08x %s\n" % (zlib.crc32(body), body)

    def sync(self) -> None:
        """Wait until everything is on the disk, then begin the file anew."""
        os.fsync(self._file.fileno())
        self._file.seek(0)
        self._file.truncate()

    def replay(self) -> Iterator[dict[str, object]]:
        """Yield every order that is written, checked."""
        for line in self.path.read_bytes().splitlines():
            check, _, body = line.partition(b" ")
            if int(check, 16) == zlib.crc32(body):
                yield json.loads(body)

    def close(self) -> None:
        """Close the journal and remove its file."""
        self._file.close()
        self.path.unlink(missing_ok=True)


class Warehouse:
    """Answers orders that come over a socket."""

    def __init__(self) -> None:
        self._shop_end, self._own_end = socket.socketpair()

    def serve(self) -> None:
        """Answer until the shop hangs up."""
        while data := self._own_end.recv(65_536):
            self._own_end.sendall(self.confirm(data))

    def confirm(self, data: bytes) -> bytes:
        """Return the confirmation of some orders."""
        return zlib.adler32(data).to_bytes(8, "big")

    def order(self, data: bytes) -> bytes:
        """Send orders and wait for their confirmation."""
        self._shop_end.sendall(data)
        return self._shop_end.recv(64)

    def hang_up(self) -> None:
        """End the connection."""
        self._shop_end.close()
