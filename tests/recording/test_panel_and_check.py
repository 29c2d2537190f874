"""What the panel says while a run is recorded is what `perftui check --json` says of its session: generated runs."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from perftui.budgets.load import load_budget
from perftui.budgets.sides import named_functions
from perftui.cli import main
from perftui.model.operation import Operation
from perftui.model.reading import ResourceReading
from perftui.model.run_figures import RunFigures
from perftui.model.session import SessionState
from perftui.model.verdict import RuleVerdict
from perftui.recording.feed import Feed
from perftui.recording.ledger import Ledger
from perftui.recording.plan import RecordingPlan
from perftui.recording.run_figures import figures_of_sessions
from perftui.recording.update import Phase
from tests.builders import window
from tests.storage.sessions import meta

SESSIONS, CHUNK = 200, 20
LEAVES = ("leaf", "other", "third")
OPERATIONS = ("memory.recall", "memory.remember", "storage.get[10]", "storage.get[100]")


def a_budget(chance: random.Random) -> str:
    """Return a budget in which any rule may stand, with limits around what runs measure."""
    limits = chance.choice(('on_inconclusive = "fail"', "min_runs = 2", "warn_pct = 5\nfail_pct = 10", ""))
    parts = [f"[performance_budget]\n{limits}"]
    offered = [
        f"[resources.cpu]\ntarget = {chance.uniform(20, 60):.1f}\nlimit = {chance.uniform(60, 100):.1f}"
        + chance.choice(("", '\nfor = "2s"', '\naggregation = "mean"', '\naggregation = "p95"')),
        f"[resources.wall]\nlimit = {chance.uniform(3, 12):.1f}",
        f"[resources.threads]\ntarget = {chance.randint(1, 6)}\ngate = {chance.choice(('true', 'false'))}",
        f"[memory]\nruntime_peak_mb = {chance.randint(20, 120)}\nmemory_per_task_mb = 1\ntasks = 10",
        f"[functions.{chance.choice(LEAVES)}]\nmax_share_pct = {chance.randint(5, 95)}",
        f'[functions."app.py:{chance.choice(LEAVES)}"]\nmax_self_s = {chance.uniform(0.2, 4):.2f}',
        f"[functions.main]\nmax_increase_pct = {chance.randint(1, 80)}",
        f'[throughput]\n"memory.recall" = {{ min = {chance.randint(10, 60)}, min_success_pct = 99 }}',
        f'[goals.recall]\ntarget = "{chance.randint(10, 60)}ms"',
    ]
    parts += [part for part in offered if chance.random() < 0.5]
    rows = {
        "memory": f"recall = {{ max_increase_pct = {chance.randint(1, 30)}, p95_ms = {chance.randint(20, 60)} }}",
        "storage": f'"get[10]" = {{ mean_ms = {chance.randint(20, 60)}, baseline_ms = 40 }}\n'
        '"get[100]" = { overhead_of = "storage.get[10]", max_overhead_pct = 5 }',
    }
    parts += [f"[operations.{group}]\n{row}" for group, row in rows.items() if chance.random() < 0.6]
    return "\n".join(parts) + "\n"


def some_operations(chance: random.Random) -> tuple[Operation, ...]:
    found = []
    for key in chance.sample(OPERATIONS, chance.randint(0, len(OPERATIONS))):
        group, _, rest = key.partition(".")
        name, _, parameter = rest.rstrip("]").partition("[")
        middle = chance.uniform(0.03, 0.05)
        runs = tuple(
            tuple(middle * chance.uniform(0.97, 1.03) for _ in range(chance.choice((1, 5, 25))))
            for _ in range(chance.choice((1, 1, 5, 6)))
        )
        ok = 99 if chance.random() < 0.3 else None
        found.append(Operation(group, name, parameter, runs=runs, ok=ok, failed=None if ok is None else 1))
    return tuple(found)


def record(
    folder: Path, chance: random.Random, *, budget: Path | None = None, held_against: RunFigures | None = None
) -> tuple[Path, tuple[RuleVerdict, ...]]:
    """Record a run as the recorder does; return its session, and what the panel said at its end."""
    folder.mkdir()
    at_s = 0.0
    plan = RecordingPlan(
        sessions=folder,
        budget=load_budget(budget) if budget else None,
        budget_path=budget,
        held_against=held_against,
    )
    ledger = Ledger(plan, meta(), feed=Feed(), clock=lambda: at_s, gated=lambda: False)
    for second in range(chance.randint(3, 10)):
        at_s = second + 0.5
        ledger.take(
            ResourceReading(
                at_s,
                cpu_percent=chance.uniform(10, 100),
                rss_bytes=chance.randint(10_000_000, 120_000_000),
                threads=chance.randint(1, 8),
            )
        )
        stacks = [f"main;{chance.choice(LEAVES)}" for _ in range(chance.randint(1, 60))]
        ledger.take(window(*stacks, start_s=float(second), end_s=second + 1.0))
        ledger.publish(Phase.RUNNING)
        if chance.random() < 0.5:
            ledger.judge(final=False)
            ledger.publish(Phase.RUNNING)
    ledger.model.operations = some_operations(chance)
    ledger.writer.set_operations(ledger.model.operations)
    at_s = ledger.ended_s = at_s + 0.5
    ledger.finish(replace(ledger.meta, state=SessionState.COMPLETE, duration_s=at_s))
    assert ledger.path is not None
    return ledger.path, ledger.model.verdicts


def told(verdict: RuleVerdict) -> dict[str, Any]:
    """Return what the document says of a verdict, from the panel's."""
    held = verdict.held_against
    return {
        "rule": verdict.rule,
        "verdict": verdict.verdict.value,
        "current": verdict.current if held is None else held.current,
        "baseline": None if held is None else held.value,
        "baseline_ref": None if held is None else held.ref,
        "change_pct": None if held is None else held.change_pct,
        "p": None if held is None else held.p,
        "ci": None if held is None or held.interval_pct is None else list(held.interval_pct),
        "n": [0, 0] if held is None else list(held.runs),
        "metric": verdict.metric,
        "reason": verdict.reason,
        "warn": verdict.warn,
        "fail": verdict.fail,
    }


