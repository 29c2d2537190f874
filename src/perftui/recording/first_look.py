"""The first picture of two large sessions: the union of their call trees, before anything is judged."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from perftui.analysis.call_tree import FunctionKey, function_key
from perftui.analysis.drawn_delta import PackedDelta, Paths, united
from perftui.analysis.matching import COMPREHENSIONS
from perftui.model.frame import Frame
from perftui.model.session import SessionKind
from perftui.recording.function_matching import Recorded, matched_by_name
from perftui.storage.outline import Outline, read_outline
from perftui.units import Unit


def first_look(baseline: Path, current: Path) -> PackedDelta | None:
    """Return the union of two sessions' call trees without verdicts; None where they have no outline.

    Raises:
        SessionError: One is not a session, or damaged.
        NoDataError: There is no such file.
    """
    before, after = read_outline(baseline), read_outline(current)
    if before is None or after is None or before.meta.unit != after.meta.unit:
        return None
    found = matched_by_name(Recorded(before.frames, (before.meta,)), Recorded(after.frames, (after.meta,)))
    share = SessionKind.ATTACHED in (before.meta.kind, after.meta.kind)
    sides = _paths(before, found.baseline), _paths(after, found.current)
    return united(*sides, unit=Unit(before.meta.unit), share=share)


def _paths(outline: Outline, names: Mapping[FunctionKey, FunctionKey]) -> Paths:
    """Return the stacks of a session with functions as they are called on both sides."""
    functions = []
    inlined = set()
    for number, frame in enumerate(outline.frames):
        file, name = names[function_key(frame)]
        functions.append(Frame(name, file, frame.line))
        if frame.function.endswith(COMPREHENSIONS) and not name.endswith(COMPREHENSIONS):
            inlined.add(number)
    return Paths(functions, outline.parents, outline.node_frames, inlined, outline.weights)
