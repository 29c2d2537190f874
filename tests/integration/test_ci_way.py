"""The whole way of a change through CI: the written workflow's own steps, on real branches, with the real sampler."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

WORK = """
import json, random, time

def query(rounds):
    found = 0
    for at in range(rounds):
        found += at * at % 7
    return found

# No two runs of it take as long as each other, as on any machine that others use too.
rounds, times = int(ROUNDS * random.uniform(0.85, 1.15)), []
for _ in range(20):
    began = time.perf_counter()
    query(rounds)
    times.append(time.perf_counter() - began)
mean = sum(times) / len(times)
with open("result.json", "w") as file:
    json.dump({"results": [{"command": "query", "times": times, "mean": mean}]}, file)
"""
BUDGET = '[operations.shop]\nquery = { max_increase_pct = 60, reason = "searching may become a little slower" }\n'
PROFILE = '[workload]\ncommand = ["PYTHON", "work.py"]\n\n[run]\ningest = "hyperfine:result.json"\n'


@dataclass(frozen=True)
class Ended:
    """What a workflow left behind."""

    codes: dict[str, int]
    """Of its steps."""
    report: Path
    said: str
    summary: str
    outputs: dict[str, str]


def git(cwd: Path, *words: str) -> str:
    name = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org")
    done = subprocess.run(["git", *name, *words], cwd=cwd, capture_output=True, text=True, check=True)
    return done.stdout


def commit(tree: Path, rounds: int, message: str) -> None:
    (tree / "work.py").write_text(WORK.replace("ROUNDS", str(rounds)), encoding="utf-8")
    git(tree, "add", "-A")
    git(tree, "commit", "--quiet", "--allow-empty", "-m", message)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone whose origin has a main branch and three branches that want to go there; it has the workflow."""
    origin = tmp_path_factory.mktemp("origin")
    for name, text in (
        ("budgets/shop.toml", BUDGET),
        ("profiles/shop.toml", PROFILE.replace("PYTHON", sys.executable)),
    ):
        (origin / name).parent.mkdir()
        (origin / name).write_text(text, encoding="utf-8")
    (origin / ".gitignore").write_text("result.json\n", encoding="utf-8")
    git(origin, "init", "--quiet", "--initial-branch", "main")
    commit(origin, 20_000, "The shop as it is")
    for branch, steps in (("slower", [80_000]), ("fixed", [80_000, 20_000]), ("identical", [20_000])):
        git(origin, "checkout", "--quiet", "-b", branch, "main")
        for rounds in steps:
            commit(origin, rounds, f"{branch}: {rounds} rounds")
    clone = tmp_path_factory.mktemp("clone") / "shop"
    git(origin, "clone", "--quiet", str(origin), str(clone))
    done = subprocess.run([sys.executable, "-m", "perftui", "ci", "init", "github"], cwd=clone, check=False)
    assert done.returncode == 0
    return clone


def run_workflow(tree: Path, branch: str, temp: Path) -> Ended:
    """Run the steps of the job that measures as a runner does: a step that fails ends those without a condition."""
    git(tree, "checkout", "--quiet", branch)
    workflow = yaml.safe_load((tree / ".github/workflows/perftui.yml").read_text(encoding="utf-8"))
    (temp / "report").mkdir(parents=True)
    files = {name: temp / name for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
    env = {
        **os.environ,
        **{name: str(path) for name, path in files.items()},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "BASE": "origin/main",
        "RUNNER_TEMP": str(temp),
        "GITHUB_WORKSPACE": str(tree),
        "GITHUB_ACTIONS": "true",
        "PERFTUI_HOME": str(temp / "perftui"),
    }
    codes: dict[str, int] = {}
    said = ""
    for step in workflow["jobs"]["measure"]["steps"]:
        if "run" not in step or step["name"] == "Install" or (any(codes.values()) and "if" not in step):
            continue
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = subprocess.run(
            shell, cwd=tree, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        codes[step["name"]] = done.returncode
        said += done.stdout + done.stderr
    outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines())
    summary = files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
    return Ended(codes, temp / "report", said, summary, outputs)


@pytest.mark.skipif(shutil.which("git") is None or shutil.which("bash") is None, reason="needs git and bash")
def test_a_slower_branch_fails_and_a_fixed_or_identical_one_does_not(tree: Path, tmp_path: Path) -> None:
    slower = run_workflow(tree, "slower", tmp_path / "slower")
    assert slower.codes == {
        "Measure the base and this change by turns": 0,
        "Check the budget": 1,
        "Write the reports": 0,
    }, slower.said
    assert "::error file=budgets/shop.toml,line=2,title=operations.shop.query.max_increase_pct::" in slower.said
    assert (slower.outputs["verdict"], slower.outputs["exit_code"]) == ("fail", "1")
    assert slower.summary.startswith("## ❌ FAIL: perftui-current\n")
    assert (slower.report / "check.md").read_text(encoding="utf-8") == slower.summary
    suite = ElementTree.parse(slower.report / "junit.xml").getroot()
    assert suite.get("failures") == "1"
    figures = json.loads((slower.report / "figures.json").read_text(encoding="utf-8"))
    assert figures["schema"] == "perftui.baseline/1"
    for name in ("comparison.html", "session.html"):
        assert (slower.report / name).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert git(tree, "status", "--porcelain", "--untracked-files=no") == ""
    assert git(tree, "worktree", "list").count("\n") == 1
    for branch in ("fixed", "identical"):
        ended = run_workflow(tree, branch, tmp_path / branch)
        assert set(ended.codes.values()) == {0}, ended.said
        assert ended.outputs["fail"] == "0"
        assert ended.outputs["missing"] == "0"
