"""Which capture files a run has written: its own, and one for each forked child that was followed."""

from __future__ import annotations

from pathlib import Path


def captures_of(capture: Path) -> list[Path]:
    """Return the captures of a run that exist: that of its own process first, then those of its forked children."""
    children = [(int(path.suffix[1:]), path) for path in _beside(capture) if path.suffix[1:].isdecimal()]
    own = [capture] if capture.is_file() else []
    return own + [path for _, path in sorted(children)]


def _beside(capture: Path) -> list[Path]:
    head = capture.name + "."
    try:
        return [path for path in capture.parent.iterdir() if path.name.startswith(head) and path.stem == capture.name]
    except OSError:
        return []
