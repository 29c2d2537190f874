"""The pump sends every byte of a growing capture once, and ends with whoever it serves."""

from __future__ import annotations

import mmap
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import lz4.frame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.sources.heap import pump as pump_module
from perftui.sources.heap.pump import Pump, extent, start_pump

PAGE = mmap.PAGESIZE


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    return tmp_path / "it.bin"


@pytest.fixture
def pumps() -> Iterator[list[Pump]]:
    started: list[Pump] = []
    yield started
    for pump in started:
        os.close(pump.control)
        os.waitpid(pump.pid, 0)


def serve(capture: Path, pumps: list[Pump]) -> tuple[Pump, socket.socket]:
    pump = start_pump(capture)
    pumps.append(pump)
    stream = socket.create_connection(("127.0.0.1", pump.port), timeout=20)
    return pump, stream


def file_of(content: bytes) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked closes it
    file.write(content)
    file.flush()
    return file


def receive(stream: socket.socket, size: int | None = None) -> bytes:
    """So many bytes, or all until the stream ends."""
    data = b""
    while size is None or len(data) < size:
        more = stream.recv(65536)
        if not more:
            break
        data += more
    return data


@given(st.binary(max_size=300), st.binary(max_size=300), st.integers(0, 300))
def test_the_extent_of_a_file_that_is_written_is_its_size_or_its_last_other_byte(
    content: bytes, more: bytes, known: int
) -> None:
    with file_of(content + more) as file:
        known = min(known, len(content))
        end, padded = extent(file.fileno(), known)
    assert end == len(content) + len(more)
    assert not padded


@given(st.binary(max_size=3 * PAGE), st.integers(1, 3))
def test_the_extent_of_a_mapped_file_ends_with_its_last_other_byte(content: bytes, pages: int) -> None:
    written = len(content.rstrip(b"\0"))
    size = (len(content) // PAGE + pages) * PAGE
    with file_of(content.ljust(size, b"\0")) as file:
        assert extent(file.fileno(), 0) == (written, True)
        assert extent(file.fileno(), written) == (written, True)


def test_a_capture_is_sent_as_it_grows_and_to_its_end_when_asked(capture: Path, pumps: list[Pump]) -> None:
    capture.write_bytes(b"first")
    pump, stream = serve(capture, pumps)
    assert receive(stream, 5) == b"first"
    with capture.open("ab") as file:
        file.write(b"second")
        file.flush()
        assert receive(stream, 6) == b"second"
        file.write(b"third")
    pump.finish()
    assert receive(stream) == b"third"
    assert (pump.sent, pump.size) == (16, 16)


def test_of_a_mapped_capture_no_zero_is_sent_that_may_still_become_something(capture: Path, pumps: list[Pump]) -> None:
    capture.write_bytes(b"ab\0\0cd".ljust(4 * PAGE, b"\0"))
    pump, stream = serve(capture, pumps)
    assert receive(stream, 6) == b"ab\0\0cd"
    with capture.open("r+b") as file:
        file.seek(6)
        file.write(b"\0\0ef")
    assert receive(stream, 4) == b"\0\0ef"
    pump.finish()
    assert receive(stream) == b""


def test_a_compressed_capture_is_sent_as_it_was(capture: Path, pumps: list[Pump]) -> None:
    content = os.urandom(3 << 20) + b"x" * (3 << 20)
    capture.write_bytes(lz4.frame.compress(content))
    pump, stream = serve(capture, pumps)
    assert receive(stream) == content
    assert pump.sent == pump.size == capture.stat().st_size


def test_a_damaged_compressed_capture_ends_early(capture: Path, pumps: list[Pump]) -> None:
    content = bytearray(lz4.frame.compress(os.urandom(1 << 20), content_checksum=True))
    content[200_000:200_100] = bytes(100)
    capture.write_bytes(content)
    _, stream = serve(capture, pumps)
    assert len(receive(stream)) <= 1 << 20


def test_the_stream_ends_after_the_process_that_writes(capture: Path, pumps: list[Pump]) -> None:
    script = "import os, sys; f = open(sys.argv[1], 'ab', 0); f.write(b'one'); os.read(0, 1); f.write(b'two')"
    writer = subprocess.Popen([sys.executable, "-S", "-c", script, str(capture)], stdin=subprocess.PIPE)
    while not (capture.exists() and capture.stat().st_size):
        time.sleep(0.01)
    pump, stream = serve(capture, pumps)
    pump.watch(writer.pid)
    assert receive(stream, 3) == b"one"
    assert writer.stdin is not None
    writer.stdin.write(b"!")
    writer.stdin.flush()
    # It is not collected yet: a zombie is gone all the same.
    assert receive(stream) == b"two"
    assert writer.wait(20) == 0


def test_a_capture_that_is_deleted_is_sent_to_its_end(capture: Path, pumps: list[Pump]) -> None:
    with capture.open("wb", buffering=0) as file:
        file.write(b"first")
        pump, stream = serve(capture, pumps)
        capture.unlink()
        file.write(b"second")
        assert receive(stream, 11) == b"firstsecond"
        pump.finish()
        assert receive(stream) == b""


def test_a_capture_that_is_cut_short_ends_the_growth_and_nothing_else(capture: Path, pumps: list[Pump]) -> None:
    capture.write_bytes(b"first")
    pump, stream = serve(capture, pumps)
    assert receive(stream, 5) == b"first"
    os.truncate(capture, 2)
    pump.finish()
    assert receive(stream) == b""


def test_the_pump_ends_with_its_reader_whether_that_ever_came_or_not(capture: Path) -> None:
    capture.write_bytes(b"first")
    for connects in (False, True):
        pump = start_pump(capture)
        if connects:
            stream = socket.create_connection(("127.0.0.1", pump.port), timeout=20)
            assert receive(stream, 5) == b"first"
        os.close(pump.control)
        assert os.waitpid(pump.pid, 0)[1] == 0


def test_asking_a_pump_that_is_gone_is_no_trouble(capture: Path) -> None:
    capture.write_bytes(b"first")
    pump = start_pump(capture)
    stream = socket.create_connection(("127.0.0.1", pump.port), timeout=20)
    pump.finish()
    assert receive(stream) == b"first"
    os.waitpid(pump.pid, 0)
    pump.finish()
    os.close(pump.control)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_reader_may_come_by_either_loopback_address(capture: Path, pumps: list[Pump], address: str) -> None:
    capture.write_bytes(b"first")
    pump = start_pump(capture)
    pumps.append(pump)
    try:
        stream = socket.create_connection((address, pump.port), timeout=20)
    except OSError:
        pytest.skip(f"there is no {address} here")
    assert receive(stream, 5) == b"first"


def test_whoever_is_not_our_user_is_turned_away(
    capture: Path, pumps: list[Pump], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([False, True])
    monkeypatch.setattr(pump_module, "_is_of_our_user", lambda *_: next(answers))
    capture.write_bytes(b"secret")
    pump = start_pump(capture)
    pumps.append(pump)
    with socket.create_connection(("127.0.0.1", pump.port), timeout=20) as other:
        assert receive(other) == b""
    with socket.create_connection(("127.0.0.1", pump.port), timeout=20) as stream:
        assert receive(stream, 6) == b"secret"


def test_a_capture_that_is_not_there_is_refused(capture: Path) -> None:
    with pytest.raises(FileNotFoundError):
        start_pump(capture)
