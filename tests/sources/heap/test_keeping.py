"""A kept capture is complete, named by what it holds, and read by memray as it is."""

from __future__ import annotations

import hashlib
from pathlib import Path

import lz4.frame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.sources.heap.keeping import keep, written_bytes

CONTENT = b"memray\0" + bytes(range(1, 256)) * 9000


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "it.bin"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    path = tmp_path / "captures"
    path.mkdir()
    return path


def test_a_capture_is_kept_compressed_under_the_hash_of_what_lies_there(capture: Path, shelf: Path) -> None:
    kept = keep(capture, shelf)
    (file,) = shelf.iterdir()
    content = file.read_bytes()
    assert file.name == kept.file == f"{kept.sha256}.bin"
    assert kept.sha256 == hashlib.sha256(content).hexdigest()
    assert kept.size_bytes == len(content) < len(CONTENT)
    assert lz4.frame.decompress(content) == CONTENT
    assert capture.read_bytes() == CONTENT


def test_a_compressed_capture_is_kept_as_it_is(capture: Path, shelf: Path) -> None:
    packed = lz4.frame.compress(CONTENT)
    capture.write_bytes(packed)
    assert (shelf / keep(capture, shelf).file).read_bytes() == packed


def test_zeros_that_a_mapped_capture_was_grown_by_are_left_out(capture: Path, shelf: Path) -> None:
    capture.write_bytes(CONTENT.ljust(4 << 20, b"\0"))
    assert lz4.frame.decompress((shelf / keep(capture, shelf).file).read_bytes()) == CONTENT


def test_the_same_capture_is_kept_once(capture: Path, shelf: Path) -> None:
    assert keep(capture, shelf) == keep(capture, shelf)
    assert len(list(shelf.iterdir())) == 1


def test_a_capture_that_cannot_be_kept_leaves_nothing_behind(capture: Path, shelf: Path) -> None:
    capture.unlink()
    with pytest.raises(FileNotFoundError):
        keep(capture, shelf)
    assert list(shelf.iterdir()) == []


def test_there_must_be_a_place_to_keep_it(capture: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        keep(capture, tmp_path / "nowhere")


@given(st.binary(max_size=200), st.sampled_from([0, 1, 100, (1 << 20) - 50, 1 << 20, 3 << 20]))
def test_a_capture_is_written_up_to_its_last_byte_that_is_not_zero(content: bytes, zeros: int) -> None:
    import tempfile

    with tempfile.TemporaryFile() as file:
        file.write(content + bytes(zeros))
        file.flush()
        assert written_bytes(file) == len(content.rstrip(b"\0"))
