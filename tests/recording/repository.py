"""A small git repository whose last commit works in another way than the one before, for what compares the two."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = """
import sys
import work
work.run(float(sys.argv[1]))
"""
WORK = """
import time
def run(seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        {name}(2000)
def {name}(n):
    return sum([i {how} for i in range(n)])
"""
OLD, NEW, UNCOMMITTED = "first_way", "second_way", "third_way"
# Equal bodies would make one function of them that was renamed.
_HOW = {OLD: "* i", NEW: "+ 1", UNCOMMITTED: "- 1"}


def git(folder: Path, *words: str) -> str:
    """What git prints; commits are somebody's whoever runs the tests."""
    options = ("-c", "user.name=ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", *options, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def make_repository(folder: Path) -> Path:
    """A repository with a tag `before`, a branch `main` after it, and a change that is not committed."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    (folder / "src").mkdir(parents=True)
    (folder / "bench").mkdir()
    git(folder, "init", "-q")
    (folder / "src" / "bench.py").write_text(SCRIPT)
    (folder / "bench" / "data.txt").write_text("data")
    for name, tag in ((OLD, "before"), (NEW, "after")):
        (folder / "src" / "work.py").write_text(WORK.format(name=name, how=_HOW[name]))
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", tag)
        git(folder, "tag", tag)
    (folder / "src" / "work.py").write_text(WORK.format(name=UNCOMMITTED, how=_HOW[UNCOMMITTED]))
    return folder.resolve()


def worktrees(folder: Path) -> int:
    """How many worktrees git knows of, the checkout itself aside."""
    return git(folder, "worktree", "list").count("\n")
