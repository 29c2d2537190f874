"""What a project looks like from outside decides what its first workload profile starts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from perftui.settings.project import look_at_project

PYPROJECT = '[project]\nname = "shop"\n'


def project(folder: Path, **files: str) -> Path:
    """A project of files, named with __ for /."""
    for name, text in {"pyproject__toml": PYPROJECT, **files}.items():
        *folders, last, ending = name.split("__")
        path = folder.joinpath(*folders, f"{last}.{ending}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.parametrize(
    ("files", "name", "command", "ingest"),
    [
        ({}, None, (), ""),
        ({"app__py": ""}, "shop", ("{python}", "app.py"), ""),
        ({"src__shop__py": "", "shop____main____py": ""}, None, (), ""),
        ({"benchmarks__bench_cart__py": ""}, "bench", ("{python}", "benchmarks/bench_cart.py"), ""),
        (
            {"pyproject__toml": PYPROJECT + 'dependencies = ["pytest_benchmark>=5"]\n', "tests__test_a__py": ""},
            "bench",
            ("{python}", "-m", "pytest", "-q", "tests", "--benchmark-only", "--benchmark-autosave"),
            "pytest-benchmark",
        ),
        ({"Cargo__toml": "", "benches__cart__rs": ""}, "bench", ("cargo", "bench"), "criterion"),
        (
            {"pyproject__toml": PYPROJECT + '[project.scripts]\nshop = "shop.cli:main"\n'},
            "shop",
            ("{python}", "-c", "import sys; from shop.cli import main; sys.exit(main())"),
            "",
        ),
        (
            {"pyproject__toml": PYPROJECT + "[tool.pytest]\n", "tests__test_a__py": ""},
            "tests",
            ("{python}", "-m", "pytest", "-q", "tests"),
            "",
        ),
    ],
)
def test_the_likeliest_thing_to_measure_comes_first(
    tmp_path: Path, files: dict[str, str], name: str | None, command: tuple[str, ...], ingest: str
) -> None:
    found = look_at_project(project(tmp_path, **files), {}).candidates
    if name is None:
        assert found == ()
        return
    assert (found[0].name, found[0].command[: len(command)], found[0].ingest) == (name, command, ingest)


def test_a_package_that_runs_is_started_by_its_name_in_the_interpreter_of_the_project(tmp_path: Path) -> None:
    project(tmp_path)
    for path in ("src/shop/__init__.py", "src/shop/__main__.py", ".venv/bin/python", "main.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    found = look_at_project(tmp_path / "src", {}).candidates
    assert [each.command for each in found] == [(".venv/bin/python", "-m", "shop"), (".venv/bin/python", "main.py")]
    assert (found[0].ends, found[0].path) == (False, "src")


@pytest.mark.parametrize(
    ("active", "python"), [("", "{python}"), ("/elsewhere/env", "python"), (sys.prefix, "{python}")]
)
def test_an_environment_that_is_activated_holds_what_the_project_needs(
    tmp_path: Path, active: str, python: str
) -> None:
    found = look_at_project(project(tmp_path, app__py=""), {"VIRTUAL_ENV": active} if active else {})
    assert found.candidates[0].command == (python, "app.py")


def test_a_broken_pyproject_is_said_and_the_rest_is_looked_at(tmp_path: Path) -> None:
    found = look_at_project(project(tmp_path, pyproject__toml="[", app__py=""), {})
    assert "not valid TOML" in found.remarks[0]
    assert found.candidates[0].command == ("{python}", "app.py")


@pytest.mark.parametrize(
    "text", ["project = 3", '[project]\nname = ["x"]\nscripts = 4', "[dependency-groups]\na = [{}]"]
)
def test_what_stands_in_a_pyproject_may_be_anything(tmp_path: Path, text: str) -> None:
    assert look_at_project(project(tmp_path, pyproject__toml=text)).candidates == ()
