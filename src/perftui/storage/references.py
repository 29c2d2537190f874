"""Sessions that are named by their tag or their git commit, and what a shell completes where one is named."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from perftui.errors import NoDataError, UsageError
from perftui.model.session import SessionMeta
from perftui.storage.groups import fellows, listed_runs
from perftui.storage.listing import SessionEntry
from perftui.storage.names import COMMIT_PREFIX, TAG_PREFIX
from perftui.text import printable

_COMMIT = re.compile(r"[0-9a-f]{4,64}", re.ASCII)
_SHOWN = 8


def names_facts(ref: str) -> bool:
    """Say whether a reference means sessions by a tag or by their commit."""
    return ref.startswith((TAG_PREFIX, COMMIT_PREFIX))


def by_facts(entries: Sequence[SessionEntry], ref: str, *, beside: SessionMeta | None = None) -> Sequence[SessionEntry]:
    """Return the newest session of a tag or a commit, with its fellow runs, in the order in which they ran.

    Args:
        entries: All sessions of the directory, the newest first.
        ref: The reference.
        beside: What it is going to be held against: sessions of the same workload come first.

    Raises:
        NoDataError: There is no such session.
        UsageError: Several commits begin so, or it is none.
    """
    found = _tagged(entries, ref) if ref.startswith(TAG_PREFIX) else _of_commit(entries, ref)
    own = [entry for entry in found if entry.meta and beside and entry.meta.workload_key == beside.workload_key]
    newest = listed_runs(own or found)[0].newest
    return [entry for entry in fellows(entries, newest) if entry in found]


def remark_on(ref: str, meta: SessionMeta) -> str:
    """Return what a person has to know of the session that a reference means; mostly nothing."""
    if ref.startswith(COMMIT_PREFIX) and meta.environment.get("git_changes") == "yes":
        return f"{printable(meta.name)} ({meta.id}) ran with changes that are not in that commit"
    return ""


def completions(entries: Iterable[SessionEntry], beginning: str) -> list[str]:
    """Return the references that begin so, for a shell that completes them: forms first, then names, then ids."""
    metas = [entry.meta for entry in entries if entry.meta is not None]
    found = ["@latest", "@latest~1", "@baseline"]
    found += [f"baseline:{meta.baseline}" for meta in metas if meta.baseline]
    found += [f"{TAG_PREFIX}{tag}" for meta in metas for tag in meta.tags]
    found += [f"{COMMIT_PREFIX}{commit}" for meta in metas if (commit := meta.environment.get("git_commit"))]
    found += [meta.name for meta in metas] + [meta.id for meta in metas]
    # What a shell would have to quote is left to be typed by its id.
    plain = (
        word
        for word in dict.fromkeys(found)
        if word == printable(word) and not re.search(r"[\s\"'\\$`;&|<>()*?]", word)
    )
    return [word for word in plain if word.startswith(beginning)]


def _tagged(entries: Iterable[SessionEntry], ref: str) -> list[SessionEntry]:
    tag = ref.removeprefix(TAG_PREFIX)
    found = [entry for entry in entries if entry.meta is not None and tag in entry.meta.tags]
    if not found:
        there = _listed(entries, lambda meta: meta.tags)
        hint = f"tags are {there}" if there else "`perftui sessions tag REF TAG` gives one"
        raise NoDataError(f"no session has the tag {printable(tag)!r}", hint=hint)
    return found


def _of_commit(entries: Sequence[SessionEntry], ref: str) -> list[SessionEntry]:
    wanted = ref.removeprefix(COMMIT_PREFIX).lower()
    if _COMMIT.fullmatch(wanted) is None:
        hint = "write at least four letters of it: commit:1a2b3c4"
        raise UsageError(f"{printable(ref)!r} names no commit", hint=hint)
    found = [entry for entry in entries if (commit := _commit(entry)) and _agree(commit, wanted)]
    if not found:
        there = _listed(entries, lambda meta: (meta.environment.get("git_commit", ""),))
        hint = f"commits are {there}" if there else "sessions that were recorded in a git checkout know theirs"
        raise NoDataError(f"no session is of commit {wanted}", hint=hint)
    commits = list(dict.fromkeys(map(_commit, found)))
    if len(commits) > 1:
        raise UsageError(f"{printable(ref)!r} could mean {', '.join(commits[:_SHOWN])}", hint="write more of it")
    return found


def _agree(commit: str, wanted: str) -> bool:
    """Say whether two commits are one, each as long as somebody wrote it."""
    return commit.startswith(wanted) or wanted.startswith(commit)


def _commit(entry: SessionEntry) -> str:
    return entry.meta.environment.get("git_commit", "") if entry.meta is not None else ""


def _listed(entries: Iterable[SessionEntry], of: Callable[[SessionMeta], Iterable[str]]) -> str:
    """Return what sessions have of something, the newest first."""
    words = dict.fromkeys(word for entry in entries if entry.meta is not None for word in of(entry.meta) if word)
    shown = ", ".join(printable(word) for word in list(words)[:_SHOWN])
    return f"{shown} and {len(words) - _SHOWN} more" if len(words) > _SHOWN else shown
