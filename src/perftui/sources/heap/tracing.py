"""What leads a command under memray's tracker: the tickets in its environment, and where the boot lies."""

from __future__ import annotations

import json
import stat
from dataclasses import dataclass
from importlib import metadata, util
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

from perftui.model.workload import MemoryOptions

REPORT_SUFFIX = ".boot"
"""What the name of the boot's report has more than the capture's."""


@dataclass(frozen=True, slots=True)
class Tracing:
    """Trace the allocations of the first Python interpreter of a command."""

    capture: Path
    """The file to write; the boot's report will lie beside it."""
    options: MemoryOptions

    def environment(self) -> dict[str, str]:
        """Return the variables that the gate takes for itself; the command's Python and its children never see them."""
        version, directory = _own_memray()
        told = {
            "native": self.options.native,
            "pymalloc": self.options.pymalloc,
            "children": self.options.children,
            "version": version,
            "lend": directory,
            # Another interpreter that loads extensions of this name can load ours.
            "suffix": EXTENSION_SUFFIXES[0],
        }
        return {"PERFTUI_CAPTURE": str(self.capture.absolute()), "PERFTUI_MEMRAY": json.dumps(told)}


def is_sealed(report: Path) -> bool:
    """Say whether the boot has ended its tracing in order, which makes its report read-only."""
    try:
        return not report.stat().st_mode & stat.S_IWUSR
    except OSError:
        return False


def _own_memray() -> tuple[str, str]:
    """Return the version of perftui's memray and the directory that holds it, without importing it."""
    found = util.find_spec("memray")
    if found is None or found.origin is None:
        return "", ""
    try:
        return metadata.version("memray"), str(Path(found.origin).parent.parent)
    except metadata.PackageNotFoundError:
        return "", ""
