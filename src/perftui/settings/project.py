"""What a project looks like from outside: what of it could be started and measured, the likeliest first."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perftui.errors import ConfigError
from perftui.settings.directories import is_directory, is_file, project_directories
from perftui.settings.load import PYTHON, values_of
from perftui.toml.table import read_text

_OWN_PYTHON = (Path(".venv", "bin", "python"), Path("venv", "bin", "python"))
_SCRIPTS = ("main.py", "app.py", "run.py", "server.py")
_BENCH_FILES = ("bench_*.py", "benchmark_*.py", "test_bench*.py", "test_perf*.py")
_BENCH_FOLDERS = ("benchmarks", "bench", "benches", "perf")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9._-]+)")
_MOST_MODULES = 500
"""Packages and scripts that are looked at."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something of a project that could be measured."""

    name: str
    """What a workload profile of it is called."""
    command: tuple[str, ...]
    why: str
    """What it was found by, for a person."""
    ingest: str = ""
    """Benchmark tool whose result it leaves."""
    ends: bool = True
    """Whether it ends by itself, as far as anybody can tell."""
    path: str = ""
    """Folder of the project that Python has to look for modules in, beside the project's own; empty for none."""


@dataclass(frozen=True, slots=True)
class Project:
    """What was found in a project."""

    root: Path
    """The top of the project, where profiles/ and budgets/ go."""
    name: str
    candidates: tuple[Candidate, ...]
    """The likeliest first; none where nothing was found."""
    remarks: tuple[str, ...] = ()
    """What could not be looked at."""


def look_at_project(start: Path, environ: Mapping[str, str] | None = None) -> Project:
    """Return what a project holds; nothing in it is imported or started.

    Args:
        start: A directory of the project.
        environ: Variables that tell of an activated environment; the process's own by default.
    """
    root = project_directories(start.absolute())[-1]
    values: Mapping[str, Any] = {}
    remarks: tuple[str, ...] = ()
    file = root / "pyproject.toml"
    if is_file(file):
        try:
            values = values_of(read_text(file), file)
        except ConfigError as error:
            remarks = (f"{error.message}: it was not looked at",)
    about = _table(values, "project")
    name = _plain(about.get("name")) or _plain(root.name) or "project"
    python = _python(root, os.environ if environ is None else environ)
    found = dict.fromkeys(_candidates(root, values, name, python))
    return Project(root, name, tuple(found), remarks)


def _python(root: Path, environ: Mapping[str, str]) -> str:
    """Return what starts Python with what the project needs: its own environment, the activated one, or ours."""
    active = environ.get("VIRTUAL_ENV", "")
    if active and Path(active) == Path(sys.prefix):
        return PYTHON
    own = next((str(path) for path in _OWN_PYTHON if is_file(root / path)), "")
    return own or ("python" if active else PYTHON)


def _candidates(root: Path, values: Mapping[str, Any], name: str, python: str) -> Iterator[Candidate]:
    needs = set(_requirements(values))
    folder = next((each for each in _BENCH_FOLDERS if is_directory(root / each) and _holds(root / each)), "")
    if "pytest-benchmark" in needs:
        where = [folder] if folder else ["tests"] if is_directory(root / "tests") else []
        command = (python, "-m", "pytest", "-q", *where, "--benchmark-only", "--benchmark-autosave")
        why = "pytest-benchmark is among the requirements"
        yield Candidate("bench", (*command, "--benchmark-save-data"), why, ingest="pytest-benchmark")
    if is_file(root / "Cargo.toml") and is_directory(root / "benches"):
        yield Candidate("bench", ("cargo", "bench"), "Cargo.toml and benches/ are there", ingest="criterion")
    for script in _bench_scripts(root, folder):
        yield Candidate("bench", (python, script), f"{script} is there")
    for package, path in _packages(root):
        yield Candidate(name, (python, "-m", package), f"{package} has a __main__.py", ends=False, path=path)
    for script, target in _table(_table(values, "project"), "scripts").items():
        if isinstance(target, str) and (module := _plain(target.partition(":")[0])):
            # A console script needs an installed project; the module that it names runs from the checkout.
            function = target.partition(":")[2] or "main"
            code = f"import sys; from {module} import {function.partition('.')[0]}; sys.exit({function}())"
            path = "src" if _is_there(root / "src" / module.partition(".")[0]) else ""
            why = f"[project.scripts] has {script}"
            yield Candidate(_plain(script) or name, (python, "-c", code), why, ends=False, path=path)
    for script in _SCRIPTS:
        if is_file(root / script):
            yield Candidate(name, (python, script), f"{script} is there", ends=False)
    if is_directory(root / "tests") and ("pytest" in needs or "pytest" in _table(values, "tool")):
        yield Candidate("tests", (python, "-m", "pytest", "-q", "tests"), "tests/ is there, and pytest is required")


def _requirements(values: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of everything that a project says it needs."""
    about = _table(values, "project")
    lists = [about.get("dependencies"), *_table(about, "optional-dependencies").values()]
    lists += _table(values, "dependency-groups").values()
    for words in lists:
        for word in words if isinstance(words, list) else ():
            if isinstance(word, str) and (found := _REQUIREMENT.match(word)) is not None:
                yield found[1].lower().replace("_", "-")


def _bench_scripts(root: Path, folder: str) -> Iterator[str]:
    """Yield scripts that look like benchmarks and run by themselves."""
    for place in (root, root / folder) if folder else (root,):
        for pattern in _BENCH_FILES[:2]:
            for path in sorted(place.glob(pattern))[:1]:
                yield path.relative_to(root).as_posix()


def _packages(root: Path) -> Iterator[tuple[str, str]]:
    """Yield packages that can be run with -m, each with the folder that it lies in where that is not the top."""
    for path in ("", "src"):
        for folder in _folders(root / path):
            if is_file(folder / "__main__.py") and is_file(folder / "__init__.py") and _plain(folder.name):
                yield folder.name, path


def _folders(place: Path) -> list[Path]:
    try:
        return sorted(each for each in place.iterdir() if each.is_dir())[:_MOST_MODULES]
    except OSError:
        # What may not be looked at holds nothing to start.
        return []


def _is_there(module: Path) -> bool:
    return is_directory(module) or is_file(module.with_suffix(".py"))


def _holds(folder: Path) -> bool:
    try:
        return any(next(folder.glob(pattern), None) is not None for pattern in _BENCH_FILES)
    except OSError:
        return False


def _table(values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = values.get(key)
    return found if isinstance(found, Mapping) else {}


def _plain(value: object) -> str:
    """Return a name that can be that of a file and of a module; nothing for any other."""
    return value if isinstance(value, str) and _NAME.fullmatch(value) else ""
