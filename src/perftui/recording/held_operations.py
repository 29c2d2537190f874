"""What the operations of a session are held against: those of the pinned baseline of its workload."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from perftui.analysis.merged_operations import merged_operations
from perftui.errors import PerftuiError
from perftui.model.run_figures import RunFigures
from perftui.model.session import SessionMeta
from perftui.recording.base import Recording
from perftui.recording.plan import RecordingPlan
from perftui.storage.catalogue import Catalogue
from perftui.storage.names import BASELINE_PREFIX
from perftui.storage.session_file import open_session


def operations_of_baseline(recording: Recording) -> RunFigures | None:
    """Return what a recording is held against, or else the pinned baseline of its workload."""
    plan = getattr(recording, "plan", None)
    if not isinstance(plan, RecordingPlan):
        # What is only played again was planned by nobody.
        return None
    return plan.held_against or pinned_operations(plan.sessions, recording.meta)


def pinned_operations(directory: Path, meta: SessionMeta) -> RunFigures | None:
    """Return the operations of the baseline that lies in a directory of sessions; None where there is none.

    Only its operations are read, and a baseline is never held against itself.
    """
    if meta.baseline:
        return None
    runs = Catalogue(directory).baseline_runs_for(meta)
    try:
        return operations_of(runs)
    except PerftuiError:
        # Whoever looks at a session is not stopped by another one that cannot be read.
        return None


def operations_of(runs: Sequence[Path]) -> RunFigures | None:
    """Return the operations of all runs of a side; None where there are none. Raises `SessionError`, `NoDataError`."""
    saved = [open_session(path) for path in runs]
    operations = merged_operations(each.operations for each in saved)
    if not operations:
        return None
    newest = saved[-1].meta
    return RunFigures(
        f"{BASELINE_PREFIX}{newest.baseline}" if newest.baseline else newest.name,
        name=newest.name,
        created=newest.created,
        runs=len(saved),
        operations=operations,
    )
