"""Runs that are added to a group: started as those before them, or refused."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from perftui.errors import UsageError, WorkloadError
from perftui.model.session import RunSide, SessionMeta, SessionState
from perftui.model.source_file import SourceFile
from perftui.model.workload import MemoryOptions, Workload
from perftui.recording.more_runs import more_runs, runs_to_add_to, started_of, with_start
from perftui.recording.plan import STARTED_AS, RecordingPlan
from perftui.storage.catalogue import Catalogue
from perftui.storage.session_file import SessionWriter
from tests.storage.sessions import meta

TEXT = b"print(1)\n"


def plan(cwd: Path, *argv: str, **env: str) -> RecordingPlan:
    return RecordingPlan(cwd / "sessions", Workload(argv or ("python", "bench.py"), cwd, env), duration_s=3.0, warmup=2)


def noted(plan: RecordingPlan, **facts: object) -> SessionMeta:
    """A run that was recorded by a plan, as one of the group g."""
    environment = {STARTED_AS: plan.started_as, "sampling_children": "no"}
    return replace(meta(group="g", name="bench", environment=environment), **facts)  # type: ignore[arg-type]


def saved(directory: Path, made: SessionMeta, *sources: SourceFile) -> None:
    directory.mkdir(exist_ok=True)
    writer = SessionWriter.create(directory, made, clock=lambda: 0.0)
    for source in sources:
        writer.add_source(source)
    writer.finalise(replace(made, state=SessionState.COMPLETE))


def test_a_run_notes_its_command_with_what_was_assigned_before_it(tmp_path: Path) -> None:
    memory = MemoryOptions(native=True)
    started = started_of(noted(with_start(replace(plan(tmp_path, LEVEL="1"), memory=memory), commit="abc")))
    assert (started.words, started.cwd) == (("LEVEL=1", "python", "bench.py"), str(tmp_path))
    assert (started.commit, started.duration_s, started.warmup, started.native) == ("abc", 3.0, 2, True)


def test_what_nobody_noted_or_was_blotted_out_cannot_be_started_again(tmp_path: Path) -> None:
    with pytest.raises(WorkloadError, match="not known"):
        started_of(meta(group="g"))
    with pytest.raises(WorkloadError, match="not known"):
        started_of(meta(group="g", environment={STARTED_AS: '{"words": 3}'}))
    with pytest.raises(WorkloadError, match="secret"):
        started_of(noted(with_start(plan(tmp_path, "python", "bench.py", "--token", "hunter2hunter2"))))
    with pytest.raises(WorkloadError, match="is gone"):
        started_of(noted(with_start(plan(tmp_path / "gone"))))


def test_more_runs_go_on_where_those_before_ended(tmp_path: Path) -> None:
    first = noted(with_start(plan(tmp_path)), side=RunSide.BASE, repeat_index=1, pinned=True, tags=("a",))
    sessions = tmp_path / "sessions"
    for number, side in enumerate((RunSide.BASE, RunSide.CURRENT, RunSide.CURRENT), start=1):
        saved(sessions, replace(first, id=f"20260101-00000{number}-aaaa", side=side, repeat_index=number))
    catalogue = Catalogue(sessions)
    entries = runs_to_add_to(catalogue.list(), first)
    found = more_runs(entries, 5, sessions)
    assert list(found) == [RunSide.BASE, RunSide.CURRENT]
    for more in found.values():
        assert (more.plan.group, more.plan.repeat, more.plan.repeat_index, more.plan.already) == ("g", 5, 3, 2)
        assert (more.plan.pinned, more.plan.tags, more.plan.sampling.follow_children) == (True, ("a",), False)
    with pytest.raises(UsageError, match="no group"):
        runs_to_add_to(entries, meta())


def test_runs_of_code_that_has_changed_are_refused(tmp_path: Path) -> None:
    script = tmp_path / "bench.py"
    script.write_bytes(TEXT)
    source = SourceFile(str(script), hashlib.sha256(TEXT).hexdigest(), len(TEXT), steady=True)
    saved(tmp_path / "sessions", noted(with_start(plan(tmp_path)), repeat_index=1), source)
    entries = Catalogue(tmp_path / "sessions").list()
    assert more_runs(entries, 1, tmp_path)[RunSide.NONE].plan.started_as
    script.write_bytes(b"other")
    with pytest.raises(UsageError, match="other code"):
        more_runs(entries, 1, tmp_path)
    script.unlink()
    with pytest.raises(UsageError, match="other code"):
        more_runs(entries, 1, tmp_path)
