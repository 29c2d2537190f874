"""What stands in the boxes of an icicle, made once for each function, width and percentage."""

from __future__ import annotations

from perftui.analysis.code_origin import place, tail
from perftui.model.frame import Frame
from perftui.ui.widgets.cells import clean, fit, width_of

_LEAST = 3
"""Cells from which a cut name still tells something."""
_LEAST_PLACE = 9
"""Cells from which a cut file name still tells something."""
_MOST_KNOWN = 20_000
"""Labels that are kept; figures that change make new ones for as long as it is live."""


class FlameLabels:
    """Labels of one tree's functions."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, tuple[str, ...]], str] = {}
        self._parts: dict[int, tuple[str, str]] = {}

    def forget(self) -> None:
        """Drop everything: another tree, or another directory."""
        self._known.clear()
        self._parts.clear()

    def box(self, function: int, frame: Frame, width: int, facts: tuple[str, ...], cwd: str) -> str:
        """Return the label of a function's box, exactly `width` cells wide; of the facts the first that has room."""
        key = (function, width, facts)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            parts = self._parts.get(function)
            if parts is None:
                parts = self._parts[function] = (clean(frame.function), _short_place(frame, cwd))
            found = self._known[key] = _label(*parts, facts, width)
        return found

    def folded(self, count: int, width: int) -> str:
        """Return the label of a remainder, exactly `width` cells wide."""
        text = f"+{count}"
        return fit(text if len(text) <= width else "+", width)


def _short_place(frame: Frame, cwd: str) -> str:
    return clean(tail(place(frame.file, cwd))) if frame.file else ""


def _label(name: str, where: str, facts: tuple[str, ...], width: int) -> str:
    taken = width_of(name)
    if taken > width:
        return short_name(name, width)
    text = name
    if where:
        room = width - taken - 1 - _kept_for_facts(facts, width - taken)
        if room >= width_of(where) + 2:
            text = f"{name} ({where})"
        elif room >= _LEAST_PLACE:
            text = f"{name} ({fit(where, room - 2)})"
    left = width - width_of(text)
    fact = next((f"{fact} " for fact in facts if left >= len(fact) + 3), "")
    return text + fit(fact, left, right=True) if fact else fit(text, width)


def _kept_for_facts(facts: tuple[str, ...], room: int) -> int:
    """Return the cells that facts have before the place has any: where there are several, the shorter ones count."""
    return next((len(fact) + 3 for fact in facts[1:] if len(fact) + 3 <= room), 0)


def short_name(name: str, width: int) -> str:
    """Return a function's qualified name in exactly `width` cells, shortened from the left by whole parts first."""
    if width_of(name) <= width:
        return fit(name, width)
    # What a qualified name ends with tells more than what it begins with; `<lambda>` alone tells nothing.
    parts = name.replace(".<locals>", "").split(".")
    for first in range(len(parts)):
        shorter = ".".join(parts[first:])
        if width_of(shorter) <= width:
            return fit(shorter, width)
    return fit(parts[-1] or name, width) if width >= _LEAST else " " * max(0, width)
