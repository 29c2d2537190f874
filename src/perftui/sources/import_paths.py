"""Where an interpreter would import modules from, asked of the interpreter itself."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perftui.model.workload import Workload
from perftui.sources.interpreter import Likeness, by_program_name
from perftui.sources.recorder_process import RECORDER_TOKEN
from perftui.sources.side_process import ask_tool

_ASK_S = 20.0
_LONGEST_LINE = 512
# Top-level modules are looked for and not imported. What an editable install has left is a finder with a MAPPING.
_QUESTION = """
import importlib.util, json, os, pkgutil, sys
top, skip, names = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
def inside(path):
    path = os.path.realpath(path)
    return (path + os.sep).startswith(top + os.sep) and not (path + os.sep).startswith(skip + os.sep)
def apart(path):
    path = os.path.abspath(path)
    parts = path.split(os.sep)
    if any(inside(each) and (path + os.sep).startswith(each + os.sep) for each in (sys.prefix, sys.base_prefix)):
        return True
    return "site-packages" in parts or "dist-packages" in parts
mapped = {}
for finder in sys.meta_path:
    module = sys.modules.get(getattr(finder, "__module__", "") or "")
    for name, path in getattr(module, "MAPPING", {}).items():
        if isinstance(path, str) and inside(path):
            mapped[name] = path
entries = [os.path.abspath(each) for each in sys.path[1:] if each and inside(each) and not apart(each)]
found = {each.name for entry in entries for each in pkgutil.iter_modules([entry])} | set(mapped) | set(names)
from_top = {}
for name in sorted(found):
    try:
        spec = importlib.util.find_spec(name)
    # Finders that others installed raise what they like: such a name is not told.
    except Exception:
        continue
    places = list(getattr(spec, "submodule_search_locations", None) or [])
    for place in [spec.origin] if spec is not None and spec.origin else places:
        if inside(place) and not apart(place):
            from_top[name] = place
print(json.dumps({"entries": entries, "mapped": mapped, "names": sorted(found), "from_top": from_top}))
"""


@dataclass(frozen=True, slots=True)
class ImportPaths:
    """What an interpreter imports from a checkout."""

    entries: tuple[Path, ...]
    """Directories of the checkout among its paths of imports."""
    mapped: Mapping[str, Path]
    """Packages that an editable install leads into the checkout, by their names."""
    names: tuple[str, ...]
    """Top-level modules that are there."""
    from_top: Mapping[str, str]
    """Those of them that would be imported from the checkout, with their files."""


def interpreter_of_command(workload: Workload) -> str | None:
    """Return the Python interpreter that a command starts, or that its script names; None where neither is told."""
    path = workload.env.get("PATH", os.environ.get("PATH"))
    cwd = workload.cwd or Path.cwd()
    program = workload.argv[0]
    found = str(cwd / program) if "/" in program else shutil.which(program, path=path)
    if found is None:
        return None
    if by_program_name(found).likeness is Likeness.YES:
        return found
    words = _first_line(found)
    if words and words[0].rpartition("/")[2] == "env":
        words = words[1:]
    if not words or by_program_name(words[0]).likeness is not Likeness.YES:
        return None
    return words[0] if "/" in words[0] else shutil.which(words[0], path=path)


def import_paths(workload: Workload, *, top: Path, skip: Path, names: Sequence[str] = ()) -> ImportPaths | None:
    """Return what the interpreter of a workload would import from the checkout `top`; None where it cannot be asked.

    Args:
        workload: Whose directory and variables hold.
        top: The checkout.
        skip: A directory that does not count as part of it.
        names: Modules to ask for beside those that its own paths hold.
    """
    program = interpreter_of_command(workload)
    if program is None:
        return None
    environment = {name: value for name, value in os.environ.items() if name != RECORDER_TOKEN}
    argv = [program, "-c", _QUESTION, str(top), str(skip), json.dumps(list(names))]
    try:
        answer = ask_tool(argv, timeout_s=_ASK_S, env={**environment, **workload.env}, cwd=workload.cwd)
        return _answer(json.loads(answer.out)) if answer.code == 0 else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _answer(said: dict[str, Any]) -> ImportPaths:
    return ImportPaths(
        entries=tuple(Path(entry) for entry in said["entries"]),
        mapped={str(name): Path(path) for name, path in said["mapped"].items()},
        names=tuple(str(name) for name in said["names"]),
        from_top={str(name): str(path) for name, path in said["from_top"].items()},
    )


def _first_line(path: str) -> list[str]:
    """Return the words after `#!` of a script, none of anything else."""
    try:
        with Path(path).open("rb") as file:
            line = file.readline(_LONGEST_LINE)
    except OSError:
        return []
    return line[2:].decode("utf-8", "replace").split() if line.startswith(b"#!") else []
