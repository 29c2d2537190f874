"""Running a workload once more: the same plan, or the plan that a saved session was recorded by."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from perftui.errors import ConfigError, WorkloadError
from perftui.model.session import RunSide, SessionKind, SessionMeta
from perftui.model.workload import MemoryOptions, RecordMode, Retention, SamplingMode, SamplingOptions, Workload
from perftui.recording.metric_facts import with_metrics
from perftui.recording.plan import RecordingPlan, ingest_of, plan_of_profile, with_budget
from perftui.settings.profiles import find_profile
from perftui.storage.redaction import MASK
from perftui.text import printable

if TYPE_CHECKING:
    from perftui.settings.spec import WorkloadProfile

_FROM_OUTSIDE = "perftui did not start it, so it cannot start it again"
_LEAST_DURATION_S = 0.5


def plan_again(plan: RecordingPlan) -> RecordingPlan:
    """Return the plan for another run of what has been run by it; raises `WorkloadError` where there can be none."""
    if plan.workload is None:
        raise WorkloadError(
            f"process {plan.attach_pid} was attached to: {_FROM_OUTSIDE}",
            hint="start the program through perftui: perftui run -- COMMAND",
        )
    return replace(plan, stdin=_stdin_again(plan.stdin), group="", repeat_index=0, side=RunSide.NONE)


def plan_of_session(meta: SessionMeta, sessions: Path, *, sampling: SamplingOptions | None = None) -> RecordingPlan:
    """Return the plan that records a saved session's workload as it was recorded.

    Its workload profile is asked first, as it knows variables and input, which a session does not hold.

    Args:
        meta: What is known of the session.
        sessions: Where the new one goes.
        sampling: What the settings say, for what the session does not hold.

    Raises:
        WorkloadError: Something that it takes is missing; the message says what.
        ConfigError: Its workload profile or its budget cannot be read.
    """
    refuse_unstartable(meta)
    profile = _profile_of(meta)
    if profile is not None:
        return replace(plan_of_profile(profile, sessions, terminal=True), tags=meta.tags)
    plan = RecordingPlan(
        sessions=sessions,
        workload=Workload(meta.command, Path(meta.cwd) if meta.cwd else None),
        sampling=sampling_of(meta, sampling or SamplingOptions()),
        mode=RecordMode(meta.mode),
        memory=MemoryOptions(retention=Retention.KEEP if meta.keeps_captures else Retention.DROP),
        two_pass=meta.two_pass,
        keep_sources=meta.keeps_sources,
        ingest=ingest_of(meta),
        tags=meta.tags,
        profile=meta.workload,
        terminal=True,
    )
    return with_budget(with_metrics(plan, meta), Path(meta.budget) if meta.budget else None)


def duration_to_equal(meta: SessionMeta) -> float | None:
    """Return how long another run has to last to be as long as this one; None where the workload ended by itself."""
    return max(meta.duration_s, _LEAST_DURATION_S) if meta.ended_by_us and meta.duration_s else None


def what_differs(meta: SessionMeta) -> str:
    """Say what another run of a saved session cannot have as it was; empty where it can have everything."""
    if _profile_of(meta) is not None:
        return ""
    return "It gets the variables that are set now, and no input: a session holds neither."


def refuse_unstartable(meta: SessionMeta) -> None:
    """Raise `WorkloadError` where the command of a session cannot be started again as it was."""
    name = printable(meta.name)
    if meta.kind is SessionKind.ATTACHED:
        raise WorkloadError(
            f"{name} was attached to: {_FROM_OUTSIDE}",
            hint="start the program through perftui: perftui run -- COMMAND",
        )
    if meta.kind is SessionKind.IMPORTED or not meta.command:
        raise WorkloadError(f"{name} was imported: there is nothing to run again")
    if any(MASK in word for word in meta.command):
        raise WorkloadError(
            f"a secret was blotted out of the command of {name}, so it cannot be run again as it was",
            hint="type it again: perftui run -- COMMAND",
        )
    if meta.cwd and not Path(meta.cwd).is_dir():
        raise WorkloadError(
            f"the directory that {name} ran in is gone: {printable(meta.cwd)}", hint="bring it back, or run it anew"
        )


def _profile_of(meta: SessionMeta) -> WorkloadProfile | None:
    """Return the workload profile that a session came from, where it still starts the same command."""
    if not meta.workload:
        return None
    try:
        profile = find_profile(meta.workload, start=Path(meta.cwd) if meta.cwd else None)
    except ConfigError:
        return None
    return profile if profile is not None and profile.workload.argv == meta.command else None


def sampling_of(meta: SessionMeta, base: SamplingOptions) -> SamplingOptions:
    """Return how a session was sampled; `base` says what it does not hold."""
    rate_hz = round(meta.requested_hz) or base.rate_hz
    mode = SamplingMode(meta.sampling_mode) if meta.sampling_mode else base.mode
    return replace(base, rate_hz=rate_hz, mode=mode)


def _stdin_again(stdin: int | Path | None) -> int | Path | None:
    """Return the input of another run: a file is opened anew, what came through a pipe is gone."""
    if not isinstance(stdin, int):
        return stdin
    try:
        is_file = stat.S_ISREG(os.fstat(stdin).st_mode)
    except OSError:
        return None
    return Path(f"/dev/fd/{stdin}") if is_file else None
