"""What a capture says of itself, and what is none: read in this process, so nothing in a file may bring it down."""

from __future__ import annotations

import struct
from pathlib import Path

import lz4.frame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.sources.heap.header import CaptureHeader, is_capture, looks_like_capture, read_header

COMMAND = "app.py alpha"


def raw(command: str = COMMAND, *, pid: int = 321, start_ms: int = 1_700_000_000_500, native: int = 0) -> bytes:
    """The beginning of a capture, as memray writes it."""
    fixed = struct.pack("<7siiBBQQqq", b"memray\0", 13, 0x030B07F0, native, 0, 822, 0, start_ms, start_ms + 1_500)
    return fixed + command.encode() + b"\0" + struct.pack("<iQQBB", pid, 1, 6, 1, 1) + b"\x07" * 500


def header(tmp_path: Path, data: bytes) -> CaptureHeader | None:
    path = tmp_path / "it.bin"
    path.write_bytes(data)
    return read_header(path)


@pytest.mark.parametrize("compressed", [False, True])
def test_a_capture_says_what_ran_and_when(compressed: bool, tmp_path: Path) -> None:
    data = lz4.frame.compress(raw(native=1)) if compressed else raw(native=1)
    assert is_capture(data[:64])
    assert header(tmp_path, data) == CaptureHeader(
        pid=321,
        command_line=COMMAND,
        started_epoch_s=1_700_000_000.5,
        ended_epoch_s=1_700_000_002.0,
        native=True,
        pymalloc=True,
        python_allocator="pymalloc",
        compressed=compressed,
        format_version=13,
        records=822,
        cut_off=False,
    )


@pytest.mark.parametrize(
    "data", [b"", b"memray", b"SQLite format 3\0", b"\x04\x22\x4d\x18", b'{"memray\\0": 1}', b"\x1f\x8b"]
)
def test_what_is_no_capture_is_not_taken_for_one(data: bytes, tmp_path: Path) -> None:
    assert not is_capture(data)
    assert header(tmp_path, data) is None


def test_an_archive_of_something_else_is_no_capture() -> None:
    assert not is_capture(lz4.frame.compress(b"main;work 3\n" * 1000)[:64])


def test_what_cannot_be_opened_is_no_capture(tmp_path: Path) -> None:
    assert not looks_like_capture(tmp_path)
    assert not looks_like_capture(tmp_path / "gone")
    assert not looks_like_capture(Path("x" * 5_000))
    assert not looks_like_capture(Path("nul\0"))


def test_a_killed_process_has_no_end(tmp_path: Path) -> None:
    data = bytearray(raw())
    struct.pack_into("<q", data, 41, 0)
    found = header(tmp_path, bytes(data))
    assert found is not None
    assert found.ended_epoch_s == found.started_epoch_s
    assert found.records == 0


@pytest.mark.parametrize("checked", [False, True])
def test_an_archive_without_its_end_is_known_to_be_cut_off(checked: bool, tmp_path: Path) -> None:
    data = lz4.frame.compress(raw() + bytes(range(256)) * 20_000, content_checksum=checked, block_linked=False)
    whole, cut = header(tmp_path, data), header(tmp_path, data[:-9])
    assert whole is not None
    assert not whole.cut_off
    assert cut is not None
    assert cut.cut_off
    assert cut.records == whole.records == 822


@pytest.mark.parametrize(
    "data",
    [raw()[:40], raw()[:60], raw(pid=0), raw(pid=-5), raw(start_ms=-1), raw(start_ms=1 << 60), raw("x" * (1 << 20))],
)
def test_a_header_that_is_cut_off_or_makes_no_sense_is_none(data: bytes, tmp_path: Path) -> None:
    assert is_capture(data)
    assert header(tmp_path, data) is None


@given(data=st.data(), compressed=st.booleans())
def test_a_damaged_head_is_read_or_refused_and_never_more(
    data: st.DataObject, compressed: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = lz4.frame.compress(raw()) if compressed else raw()
    cut = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for place in data.draw(st.lists(st.integers(0, max(0, len(cut) - 1)), max_size=6)) if cut else ():
        cut[place] = data.draw(st.integers(0, 255))
    is_capture(bytes(cut))
    found = header(tmp_path_factory.getbasetemp(), bytes(cut))
    assert found is None or (found.pid > 0 and found.ended_epoch_s >= found.started_epoch_s)
