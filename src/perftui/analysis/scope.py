"""The scope: which part of a profile is looked at, as plain data whose parts can be taken back one by one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, NamedTuple

from perftui.analysis.call_tree import FunctionKey
from perftui.analysis.code_origin import Origin, origin, place, tail
from perftui.analysis.normalise import normal_file
from perftui.text import printable
from perftui.units import format_seconds

MOST_PARTS = 200
"""More than anyone can see as chips."""
_MOST_TEXT = 4_096
_MOST_JSON = 1 << 20
_LARGEST_ID = 1 << 62


@dataclass(frozen=True, slots=True)
class OwnOnly:
    """Frames that are not the project's are taken out; what they weigh goes to the nearest own caller."""


@dataclass(frozen=True, slots=True)
class Focus:
    """Only stacks that hold this function."""

    file: str
    function: str


@dataclass(frozen=True, slots=True)
class Hidden:
    """A function is taken out of stacks; what it weighs goes to its caller."""

    file: str
    function: str


@dataclass(frozen=True, slots=True)
class Collapsed:
    """Frames of one module that stand next to each other become one frame."""

    module: str
    """A file as its frames name it, or what `package_of` says."""


@dataclass(frozen=True, slots=True)
class MergedRecursion:
    """A function that is called again by what it called becomes one frame with its first call, and what lay between."""


@dataclass(frozen=True, slots=True)
class WithoutThread:
    """One thread is left out."""

    pid: int
    tid: int


@dataclass(frozen=True, slots=True)
class OnlyThread:
    """One thread is kept; several of these keep several, and all others are left out."""

    pid: int
    tid: int


@dataclass(frozen=True, slots=True)
class WithoutProcess:
    """A process is left out with all its threads."""

    pid: int


@dataclass(frozen=True, slots=True)
class OnlyProcess:
    """A process is kept with all its threads, beside what else is kept; all others are left out."""

    pid: int


@dataclass(frozen=True, slots=True)
class Between:
    """Only what was seen between two moments of the recording."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Last:
    """Only what was seen in the last seconds: a window that slides."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Fading:
    """What was seen weighs half after each half-life."""

    half_life_s: float


TimePart = Between | Last | Fading
ShapePart = OwnOnly | Hidden | Collapsed | MergedRecursion
Part = ShapePart | Focus | WithoutThread | OnlyThread | WithoutProcess | OnlyProcess | TimePart

_KINDS: dict[str, type[Part]] = {
    "own_only": OwnOnly,
    "focus": Focus,
    "hidden": Hidden,
    "collapsed": Collapsed,
    "merged_recursion": MergedRecursion,
    "without_thread": WithoutThread,
    "only_thread": OnlyThread,
    "without_process": WithoutProcess,
    "only_process": OnlyProcess,
    "between": Between,
    "last": Last,
    "fading": Fading,
}
_NAMES = {part: kind for kind, part in _KINDS.items()}


class Chip(NamedTuple):
    """One part of a scope, for a person."""

    text: str
    part: Part
    without: Scope
    """The scope without that part."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which part of a profile is looked at; without any part it is everything."""

    parts: tuple[Part, ...] = ()
    """In the order in which they were added; each once, and at most one about time."""

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out and no stack is changed."""
        return not self.parts

    @property
    def time(self) -> TimePart | None:
        """The part about time, if there is one."""
        return next((part for part in self.parts if isinstance(part, TimePart)), None)

    @property
    def shape(self) -> frozenset[ShapePart]:
        """The parts that change stacks; the others only choose among them."""
        return frozenset(part for part in self.parts if isinstance(part, ShapePart))

    @property
    def focus(self) -> frozenset[FunctionKey]:
        """The functions that each stack must hold."""
        return frozenset((part.file, part.function) for part in self.parts if isinstance(part, Focus))

    def added(self, part: Part) -> Scope:
        """Return the scope with one more part; one about time takes the place of another."""
        if part in self.parts:
            return self
        kept = self.parts
        if isinstance(part, TimePart):
            kept = tuple(each for each in kept if not isinstance(each, TimePart))
        return Scope((*kept, part))

    def without(self, part: Part) -> Scope:
        """Return the scope without a part."""
        return Scope(tuple(each for each in self.parts if each != part))

    def toggled(self, part: Part) -> Scope:
        """Return the scope without a part that it has, or with one that it has not."""
        return self.without(part) if part in self.parts else self.added(part)

    def timeless(self) -> Scope:
        """Return the scope without its part about time, as views of the heap need it.

        These have no weights by time: for a range one takes the snapshot that is nearest to its end.
        """
        return Scope(tuple(each for each in self.parts if not isinstance(each, TimePart)))

    def keeps_thread(self, pid: int, tid: int) -> bool:
        """Say whether a thread is looked at."""
        if WithoutProcess(pid) in self.parts or WithoutThread(pid, tid) in self.parts:
            return False
        only = [part for part in self.parts if isinstance(part, OnlyThread | OnlyProcess)]
        return not only or OnlyThread(pid, tid) in only or OnlyProcess(pid) in only


EVERYTHING = Scope()


@lru_cache(maxsize=65_536)
def package_of(file: str, root: str = "") -> str:
    """Return the top-level package of a file: `numpy`, `<stdlib>/json`, or the first directory below `root`.

    A file that lies outside of all these is a package of its own.
    """
    name = normal_file(file, root)
    if not name or name.startswith("/") or (name.startswith("<") and not name.startswith("<stdlib>/")):
        return file
    below = name.removeprefix("<stdlib>/")
    prefix = name[: len(name) - len(below)]
    return prefix + below.split("/", 1)[0].removesuffix(".py")


def module_name(module: str, root: str = "") -> str:
    """Return what a collapsed module is called on screen."""
    name = place(module, root)
    return f"[{tail(name) if name.startswith('/') else name}]"


def is_own(file: str) -> bool:
    """Say whether a file is the project's own, and not installed or a part of Python."""
    return origin(file) is Origin.OWN


