"""The user's settings. From strong to weak: flags (laid over by the caller), environment, project, user file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from perftui.errors import UsageError
from perftui.settings.directories import HOME_VARIABLE, expanded, is_file, project_directories, user_directory
from perftui.settings.load import load_project_table, load_settings
from perftui.settings.options import FASTEST_REFRESH_HZ, MOST_HZ, SLOWEST_REFRESH_HZ
from perftui.settings.spec import MONO, Settings
from perftui.toml.table import shown

SETTINGS_FILE = "settings.toml"
PROJECT_FILE = "perftui.toml"
_REMOTE = ("SSH_TTY", "SSH_CONNECTION")
"""Variables of a shell that was reached over SSH."""


def read_settings(*, start: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings that hold in a directory; raises `ConfigError` or, for a variable, `UsageError`."""
    start = Path.cwd() if start is None else start.absolute()
    environ = os.environ if environ is None else environ
    settings = Settings()
    user_file = user_directory(environ) / SETTINGS_FILE
    if is_file(user_file):
        settings = load_settings(user_file, settings)
    return _with_environment(_with_project(settings, start), environ)


def _with_project(settings: Settings, start: Path) -> Settings:
    for directory in project_directories(start):
        own, shared = directory / PROJECT_FILE, directory / "pyproject.toml"
        if is_file(own):
            return load_settings(own, settings)
        if is_file(shared):
            return load_project_table(shared, settings)
    return settings


def _with_environment(settings: Settings, environ: Mapping[str, str]) -> Settings:
    origins = dict(settings.origins)
    if environ.get("NO_COLOR"):
        settings, origins["theme"] = replace(settings, theme=MONO), "NO_COLOR"
    if theme := environ.get("PERFTUI_THEME"):
        settings, origins["theme"] = replace(settings, theme=theme), "PERFTUI_THEME"
    if environ.get("PERFTUI_REFRESH_HZ"):
        refresh_hz = _number(environ, "PERFTUI_REFRESH_HZ", SLOWEST_REFRESH_HZ, FASTEST_REFRESH_HZ)
        settings, origins["refresh_hz"] = replace(settings, refresh_hz=refresh_hz), "PERFTUI_REFRESH_HZ"
    if environ.get("PERFTUI_RATE_HZ"):
        sampling = replace(settings.sampling, rate_hz=round(_number(environ, "PERFTUI_RATE_HZ", 1, MOST_HZ)))
        settings, origins["sampling.rate_hz"] = replace(settings, sampling=sampling), "PERFTUI_RATE_HZ"
    for variable, ending in (("PERFTUI_SESSIONS_DIR", ""), (HOME_VARIABLE, "sessions")):
        if value := environ.get(variable):
            settings = replace(settings, sessions_dir=expanded(value) / ending)
            origins["sessions_dir"] = variable
            break
    return replace(settings, origins=origins, remote=any(environ.get(name) for name in _REMOTE))


def _number(environ: Mapping[str, str], variable: str, least: float, most: float) -> float:
    text = environ[variable]
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not least <= number <= most:
        message = f'{variable}="{shown(text)}" is not a number from {least:g} to {most:g}'
        raise UsageError(message, hint=f"unset {variable}, or give it such a number")
    return number
