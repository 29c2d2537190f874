"""memray's captures, made by memray, become sessions; damaged ones become one sentence."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import lz4.frame
import pexpect
import pytest

from perftui.cli import main
from perftui.errors import ImportFormatError, NoDataError
from perftui.model.heap import HeapView
from perftui.recording.capture_import import CaptureImport
from perftui.recording.update import Phase

pytestmark = pytest.mark.integration

SCRIPT = """
kept = []
def cache():
    kept.append(bytearray(3_000_000))
def load():
    return bytearray(20_000_000)
def parse():
    return [bytearray(50_000) for _ in range(100)]
def main():
    held = load(), parse()
    cache()
    for _ in range(200):
        bytes(70_000)
main()
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PERFTUI_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="module")
def captures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with one run's capture, as memray compresses it and raw."""
    directory = tmp_path_factory.mktemp("captures")
    (directory / "app.py").write_text(SCRIPT)
    for name, *options in (("raw.bin", "--no-compress"), ("packed.bin",)):
        command = [sys.executable, "-m", "memray", "run", "-q", *options, "-o", name, "app.py", "alpha"]
        subprocess.run(command, check=True, cwd=directory, capture_output=True)
    return directory


def shown(ref: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["show", ref, "--json", "--top", "100"]) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def total_bytes(document: dict[str, Any], view: str) -> dict[str, int]:
    return {row["function"]: row["total_bytes"] for row in document["memory"]["views"][view]["top"]}


