"""Which session others of its workload are held against, and how it is found again."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from perftui.errors import NoDataError, UsageError
from perftui.model.session import RunSide, SessionMeta, SessionState
from perftui.storage.editing import edit_meta
from perftui.storage.listing import SessionEntry, is_fellow
from perftui.storage.names import BASELINE_PREFIX
from perftui.text import printable

ANY_BASELINE = "@baseline"
USUAL_BASELINE = "main"
"""What a baseline is called where no branch is known."""
_BRANCH = "git_branch"
_SHOWN = 8


def baseline_name(meta: SessionMeta) -> str:
    """Return what a session is the baseline as, where nobody says otherwise: the branch that was checked out."""
    return meta.environment.get(_BRANCH) or USUAL_BASELINE


def names_baseline(ref: str) -> bool:
    """Say whether a reference means a baseline: `@baseline`, or `baseline:NAME`."""
    return ref == ANY_BASELINE or ref.startswith(BASELINE_PREFIX)


def baseline_for(entries: Iterable[SessionEntry], meta: SessionMeta, *, name: str = "") -> SessionEntry | None:
    """Return the baseline that a session is held against; it is never its own.

    Of several it is the one called `name`, or else the one of its own branch, of `main`, or the newest.
    """
    found = [
        entry for entry in _baselines(entries, name) if not _is_part(entry, meta) and _key(entry) == meta.workload_key
    ]
    preferred = (baseline_name(meta), USUAL_BASELINE)
    return min(found, key=lambda entry: (_rank(entry, preferred), _newest_first(entry)), default=None)


def last_run_of(entries: Iterable[SessionEntry], meta: SessionMeta) -> SessionEntry | None:
    """Return the newest complete session of the same workload that was made before this one and its fellow runs.

    The other code that a run was held against is no earlier run of this one.
    """
    earlier = [
        entry
        for entry in entries
        if entry.meta is not None
        and entry.meta.state is SessionState.COMPLETE
        and entry.meta.side is not RunSide.BASE
        and entry.id < meta.id
        and not _is_own(entry, meta)
        and entry.meta.workload_key == meta.workload_key
    ]
    return max(earlier, key=lambda entry: entry.age_key, default=None)


def the_baseline(entries: Sequence[SessionEntry], ref: str, *, beside: SessionMeta | None = None) -> SessionEntry:
    """Return the session that `@baseline` or `baseline:NAME` means.

    Args:
        entries: All sessions of the directory.
        ref: The reference.
        beside: What it is going to be held against; the newest session where that is not said.

    Raises:
        NoDataError: There is no such baseline.
        UsageError: Several workloads have one, and nothing says which of them is meant.
    """
    name = "" if ref == ANY_BASELINE else ref.removeprefix(BASELINE_PREFIX)
    marked = _baselines(entries, name)
    if not marked:
        called = f"called {printable(name)!r} " if name else ""
        hint = (
            f"`perftui baseline save {shlex.quote(name or USUAL_BASELINE)} @latest` makes one; P in the dashboard too"
        )
        raise NoDataError(f"no session is marked as a baseline {called}".rstrip(), hint=hint)
    if beside is None:
        readable = (entry for entry in entries if entry.meta is not None)
        beside = max(readable, key=lambda entry: entry.age_key).meta
    assert beside is not None
    # The newest session may itself be the baseline of its workload: then it is what is meant.
    found = baseline_for(marked, beside, name=name) or next((e for e in marked if e.id == beside.id), None)
    if found is not None:
        return found
    if len({_key(entry) for entry in marked}) > 1:
        shown = ", ".join(f"{entry.id} ({printable(entry.name)})" for entry in marked[:_SHOWN])
        raise UsageError(f"{printable(ref)!r} could mean {shown}", hint="write the id, or the name of the session")
    return min(marked, key=_newest_first)


def make_room(
    entries: Iterable[SessionEntry], meta: SessionMeta, name: str, *, keep: Collection[Path] = ()
) -> list[SessionEntry]:
    """Take the mark `name` off the other sessions of the workload that have it, and return them; they stay pinned.

    What is in `keep` has the mark together with the session.
    """
    former = [entry for entry in holders(entries, meta, name) if entry.path not in keep]
    for entry in former:
        edit_meta(entry.path, lambda meta: replace(meta, baseline=""))
    return former


def holders(entries: Iterable[SessionEntry], meta: SessionMeta, name: str) -> list[SessionEntry]:
    """Return the sessions that have the mark `name` of the workload of a session, but for it and its fellow runs."""
    marked = _baselines(entries, name)
    return [entry for entry in marked if not _is_own(entry, meta) and _key(entry) == meta.workload_key]


def baseline_runs(entries: Iterable[SessionEntry], baseline: SessionEntry) -> list[SessionEntry]:
    """Return all runs of the workload of a baseline that are marked as it is, in the order in which they ran."""
    assert baseline.meta is not None
    key = baseline.meta.workload_key
    marked = [entry for entry in _baselines(entries, baseline.meta.baseline) if _key(entry) == key]
    return sorted(marked, key=lambda entry: entry.age_key)


def marked_together(entries: Iterable[SessionEntry]) -> list[tuple[SessionEntry, ...]]:
    """Return the runs of each baseline of each workload, of entries that come with the newest first."""
    found: dict[tuple[str, ...], list[SessionEntry]] = {}
    for entry in _baselines(entries, ""):
        assert entry.meta is not None
        found.setdefault((entry.meta.baseline, *_key(entry)), []).append(entry)
    return [tuple(reversed(runs)) for runs in found.values()]


def the_only_one(known: Iterable[tuple[SessionEntry, ...]], name: str) -> tuple[SessionEntry, ...] | None:
    """Return the baseline of a name, or None; raises `UsageError` where several workloads have one."""
    called = [runs for runs in known if runs[-1].meta is not None and runs[-1].meta.baseline == name]
    if len(called) > 1:
        shown = ", ".join(f"{runs[-1].id} ({printable(runs[-1].name)})" for runs in called[:_SHOWN])
        raise UsageError(
            f"{len(called)} workloads have a baseline {printable(name)}: {shown}", hint="write the id of one"
        )
    return called[0] if called else None


def _is_own(entry: SessionEntry, meta: SessionMeta) -> bool:
    """Say whether an entry is this session, or another run of it."""
    return entry.id == meta.id or is_fellow(entry, meta)


def _is_part(entry: SessionEntry, meta: SessionMeta) -> bool:
    """Say whether an entry is this session, another run of it, or another session of the same baseline."""
    together = bool(meta.baseline) and entry.meta is not None and entry.meta.baseline == meta.baseline
    return _is_own(entry, meta) or (together and _key(entry) == meta.workload_key)


def _baselines(entries: Iterable[SessionEntry], name: str) -> list[SessionEntry]:
    """Return the sessions that are marked, as `name` where one is given."""
    return [e for e in entries if e.meta is not None and e.meta.baseline and (not name or e.meta.baseline == name)]


def _key(entry: SessionEntry) -> tuple[str, ...]:
    return entry.meta.workload_key if entry.meta is not None else ()


def _rank(entry: SessionEntry, preferred: Sequence[str]) -> int:
    called = entry.meta.baseline if entry.meta is not None else ""
    return preferred.index(called) if called in preferred else len(preferred)


def _newest_first(entry: SessionEntry) -> float:
    return -entry.age_key[0]
