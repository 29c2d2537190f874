"""Which baseline a run that has not begun yet will be held against."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from perftui.analysis.measures import FunctionSubject
from perftui.errors import NoDataError
from perftui.model.run_figures import RunFigures
from perftui.model.session import SessionKind, SessionMeta, SessionState
from perftui.recording.checkout import git_facts
from perftui.recording.named_figures import figures_of_baseline
from perftui.recording.plan import RecordingPlan
from perftui.storage.catalogue import Catalogue
from perftui.storage.names import BASELINE_PREFIX
from perftui.storage.redaction import redact


def expected_side(plan: RecordingPlan) -> SessionMeta:
    """Return what tells the workload of a plan from others, as its session will."""
    workload = plan.workload
    folder = (workload.cwd if workload is not None else None) or Path.cwd()
    return SessionMeta(
        id="",
        name=plan.name,
        kind=SessionKind.LAUNCHED,
        state=SessionState.RECORDING,
        created="",
        command=redact(workload.argv) if workload is not None else (),
        cwd=str(folder),
        workload=plan.profile,
        environment=git_facts(Path(folder)),
    )


def former_baseline(
    catalogue: Catalogue, name: str, *, beside: SessionMeta, named: Collection[FunctionSubject] = ()
) -> RunFigures | None:
    """Return the baseline of a name that a run will replace: of its own workload, or the project's committed file."""
    own = [
        runs for runs in catalogue.baselines() if (meta := runs[0].meta) and meta.workload_key == beside.workload_key
    ]
    others = [runs for runs in catalogue.baselines() if runs not in own]
    marked = any(runs[0].meta is not None and runs[0].meta.baseline == name for runs in own)
    if not marked and any(runs[0].meta is not None and runs[0].meta.baseline == name for runs in others):
        return None
    with suppress(NoDataError):
        return figures_of_baseline(catalogue, f"{BASELINE_PREFIX}{name}", beside=beside, named=named)
    return None
