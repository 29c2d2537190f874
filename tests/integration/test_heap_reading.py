"""Real captures of the real memray, read live and afterwards, held against memray's own reader of the same file."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import lz4.frame
import pytest
from memray import AllocatorType, FileReader
from memray._memray import compute_statistics

from perftui.model.heap import NO_PYTHON, Capture, HeapSnapshot, HeapTimeline, HeapView
from perftui.model.workload import MemoryOptions
from perftui.sources.base import Progress, Source, SourceEvent, SourceState, SourceStatus
from perftui.sources.heap import capture_reader, extract
from perftui.sources.heap.capture_reader import CaptureReader, captures_of
from perftui.sources.heap.source import HeapSource
from perftui.sources.heap.wire import Lines, Picture
from perftui.sources.launch import Keeper

pytestmark = pytest.mark.integration

_LIMIT_S = 60.0
_TRACED = """
import sys
import memray
from memray import FileDestination, Tracker

capture, buffered, program = sys.argv[1], sys.argv[2] == "buffered", sys.argv[3]
options = {name: True for name in sys.argv[4:]}
destination = FileDestination(capture, overwrite=True, compress_on_exit=False, buffered=buffered)
with Tracker(destination=destination, **options):
    exec(compile(program, "/known/app.py", "exec"), {"__name__": "__main__"})
"""
KNOWN = """
import threading
kept = []
def load():
    kept.append(bytearray(4_000_000))
def parse(count):
    for _ in range(count):
        kept.append(bytearray(1000))
def again(depth):
    if depth:
        again(depth - 1)
    else:
        kept.append(bytearray(700_000))
def passing():
    for _ in range(50):
        bytearray(90_000)
def main():
    load()
    parse(300)
    again(5)
    passing()
    other = threading.Thread(target=parse, args=(100,), name="other")
    other.start()
    other.join()
    kept.pop(0)
main()
"""
STEPS = """
import sys
kept = []
def load():
    kept.append(bytearray(1_000_000))
for line in sys.stdin:
    for _ in range(int(line)):
        load()
    print(len(kept), flush=True)
"""


def traced(capture: Path, program: str, *options: str, buffered: bool = True) -> list[str]:
    mode = "buffered" if buffered else "mapped"
    return [sys.executable, "-c", _TRACED, str(capture), mode, program, *options]


def record(capture: Path, program: str = KNOWN, *options: str, buffered: bool = True) -> Path:
    subprocess.run(traced(capture, program, *options, buffered=buffered), check=True, timeout=_LIMIT_S)
    return capture


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(tmp_path_factory.mktemp("known") / "known.bin")


@pytest.fixture
def keeper() -> Iterator[Keeper]:
    with Keeper() as keeper:
        yield keeper


def run(source: Source, *, until: Callable[[Sequence[SourceEvent]], bool] | None = None) -> list[SourceEvent]:
    """Everything that a source hands over until it ends, or until what the test waits for has come."""
    seen: list[SourceEvent] = []
    deadline = time.monotonic() + _LIMIT_S
    while time.monotonic() < deadline:
        seen += source.poll(0.1)
        if until is not None and until(seen):
            return seen
        if any(isinstance(e, SourceStatus) and e.state in (SourceState.ENDED, SourceState.FAILED) for e in seen):
            assert until is None, seen
            return seen
    raise AssertionError(f"nothing came in time: {[e for e in seen if not isinstance(e, HeapSnapshot)]}")


def read(captures: Sequence[Path], keeper: Keeper, **more: Any) -> list[SourceEvent]:
    given: dict[str, Any] = {"clock_zero_epoch_s": 0.0, "cwd": Path("/"), "keep_in": None, **more}
    reader = CaptureReader(captures, keeper=keeper, **given)
    reader.start()
    return run(reader)


def snapshots(events: Sequence[SourceEvent]) -> dict[HeapView, HeapSnapshot]:
    return {event.view: event for event in events if isinstance(event, HeapSnapshot)}


Figures = dict[tuple[str, str], tuple[int, int, int, int]]


def table(snapshot: HeapSnapshot) -> Figures:
    found = {}
    for row in snapshot.functions:
        frame = snapshot.frames[row.frame]
        found[frame.function, frame.file] = (row.self_bytes, row.total_bytes, row.self_count, row.total_count)
    return found


def brute_force(records: Any) -> Figures:
    """What adding up every record of memray's on its own gives."""
    sums: dict[tuple[str, str], list[int]] = {}
    for each in records:
        names = [(function, file) for function, file, _ in each.stack_trace()] or [(NO_PYTHON, "")]
        for name in set(names):
            entry = sums.setdefault(name, [0, 0, 0, 0])
            entry[1] += each.size
            entry[3] += each.n_allocations
        sums[names[0]][0] += each.size
        sums[names[0]][2] += each.n_allocations
    return {name: (entry[0], entry[1], entry[2], entry[3]) for name, entry in sums.items()}


