"""Sessions of some weeks, as recordings leave them: a function became dearer at one commit, and cheaper at another."""

from __future__ import annotations

import hashlib
import random
from array import array
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from perftui.analysis.stack_table import StackTable
from perftui.model.frame import Frame
from perftui.model.operation import Operation
from perftui.model.reading import ResourceReading
from perftui.model.sample import SampleWindow, Thread, ThreadSamples
from perftui.model.session import SessionKind, SessionMeta, SessionState
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.storage.session_file import SessionWriter
from perftui.units import Unit

SESSIONS, ELSEWHERE, IMPORTS = 34, 4, 2
"""How many there are of the workload, of it on another machine, and of another workload."""
BEGIN = datetime(2026, 4, 1, 9, 30, tzinfo=UTC)
_DEARER_AT, _CHEAPER_AT = 16, 28
_WORK = (
    ("main", "shop/app.py", 0.02),
    ("load_orders", "shop/orders.py", 0.24),
    ("price", "shop/pricing.py", 0.18),
    ("Basket.total", "shop/basket.py", 0.16),
    ("render", "shop/pages.py", 0.14),
    ("journal", "shop/log.py", 0.08),
)
"""Function, file, and its share of a run of twelve seconds."""
_BRANCHES = ("main", "main", "main", "faster-pricing")


def write_history(folder: Path, *, machines: int = 2) -> None:
    """Write the sessions into a folder."""
    folder.mkdir(exist_ok=True)
    chance = random.Random(11)
    for number in range(SESSIONS):
        _write(folder, number, chance, host="build-1", workload="checkout")
    for number in range(ELSEWHERE if machines > 1 else 0):
        _write(folder, 5 * number, chance, host="laptop", workload="checkout")
    for number in range(IMPORTS):
        _write(folder, 4 * number, chance, host="build-1", workload="import")


def _write(folder: Path, number: int, chance: random.Random, *, host: str, workload: str) -> Path:
    began = BEGIN + timedelta(hours=23 * number)
    slower = _CHEAPER_AT > number >= _DEARER_AT
    meta = SessionMeta(
        id=f"{began:%Y%m%d-%H%M%S}-{len(host):02x}{len(workload):02x}",
        name=f"{workload}-{number + 1}",
        kind=SessionKind.LAUNCHED,
        state=SessionState.RECORDING,
        created=began.isoformat(timespec="seconds"),
        command=("python", "-m", f"shop.{workload}"),
        cwd="/home/dev/shop",
        workload=workload,
        requested_hz=100.0,
        environment={
            "host": host,
            "git_branch": _BRANCHES[number % len(_BRANCHES)],
            "git_commit": hashlib.sha256(f"commit {number}".encode()).hexdigest()[:12],
            "git_changes": "yes" if number % 11 == 4 else "no",
        },
    )
    writer = SessionWriter.create(folder, meta, clock=lambda: 0.0)
    shares = {name: share * (1.9 if slower and name == "price" else 1.0) for name, _, share in _WORK}
    counts = {name: round(chance.gauss(1, 0.03) * share * 1_200) for name, share in shares.items()}
    seconds = sum(counts.values()) / 100
    _write_samples(writer, counts, seconds)
    for second in range(int(seconds)):
        rss = chance.gauss(180e6, 2e6)
        writer.add_reading(ResourceReading(float(second), cpu_percent=chance.gauss(92, 3), rss_bytes=rss))
    writer.set_operations(_operations(chance, slower=slower))
    verdict = Verdict.FAIL if slower and number % 2 else Verdict.WARN if slower else Verdict.PASS
    rule = RuleVerdict("resources.wall_s", "wall", "wall_s", Unit.SECONDS, seconds, 10.5, 11.5, verdict)
    writer.set_verdicts([rule])
    return writer.finalise(
        replace(meta, state=SessionState.COMPLETE, exit_code=0, duration_s=seconds, cpu_s=0.93 * seconds)
    )


def _write_samples(writer: SessionWriter, counts: dict[str, int], seconds: float) -> None:
    table = StackTable()
    frames = tuple(Frame(name, file, 10 + at) for at, (name, file, _) in enumerate(_WORK))
    stacks = ((0,), *((0, at) for at in range(1, len(_WORK))))
    seen = array("I", [at for at, (name, _, _) in enumerate(_WORK) for _ in range(counts[name])])
    samples = (ThreadSamples(Thread(100, 100, "MainThread"), stacks, seen),)
    writer.add_window(table.intern(SampleWindow(0.0, seconds, 0.01, frames, samples)))


def _operations(chance: random.Random, *, slower: bool) -> list[Operation]:
    usual = {"price[100]": 0.0042 * (1.6 if slower else 1.0), "load_orders": 0.031, "basket_total": 0.0011}
    return [
        Operation("shop", name, runs=(tuple(chance.gauss(usual_s, 0.02 * usual_s) for _ in range(12)),), tool="pyperf")
        for name, usual_s in usual.items()
    ]
