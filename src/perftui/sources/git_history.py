"""What git knows of two commits: files that were renamed, and a file as it was. Nothing that is configured is run.

A repository may be anybody's. Only commands are used that read its objects; hooks, monitors, pagers, filters and
remotes, all of which may name programs, have no say in them. Where git does not answer, nothing is known.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from perftui.sources.side_process import tool_output

LONGEST_S = 3.0
"""A comparison does not wait longer for a hint."""
_COMMIT = re.compile(r"[0-9a-f]{7,64}", re.ASCII)
_SAFE = (
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "protocol.allow=never"),
)
_SAID = {
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_RENAME_WORDS = 3


def renamed_files(root: Path, before: str, after: str) -> dict[str, str]:
    """Return the Python files that were renamed from one commit to another, by their names below the root."""
    if not (_is_commit(before) and _is_commit(after)):
        return {}
    options = ("-r", "-z", "-M", "--diff-filter=R", "--name-status", "--no-ext-diff", "--no-textconv", "--no-color")
    printed = _git(root, "diff-tree", *options, before, after, "--", "*.py")
    words = [word.decode("utf-8", "surrogateescape") for word in (printed or b"").split(b"\0")]
    rows = zip(*(words[start::_RENAME_WORDS] for start in range(_RENAME_WORDS)), strict=False)
    return {old: new for status, old, new in rows if status.startswith("R")}


def file_at(root: Path, commit: str, file: str, *, size_bytes: int) -> bytes | None:
    """Return a file of a commit, by its name below the root; None where it is not there or not of that size."""
    if not _is_commit(commit) or not file or file.startswith(("/", "<", ":")):
        return None
    listed = _git(root, "ls-tree", "-l", "-z", "--full-tree", commit, "--", f":(literal){file}") or b""
    facts = listed.partition(b"\t")[0].split()
    if len(facts) != 4 or facts[1] != b"blob" or facts[3] != str(size_bytes).encode():
        return None
    return _git(root, "cat-file", "blob", facts[2].decode("ascii", "replace"))


def _is_commit(text: str) -> bool:
    return _COMMIT.fullmatch(text) is not None


def _git(root: Path, *words: str) -> bytes | None:
    argv = ["git", "--no-pager", "-C", str(root), *_SAFE, *words]
    return tool_output(argv, timeout_s=LONGEST_S, env=_environment(os.environ))


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which git looks for nothing but the repository of its directory."""
    # Within a hook of git its variables speak of another repository.
    return {name: value for name, value in environ.items() if not name.startswith("GIT_")} | _SAID