def checked(path: Path, budget: Path, baseline: Path | None, capfd: pytest.CaptureFixture[str], *, apart: bool) -> Any:
    words = ["check", str(path), "--budget", str(budget), "--json"]
    words += ["--baseline", str(baseline)] if baseline else []
    if apart:
        command = [sys.executable, "-m", "perftui", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        code, out = done.returncode, done.stdout
    else:
        code = main(words)
        out = capfd.readouterr().out
    document = json.loads(out)
    assert document["exit_code"] == code
    return document


@pytest.mark.parametrize("chunk", range(SESSIONS // CHUNK))
def test_the_verdicts_of_the_panel_are_those_of_a_check(
    chunk: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for number in range(chunk * CHUNK, (chunk + 1) * CHUNK):
        chance = random.Random(number)
        folder = tmp_path / str(number)
        folder.mkdir()
        budget = folder / "budget.toml"
        budget.write_text(a_budget(chance), encoding="utf-8")
        before = record(folder / "before", chance)[0] if chance.random() < 0.5 else None
        named = named_functions(load_budget(budget))
        figures = figures_of_sessions([before], str(before), named=named) if before else None
        path, said = record(folder / "after", chance, budget=budget, held_against=figures)
        document = checked(path, budget, before, capfd, apart=number % 100 == 7)
        again = [{key: verdict[key] for key in told(said[0])} for verdict in document["verdicts"]] if said else []
        # The same weights are added up in another order: the last digits say nothing.
        assert again == [pytest.approx(told(verdict), rel=1e-9) for verdict in said], number
        assert sum(document["summary"].values()) == sum(verdict["verdict"] != "info" for verdict in again)
