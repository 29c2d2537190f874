"""File names that mean the same module on both sides of a comparison."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

# Where installers put packages: environments, directories of PEP 582, wheels and eggs that are used as they are.
_SITE = re.compile(r"^.*/(?:(?:site|dist)-packages|__pypackages__/\d+\.\d+/lib|[^/]+\.(?:whl|egg))/")
_STDLIB = re.compile(
    r"^.*/(?:(?:lib|lib64|Lib)/(?:python|pypy)\d(?:\.\d+)?t?|Python\d+/Lib|lib-python/\d(?:\.\d+)?)/(?:lib-dynload/)?"
)
_FRAMEWORK = re.compile(r"^.*/python\d+\.zip/")
_DRIVE = re.compile(r"[A-Za-z]:[/\\]")
# Programs that run from an archive: `/opt/job.pyz/job/main.py`.
_ARCHIVE = re.compile(r"^.*/[^/]+\.(?:zip|pyz|pex)/")


@lru_cache(maxsize=65_536)
def normal_file(file: str, root: str = "") -> str:
    """Return a name for a file that does not depend on where its environment or checkout lies.

    Packages and what lies in an archive become `package/module.py`, the standard library `<stdlib>/json/decoder.py`,
    files below `root` (the directory the workload ran in, or its project) relative ones. `<frozen ...>`, `<string>`
    and anything else stays as it is.
    """
    if not file or file.startswith("<"):
        return file
    path = file.replace("\\", "/")
    if _SITE.match(path):
        return _SITE.sub("", path)
    if root and path.startswith(root.rstrip("/") + "/"):
        return path[len(root.rstrip("/")) + 1 :]
    for library in (_STDLIB, _FRAMEWORK):
        if library.match(path):
            return "<stdlib>/" + library.sub("", path)
    return _ARCHIVE.sub("", path)


def portable_file(file: str, roots: Sequence[str]) -> str:
    """Return a file's name relative to the first of `roots` that it lies below, and nothing of where it lies otherwise.

    Of a file beyond all of them the last folder and its own name are left: `…/tools/job.py`.
    """
    found = file
    for root in roots or ("",):
        found = normal_file(file, root)
        if not _is_absolute(found):
            return found
    return "…/" + "/".join(found.replace("\\", "/").strip("/").rsplit("/", 2)[-2:])


def _is_absolute(path: str) -> bool:
    return path.startswith(("/", "\\", "~")) or _DRIVE.match(path) is not None


def is_installed(file: str) -> bool:
    """Say whether a file belongs to an installed package."""
    return bool(_SITE.match(file))
