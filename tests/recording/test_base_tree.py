"""The base of a comparison is another commit in a tree of its own, which goes whatever happens."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pytest

from perftui.errors import UsageError
from perftui.model.workload import Workload
from perftui.recording.base_tree import base_tree, sweep
from tests.recording.repository import NEW, OLD, git, make_repository, worktrees

FINDER = """
import sys
from importlib.util import spec_from_file_location
MAPPING = {{"work": "{path}"}}
class Finder:
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return spec_from_file_location(name, MAPPING[name]) if name in MAPPING else None
def install():
    sys.meta_path.{how}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "project")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment without anything in it."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    return folder


def site_packages(environment: Path) -> Path:
    return next(environment.glob("lib/python*/site-packages"))


def imported(workload: Workload) -> str:
    """The file that a workload's interpreter imports `work` from."""
    program = [workload.argv[0], "-c", "import sys; sys.path.pop(0); import work; print(work.__file__)"]
    done = subprocess.run(program, cwd="/", env=dict(workload.env), capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize(("ref", "name"), [("before", OLD), ("main", NEW), ("HEAD~1", OLD)])
def test_the_base_has_the_code_of_its_commit_whatever_is_changed_here(
    project: Path, tmp_path: Path, ref: str, name: str
) -> None:
    with base_tree(Workload((sys.executable, "bench.py"), project / "src"), ref, tmp_path / "scratch") as base:
        tree = base.trees.tree
        assert name in (tree / "src" / "work.py").read_text()
        assert base.workload.cwd == tree / "src"
        assert base.commit == git(project, "rev-parse", f"{ref}^{{commit}}")
        assert not tree.is_relative_to(project)
        assert worktrees(project) == 1
    assert not tree.exists()
    assert worktrees(project) == 0
    assert list((tmp_path / "scratch").iterdir()) == []


def test_the_tree_goes_when_something_goes_wrong(project: Path, tmp_path: Path) -> None:
    workload = Workload((sys.executable,), project)
    with pytest.raises(KeyboardInterrupt), base_tree(workload, "before", tmp_path / "scratch"):
        raise KeyboardInterrupt
    assert worktrees(project) == 0


def test_what_a_killed_command_left_goes_with_the_next_one(project: Path, tmp_path: Path) -> None:
    program = (
        "import os, sys\nfrom pathlib import Path\nfrom perftui.model.workload import Workload\n"
        "from perftui.recording.base_tree import base_tree\n"
        "with base_tree(Workload((sys.executable,), Path(sys.argv[1])), 'before', Path(sys.argv[2])):\n"
        "    os._exit(9)\n"
    )
    scratch = tmp_path / "scratch"
    subprocess.run([sys.executable, "-c", program, str(project), str(scratch)], check=False)
    assert worktrees(project) == 1
    with base_tree(Workload((sys.executable,), project), "after", scratch):
        assert worktrees(project) == 1, "its own"
    assert worktrees(project) == 0
    assert sweep(scratch) == 0


def test_a_base_that_may_keep_no_compiled_modules_is_told_of(project: Path, tmp_path: Path) -> None:
    workload = Workload((sys.executable,), project, {"PYTHONDONTWRITEBYTECODE": "1"})
    with base_tree(workload, "before", tmp_path / "scratch") as base:
        assert [remark.split()[0] for remark in base.remarks] == ["PYTHONDONTWRITEBYTECODE"]


def test_no_hook_of_the_repository_runs(project: Path, tmp_path: Path) -> None:
    hook = project / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\n")
    hook.chmod(0o755)
    with base_tree(Workload((sys.executable,), project), "before", tmp_path / "scratch"):
        pass
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("ref", ["nowhere", "--help", "main:src", ""])
def test_what_is_no_commit_is_refused(project: Path, tmp_path: Path, ref: str) -> None:
    workload = Workload((sys.executable,), project)
    with pytest.raises(UsageError, match="git knows no commit"), base_tree(workload, ref, tmp_path / "scratch"):
        pass
    assert not (tmp_path / "scratch").exists()


def test_a_directory_outside_of_any_repository_is_refused_with_another_way(tmp_path: Path) -> None:
    workload = Workload((sys.executable,), tmp_path)
    with pytest.raises(UsageError, match="not in a git repository") as refused, base_tree(workload, "main"):
        pass
    assert "--baseline-cmd" in refused.value.hint


def test_an_editable_install_leads_into_the_base(
    project: Path, tmp_path: Path, environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    pth = site_packages(environment) / "project.pth"
    pth.write_text(f"{project / 'src'}\n")
    try:
        workload = Workload((str(environment / "bin" / "python"), "-m", "work"), project)
        with base_tree(workload, "before", tmp_path / "scratch") as base:
            assert imported(workload) == str(project / "src" / "work.py")
            assert imported(base.workload) == str(base.trees.tree / "src" / "work.py")
    finally:
        pth.unlink()


@pytest.mark.parametrize(("how", "refused"), [("append(Finder)", False), ("insert(0, Finder)", True)])
def test_a_finder_that_comes_before_all_paths_is_refused_and_another_is_led(
    project: Path, tmp_path: Path, environment: Path, monkeypatch: pytest.MonkeyPatch, how: str, refused: bool
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    module, pth = (site_packages(environment) / name for name in ("__editable___finder.py", "__editable__.pth"))
    module.write_text(FINDER.format(path=project / "src" / "work.py", how=how))
    pth.write_text("import __editable___finder; __editable___finder.install()\n")
    workload = Workload((str(environment / "bin" / "python"), "-m", "work"), project)
    try:
        if refused:
            tree = base_tree(workload, "before", tmp_path / "scratch")
            with pytest.raises(UsageError, match="would run the current code: work is imported from"), tree:
                pass
        else:
            with base_tree(workload, "before", tmp_path / "scratch") as base:
                assert imported(base.workload) == str(base.trees.tree / "src" / "work.py")
    finally:
        module.unlink()
        pth.unlink()
    assert worktrees(project) == 0
