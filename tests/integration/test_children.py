"""Children come and go: a real workload with twelve of them, recorded by the real sampler and the real meters."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import pytest

from perftui.analysis.split import Split
from perftui.analysis.thread_rows import thread_rows
from perftui.model.workload import SamplingOptions, Workload
from perftui.recording.plan import RecordingPlan
from perftui.recording.playback import Playback, open_playback
from perftui.recording.recorder import Recorder
from perftui.storage.session_file import open_session, verify

pytestmark = pytest.mark.integration
WORKLOAD = Path(__file__).parents[1] / "workloads" / "twelve_children.py"
LEAST_SEEN = 0.5
"""Share of a long-lived child's CPU seconds that must be in its samples, on a machine that has other work as well."""


class Child(NamedTuple):
    """What a child said of itself at its end."""

    pid: int
    kind: str
    cpu_s: float
    lived_s: float


def children_of(output: bytes) -> list[Child]:
    lines = [line.split() for line in output.decode().splitlines() if line.startswith("child ")]
    return [Child(int(pid), kind, float(cpu_s), float(lived_s)) for _, pid, kind, cpu_s, lived_s in lines]


def sampled_by_pid(playback: Playback) -> dict[int, float]:
    sums: defaultdict[int, float] = defaultdict(float)
    for share in playback.model.aggregate.thread_shares():
        sums[share.thread.pid] += share.weight
    return sums


def test_children_that_come_and_go_keep_their_samples_their_names_and_their_rows(tmp_path: Path) -> None:
    workload = Workload((sys.executable, str(WORKLOAD), "1"), cwd=tmp_path)
    recorder = Recorder(RecordingPlan(tmp_path / "sessions", workload, sampling=SamplingOptions(follow_children=True)))
    recorder.start()
    assert recorder.wait(150)
    assert recorder.path is not None
    live = recorder.result()
    playback = open_playback(recorder.path)
    model = playback.model
    children = children_of(b"".join(chunk.data for chunk in playback.update.output))
    assert sorted(child.kind for child in children) == sorted(["fork", "program", "spawn"] * 4)

    sampled, records = sampled_by_pid(playback), model.processes.newest()
    lasting = [child for child in children if child.lived_s >= 1.0]
    assert len(lasting) >= 9
    rows = {
        row.branch.pid: row
        for row in thread_rows(model.aggregate.thread_shares(), records=records, commands=model.processes.commands)
        if not row.depth
    }
    # The meters come once a second, later on a busy machine: a child of a second may pass between two readings.
    told = [child for child in lasting if child.pid in records]
    assert len(told) >= len(lasting) - 3
    assert all(sampled[child.pid] > 0 for child in lasting), "each has samples"
    for child in told:
        assert rows[child.pid].name in {
            f"{name} [{child.pid}]" for name in ("twelve_children", "multiprocessing-spawn")
        }
        process = records[child.pid].process
        assert process.ended_s is not None
        assert process.parent is not None
    seen = sum(min(sampled[child.pid], child.cpu_s) for child in children)
    used = sum(child.cpu_s for child in children)
    print(f"seen {seen:.2f} s of {used:.2f} s CPU of {len(children)} children: {100 * seen / used:.1f} %")
    assert seen >= LEAST_SEEN * used

    weight = model.aggregate.tree.weight
    assert sum(sampled.values()) == pytest.approx(weight)
    assert sum(row.weight for row in rows.values()) == pytest.approx(weight)
    for split in Split:
        assert model.aggregate.split_by(split).weight == pytest.approx(weight)
    assert live.aggregate.tree.weight == pytest.approx(weight)
    assert {key for key, record in live.processes.by_key.items()} == set(model.processes.by_key)

    saved = open_session(recorder.path)
    assert all(look.readings or look.news for look in saved.process_readings)
    assert verify(recorder.path) == []
