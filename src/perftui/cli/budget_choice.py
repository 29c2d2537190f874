"""Which budget a session is held against, where nobody says: its own, or the only one of the project."""

from __future__ import annotations

from pathlib import Path

from perftui.budgets.load import load_budget
from perftui.budgets.spec import Budget
from perftui.errors import UsageError
from perftui.model.session import SessionMeta
from perftui.settings.directories import BUDGETS, find_budget, is_file, project_directories
from perftui.text import printable

_SHOWN = 8


def budget_of(written: str | None, session: SessionMeta | None) -> Budget:
    """Return the budget of a name or a path, or else the session's own, or the only one of the project.

    Raises:
        ConfigError: It is wrong, or there is no such file.
        UsageError: Nobody says which.
    """
    if written is not None:
        path = Path(written)
        return load_budget(path if is_file(path) else _as_seen_from_here(find_budget(written) or path))
    own = _own_of(session) if session is not None else None
    return load_budget(_as_seen_from_here(own or only_budget()))


def _as_seen_from_here(path: Path) -> Path:
    """Return a path as a person would write it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _own_of(meta: SessionMeta) -> Path | None:
    """Return the budget that a session was recorded with, where it is still there."""
    if not meta.budget:
        return None
    path = Path(meta.cwd) / meta.budget
    return path if is_file(path) else find_budget(meta.budget)


def only_budget() -> Path:
    """Return the only budget of the project; raises `UsageError` where it has none, or several."""
    found = [
        path for directory in project_directories(Path.cwd()) for path in sorted((directory / BUDGETS).glob("*.toml"))
    ]
    files = [path for path in found if is_file(path)]
    if len(files) == 1:
        return files[0]
    if not files:
        raise UsageError(
            "no budget is named, the session has none, and the project has none in budgets/",
            hint="--budget FILE, or `perftui init` writes one to begin with",
        )
    listed = ", ".join(printable(path.stem) for path in files[:_SHOWN])
    raise UsageError(f"the project has several budgets: {listed}", hint=f"--budget {printable(files[0].stem)}")
