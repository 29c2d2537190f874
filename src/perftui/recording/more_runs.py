"""More runs for a group that there is: started as those before them, in the order that they were in."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from perftui.errors import UsageError, WorkloadError
from perftui.model.session import RunSide, SessionMeta
from perftui.model.source_file import MOST_BYTES, SourceFile
from perftui.model.workload import MemoryOptions, RecordMode, Retention, SamplingOptions, Workload
from perftui.recording.metric_facts import with_metrics
from perftui.recording.other_tree import workload_of
from perftui.recording.plan import STARTED_AS, RecordingPlan, ingest_of, with_budget
from perftui.recording.regular_file import read_regular
from perftui.recording.rerun import refuse_unstartable, sampling_of
from perftui.settings.profiles import find_profile
from perftui.storage.groups import group_ref, runs_of_group
from perftui.storage.listing import SessionEntry
from perftui.storage.redaction import redact
from perftui.storage.session_file import open_session
from perftui.text import printable

_SHOWN_FILES = 3


@dataclass(frozen=True, slots=True)
class Started:
    """How the runs of one side were started, as far as a session does not say it elsewhere."""

    words: tuple[str, ...]
    """The command as it was typed, assignments before it."""
    cwd: str
    """The directory that it was meant for, which is not that of a worktree."""
    commit: str = ""
    """What is checked out for it; empty where it runs in the working tree."""
    duration_s: float | None = None
    warmup: int = 0
    native: bool = False
    pymalloc: bool = False
    children: bool = False

    def document(self) -> str:
        """Return it as a session notes it."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__}, separators=(",", ":"))


def with_start(plan: RecordingPlan, *, commit: str = "", of: Workload | None = None) -> RecordingPlan:
    """Return a plan whose runs note how they were started.

    Args:
        plan: How they are recorded.
        commit: What is checked out for them, where they run in a tree of their own.
        of: The workload as it is in the working tree, where it runs in another one.
    """
    workload = of or plan.workload
    assert workload is not None
    # What a profile sets is asked of it again.
    assigned = () if plan.profile else tuple(f"{name}={value}" for name, value in workload.env.items())
    memory = plan.memory
    started = Started(
        words=redact((*assigned, *workload.argv)),
        cwd=str(workload.cwd or Path.cwd()),
        commit=commit,
        duration_s=plan.duration_s,
        warmup=plan.warmup,
        native=memory.native,
        pymalloc=memory.pymalloc,
        children=memory.children,
    )
    return replace(plan, started_as=started.document())


@dataclass(frozen=True, slots=True)
class MoreRuns:
    """What there is to be recorded for one side."""

    plan: RecordingPlan
    commit: str
    """What the base is checked out at; empty for what runs in the working tree."""


def more_runs(entries: Sequence[SessionEntry], runs: int, sessions: Path) -> dict[RunSide, MoreRuns]:
    """Return how each side of a group gets more runs.

    Args:
        entries: All runs of the group, in the order in which they ran.
        runs: How many each side gets.
        sessions: Where they go.

    Raises:
        UsageError: The files that ran have changed since, so that the runs would be of other code.
        WorkloadError: It is not known how to start them again, or something is missing that it takes.
        ConfigError: The workload profile or the budget cannot be read.
    """
    last = max((entry.meta.repeat_index for entry in entries if entry.meta is not None), default=0)
    found: dict[RunSide, MoreRuns] = {}
    for side in (RunSide.BASE, RunSide.CURRENT, RunSide.NONE):
        own = [entry for entry in entries if entry.meta is not None and entry.meta.side is side]
        if own:
            found[side] = _more_of_side(own, runs, last, sessions)
    already = max(more.plan.already for more in found.values())
    return {side: replace(more, plan=replace(more.plan, already=already)) for side, more in found.items()}


def _more_of_side(entries: Sequence[SessionEntry], runs: int, last: int, sessions: Path) -> MoreRuns:
    meta = entries[-1].meta
    assert meta is not None
    started = started_of(meta)
    if not started.commit:
        _refuse_changed(meta, open_session(entries[-1].path).sources, started.cwd)
    plan = replace(
        _plan_of(meta, started, sessions),
        name=meta.name,
        group=meta.group,
        side=meta.side,
        repeat=runs,
        warmup=started.warmup,
        repeat_index=last,
        already=len(entries),
        started_as=meta.environment[STARTED_AS],
    )
    return MoreRuns(plan, started.commit)


