"""Finds workload profiles: in the project, then the user's, then those that come with perftui."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path

from perftui.errors import ConfigError, NoDataError
from perftui.model.workload import SamplingOptions
from perftui.settings.directories import PROFILES, expanded, is_file, is_path, search_path
from perftui.settings.load import load_profile
from perftui.settings.spec import ProfileEntry, WorkloadProfile
from perftui.toml.table import shown

_NAME = re.compile(r"[\w][\w.+-]*")


def find_profile(
    name: str,
    *,
    start: Path | None = None,
    environ: Mapping[str, str] | None = None,
    sampling: SamplingOptions | None = None,
) -> WorkloadProfile:
    """Return the workload profile of a name or of a path.

    Args:
        name: A name means `profiles/NAME.toml`; with a slash or `.toml` it is a path.
        start: Directory to look from; the current one by default.
        environ: Variables to find the user's directory by; the process's own by default.
        sampling: What holds where the profile says nothing.

    Raises:
        NoDataError: There is no such profile.
        ConfigError: It is there, and wrong.
    """
    start = Path.cwd() if start is None else start.absolute()
    if is_path(name):
        return load_profile(start / expanded(name), sampling=sampling)
    if _NAME.fullmatch(name):
        for _, directory in search_path(PROFILES, start, environ):
            path = directory / f"{name}.toml"
            if is_file(path):
                return load_profile(path, sampling=sampling)
    known = [path.stem for _, path in _files(start, environ)]
    close = difflib.get_close_matches(name[:80], known, n=1)
    hint = (
        f'did you mean "{close[0]}"?' if close else f"to run a command put -- before it: perftui run -- {shown(name)}"
    )
    raise NoDataError(f'there is no workload profile "{shown(name)}"', hint=hint)


def list_profiles(*, start: Path | None = None, environ: Mapping[str, str] | None = None) -> list[ProfileEntry]:
    """Return every workload profile that `find_profile` would find by its name, the nearest first."""
    start = Path.cwd() if start is None else start.absolute()
    return [_entry(origin, path) for origin, path in _files(start, environ)]


def _files(start: Path, environ: Mapping[str, str] | None) -> list[tuple[str, Path]]:
    found: dict[str, tuple[str, Path]] = {}
    for origin, directory in search_path(PROFILES, start, environ):
        for path in sorted(directory.glob("*.toml")):
            if is_file(path):
                found.setdefault(path.stem, (origin, path))
    return list(found.values())


def _entry(origin: str, path: Path) -> ProfileEntry:
    try:
        return ProfileEntry(path.stem, path, origin, load_profile(path))
    except ConfigError as error:
        return ProfileEntry(path.stem, path, origin, None, error.message)