def short(figures: Figures) -> Figures:
    """By bare function name: ours are qualified where the source lies there, memray's are not."""
    found: dict[tuple[str, str], list[int]] = {}
    for (function, file), each in figures.items():
        entry = found.setdefault((function.rpartition(".")[2], file), [0, 0, 0, 0])
        for place in (0, 2):
            entry[place] += each[place]
        for place in (1, 3):
            entry[place] = max(entry[place], each[place])
    return {name: (entry[0], entry[1], entry[2], entry[3]) for name, entry in found.items()}


def program_only(figures: Figures) -> Figures:
    return {name: each for name, each in figures.items() if name[1] == "/known/app.py"}


@dataclass
class Run:
    """A traced workload that takes one step for each number that it is told."""

    process: subprocess.Popen[str]
    capture: Path

    def step(self, count: int) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline()

    def end(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(_LIMIT_S)


@pytest.fixture
def steps(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def start(*, buffered: bool = True) -> Run:
        capture = tmp_path / "steps.bin"
        process = subprocess.Popen(
            traced(capture, STEPS, buffered=buffered), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        runs.append(Run(process, capture))
        return runs[-1]

    yield start
    for each in runs:
        each.process.kill()
        each.process.wait()
        for stream in (each.process.stdin, each.process.stdout):
            if stream is not None:
                stream.close()


def follow(run: Run, keeper: Keeper, **more: Any) -> HeapSource:
    zero = time.time()
    given: dict[str, Any] = {"refresh_s": 0.05, "boot": False, "options": MemoryOptions(), **more}
    return HeapSource(
        run.capture,
        pid=run.process.pid,
        clock=lambda: time.time() - zero,
        epoch_s=zero,
        keeper=keeper,
        cwd=Path("/"),
        **given,
    )


def holds(count: int) -> Callable[[Sequence[SourceEvent]], bool]:
    """Whether the newest picture shows so many of the blocks, byte by byte."""

    def told(seen: Sequence[SourceEvent]) -> bool:
        newest = next((event for event in reversed(seen) if isinstance(event, HeapSnapshot)), None)
        load = table(newest).get(("load", "/known/app.py")) if newest is not None else None
        return load is not None and load[1] >= count * 1_000_000 and load[0] // 1_000_000 == count

    return told


# After the run.


def test_what_is_read_of_a_capture_is_what_memray_reads_of_it(known: Path, keeper: Keeper) -> None:
    events = read([known], keeper)
    found = snapshots(events)
    with FileReader(str(known)) as reader:
        expected = {
            HeapView.HIGH_WATERMARK: list(reader.get_high_watermark_allocation_records(merge_threads=False)),
            HeapView.LEAKED: list(reader.get_leaked_allocation_records(merge_threads=False)),
            HeapView.TEMPORARY: list(reader.get_temporary_allocation_records(merge_threads=False, threshold=1)),
        }
        for view, records in expected.items():
            assert short(table(found[view])) == short(brute_force(records)), view
            assert found[view].total_bytes == sum(each.size for each in records)
            assert found[view].allocations == sum(each.n_allocations for each in records)
        totals = compute_statistics(str(known))
        allocated = found[HeapView.ALLOCATED]
        assert (allocated.total_bytes, allocated.allocations) == (
            totals.total_memory_allocated,
            totals.total_num_allocations,
        )
        (capture,) = [event for event in events if isinstance(event, Capture)]
        assert capture == Capture(
            pid=reader.metadata.pid,
            size_bytes=known.stat().st_size,
            complete=True,
            high_watermark_bytes=reader.metadata.peak_memory,
            high_watermark_at_s=capture.high_watermark_at_s,
            total_allocated_bytes=totals.total_memory_allocated,
            allocations=totals.total_num_allocations,
            leaked_bytes=found[HeapView.LEAKED].total_bytes,
            leaked_allocations=found[HeapView.LEAKED].allocations,
            stackless_bytes=table(found[HeapView.HIGH_WATERMARK]).get((NO_PYTHON, ""), (0, 0, 0, 0))[0],
            python_allocator="pymalloc",
        )


def test_known_amounts_are_found_at_the_functions_that_allocated_them(known: Path, keeper: Keeper) -> None:
    found = snapshots(read([known], keeper))
    place = "/known/app.py"
    peak, leaked = table(found[HeapView.HIGH_WATERMARK]), table(found[HeapView.LEAKED])
    assert peak["load", place][0] == pytest.approx(4_000_000, rel=0.001)
    assert ("load", place) not in leaked or leaked["load", place][0] < 4_000
    assert leaked["parse", place][0] >= 400_000
    assert leaked["parse", place][2] >= 400
    # Six calls deep, and counted once.
    assert leaked["again", place][1] == pytest.approx(700_000, rel=0.01)
    assert table(found[HeapView.ALLOCATED])["passing", place][0] == pytest.approx(4_500_000, rel=0.001)
    assert table(found[HeapView.TEMPORARY])["passing", place][2] >= 49
    threads = {thread.name for thread in found[HeapView.LEAKED].threads}
    assert "other" in threads


def test_all_allocations_are_told_alike_with_threads_and_without(
    known: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    found = []
    for limit in (0, 10**9):
        monkeypatch.setattr(extract, "FULL_RECORDS", limit)
        skipped = tuple(name for name in extract.PASSES if name not in ("open", "allocated"))
        extract.Extraction(extract.Orders(str(known), skip=skipped)).run()
        lines = Lines(epoch_s=0.0)
        said = [lines.decode(line.encode()) for line in capfd.readouterr().out.splitlines()]
        (picture,) = [each.snapshot for each in said if isinstance(each, Picture)]
        found.append(picture)
    merged, single = found
    assert (merged.total_bytes, merged.allocations) == (single.total_bytes, single.allocations)
    assert program_only(table(merged)) == program_only(table(single))
    with FileReader(str(known)) as reader:
        frees = (AllocatorType.FREE, AllocatorType.MUNMAP, AllocatorType.PYMALLOC_FREE)
        single_records = [record for record in reader.get_allocation_records() if record.allocator not in frees]
        assert short(table(single)) == short(brute_force(single_records))


def test_the_timeline_holds_the_peak(known: Path, keeper: Keeper) -> None:
    events = read([known], keeper)
    (timeline,) = [event for event in events if isinstance(event, HeapTimeline)]
    (capture,) = [event for event in events if isinstance(event, Capture)]
    assert list(timeline.at_s) == sorted(timeline.at_s)
    assert capture.high_watermark_at_s is not None
    assert timeline.at_s[0] <= capture.high_watermark_at_s <= timeline.at_s[-1]
    assert max(timeline.heap_bytes) <= (capture.high_watermark_bytes or 0)
    assert min(timeline.rss_bytes) > 1_000_000


def test_a_kept_capture_is_what_memray_read_before(known: Path, keeper: Keeper, tmp_path: Path) -> None:
    raw = tmp_path / "own.bin"
    raw.write_bytes(known.read_bytes())
    (capture,) = [event for event in read([raw], keeper, keep_in=tmp_path) if isinstance(event, Capture)]
    assert not raw.exists()
    kept = tmp_path / capture.file
    assert kept.read_bytes()[:4] == b"\x04\x22\x4d\x18"
    assert capture.size_bytes == kept.stat().st_size < known.stat().st_size
    with FileReader(str(kept)) as reader:
        assert reader.metadata.peak_memory == capture.high_watermark_bytes
    again = read([kept], keeper, keep_in=None, preview=True)
    assert snapshots(again)[HeapView.HIGH_WATERMARK].total_bytes == capture.high_watermark_bytes


def test_a_capture_of_memray_s_own_command_begins_with_the_program(tmp_path: Path, keeper: Keeper) -> None:
    (tmp_path / "app.py").write_text(KNOWN)
    command = [sys.executable, "-m", "memray", "run", "-q", "-o", "it.bin", "app.py"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=_LIMIT_S)
    found = snapshots(read([tmp_path / "it.bin"], keeper, cwd=tmp_path))
    for view in (HeapView.HIGH_WATERMARK, HeapView.ALLOCATED):
        files = {frame.file for frame in found[view].frames}
        assert str(tmp_path / "app.py") in files
        roots = {found[view].frames[frame].function for parent, frame in found[view].nodes if parent == 0}
        assert "<module>" in roots
        assert not any("memray/commands" in file for file in files)


def test_native_frames_stand_between_those_of_python(tmp_path: Path, keeper: Keeper) -> None:
    capture = record(tmp_path / "native.bin", KNOWN, "native_traces")
    found = snapshots(read([capture], keeper))
    files = {frame.file for frame in found[HeapView.HIGH_WATERMARK].frames}
    assert "/known/app.py" in files
    assert any(not file.endswith(".py") for file in files)
    with FileReader(str(capture)) as reader:
        assert found[HeapView.HIGH_WATERMARK].total_bytes == reader.metadata.peak_memory


def test_an_early_picture_comes_before_the_exact_ones(
    tmp_path: Path, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However busy this machine is.
    monkeypatch.setattr(capture_reader, "_PREVIEW_FIRST_S", _LIMIT_S)
    # What is held to the end is in every picture, also where all of it is read between two of them.
    kept = "import builtins\nbuiltins.kept = bytearray(3_000_000)\n"
    churn = f"{kept}for _ in range(1_500_000):\n    bytearray(600)\n"
    capture = record(tmp_path / "churn.bin", churn)
    events = read([capture], keeper, preview=True)
    pictures = [event for event in events if isinstance(event, HeapSnapshot)]
    assert not pictures[0].exact
    assert pictures[0].view is HeapView.HELD
    held = [picture for picture in pictures if picture.view is HeapView.HELD]
    assert held[-1].exact
    assert held[-1].total_bytes == snapshots(events)[HeapView.LEAKED].total_bytes
    shares = [event.share for event in events if isinstance(event, Progress) and event.share is not None]
    assert shares == sorted(shares)
    # The passes are watched from outside, while memray is busy with them.
    assert len(set(shares)) > 4


# Damage.


def test_a_capture_that_was_cut_off_is_read_as_far_as_it_goes(known: Path, keeper: Keeper, tmp_path: Path) -> None:
    cut = tmp_path / "cut.bin"
    cut.write_bytes(known.read_bytes()[: known.stat().st_size // 2])
    events = read([cut], keeper)
    (capture,) = [event for event in events if isinstance(event, Capture)]
    assert not capture.complete
    assert capture.trouble.startswith("The capture is damaged: of ")
    assert 0 < (capture.high_watermark_bytes or 0) == snapshots(events)[HeapView.HIGH_WATERMARK].total_bytes


@pytest.mark.parametrize(
    "content", [b"", b"memray\0", b"MZ" * 500, lz4.frame.compress(b"other" * 99), b"\x04\x22\x4d\x18" + b"x" * 50]
)
def test_a_file_that_is_no_capture_is_told_in_one_sentence(content: bytes, keeper: Keeper, tmp_path: Path) -> None:
    path = tmp_path / "it.bin"
    path.write_bytes(content)
    events = read([path], keeper)
    (capture,) = [event for event in events if isinstance(event, Capture)]
    assert not capture.complete
    assert capture.trouble
    assert "\n" not in capture.trouble
    assert snapshots(events) == {}


def test_damaged_captures_never_do_more_than_end_their_readers(known: Path, keeper: Keeper, tmp_path: Path) -> None:
    chance = random.Random(20)
    content = known.read_bytes()
    paths = []
    for number in range(12):
        damaged = bytearray(content)
        for _ in range(chance.choice((1, 5, 50))):
            damaged[chance.randrange(60, len(damaged))] = chance.randrange(256)
        path = tmp_path / f"damaged{number}.bin"
        path.write_bytes(damaged)
        paths.append(path)
    events = read(paths, keeper, preview=True)
    captures = [event for event in events if isinstance(event, Capture)]
    assert len(captures) == len(paths)
    assert all(capture.complete or capture.trouble for capture in captures)
    assert isinstance(events[-1], SourceStatus)


# While it runs.


@pytest.mark.parametrize("buffered", [True, False])
def test_what_is_held_is_seen_while_it_grows_to_the_byte(
    steps: Callable[..., Run], keeper: Keeper, *, buffered: bool
) -> None:
    run_ = steps(buffered=buffered)
    run_.step(3)
    source = follow(run_, keeper)
    source.start()
    seen = run(source, until=holds(3))
    run_.step(4)
    seen += run(source, until=holds(7))
    assert run_.end() == 0
    seen += run(source)
    last = [event for event in seen if isinstance(event, HeapSnapshot)][-1]
    with FileReader(str(run_.capture)) as reader:
        leaked = list(reader.get_leaked_allocation_records(merge_threads=False))
    assert short(table(last)) == short(brute_force(leaked))
    assert last.total_bytes == sum(each.size for each in leaked)
    assert last.exact
    assert last.reader_rss_bytes > 1_000_000
    assert [event.state for event in seen if isinstance(event, SourceStatus)][-2:] == [
        SourceState.RUNNING,
        SourceState.ENDED,
    ]


def test_a_stop_after_the_end_brings_the_complete_picture(steps: Callable[..., Run], keeper: Keeper) -> None:
    run_ = steps()
    source = follow(run_, keeper)
    source.start()
    run_.step(1)
    run(source, until=holds(1))
    run_.step(8)
    run_.process.kill()
    run_.process.wait()
    (last,) = [event for event in source.stop() if isinstance(event, HeapSnapshot)]
    # What was allocated in the last few milliseconds is in nobody's hands but the dead process's.
    with FileReader(str(run_.capture)) as reader:
        leaked = list(reader.get_leaked_allocation_records(merge_threads=False))
    assert short(table(last)) == short(brute_force(leaked))


def test_a_workload_that_has_ended_before_anybody_looked_is_seen_all_the_same(known: Path, keeper: Keeper) -> None:
    zero = time.time()
    source = HeapSource(
        known,
        pid=1,
        clock=lambda: time.time() - zero,
        epoch_s=zero,
        keeper=keeper,
        cwd=Path("/"),
        options=MemoryOptions(),
        boot=False,
    )
    source.start()
    last = [event for event in source.stop() if isinstance(event, HeapSnapshot)][-1]
    with FileReader(str(known)) as reader:
        assert last.total_bytes == sum(each.size for each in reader.get_leaked_allocation_records())


def test_a_reader_that_is_killed_is_replaced_and_one_that_hangs_catches_up(
    steps: Callable[..., Run], keeper: Keeper
) -> None:
    run_ = steps()
    run_.step(2)
    source = follow(run_, keeper)
    source.start()
    run(source, until=holds(2))
    (reader,) = source._readers()
    os.kill(reader.pid, signal.SIGKILL)
    run_.step(2)
    run(source, until=holds(4))
    (second,) = source._readers()
    assert second.pid != reader.pid
    os.kill(second.pid, signal.SIGSTOP)
    # The workload neither waits nor notices.
    run_.step(50)
    assert source.poll(0.3) is not None
    os.kill(second.pid, signal.SIGCONT)
    run(source, until=holds(54))
    assert run_.end() == 0
    source.stop()


def test_a_capture_that_is_deleted_meanwhile_is_followed_to_its_end(steps: Callable[..., Run], keeper: Keeper) -> None:
    run_ = steps()
    run_.step(2)
    source = follow(run_, keeper)
    source.start()
    run(source, until=holds(2))
    run_.capture.unlink()
    run_.step(3)
    run(source, until=holds(5))
    assert run_.end() == 0
    run(source)


def test_a_reader_beyond_its_memory_pauses_the_view_and_nothing_else(steps: Callable[..., Run], keeper: Keeper) -> None:
    run_ = steps()
    run_.step(2)
    source = follow(run_, keeper, memory_limit_bytes=1 << 20)
    source.start()

    def paused(seen: Sequence[SourceEvent]) -> bool:
        return any(isinstance(event, SourceStatus) and "paused" in event.message for event in seen)

    seen = run(source, until=paused)
    assert any(isinstance(event, HeapSnapshot) for event in seen)
    run_.step(2)
    assert run_.end() == 0
    source.stop()


def test_a_process_that_is_stopped_is_said_to_be_silent(steps: Callable[..., Run], keeper: Keeper) -> None:
    run_ = steps()
    run_.step(1)
    source = follow(run_, keeper)
    source.start()
    run(source, until=holds(1))
    run_.process.send_signal(signal.SIGSTOP)

    def silent(seen: Sequence[SourceEvent]) -> bool:
        return any(isinstance(event, SourceStatus) and "does not grow" in event.message for event in seen)

    run(source, until=silent)
    run_.process.send_signal(signal.SIGCONT)
    run(source, until=lambda seen: any(isinstance(e, SourceStatus) and e.state is SourceState.RUNNING for e in seen))
    source.stop()


def test_nothing_stays_behind_when_a_source_stops_or_perftui_is_gone(steps: Callable[..., Run]) -> None:
    run_ = steps()
    run_.step(1)
    with closing(Keeper()) as keeper:
        source = follow(run_, keeper)
        source.start()
        run(source, until=holds(1))
        (reader,) = source._readers()
        below = children_of(reader.pid)
        assert len(below) == 1
    for pid in (reader.pid, *below):
        wait_for_end(pid)
    assert run_.end() == 0


def children_of(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def wait_for_end(pid: int) -> None:
    deadline = time.monotonic() + _LIMIT_S
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return
        if state in "ZX":
            return
        time.sleep(0.02)
    raise AssertionError(f"{pid} is still there")


def test_forked_children_are_followed_each_on_its_own(tmp_path: Path, keeper: Keeper) -> None:
    program = """
import os, time
def child():
    kept = [bytearray(2_000_000)]
    time.sleep(1.0)
def main():
    kept = [bytearray(5_000_000)]
    if os.fork() == 0:
        child()
        os._exit(0)
    os.wait()
main()
"""
    capture = tmp_path / "fork.bin"
    process = subprocess.Popen(traced(capture, program, "follow_fork"), text=True)
    source = follow(Run(process, capture), keeper, options=replace(MemoryOptions(), children=True))
    source.start()

    def both(seen: Sequence[SourceEvent]) -> bool:
        latest = {event.pid: event for event in seen if isinstance(event, HeapSnapshot)}
        found = [table(each).get(("child", "/known/app.py"), (0,))[0] for each in latest.values()]
        return len(latest) == 2 and max(found) >= 2_000_000

    seen = run(source, until=both)
    assert process.wait(_LIMIT_S) == 0
    seen += source.stop()
    pids = {event.pid for event in seen if isinstance(event, HeapSnapshot)}
    assert process.pid in pids
    events = read(captures_of(capture), keeper)
    captures = [event for event in events if isinstance(event, Capture)]
    assert {each.pid for each in captures} == pids
    assert all(each.complete for each in captures)
    assert [event.share for event in events if isinstance(event, Progress)][-1] == 1.0
