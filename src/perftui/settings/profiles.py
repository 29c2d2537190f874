"""Finds workload profiles: in the project, then the user's, then those that come with perftui."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path

from perftui.errors import ConfigError
from perftui.settings.directories import PROFILES, expanded, is_file, search_path
from perftui.settings.load import load_profile
from perftui.settings.spec import ProfileEntry, Settings, WorkloadProfile

__all__ = ["ProfileEntry", "WorkloadProfile", "find_profile", "list_entries", "list_profiles", "similar_profile"]

_LONGEST_NAME = 100
_NAME = re.compile(rf"\w[\w.+-]{{0,{_LONGEST_NAME}}}")


def find_profile(
    name: str,
    *,
    start: Path | None = None,
    environ: Mapping[str, str] | None = None,
    settings: Settings | None = None,
) -> WorkloadProfile | None:
    """Return the workload profile of a name or of a path, or None where there is none; `ConfigError` where it is wrong.

    Args:
        name: A name means `profiles/NAME.toml`; what ends in `.toml` is a path, and has to be there.
        start: Directory to look from; the current one by default.
        environ: Variables to find the user's directory by; the process's own by default.
        settings: What holds where the profile says nothing.
    """
    start = Path.cwd() if start is None else start.absolute()
    if name.endswith(".toml"):
        return load_profile(start / expanded(name), settings=settings)
    if not _NAME.fullmatch(name):
        return None
    directories = (directory for _, directory in search_path(PROFILES, start, environ))
    paths = (directory / f"{name}.toml" for directory in directories)
    found = next((path for path in paths if is_file(path)), None)
    return None if found is None else load_profile(found, settings=settings)


def is_profile_name(name: str) -> bool:
    """Say whether a workload profile can be called so."""
    return _NAME.fullmatch(name) is not None and not name.endswith(".toml")


def list_profiles(*, start: Path | None = None, environ: Mapping[str, str] | None = None) -> list[WorkloadProfile]:
    """Return every workload profile that `find_profile` would find by its name and that is right, the nearest first."""
    return [entry.profile for entry in list_entries(start=start, environ=environ) if entry.profile is not None]


def list_entries(
    *, start: Path | None = None, environ: Mapping[str, str] | None = None, settings: Settings | None = None
) -> list[ProfileEntry]:
    """Return every workload profile that `find_profile` would find by its name, broken ones too, the nearest first."""
    start = Path.cwd() if start is None else start.absolute()
    return [_entry(origin, path, settings) for origin, path in _files(start, environ)]


def similar_profile(name: str, *, start: Path | None = None, environ: Mapping[str, str] | None = None) -> str:
    """Return the name of a workload profile that was probably meant, or nothing."""
    known = [path.stem for _, path in _files(Path.cwd() if start is None else start.absolute(), environ)]
    return next(iter(difflib.get_close_matches(name[:_LONGEST_NAME], known, n=1)), "")


def _files(start: Path, environ: Mapping[str, str] | None) -> list[tuple[str, Path]]:
    found: dict[str, tuple[str, Path]] = {}
    for origin, directory in search_path(PROFILES, start, environ):
        for path in sorted(directory.glob("*.toml")):
            if is_file(path):
                found.setdefault(path.stem, (origin, path))
    return list(found.values())


def _entry(origin: str, path: Path, settings: Settings | None) -> ProfileEntry:
    try:
        return ProfileEntry(path.stem, path, origin, load_profile(path, settings=settings))
    except ConfigError as error:
        return ProfileEntry(path.stem, path, origin, None, error.message)
