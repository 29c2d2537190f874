"""The workflow that `perftui ci init github` writes: it parses, its commands are real ones, and its shell is shell."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from perftui.cli import main
from perftui.cli.verbs import program
from perftui.errors import ExitCode

BUDGET = "[resources.wall]\nlimit = 60\n"
PROFILE = 'budget = "api.toml"\n\n[workload]\ncommand = ["python", "bench.py"]\n'
WORKFLOW = Path(".github/workflows/perftui.yml")


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one profile and one budget; the test stands in it."""
    for name, text in (
        ("pyproject.toml", '[project]\nname = "shop"\nversion = "1"\n'),
        ("budgets/api.toml", BUDGET),
        ("profiles/api.toml", PROFILE),
    ):
        path = tmp_path / "shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "shop" / ".git").mkdir()
    monkeypatch.chdir(tmp_path / "shop")
    return tmp_path / "shop"


class Strict(yaml.SafeLoader):  # type: ignore[misc]
    """Refuses a key that stands twice, as the server does."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        assert len(keys) == len(set(keys)), keys
        return dict(super().construct_mapping(node, deep))


def written(*options: str) -> dict[Any, Any]:
    assert main(["ci", "init", "github", *options]) == 0
    found = yaml.load(WORKFLOW.read_text(encoding="utf-8"), Strict)
    assert isinstance(found, dict)
    return found


def scripts(workflow: dict[Any, Any]) -> Iterator[str]:
    for job in workflow["jobs"].values():
        yield from (step["run"] for step in job["steps"] if "run" in step)


def perftui_commands(workflow: dict[Any, Any]) -> list[list[str]]:
    joined = "\n".join(scripts(workflow)).replace("\\\n", " ")
    lines = (line.strip() for line in joined.splitlines())
    found = [re.sub(r"^\w+= ", "", line).partition(" || ")[0] for line in lines]
    return [shlex.split(line)[1:] for line in found if line.startswith("perftui ")]


def parse(words: list[str]) -> click.Context:
    """Parse a command line as the program does, without running it."""
    context = click.Context(program)
    command: click.Command = program
    while isinstance(command, click.Group):
        below = command.get_command(context, words[0])
        assert below is not None, words
        command, words = below, words[1:]
    return command.make_context(command.name, words, parent=context)


def test_every_command_in_it_is_a_real_one_with_real_options() -> None:
    commands = perftui_commands(written())
    assert [words[0] for words in commands] == ["ab", "check", "report", "baseline"]
    parsed = [parse(words).params for words in commands]
    assert (parsed[0]["repeat"], parsed[0]["ref"], parsed[0]["words"]) == (5, "$BASE", ("api",))
    assert (parsed[1]["refs"], parsed[1]["budget"]) == (("perftui-current",), "budgets/api.toml")


@pytest.mark.parametrize("options", [[], ["--budget", "api", "--", "python", "bench.py", "--name", "two words; $HOME"]])
def test_its_shell_is_shell(options: list[str], tmp_path: Path) -> None:
    for script in scripts(written(*options)):
        done = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
    # What a person gives is quoted, and nothing that GitHub fills in stands within a script.
    assert "${{" not in "".join(scripts(yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))))


def test_it_runs_on_changes_and_every_night_with_the_fewest_rights() -> None:
    workflow = written()
    events = workflow[True]  # YAML 1.1 takes `on` for a truth value
    assert set(events) == {"push", "pull_request", "schedule", "workflow_dispatch"}
    assert (events["push"]["branches"], events["schedule"]) == (["main"], [{"cron": "0 2 * * *"}])
    assert workflow["permissions"] == {"contents": "read"}
    rights = {name: job.get("permissions") for name, job in workflow["jobs"].items()}
    assert rights == {
        "measure": None,
        "comment": {"contents": "read", "pull-requests": "write"},
        "history": {"contents": "write"},
    }
    (kept,) = [step for step in workflow["jobs"]["measure"]["steps"] if "upload-artifact" in step.get("uses", "")]
    assert kept["with"]["retention-days"] == 30
    assert all(job["timeout-minutes"] <= 60 for job in workflow["jobs"].values())


def test_the_base_is_measured_in_the_same_job_and_nothing_is_saved_as_the_base_that_is_not() -> None:
    workflow = written()
    steps = workflow["jobs"]["measure"]["steps"]
    (checkout, *_) = steps
    assert (checkout["with"]["fetch-depth"], checkout["with"]["persist-credentials"]) == (0, False)
    commands = perftui_commands(workflow)
    assert [words[:3] for words in commands[:2]] == [
        ["ab", "--base", "$BASE"],
        ["check", "perftui-current", "--baseline"],
    ]
    assert commands[1][3] == "perftui-base"
    # A failing check ends its step; what comes after it says itself that it runs all the same.
    script = next(step["run"] for step in steps if step.get("id") == "check")
    assert "$?" not in script
    assert "||" not in script
    after = steps[[step.get("id") for step in steps].index("check") + 1 :]
    assert all("!cancelled()" in step["if"] for step in after)


def test_one_comment_is_found_by_its_mark_and_brought_up_to_date() -> None:
    (step,) = [step for step in written()["jobs"]["comment"]["steps"] if "run" in step]
    assert step["run"].count("<!-- perftui -->") == 2
    assert "--method PATCH" in step["run"]
    assert "--method POST" in step["run"]


def run_step(workflow: dict[Any, Any], job: str, cwd: Path, **variables: str) -> None:
    """Run the script of a job as the server's shell does."""
    (script,) = [step["run"] for step in workflow["jobs"][job]["steps"] if "run" in step]
    shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    done = subprocess.run(shell, cwd=cwd, env={**os.environ, **variables}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_first_run_writes_a_comment_and_the_next_one_changes_it(tmp_path: Path) -> None:
    workflow = written()
    tools, place = tmp_path / "tools", tmp_path / "runner"
    for name in ("reports/perftui-3.13/report", ""):
        (place / name).mkdir(parents=True, exist_ok=True)
    tools.mkdir()
    (place / "reports/perftui-3.13/report/check.md").write_text("## PASS\n", encoding="utf-8")
    # It answers with the comment that is there, if any, and notes what else it is asked for.
    (tools / "gh").write_text(
        '#!/bin/sh\ncase "$*" in *--paginate*) cat known 2>/dev/null || true;; *) echo "$@" >> asked;; esac\n',
        encoding="utf-8",
    )
    (tools / "gh").chmod(0o755)
    variables = {
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_REPOSITORY": "shop/shop",
        "NUMBER": "7",
        "RUN": "https://example.org/run",
    }
    run_step(workflow, "comment", place, **variables)
    (place / "known").write_text("42\n", encoding="utf-8")
    run_step(workflow, "comment", place, **variables)
    assert (place / "asked").read_text(encoding="utf-8").splitlines() == [
        "api --silent --method POST repos/shop/shop/issues/7/comments -F body=@comment.md",
        "api --silent --method PATCH repos/shop/shop/issues/comments/42 -F body=@comment.md",
    ]
    comment = (place / "comment.md").read_text(encoding="utf-8")
    assert comment.startswith("<!-- perftui -->\n\n## PASS\n")
    assert comment.endswith("](https://example.org/run)\n")


def test_the_figures_of_each_commit_are_added_to_a_branch_of_their_own(tmp_path: Path) -> None:
    workflow = written()
    origin, clone, temp = tmp_path / "origin", tmp_path / "clone", tmp_path / "temp"
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch", "main", str(origin)], check=True)
    options = ["-c", "user.name=ada", "-c", "user.email=ada@example.org"]
    for number in (1, 2):
        shutil.rmtree(clone, ignore_errors=True)
        subprocess.run(["git", "clone", "--quiet", str(origin), str(clone)], check=True, capture_output=True)
        if number == 1:
            (clone / "shop.py").write_text("pass\n", encoding="utf-8")
            for words in (["add", "-A"], ["commit", "-qm", "one"], ["push", "--quiet", "origin", "HEAD:main"]):
                subprocess.run(["git", *options, *words], cwd=clone, check=True, capture_output=True)
        figures = temp / "reports/perftui-3.13/report/figures.json"
        figures.parent.mkdir(parents=True, exist_ok=True)
        figures.write_text(f"{number}\n", encoding="utf-8")
        if number == 2:
            push_in_between(clone, tmp_path / "other")
        run_step(workflow, "history", clone, RUNNER_TEMP=str(temp), GITHUB_SHA=f"commit{number}")
    listed = subprocess.run(
        ["git", "ls-tree", "-r", "--name-only", "perftui-history"],
        cwd=origin,
        capture_output=True,
        text=True,
        check=True,
    )
    names = ("commit1", "commit2", "other")
    assert listed.stdout.split() == [f"history/perftui-3.13/{name}.json" for name in names]


def push_in_between(clone: Path, other: Path) -> None:
    """Have somebody else push to the history just before the first push of a clone."""
    hook = clone / ".git/hooks/pre-push"
    hook.write_text(
        f"""#!/bin/sh
        [ -e {other} ] && exit 0
        unset GIT_DIR
        git clone --quiet --branch perftui-history "$2" {other} && cd {other} || exit 1
        echo 3 > history/perftui-3.13/other.json
        git add -A && git -c user.name=bob -c user.email=bob@example.org commit --quiet -m other && git push --quiet
        """,
        encoding="utf-8",
    )
    hook.chmod(0o755)


def test_of_a_push_all_that_it_brings_is_measured_and_no_run_is_dropped_for_a_newer_one() -> None:
    workflow = written()
    base = workflow["jobs"]["measure"]["env"]["BASE"]
    assert "github.event_name == 'push' && !github.event.created && !github.event.forced && github.event.before" in base
    assert base.endswith("|| 'HEAD~1' }}")
    # Of the runs that wait in one group the server keeps the last: only those of a pull request share one.
    assert "github.event_name == 'pull_request' && github.ref || github.run_id" in workflow["concurrency"]["group"]
    assert all("concurrency" not in job for job in workflow["jobs"].values())


def test_what_is_there_is_never_overwritten(capfd: pytest.CaptureFixture[str]) -> None:
    WORKFLOW.parent.mkdir(parents=True)
    WORKFLOW.write_text("mine\n", encoding="utf-8")
    assert main(["ci", "init", "github"]) == ExitCode.USAGE
    assert WORKFLOW.read_text(encoding="utf-8") == "mine\n"
    capfd.readouterr()
    assert main(["ci", "init", "github", "--dry-run"]) == 0
    assert yaml.safe_load(capfd.readouterr().out)["name"] == "perftui"


def test_a_project_below_the_top_of_its_checkout_is_measured_where_it_lies(project: Path) -> None:
    (project / ".git").rename(project.parent / ".git")
    assert main(["ci", "init", "github"]) == 0
    workflow = yaml.safe_load((project.parent / WORKFLOW).read_text(encoding="utf-8"))
    assert workflow["jobs"]["measure"]["defaults"]["run"] == {"shell": "bash", "working-directory": "shop"}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--workload", "none"], "no workload profile called 'none'"),
        (["--budget", "none"], "no budget 'none'"),
        (["--budget", "pyproject.toml"], 'unknown key "project"'),
        (["--branch", ""], "names no branch"),
        (["--workload", "api", "--", "python"], "not both"),
        (["--", "echo", "${{ secrets.TOKEN }}"], "cannot stand in a workflow"),
        (["--", "echo", "two\nlines"], "cannot stand in a workflow"),
    ],
)
def test_what_cannot_be_is_one_sentence(options: list[str], told: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["ci", "init", "github", *options]) == ExitCode.USAGE
    assert told in capfd.readouterr().err
    assert not WORKFLOW.exists()


def test_of_several_profiles_or_none_nobody_guesses(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (project / "profiles" / "more.toml").write_text(PROFILE, encoding="utf-8")
    assert main(["ci", "init", "github"]) == ExitCode.USAGE
    assert "several workload profiles: api, more" in capfd.readouterr().err
    for name in ("api", "more"):
        (project / "profiles" / f"{name}.toml").unlink()
    assert main(["ci", "init", "github"]) == ExitCode.USAGE
    assert "`perftui init` writes one" in capfd.readouterr().err
