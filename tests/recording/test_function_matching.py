"""Renames are found with real git, in sources that are kept, on disk, or in a commit."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from perftui.analysis.matching import Matching
from perftui.model.change import MatchKind
from perftui.model.frame import Frame
from perftui.model.session import SessionKind, SessionMeta, SessionState
from perftui.model.source_file import SourceFile
from perftui.recording.checkout import git_facts
from perftui.recording.function_matching import Recorded, ambiguity, matched, matched_by_name
from perftui.sources.git_history import file_at, renamed_files
from perftui.storage.source_table import pack_source
from tests.recording.test_checkout import git

BODY = """    total = 0
    for item in items:
        total += item.cost * item.weight
    return total
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "-q")
    write(folder, {"app.py": "def old(items):\n" + BODY, "moved.py": "def helper(items):\n    return 1\n" * 3})
    return folder


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Make a commit of these files alone."""
    for known in folder.glob("*.py"):
        known.unlink()
    for name, text in files.items():
        (folder / name).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "next")


def recorded(folder: Path, *names: str, keep: bool = False, kind: SessionKind = SessionKind.LAUNCHED) -> Recorded:
    """What a recording in a folder knows that saw functions of files."""
    frames = [Frame(name, str(folder / file), 1) for file, _, name in (text.partition(":") for text in names)]
    sources = {}
    for file in {frame.file for frame in frames}:
        data = Path(file).read_bytes()
        packed = pack_source(data) if keep else None
        sources[file] = SourceFile(file, hashlib.sha256(data).hexdigest(), len(data), True, packed)
    meta = SessionMeta(
        "20261120-100000-abcd",
        "app",
        kind,
        SessionState.COMPLETE,
        "2026-11-20T10:00:00+00:00",
        cwd=str(folder),
        environment=git_facts(folder),
    )
    return Recorded(frames, (meta,), sources)


def kinds(found: Matching) -> dict[str, str]:
    return {f"{file}:{name}": kind.value for (file, name), kind in found.kinds.items()}


@pytest.mark.parametrize(
    ("version", "expected"), [("3.10.13", "same"), ("2.7.18", "same"), ("3.11.0", "one side"), ("", "one side")]
)
def test_an_interpreter_before_3_11_tells_bare_names(project: Path, version: str, expected: str) -> None:
    older, newer = recorded(project, "app.py:old"), recorded(project, "app.py:Job.old")
    meta = replace(older.metas[0], environment={**older.metas[0].environment, "workload_python": version})
    assert expected in kinds(matched_by_name(replace(older, metas=(meta,)), newer)).values()


def test_a_file_that_git_knows_as_renamed_is_one_file(project: Path) -> None:
    before = recorded(project, "moved.py:helper", "app.py:old")
    texts = {path.name: path.read_text() for path in project.glob("*.py")}
    write(project, {"app.py": texts["app.py"], "helpers.py": texts["moved.py"]})
    found = matched(before, recorded(project, "helpers.py:helper", "app.py:old"))
    assert kinds(found) == {"app.py:old": "same", "helpers.py:helper": "renamed"}
    assert found.was == {("helpers.py", "helper"): ("moved.py", "helper")}


@pytest.mark.parametrize("keep", [False, True])
def test_a_function_with_an_equal_body_is_one_whether_its_text_was_kept_or_is_in_git(project: Path, keep: bool) -> None:
    before = recorded(project, "app.py:old", keep=keep)
    if keep:
        before.metas[0].environment.pop("git_commit")  # type: ignore[attr-defined]
    write(project, {"app.py": "import os\n\ndef new(items):\n" + BODY})
    found = matched(before, recorded(project, "app.py:new"))
    assert kinds(found) == {"app.py:new": "renamed"}


def test_two_checkouts_in_different_folders_are_compared_by_what_lies_on_the_disk(
    project: Path, tmp_path: Path
) -> None:
    other = tmp_path / "elsewhere" / "copy"
    other.mkdir(parents=True)
    (other / "app.py").write_text("def new(items):\n" + BODY + "\ndef more():\n    return 2\n")
    found = matched(recorded(project, "app.py:old"), recorded(other, "app.py:new", "app.py:more"))
    assert kinds(found) == {"app.py:new": "renamed", "app.py:more": "one side"}


def test_a_worktree_that_is_gone_is_still_known_to_its_repository(project: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    git(project, "worktree", "add", "-q", "--detach", str(base))
    before = recorded(base, "app.py:old")
    git(project, "worktree", "remove", "--force", str(base))
    # What runs now is not committed.
    (project / "app.py").write_text("def new(items):\n" + BODY)
    assert not base.exists()
    assert kinds(matched(before, recorded(project, "app.py:new"))) == {"app.py:new": "renamed"}


def test_a_text_that_is_not_what_ran_is_no_witness(project: Path) -> None:
    before = recorded(project, "app.py:old")
    before.metas[0].environment.pop("git_commit")  # type: ignore[attr-defined]
    write(project, {"app.py": "def new(items):\n" + BODY})
    after = recorded(project, "app.py:new")
    assert set(matched(before, after).kinds.values()) == {MatchKind.ONE_SIDE}


def test_functions_that_one_run_happened_not_to_be_seen_in_are_not_taken_for_renamed(project: Path) -> None:
    write(project, {"app.py": f"def first(items):\n{BODY}\ndef second(items):\n{BODY}"})
    found = matched(recorded(project, "app.py:first"), recorded(project, "app.py:second"))
    assert set(found.kinds.values()) == {MatchKind.ONE_SIDE}


def test_settings_are_taken_at_their_word(project: Path) -> None:
    found = matched(
        recorded(project, "app.py:old"), recorded(project, "moved.py:helper"), {"app.py:old": "moved.py:helper"}
    )
    assert kinds(found) == {"moved.py:helper": "renamed"}


def test_bare_names_are_counted_in_a_sentence(project: Path) -> None:
    write(project, {"app.py": ""})
    imported = recorded(project, "app.py:run", "app.py:stop", kind=SessionKind.IMPORTED)
    full = recorded(project, "app.py:A.run", "app.py:B.run", "app.py:A.stop")
    assert ambiguity(matched(imported, full)).startswith("1 name is ambiguous: ")
    assert ambiguity(matched(full, full)) == ""


def test_git_says_nothing_of_what_is_not_asked_rightly(project: Path, tmp_path: Path) -> None:
    head = git(project, "rev-parse", "HEAD")
    size = (project / "app.py").stat().st_size
    assert file_at(project, head, "app.py", size_bytes=size) == (project / "app.py").read_bytes()
    assert file_at(project, head, "app.py", size_bytes=size + 1) is None
    for commit, file in ((head, "none.py"), ("--help", "app.py"), (head, "/etc/passwd"), (head, "*.py")):
        assert file_at(project, commit, file, size_bytes=size) is None
    assert renamed_files(project, head, "--output=x") == {}
    assert renamed_files(tmp_path, head, head[:10]) == {}


def test_nothing_that_a_repository_configures_is_run(project: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    script = tmp_path / "evil"
    script.write_text(f"#!/bin/sh\ntouch {ran}\n")
    script.chmod(0o755)
    before = git(project, "rev-parse", "HEAD")
    texts = {path.name: path.read_text() for path in project.glob("*.py")}
    write(project, {"app.py": texts["app.py"], "helpers.py": texts["moved.py"]})
    for key in (
        "core.fsmonitor",
        "core.pager",
        "diff.external",
        "diff.x.textconv",
        "filter.x.smudge",
        "alias.diff-tree",
    ):
        git(project, "config", key, f"!{script}" if key.startswith("alias") else str(script))
    (project / ".git/info/attributes").write_text("*.py diff=x filter=x\n")
    after = git(project, "rev-parse", "HEAD")
    ran.unlink(missing_ok=True)
    assert renamed_files(project, before, after) == {"moved.py": "helpers.py"}
    assert file_at(project, after, "app.py", size_bytes=len(texts["app.py"])) == texts["app.py"].encode()
    assert not ran.exists()
