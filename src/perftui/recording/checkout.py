"""Which commit a directory is checked out at, read from git's own files: no program is started for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from perftui.recording.checkout_state import has_changes

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.ASCII)
_BRANCH = "refs/heads/"
_SHORT = 10
"""Letters of a commit that people read; git itself shows as many in large projects."""
_MOST_BYTES = 8 << 20


def git_facts(directory: Path) -> dict[str, str]:
    """Return `git_root`, `git_project`, `git_branch` and `git_commit` of a checkout; what cannot be told is left out.

    Two worktrees of one repository have one project, and a root each: the folder that file names are relative to.
    """
    for folder in (directory, *directory.parents):
        found = _git_directory(folder)
        if found is not None:
            return {"git_root": str(folder)} | {name: fact for name, fact in _facts(found) if fact}
    return {}


def git_changes(directory: Path) -> dict[str, str]:
    """Return `git_changes`, "yes" or "no": whether tracked files of a checkout were changed; nothing where unknown.

    It looks at every tracked file once, so it takes milliseconds and more: not for the moments before a first sample.
    """
    for folder in (directory, *directory.parents):
        git = _git_directory(folder)
        if git is not None:
            shared = _text(git / "commondir").strip()
            # Names of another length: the index is laid out in another way.
            known = "sha256" not in _text((git / shared if shared else git) / "config").lower()
            changed = has_changes(folder, git) if known else None
            return {} if changed is None else {"git_changes": "yes" if changed else "no"}
    return {}


def _git_directory(folder: Path) -> Path | None:
    """Return where git keeps what it knows of a checkout: below it, or where a worktree says."""
    at = folder / ".git"
    try:
        if at.is_dir():
            return at if (at / "HEAD").is_file() else None
        if not at.is_file():
            return None
    except OSError:
        return None
    named, _, where = _text(at).partition(":")
    return folder / where.strip() if named == "gitdir" else None


def _facts(git: Path) -> Iterator[tuple[str, str]]:
    shared = _text(git / "commondir").strip()
    repository = (git / shared).resolve() if shared else git.resolve()
    yield "git_project", str(repository.parent if repository.name == ".git" else repository)
    head = _text(git / "HEAD").strip()
    reference = head.removeprefix("ref:").strip() if head.startswith("ref:") else ""
    yield "git_branch", reference.removeprefix(_BRANCH) if reference.startswith(_BRANCH) else ""
    commit = _commit_of(repository, git, reference) if reference else head
    yield "git_commit", commit[:_SHORT] if _COMMIT.fullmatch(commit) else ""


def _commit_of(repository: Path, git: Path, reference: str) -> str:
    """Return the commit that a reference stands for; references are files, or lines of one file."""
    if ".." in reference or reference.startswith("/"):
        return ""
    for place in (git, repository):
        if commit := _text(place / reference).strip():
            return commit
    for line in _text(repository / "packed-refs").splitlines():
        commit, _, name = line.partition(" ")
        if name.strip() == reference:
            return commit
    return ""


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
