"""What is checked out is read from git's files, with what real git writes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from perftui.recording.checkout import git_changes, git_facts


def git(folder: Path, *words: str) -> str:
    options = ("-c", "user.name=ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", *options, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    git(folder, "init", "-q")
    (folder / "a.py").write_text("pass\n")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "one")
    return folder


def test_project_branch_and_commit_are_told_also_below_and_after_packing(project: Path) -> None:
    commit = git(project, "rev-parse", "HEAD")
    root = str(project)
    expected = {
        "git_root": root,
        "git_project": str(project.resolve()),
        "git_branch": "main",
        "git_commit": commit[:10],
    }
    assert git_facts(project / "src") == expected
    git(project, "pack-refs", "--all")
    assert git_facts(project) == expected


def test_a_worktree_is_of_the_same_project_on_its_own_branch(project: Path, tmp_path: Path) -> None:
    git(project, "worktree", "add", "-q", "-b", "feature/fast", str(tmp_path / "other"))
    facts = git_facts(tmp_path / "other")
    assert facts["git_project"] == git_facts(project)["git_project"]
    assert facts["git_root"] == str(tmp_path / "other")
    assert facts["git_branch"] == "feature/fast"


def test_a_detached_head_has_a_commit_and_no_branch(project: Path) -> None:
    git(project, "checkout", "-q", "--detach")
    facts = git_facts(project)
    assert facts["git_commit"] == git(project, "rev-parse", "HEAD")[:10]
    assert "git_branch" not in facts


def test_hostile_and_missing_files_tell_nothing(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/HEAD").write_text("ref: ../../../etc/passwd\n")
    assert git_facts(tmp_path) == {"git_root": str(tmp_path), "git_project": str(tmp_path.resolve())}
    (tmp_path / ".git/HEAD").write_bytes(b"\xff\x00")
    assert "git_commit" not in git_facts(tmp_path)


@pytest.mark.parametrize("version", ["2", "4"])
def test_a_changed_file_is_told_as_git_would(project: Path, version: str) -> None:
    (project / "src" / "b.py").write_text("pass\n")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "two")
    git(project, "update-index", "--index-version", version)
    assert git_changes(project / "src") == {"git_changes": "no"}
    (project / "new.py").write_text("nobody tracks it")
    (project / "a.py").touch()
    assert git_changes(project) == {"git_changes": "no"}, "the same content, written again, is no change"
    (project / "src" / "b.py").write_text("past\n")
    assert git_changes(project) == {"git_changes": "yes"}, "as long as before, and another"
    git(project, "checkout", "-q", "src/b.py")
    (project / "a.py").unlink()
    assert git_changes(project) == {"git_changes": "yes"}


def test_of_what_git_does_not_keep_or_keeps_otherwise_nothing_is_told(project: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    assert git_changes(tmp_path / "elsewhere") == {}
    (project / ".git" / "index").write_bytes(b"DIRC\0\0\0\x02\0\0\0\x09nonsense")
    assert git_changes(project) == {}
