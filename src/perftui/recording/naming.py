"""Naming a session and pinning it as the baseline, while it is recorded or when it is saved."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from perftui.model.session import SessionMeta
from perftui.recording.surroundings import session_name
from perftui.storage.baselines import baseline_name, make_room
from perftui.storage.catalogue import Catalogue, free_for
from perftui.storage.listing import SessionEntry, read_meta, scan
from perftui.storage.names import LONGEST_NAME, check_baseline

if TYPE_CHECKING:
    from perftui.recording.recorder import Recorder

_BRANCH, _COMMIT = "git_branch", "git_commit"


@dataclass(frozen=True, slots=True)
class Naming:
    """What a session is to be called, and whether it is kept to hold others against."""

    name: str
    pinned: bool
    baseline: str = ""
    """What it is the baseline of its workload as; empty for none."""


def usual_naming(meta: SessionMeta) -> Naming:
    """Return what is offered first: the name that it has, and to be the baseline of its branch."""
    return Naming(meta.name, pinned=True, baseline=meta.baseline or baseline_name(meta))


def suggested_names(meta: SessionMeta, taken: Collection[str] = ()) -> list[str]:
    """Return names that a person may want: the workload's with branch and commit, and before a change."""
    facts = meta.environment
    stem = session_name(meta.command, meta.workload, meta.pid or 0)
    branch, commit = facts.get(_BRANCH, "").replace("/", "-"), facts.get(_COMMIT, "")[:7]
    wanted = [
        f"{stem} {branch}@{commit}" if branch and commit else "",
        f"{stem} {commit or branch}" if not (branch and commit) and (branch or commit) else "",
        f"before-{stem}",
        f"after-{stem}",
    ]
    free = (name for name in wanted if name and len(name) <= LONGEST_NAME and name not in taken and name != meta.name)
    return list(dict.fromkeys(free))


def name_saved(path: Path, naming: Naming, *, ref: str = "") -> Sequence[SessionEntry]:
    """Name and pin a saved session; return those that were the baseline before, which stay pinned.

    Args:
        path: Its file.
        naming: What it is to be called.
        ref: What names it with its fellow runs, where all of them are meant.

    Raises:
        UsageError: The name is taken, or cannot be one.
        SessionError: The session cannot be changed.
    """
    catalogue = Catalogue(path.parent)
    if naming.baseline:
        check_baseline(naming.baseline)
    ref = ref or str(path)
    if read_meta(path).name != naming.name:
        catalogue.rename(ref, naming.name)
    if not naming.pinned:
        catalogue.unpin(ref)
        return ()
    return catalogue.pin(ref, baseline=naming.baseline)


def name_live(recorder: Recorder, naming: Naming) -> Sequence[SessionEntry]:
    """Name and pin the session that is being recorded; returns and raises what `name_saved` does."""
    part = recorder.session_file
    name = free_for(naming.name, part)
    baseline = naming.baseline if naming.pinned else ""
    if baseline:
        check_baseline(baseline)
    if not recorder.annotate(name=name, pinned=naming.pinned, baseline=baseline):
        # It came to its end meanwhile.
        recorder.wait()
        return name_saved(recorder.path or part, replace(naming, name=name))
    return make_room(scan(part.parent), recorder.meta, baseline) if baseline else ()