@pytest.mark.parametrize("name", ["raw.bin", "packed.bin"])
def test_a_capture_becomes_a_session_with_everything_it_holds(
    name: str, captures: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (captures / name).read_bytes()
    assert main(["import", str(captures / name), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["name"] == name.removesuffix(".bin")
    document = shown(made["id"], capsys)
    memory = document["memory"]
    assert (document["kind"], document["mode"], document["trouble"]) == ("imported", "memory", "")
    assert document["command"][-2:] == ["app.py", "alpha"]
    assert (memory["exact"], memory["view"], memory["captures"][0]["pid"]) == (
        True,
        "high_watermark",
        document_pid(made),
    )
    peak, leaked = total_bytes(document, "high_watermark"), total_bytes(document, "leaked")
    for function, size in {"load": 20_000_000, "parse": 5_000_000, "cache": 3_000_000}.items():
        assert peak[function] == pytest.approx(size, rel=0.02)
    assert leaked["cache"] == pytest.approx(3_000_000, rel=0.02)
    assert "load" not in leaked
    assert total_bytes(document, "allocated")["main"] >= 28_000_000 + 200 * 70_000
    assert {row["file"] for row in memory["top"] if row["function"] == "load"} == {str(captures / "app.py")}
    kept = Path(memory["capture"])
    assert kept.is_file()
    assert kept.parent.parent == Path(made["path"]).parent
    assert (captures / name).read_bytes() == before
    assert main(["compare", made["id"], made["id"], "--json"]) == 0
    compared = json.loads(capsys.readouterr().out)["memory"]
    assert (compared["delta_bytes"], {row["kind"] for row in compared["deltas"]}) == (0, {"same"})


def document_pid(made: dict[str, Any]) -> int:
    from perftui.storage.session_file import open_session

    pid = open_session(Path(made["path"])).meta.pid
    assert pid is not None
    return pid


def test_two_captures_are_compared_as_files_and_nothing_of_them_stays(
    captures: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = sorted(path.name for path in captures.iterdir())
    assert main(["compare", str(captures / "raw.bin"), str(captures / "raw.bin"), "--json"]) == 0
    memory = json.loads(capsys.readouterr().out)["memory"]
    assert memory["exact"]
    assert memory["delta_bytes"] == 0
    assert memory["baseline_bytes"] > 0
    assert sorted(path.name for path in captures.iterdir()) == names
    assert not list(home.rglob("*.perftui"))


def test_a_capture_can_be_imported_without_being_kept(
    captures: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", str(captures / "raw.bin"), "--capture", "drop", "--name", "light"]) == 0
    memory = shown("light", capsys)["memory"]
    assert (memory["capture"], memory["exact"]) == (None, True)
    assert main(["export", "light", "-f", "memray-table"]) == 4
    assert "was dropped" in capsys.readouterr().err
    assert main(["export", "light", "-f", "collapsed"]) == 0
    assert "load" in capsys.readouterr().out
    assert (captures / "raw.bin").is_file()


@pytest.mark.parametrize("length", [20, 60, 230, 400])
def test_a_capture_that_is_cut_off_at_its_head_is_one_sentence(
    length: int, captures: Path, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = tmp_path / "cut.bin"
    cut.write_bytes((captures / "raw.bin").read_bytes()[:length])
    assert main(["import", str(cut)]) == 6
    told = capsys.readouterr().err
    assert told.startswith("perftui: cut.bin")
    assert "Traceback" not in told
    assert list((home / "sessions").glob("*.perftui*")) == []


@pytest.mark.parametrize("packed", [False, True])
def test_of_a_capture_that_ends_too_early_the_rest_is_kept(
    packed: bool, captures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = tmp_path / "cut.bin"
    # What memray maps ends in zeros up to a whole page: of these nobody misses any.
    data = (captures / "raw.bin").read_bytes().rstrip(b"\0")
    cut.write_bytes((in_small_blocks(data) if packed else data)[:-300])
    assert main(["import", str(cut)]) == 0
    assert "note: " in capsys.readouterr().err
    document = shown("cut", capsys)
    assert document["trouble"]
    assert not document["memory"]["exact"]
    assert document["memory"]["views"]["high_watermark"]["allocations"] > 0


def in_small_blocks(data: bytes) -> bytes:
    """An archive of which something is left where it is cut."""
    packer = lz4.frame.LZ4FrameCompressor(auto_flush=True)
    pieces = (packer.compress(data[at : at + 1_000]) for at in range(0, len(data), 1_000))
    return b"".join([packer.begin(), *pieces, packer.flush()])


def test_a_capture_of_another_memray_is_said_to_be_one(
    captures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = bytearray((captures / "raw.bin").read_bytes())
    struct.pack_into("<i", data, len(b"memray\0"), 99)
    foreign = tmp_path / "foreign.bin"
    foreign.write_bytes(data)
    assert main(["import", str(foreign)]) == 6
    told = capsys.readouterr().err
    assert "The capture is in format 99 of memray's" in told
    assert "beside the memray that wrote it" in told
    assert "damaged" not in told


def test_damaged_captures_never_bring_the_command_down(
    captures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(5)
    for name in ("raw.bin", "packed.bin"):
        for round_ in range(3):
            data = bytearray((captures / name).read_bytes())
            for _ in range(40):
                data[chance.randrange(len(data))] = chance.randrange(256)
            damaged = tmp_path / f"{round_}-{name}"
            damaged.write_bytes(data)
            assert main(["import", str(damaged)]) in (0, 6)
            assert "internal error" not in capsys.readouterr().err


def test_an_import_can_be_watched(captures: Path, tmp_path: Path) -> None:
    running = CaptureImport(captures / "raw.bin", tmp_path / "sessions", preview=True)
    running.start()
    assert running.wait(60)
    model = running.result()
    assert model.phase is Phase.DONE
    assert {
        HeapView.HELD,
        HeapView.HIGH_WATERMARK,
        HeapView.LEAKED,
        HeapView.ALLOCATED,
        HeapView.TEMPORARY,
    } <= model.heap.keys()
    assert model.timelines
    assert model.progress is None
    assert running.path is not None
    update = running.feed.take()
    assert update is not None
    assert set(update.heap) == set(model.heap)


def test_an_import_that_is_stopped_leaves_nothing_behind(captures: Path, tmp_path: Path) -> None:
    running = CaptureImport(captures / "raw.bin", tmp_path / "sessions")
    running.start()
    running.stop()
    assert running.wait(60)
    with pytest.raises(NoDataError, match="stopped"):
        running.result()
    assert list((tmp_path / "sessions").glob("*.perftui*")) == []
    assert (captures / "raw.bin").is_file()


def test_what_is_gone_or_no_capture_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(ImportFormatError, match="cannot read"):
        CaptureImport(tmp_path / "gone.bin", tmp_path / "sessions").start()
    shutil.copy(__file__, tmp_path / "it.bin")
    with pytest.raises(ImportFormatError, match="damaged at its beginning"):
        CaptureImport(tmp_path / "it.bin", tmp_path / "sessions").start()
    assert not (tmp_path / "sessions").exists()


@pytest.fixture(scope="module")
def long_capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A capture that takes some seconds to read."""
    directory = tmp_path_factory.mktemp("long")
    (directory / "app.py").write_text("for i in range(400_000):\n    bytes(600)\n")
    command = [sys.executable, "-m", "memray", "run", "-q", "--no-compress", "-o", "long.bin", "app.py"]
    subprocess.run(command, check=True, cwd=directory, capture_output=True)
    return directory / "long.bin"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_an_import_and_nothing_stays(number: int, code: int, long_capture: Path, home: Path) -> None:
    sessions = home / "sessions"
    process = subprocess.Popen(
        [sys.executable, "-m", "perftui", "import", long_capture],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PERFTUI_HOME": str(home)},
    )
    while process.poll() is None and not list(sessions.glob("*.part")):
        time.sleep(0.01)
    process.send_signal(number)
    _, told = process.communicate(timeout=30)
    assert process.returncode == code
    assert "nothing saved" in told
    assert [path for path in sessions.rglob("*") if path.is_file()] == []


def test_a_capture_opens_in_the_dashboard_and_is_a_session_then(captures: Path, home: Path) -> None:
    child = pexpect.spawn(
        sys.executable,
        ["-m", "perftui", "open", str(captures / "raw.bin")],
        env={**os.environ, "PERFTUI_HOME": str(home), "TERM": "xterm-256color", "COLORTERM": "truecolor"},
        dimensions=(40, 140),
        encoding="utf-8",
        timeout=30,
    )
    child.expect("SAVED")
    child.send("q")
    child.expect("imported as raw")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert len(list((home / "sessions").glob("*.perftui"))) == 1