def chips(scope: Scope, *, root: str = "", threads: Mapping[tuple[int, int], str] | None = None) -> list[Chip]:
    """Return the parts of a scope for a person, in the order in which they were added.

    `root` is the directory that files are named relative to; `threads` are names by (process id, thread id).
    """
    names = threads or {}
    return [Chip(printable(_text(part, root, names)), part, scope.without(part)) for part in scope.parts]


def to_json(scope: Scope) -> str:
    """Return a scope as JSON text."""
    parts = [{"kind": _NAMES[type(part)], **_values(part)} for part in scope.parts]
    return json.dumps({"version": 1, "parts": parts}, separators=(",", ":"))


def from_json(text: str) -> Scope:
    """Return the scope that JSON text says; raises `ValueError` with a sentence where it says none."""
    if len(text) > _MOST_JSON:
        raise ValueError("a scope is longer than any that is saved")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"a scope is no JSON ({error})") from None
    if not isinstance(found, dict) or found.keys() != {"version", "parts"}:
        raise ValueError("a scope has other fields than a version and its parts")
    version, parts = found["version"], found["parts"]
    if version != 1 or isinstance(version, bool):
        raise ValueError("a scope has an unknown version")
    if not isinstance(parts, list) or len(parts) > MOST_PARTS:
        raise ValueError("a scope has no list of parts, or too many")
    scope = EVERYTHING
    for part in map(_part, parts):
        if scope.added(part) == scope or len(scope.added(part).parts) <= len(scope.parts):
            raise ValueError("a scope says something twice")
        scope = scope.added(part)
    return scope


def _text(part: Part, root: str, threads: Mapping[tuple[int, int], str]) -> str:
    match part:
        case OwnOnly():
            return "my code only"
        case Focus(file, function):
            return f"with {_named(file, function, root)}"
        case Hidden(file, function):
            return f"without {_named(file, function, root)}"
        case Collapsed(module):
            return f"{module_name(module, root)[1:-1]} as one"
        case MergedRecursion():
            return "recursion as one"
        case WithoutThread(pid, tid) | OnlyThread(pid, tid):
            verb = "not" if isinstance(part, WithoutThread) else "only"
            return f"{verb} {threads.get((pid, tid)) or f'thread {tid}'}"
        case WithoutProcess(pid) | OnlyProcess(pid):
            return f"{'not' if isinstance(part, WithoutProcess) else 'only'} process {pid}"
        case Between(start_s, end_s):
            return f"{format_seconds(start_s)} to {format_seconds(end_s)}"
        case Last(seconds):
            return f"last {format_seconds(seconds)}"
        case Fading(half_life_s):
            return f"fading by half in {format_seconds(half_life_s)}"


def _named(file: str, function: str, root: str) -> str:
    return f"{function} ({tail(place(file, root))})" if file else function


def _values(part: Part) -> dict[str, str | int | float]:
    return {field.name: getattr(part, field.name) for field in fields(part)}


def _part(found: object) -> Part:
    if not isinstance(found, dict):
        raise ValueError("a part of a scope is no table")
    kind = found.get("kind")
    made = _KINDS.get(kind) if isinstance(kind, str) else None
    if made is None:
        raise ValueError("a part of a scope is of an unknown kind")
    wanted = {field.name: str(field.type) for field in fields(made)}
    if found.keys() != {"kind", *wanted}:
        raise ValueError(f"a part of a scope ({kind}) has other fields than it should")
    values: dict[str, Any] = {name: _value(found[name], of) for name, of in wanted.items()}
    part = made(**values)
    _check_time(part)
    return part


def _value(value: object, of: str) -> str | float:
    match value:
        case bool():
            pass
        case str() if of == "str" and len(value) <= _MOST_TEXT:
            return value
        case int() if of in {"int", "float"} and 0 <= value <= _LARGEST_ID:
            return float(value) if of == "float" else value
        case float() if of == "float" and 0 <= value <= _LARGEST_ID:
            return value
    raise ValueError("a part of a scope has an impossible value")


def _check_time(part: Part) -> None:
    match part:
        case Between(start_s, end_s) if start_s > end_s:
            raise ValueError("a range of a scope ends before it begins")
        case Last(seconds) | Fading(seconds) if seconds <= 0:
            raise ValueError("a part of a scope lasts no time")
        case _:
            return
