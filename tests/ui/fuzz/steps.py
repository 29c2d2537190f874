"""What a person may do, at random: a list of steps that a seed determines, whatever the screen answers."""

from __future__ import annotations

import importlib
import pkgutil
import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache

from textual.binding import Binding
from textual.dom import DOMNode

import perftui.ui
from perftui.ui.commands import COMMANDS


class Do(Enum):
    """Kinds of steps."""

    KEY = "key"
    AHEAD = "key typed ahead"
    TYPE = "type"
    CLICK = "click"
    DOUBLE = "double click"
    RIGHT = "right click"
    DRAG = "drag"
    MOVE = "move"
    SCROLL = "scroll"
    RESIZE = "resize"
    ADVANCE = "advance"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is done."""

    do: Do
    text: str = ""
    """Key, or what is typed."""
    x: float = 0.0
    """Where, as a part of the width, 0 to 1; of a resize, the columns."""
    y: float = 0.0
    to_x: float = 0.0
    """Where a drag ends; of an advance, its seconds."""
    to_y: float = 0.0

    def __str__(self) -> str:
        """Return all that the step needs."""
        numbers = " ".join(f"{number:.3f}" for number in (self.x, self.y, self.to_x, self.to_y) if number)
        return " ".join(part for part in (self.do.value, repr(self.text) if self.text else "", numbers) if part)


MOST_COLUMNS, MOST_ROWS = 300, 100
_SHARES = {
    Do.KEY: 46, Do.AHEAD: 8, Do.TYPE: 3, Do.CLICK: 10, Do.DOUBLE: 2, Do.RIGHT: 2,
    Do.DRAG: 4, Do.MOVE: 5, Do.SCROLL: 4, Do.RESIZE: 4, Do.ADVANCE: 12,
}  # fmt: skip
_AGAIN = 12
_OFTEN = ("escape", "enter", "tab", "up", "down", "left", "right")
_TYPED = ("a", "main", "[", "[b]x[/b]", ".*", "(", "hash", "wörter ✓", "日本", "0", "-3", "10", "  ", "a/b", "\\", "%s")


@cache
def table_keys() -> tuple[str, ...]:
    """All keys of the table of commands."""
    return tuple(sorted({key for command in COMMANDS for key in command.keys.split(",") if key}))


@cache
def bound_keys() -> tuple[str, ...]:
    """All keys that any widget or screen is bound to."""
    for module in pkgutil.walk_packages(perftui.ui.__path__, "perftui.ui."):
        importlib.import_module(module.name)
    found = {key for kind in _kinds(DOMNode) for each in vars(kind).get("BINDINGS", ()) for key in _keys_of(each)}
    return tuple(sorted(found))


def steps_of(seed: int, count: int, *, again: str = "") -> list[Step]:
    """Return the steps of a seed, every so often the same key among them."""
    dice = random.Random(seed)
    kinds = dice.choices(list(_SHARES), weights=list(_SHARES.values()), k=count)
    steps = [_step(do, dice) for do in kinds]
    if again:
        steps[::_AGAIN] = [Step(Do.KEY, again)] * len(steps[::_AGAIN])
    return steps


def resizes_of(seed: int, count: int) -> list[Step]:
    """Return so many sizes that nobody has, one after the other, while something is recorded."""
    dice = random.Random(seed)
    sizes = [(dice.randint(1, MOST_COLUMNS), dice.randint(1, MOST_ROWS)) for _ in range(count)]
    return [step for size in sizes for step in (Step(Do.RESIZE, "", *size), Step(Do.ADVANCE, to_x=0.02))]


def _step(do: Do, dice: random.Random) -> Step:
    x, y, to_x, to_y = (dice.random() for _ in range(4))
    match do:
        case Do.KEY | Do.AHEAD:
            return Step(do, _key(dice))
        case Do.TYPE:
            return Step(do, dice.choice(_TYPED))
        case Do.RESIZE:
            return Step(do, "", *_size(dice))
        case Do.ADVANCE:
            return Step(do, to_x=dice.choice((0.05, 0.1, 0.1, 0.3, 1.0)))
        case Do.SCROLL:
            return Step(do, dice.choice(("up", "down")), x, y)
        case _:
            return Step(do, "", x, y, to_x, to_y)


def _key(dice: random.Random) -> str:
    which = dice.random()
    if which < 0.25:
        return dice.choice(_OFTEN)
    return dice.choice(table_keys() if which < 0.85 else bound_keys())


def _size(dice: random.Random) -> tuple[int, int]:
    """Sizes that people have as often as those that nobody has."""
    if dice.random() < 0.5:
        return dice.choice(((80, 24), (120, 35), (160, 50), (100, 30)))
    return dice.randint(1, MOST_COLUMNS), dice.randint(1, MOST_ROWS)


def _kinds(kind: type[DOMNode]) -> Iterator[type[DOMNode]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _kinds(below)


def _keys_of(binding: object) -> Iterator[str]:
    keys = binding.key if isinstance(binding, Binding) else binding[0] if isinstance(binding, tuple) else ""
    yield from (key.strip() for key in keys.split(",") if key.strip())
