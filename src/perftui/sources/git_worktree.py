"""Another commit of a repository as a directory: made and taken away by git, without the repository's hooks."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from perftui.errors import UsageError
from perftui.sources.side_process import ToolAnswer, ask_tool
from perftui.text import printable

_SHORT_S, _CHECKOUT_S = 20.0, 600.0
# Hooks and monitors are programs that a repository names; none of them has a say here.
_SAFE = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "advice.detachedHead=false")
# Within a hook of git they speak of its own repository, wherever one looks.
_OF_A_HOOK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR")


def toplevel(directory: Path) -> Path:
    """Return the checkout that a directory lies in; raises `UsageError` where it lies in none."""
    found = _git(directory, ("rev-parse", "--show-toplevel"), timeout_s=_SHORT_S)
    if found.code or not found.out.strip():
        raise UsageError(
            f"{directory} is not in a git repository",
            hint="--base needs one; --baseline-cmd CMD compares two commands anywhere",
        )
    return Path(os.fsdecode(found.out.rstrip(b"\n")))


def commit_of(top: Path, ref: str) -> str:
    """Return the commit that a reference means; raises `UsageError` where it means none."""
    words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    found = _git(top, words, timeout_s=_SHORT_S)
    if found.code:
        raise UsageError(
            f"git knows no commit {printable(ref)!r} in {top}", hint="a branch, a tag or a commit: `git log --oneline`"
        )
    return found.out.decode("ascii").strip()


def add_worktree(top: Path, path: Path, commit: str) -> None:
    """Check a commit out into a directory that is not there yet; raises `UsageError` where git refuses."""
    done = _git(top, ("worktree", "add", "--detach", "--force", str(path), commit), timeout_s=_CHECKOUT_S)
    if done.code:
        lines = [line for line in done.err.decode("utf-8", "replace").splitlines() if line.strip()]
        told = printable(lines[-1]) if lines else "no reason was given"
        raise UsageError(f"git cannot check {commit[:10]} out: {told}", hint="`git worktree list` shows what there is")


def remove_worktree(top: Path, path: Path) -> None:
    """Take a worktree away with what git notes of it; one that is gone or broken leaves nothing behind either."""
    notes = _notes_of(path)
    _git(top, ("worktree", "remove", "--force", "--force", str(path)), timeout_s=_CHECKOUT_S)
    shutil.rmtree(path, ignore_errors=True)
    if notes is not None:
        shutil.rmtree(notes, ignore_errors=True)


def _notes_of(path: Path) -> Path | None:
    """Return the directory inside the repository in which git keeps what it notes of a worktree."""
    try:
        where = (path / ".git").read_text(encoding="utf-8", errors="surrogateescape").strip()
    except OSError:
        return None
    notes = Path(where.removeprefix("gitdir: "))
    return notes if notes.is_absolute() and notes.parent.name == "worktrees" else None


def _git(directory: Path, words: Sequence[str], *, timeout_s: float) -> ToolAnswer:
    environment = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
    try:
        return ask_tool(
            ["git", "-C", str(directory), *_SAFE, *words],
            timeout_s=timeout_s,
            env={**environment, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
        )
    except FileNotFoundError:
        raise UsageError("git is not installed", hint="--baseline-cmd CMD compares two commands without it") from None
    except OSError as error:
        raise UsageError(f"git does not answer: {error}", hint="does `git status` work here?") from None