def started_of(meta: SessionMeta) -> Started:
    """Return how a run was started; raises `WorkloadError` where that is not known or cannot be had again."""
    try:
        noted = json.loads(meta.environment.get(STARTED_AS, ""))
        started = Started(**{**noted, "words": tuple(map(str, noted["words"]))})
    except (ValueError, TypeError, KeyError):
        raise WorkloadError(
            f"how the runs of {printable(meta.name)} were started is not known: an older perftui recorded them",
            hint="record a new group; that one can be added to",
        ) from None
    # Its directory may have been one that is taken away after the runs.
    refuse_unstartable(replace(meta, command=started.words, cwd=started.cwd))
    return started


def _plan_of(meta: SessionMeta, started: Started, sessions: Path) -> RecordingPlan:
    profile = find_profile(meta.workload, start=Path(started.cwd)) if meta.workload else None
    if meta.workload and profile is None:
        raise WorkloadError(
            f"the workload profile {printable(meta.workload)!r} of {printable(meta.name)} is gone",
            hint="bring it back, or record a new group",
        )
    children = {"yes": True, "no": False}.get(meta.environment.get("sampling_children", ""))
    sampling = sampling_of(meta, profile.sampling if profile else SamplingOptions())
    plan = RecordingPlan(
        sessions=sessions,
        workload=workload_of(started.words, Path(started.cwd), profile.workload.env if profile else None),
        sampling=replace(
            sampling, follow_children=children, native=meta.environment.get("sampling_native", "no") == "yes"
        ),
        mode=RecordMode(meta.mode),
        memory=MemoryOptions(
            native=started.native,
            pymalloc=started.pymalloc,
            children=started.children,
            retention=Retention.KEEP if meta.keeps_captures else Retention.DROP,
        ),
        two_pass=meta.two_pass,
        keep_sources=meta.keeps_sources,
        ingest=ingest_of(meta),
        tags=meta.tags,
        pinned=meta.pinned,
        baseline=meta.baseline,
        profile=meta.workload,
        duration_s=started.duration_s,
        stdin=profile.stdin if profile else None,
        terminal=profile.terminal if profile else False,
    )
    return with_budget(with_metrics(plan, meta), Path(meta.budget) if meta.budget else None)


def _refuse_changed(meta: SessionMeta, sources: Iterable[SourceFile], cwd: str) -> None:
    changed = list(_changed(sources, cwd))
    if changed:
        more = f" and {len(changed) - _SHOWN_FILES} more" if len(changed) > _SHOWN_FILES else ""
        raise UsageError(
            f"{printable(', '.join(changed[:_SHOWN_FILES]))}{more} changed since {printable(meta.name)} was recorded: "
            "more runs would be of other code",
            hint="take the change back, or record a new group",
        )


def _changed(sources: Iterable[SourceFile], cwd: str) -> Iterator[str]:
    """Yield the files that are not what ran."""
    for source in sources:
        try:
            # A hostile name is not normalised away.
            content = read_regular(os.path.join(cwd, source.file), most_bytes=MOST_BYTES)  # noqa: PTH118
        except (OSError, ValueError):
            content = None
        data = b"" if content is None else content.data
        if source.steady and hashlib.sha256(data).hexdigest() != source.sha256:
            yield source.file


def is_of_both_sides(entries: Iterable[SessionEntry]) -> bool:
    """Say whether runs are those of a base and a current version."""
    return any(entry.meta is not None and entry.meta.side is not RunSide.NONE for entry in entries)


def runs_to_add_to(entries: Sequence[SessionEntry], meta: SessionMeta) -> list[SessionEntry]:
    """Return all runs of the group that a session is of; raises `UsageError` where it was recorded alone."""
    if not meta.group:
        raise UsageError(
            f"{printable(meta.name)} is no group of runs", hint="record one: perftui record --repeat 5 -- COMMAND"
        )
    return runs_of_group(entries, group_ref(meta.group))
