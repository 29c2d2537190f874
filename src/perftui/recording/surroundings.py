"""Facts about where a recording was made: what a fair comparison of two sessions needs to know."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from perftui import __version__
from perftui.analysis.command_name import command_name
from perftui.recording.checkout import git_facts
from perftui.sources.meters_psutil import machine_facts

# Never the whole environment: only variables that change how fast a Python program runs, and those that name a CI.
_VARIABLES = ("PYTHONHASHSEED", "PYTHONMALLOC", "PYTHONOPTIMIZE", "PYTHONDEVMODE", "PYTHON_GIL", "CI", "GITHUB_SHA")
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def environment_facts(environ: Mapping[str, str] = os.environ, *, cwd: str = "") -> dict[str, str]:
    """Return versions, the machine's facts, an allow-list of variables, and what is checked out at `cwd`."""
    facts = {"perftui": __version__, "python": platform.python_version()}
    for package in ("py-spy", "memray", "psutil"):
        facts[package] = _version(package)
    facts |= machine_facts()
    facts |= git_facts(Path(cwd)) if cwd else {}
    facts |= {name: environ[name] for name in (*_VARIABLES, *_THREAD_VARIABLES) if name in environ}
    return facts


def session_name(command: Sequence[str], profile: str, pid: int) -> str:
    """Return a name for a session that was given none: the profile's, the script's or module's, or the pid's."""
    return profile or command_name(command) or f"pid-{pid}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"
