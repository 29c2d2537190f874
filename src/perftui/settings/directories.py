"""Where workload profiles, budgets and settings lie, and in which order they are looked for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import platformdirs

PROFILES = "profiles"
BUDGETS = "budgets"
HOME_VARIABLE = "PERFTUI_HOME"
BUNDLED = Path(__file__).parent.parent / "bundled"
"""What comes with perftui itself."""

_ROOT_MARKS = (".git", "pyproject.toml")


def user_directory(environ: Mapping[str, str] | None = None) -> Path:
    """Return the user's own directory for settings, profiles and budgets."""
    home = (os.environ if environ is None else environ).get(HOME_VARIABLE)
    return expanded(home) if home else platformdirs.user_config_path("perftui")


def project_directories(start: Path) -> list[Path]:
    """Return `start` and its parents up to the project's root; `start` alone where there is no project.

    Without a root the walk would end in directories that other people may write to.
    """
    walk = [start, *start.parents]
    for place, directory in enumerate(walk):
        if any(_is_there(directory / mark) for mark in _ROOT_MARKS):
            return walk[: place + 1]
    return [start]


def search_path(kind: str, start: Path, environ: Mapping[str, str] | None = None) -> Iterator[tuple[str, Path]]:
    """Yield (origin, directory) for `profiles` or `budgets`, the nearest first."""
    for directory in project_directories(start):
        yield "project", directory / kind
    yield "user", user_directory(environ) / kind
    yield "bundled", BUNDLED / kind


def home_of(file: Path) -> Path:
    """Return the directory that relative paths in a workload profile start from, and that its workload runs in.

    It is the one that holds `profiles/`; a profile of the user or of perftui itself belongs to no project, so it runs
    where the user stands.
    """
    parent = file.absolute().parent
    if parent in (BUNDLED / PROFILES, (user_directory() / PROFILES).absolute()):
        return Path.cwd()
    return parent.parent if parent.name == PROFILES else parent


def find_budget(name: str, *, start: Path | None = None, environ: Mapping[str, str] | None = None) -> Path | None:
    """Return the budget file of a name, with or without `.toml`, or of a path; None where there is none."""
    start = Path.cwd() if start is None else start.absolute()
    direct = start / expanded(name)
    if is_path(name) and is_file(direct):
        return direct
    if not is_path(name) or name == direct.name:
        for _, directory in search_path(BUDGETS, start, environ):
            candidate = directory / (name if name.endswith(".toml") else f"{name}.toml")
            if is_file(candidate):
                return candidate
    return None


def is_file(path: Path) -> bool:
    """Say whether a path from outside is a file that can be seen; a path that cannot even be asked for is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_directory(path: Path) -> bool:
    """Say whether a path from outside is a directory that can be seen."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _is_there(path: Path) -> bool:
    return is_file(path) or is_directory(path)


def expanded(written: str) -> Path:
    """Return a path with its `~` resolved; one of an unknown user stays as it is."""
    try:
        return Path(written).expanduser()
    except (RuntimeError, ValueError):
        return Path(written)


def is_path(text: str) -> bool:
    """Say whether a name given by a person is a path rather than the name of a file in its usual place."""
    return "/" in text or os.sep in text or text.endswith(".toml")
