"""Repeated runs and two sides by turns, with the real sampler and the real git: what is recorded, and what is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from perftui.model.session import RunSide, SessionMeta
from perftui.recording.playback import open_playback
from perftui.sources.processes import alive
from perftui.storage.catalogue import Catalogue
from perftui.storage.session_file import read_meta
from tests.recording.repository import NEW, OLD, UNCOMMITTED, make_repository, worktrees

pytestmark = pytest.mark.integration

FAILS_ON_SECOND = """
import pathlib, sys
count = pathlib.Path(sys.argv[1])
runs = len(count.read_text()) if count.exists() else 0
count.write_text("x" * (runs + 1))
print("run", runs + 1, flush=True)
sys.exit(7 if runs == 1 else 0)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "project")


def begun(tmp_path: Path, cwd: Path, *words: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "perftui", *map(str, words)],
        cwd=cwd,
        env={**os.environ, "PERFTUI_HOME": str(tmp_path / "home")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def perftui(tmp_path: Path, cwd: Path, *words: str | Path) -> tuple[int, str, str]:
    """Exit code, stdout and stderr."""
    process = begun(tmp_path, cwd, *words)
    out, err = process.communicate(timeout=90)
    return process.returncode, out, err


def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(tmp_path / "home" / "sessions")


def runs(tmp_path: Path) -> list[SessionMeta]:
    """The runs of groups, in the order in which they ran."""
    metas = [entry.meta for entry in catalogue(tmp_path).list() if entry.meta is not None and entry.meta.group]
    return sorted(metas, key=lambda meta: meta.repeat_index)


def functions(path: Path) -> set[str]:
    return {frame.function for frame in open_playback(path).model.aggregate.frames}


def lines(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stderr is not None
    return iter(process.stderr.readline, "")


def test_each_side_runs_its_own_code_by_turns_and_nothing_of_it_is_left(tmp_path: Path, project: Path) -> None:
    command = ("--repeat", "2", "--warmup", "0", "--json", "--", sys.executable, "bench.py", "0.8")
    code, out, err = perftui(tmp_path, project / "src", "ab", "--base", "before", *command)
    assert code == 0, err
    document = json.loads(out)
    assert document["schema"].startswith("perftui.compare/")
    assert {OLD, UNCOMMITTED} <= {row["function"].partition(".")[0] for row in document["deltas"]}

    recorded = runs(tmp_path)
    assert [document[side]["runs"] for side in ("baseline", "current")] == [
        [recorded[at].id for at in places] for places in ((0, 3), (1, 2))
    ]
    assert [meta.side for meta in recorded] == [RunSide.BASE, RunSide.CURRENT, RunSide.CURRENT, RunSide.BASE]
    assert [meta.repeat_index for meta in recorded] == [1, 2, 3, 4]
    for side, own, others in (("base", OLD, UNCOMMITTED), ("current", UNCOMMITTED, OLD)):
        for path in catalogue(tmp_path).runs_of(f"bench-{side}"):
            assert own in functions(path)
            assert not {others, NEW} & functions(path)
    base, current = (read_meta(catalogue(tmp_path).resolve(f"bench-{side}")) for side in ("base", "current"))
    assert base.keeps_sources, "its files are gone when somebody looks"
    assert base.environment["git_project"] == current.environment["git_project"] == str(project)
    assert base.environment["git_commit"] != current.environment["git_commit"]
    assert (base.environment["git_changes"], current.environment["git_changes"]) == ("no", "yes")
    assert base.environment["workload_python"] == ".".join(map(str, sys.version_info[:3]))
    assert worktrees(project) == 0
    assert list((tmp_path / "home" / "scratch").iterdir()) == []
    single = perftui(tmp_path, tmp_path, "compare", "bench-base", "bench-current", "--single", "--json")[1]
    assert json.loads(single)["baseline"]["runs"] == [recorded[3].id]
    words = ("bench-base", "bench-current", "-o", tmp_path / "page.html", "--redact", "--fail-on", "regression")
    code, out, err = perftui(tmp_path, tmp_path, "compare", *words)
    assert (out, code) == ("", int("\nregression: " in err)), err
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert UNCOMMITTED in page
    assert str(tmp_path) not in page


def test_two_commands_are_compared_and_the_comparison_is_printed(tmp_path: Path, project: Path) -> None:
    base = f"LEVEL=1 {sys.executable} 'bench.py' 0.6"
    words = ("--name", "both", "--repeat", "1", "--warmup", "1", "--", sys.executable, "bench.py", "0.6")
    code, out, err = perftui(tmp_path, project / "src", "ab", "--baseline-cmd", base, *words)
    assert code == 0, err
    assert "4 of 4: current, run 1 of 1" in err
    assert "both-base" in out
    assert "both-current" in out
    first, second = runs(tmp_path)
    assert (first.name, second.name) == ("both-base", "both-current"), "warm-ups are thrown away"
    more = ("--more", "1", "--warmup", "0", "--json", f"group:{first.group}")
    code, out, err = perftui(tmp_path, tmp_path, "ab", *more)
    assert code == 0, err
    assert "1 of 2: current, run 2 of 2" in err, "every second round begins with the other side"
    recorded = runs(tmp_path)
    assert [(meta.side, meta.name) for meta in recorded[2:]] == [(first.side, first.name), (second.side, second.name)][
        ::-1
    ]
    document = json.loads(out)
    assert [document[side]["runs"] for side in ("baseline", "current")] == [
        [recorded[at].id for at in places] for places in ((0, 3), (1, 2))
    ]
    code, out, err = perftui(tmp_path, tmp_path, "show", f"group:{first.group}")
    assert code == 2
    assert "holds both sides" in err


def test_a_run_that_fails_ends_all_and_says_what_it_printed(tmp_path: Path) -> None:
    script = tmp_path / "fails.py"
    script.write_text(FAILS_ON_SECOND)
    command = ("--", sys.executable, script)
    code, out, err = perftui(tmp_path, tmp_path, "record", "--repeat", "4", *command, tmp_path / "count")
    assert code == 3
    assert "run 2 of 4 failed: exit code 7" in err
    assert "  | run 2" in err
    assert "1 of 4 runs" in out
    assert {entry.name for entry in catalogue(tmp_path).list()} == {"fails", "fails-failed"}
    code, out, _ = perftui(tmp_path, tmp_path, "record", "--repeat", "3", "-i", "--json", *command, tmp_path / "again")
    document = json.loads(out)
    assert (code, document["complete"], document["failed"]) == (0, 3, 1)
    assert [run["exit_code"] for run in document["runs"]] == [0, 7, 0]
    assert {run["name"] for run in document["runs"]} == {"fails-2"}, "the name of the runs before is taken"


def test_ctrl_c_ends_the_run_under_way_and_compares_what_is_complete(tmp_path: Path, project: Path) -> None:
    command = ("--repeat", "30", "--warmup", "0", "--", sys.executable, "bench.py", "1")
    process = begun(tmp_path, project / "src", "ab", "--base", "before", *command)
    said = ""
    for line in lines(process):
        said += line
        if "2 of 60" in line:
            time.sleep(0.6)
            process.send_signal(signal.SIGINT)
            break
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, said + err
    assert "run 2 of 30 was cut off" in err
    assert "comparing 1 of 30 runs with 1" in err
    assert UNCOMMITTED in out
    assert [meta.repeat_index for meta in runs(tmp_path)] == [1, 2]
    assert worktrees(project) == 0


def test_a_killed_comparison_leaves_no_process_and_its_worktree_goes_with_the_next(
    tmp_path: Path, project: Path
) -> None:
    command = ("--repeat", "3", "--warmup", "0", "--", sys.executable, "bench.py", "30")
    process = begun(tmp_path, project / "src", "ab", "--base", "before", *command)
    part = found(tmp_path / "home" / "sessions", "*.part")
    workload = read_meta(part).pid
    assert workload is not None
    process.kill()
    process.communicate(timeout=30)
    deadline = time.monotonic() + 15
    while alive(workload) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(workload)
    assert worktrees(project) == 1
    code, _, err = perftui(tmp_path, project, "ab", "--base", "nowhere", "--", sys.executable, "-V")
    assert code == 2
    assert "git knows no commit 'nowhere'" in err
    perftui(tmp_path, project / "src", "ab", "--base", "before", "--repeat", "1", "--", sys.executable, "bench.py", "0")
    assert worktrees(project) == 0


def found(folder: Path, pattern: str) -> Path:
    """The first file of a pattern, waited for."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if paths := list(folder.glob(pattern)):
            return paths[0]
        time.sleep(0.05)
    raise AssertionError(f"no {pattern} in {folder}")


def test_a_base_that_ran_the_current_code_is_found_out_by_what_ran(tmp_path: Path, project: Path) -> None:
    # Nothing in these words tells perftui where the modules come from.
    script = f"PYTHONPATH={project / 'src'} exec {sys.executable} -c 'import work; work.run(0.6)'"
    command = ("--repeat", "2", "--warmup", "0", "--", "sh", "-c", script)
    code, out, err = perftui(tmp_path, project / "bench", "ab", "--base", "before", *command)
    assert (code, out) == (2, "")
    assert "the base ran the current code: src/work.py" in err
    assert runs(tmp_path) == [], "what is no base is not kept as one"
    assert worktrees(project) == 0


def test_what_cannot_be_compared_is_refused_before_anything_runs(tmp_path: Path) -> None:
    for words, told in (
        (("--", sys.executable, "-V"), "say what the base is"),
        (("--base", "main", "--", sys.executable, "-V"), "not in a git repository"),
        (("--baseline-cmd", "'a", "--", sys.executable, "-V"), "close the quotes"),
        (("--baseline-cmd", "missing-program", "--", sys.executable, "-V"), "base: "),
    ):
        code, _, err = perftui(tmp_path, tmp_path, "ab", *words)
        assert code in (2, 3), err
        assert told in err
        assert "Traceback" not in err
    assert catalogue(tmp_path).list() == []
