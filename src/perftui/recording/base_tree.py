"""The base of a comparison in a tree of its own: another commit, checked out for the time of the runs."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from perftui.errors import UsageError
from perftui.model.workload import Workload
from perftui.recording.other_tree import Trees, in_other_tree, with_path_first
from perftui.sources.git_worktree import add_worktree, commit_of, remove_worktree, toplevel
from perftui.sources.import_paths import import_paths
from perftui.storage.scratch import Scratch, abandoned, scratch_root
from perftui.text import printable

_NOTE = "repository.json"
_TREE = "tree"
_NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"


@dataclass(frozen=True, slots=True)
class BaseTree:
    """The code of the base, while it is there."""

    trees: Trees
    workload: Workload
    """The base's command, as it runs in its own tree."""
    commit: str
    remarks: tuple[str, ...]
    """What was done so that it runs there, one sentence each."""


@contextmanager
def base_tree(workload: Workload, ref: str, root: Path | None = None) -> Iterator[BaseTree]:
    """Check a commit out beside the checkout that a workload runs in, lead the workload there, and take it away again.

    Raises:
        UsageError: There is no repository or no such commit, or the workload would import the current code anyway.
    """
    cwd = (workload.cwd or Path.cwd()).resolve()
    top = toplevel(cwd).resolve()
    commit = commit_of(top, ref)
    root = root or scratch_root()
    sweep(root)
    scratch = Scratch.make(root, "ab")
    trees = Trees(top, scratch.path.resolve() / _TREE, ref)
    try:
        # Before git begins: whoever finds this knows what to take back.
        (scratch.path / _NOTE).write_text(json.dumps(str(top)), encoding="utf-8")
        add_worktree(top, trees.tree, commit)
        led, remarks = in_other_tree(workload, trees)
        yield BaseTree(trees, _importing_there(led, trees), commit, (*remarks, *_of_bytecode(led)))
    finally:
        _take_away(scratch)


def _of_bytecode(workload: Workload) -> Iterator[str]:
    """Yield what keeps the base from finding compiled modules where the current side may find them."""
    if workload.env.get(_NO_BYTECODE, os.environ.get(_NO_BYTECODE)):
        yield f"{_NO_BYTECODE} is set: the base compiles its modules in each run, as its worktree has none of them yet"


def sweep(root: Path | None = None) -> int:
    """Take away what killed commands have left, with what git notes of it; return how many there were."""
    found = abandoned(root or scratch_root())
    for scratch in found:
        _take_away(scratch)
    return len(found)


def _take_away(scratch: Scratch) -> None:
    with contextlib.suppress(OSError, ValueError, UsageError):
        top = json.loads((scratch.path / _NOTE).read_text(encoding="utf-8"))
        if isinstance(top, str) and (scratch.path / _TREE).exists():
            remove_worktree(Path(top), scratch.path / _TREE)
    scratch.close()


def _importing_there(workload: Workload, trees: Trees) -> Workload:
    """Return the workload with paths of imports that lead into the other tree before those into the checkout.

    Raises `UsageError` where what leads into the checkout comes before all paths.
    """
    before = import_paths(workload, top=trees.top, skip=trees.tree)
    if before is None or not (before.entries or before.mapped):
        return workload
    wanted = dict.fromkeys((*before.entries, *(path.parent for path in before.mapped.values())))
    led = with_path_first(workload, [trees.other(each) for each in wanted if trees.other(each).is_dir()])
    after = import_paths(led, top=trees.top, skip=trees.tree, names=before.names)
    if after is not None and after.from_top:
        name, path = next(iter(after.from_top.items()))
        raise UsageError(
            f"the base would run the current code: {printable(name)} is imported from {printable(path)}",
            hint="an editable install leads there, or the base has it elsewhere; give the base a checkout and an "
            "environment of its own: --baseline-cmd CMD",
        )
    return led
