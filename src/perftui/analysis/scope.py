"""The scope: which part of a profile is looked at, as plain data whose parts can be taken back one by one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from perftui.analysis.call_tree import FunctionKey
from perftui.analysis.code_origin import SITE_PREFIX, STDLIB_PREFIX, Origin, place, tail
from perftui.analysis.normalise import is_installed, normal_file
from perftui.text import printable
from perftui.units import format_seconds

MOST_PARTS = 200
"""More than anyone can see as chips."""
_NUMBER = re.compile(r"\d+(?:[._-]\d+)*(?=$| \()")


@dataclass(frozen=True, slots=True)
class OwnOnly:
    """Frames that are not the project's are taken out; what they weigh goes to the nearest own caller."""


@dataclass(frozen=True, slots=True)
class WithoutOrigin:
    """Frames of one origin are taken out; what they weigh goes to the nearest caller of another."""

    origin: Origin


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
class RootedAt:
    """Only stacks that hold this function, each from its first call on: so all its instances become one."""

    file: str
    function: str


@dataclass(frozen=True, slots=True)
class WithoutIdle:
    """Of each thread only as much as it was found running: an estimate from looks at the threads."""


@dataclass(frozen=True, slots=True)
class GilHolders:
    """Of each thread only as much as it was found holding the GIL: an estimate from looks at the threads."""


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
class WithoutThreadsNamed:
    """The threads of one name are left out, in whichever process they are."""

    name: str
    """As `folded_name` says it."""


@dataclass(frozen=True, slots=True)
class OnlyThreadsNamed:
    """The threads of one name are kept, beside what else is kept; all others are left out."""

    name: str


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
ShapePart = OwnOnly | WithoutOrigin | Hidden | Collapsed | MergedRecursion | RootedAt
StatePart = WithoutIdle | GilHolders
ThreadPart = WithoutThread | OnlyThread | WithoutProcess | OnlyProcess | WithoutThreadsNamed | OnlyThreadsNamed
Part = ShapePart | StatePart | Focus | ThreadPart | TimePart

ORIGIN_NAMES = {
    Origin.OWN: "my code",
    Origin.PACKAGE: "site-packages",
    Origin.STDLIB: "standard library",
    Origin.NATIVE: "native code",
}
"""What the origins of code are called on screen."""


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
    """In the order in which they were added; each once, at most one about time, and at most one root."""

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
    def is_estimate(self) -> bool:
        """Whether weights are scaled by what was estimated of threads."""
        return any(isinstance(part, StatePart) for part in self.parts)

    @property
    def focus(self) -> frozenset[FunctionKey]:
        """The functions that each stack must hold."""
        return frozenset((part.file, part.function) for part in self.parts if isinstance(part, Focus | RootedAt))

    @property
    def root(self) -> RootedAt | None:
        """The function that all stacks begin with, if there is one."""
        return next((part for part in self.parts if isinstance(part, RootedAt)), None)

    def added(self, part: Part) -> Scope:
        """Return the scope with one more part; one about time takes the place of another, and so does a root."""
        if part in self.parts:
            return self
        kept = self.parts
        if isinstance(part, TimePart):
            kept = tuple(each for each in kept if not isinstance(each, TimePart))
        elif isinstance(part, RootedAt):
            kept = tuple(each for each in kept if not isinstance(each, RootedAt))
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

    def keeps_thread(self, pid: int, tid: int, name: str = "") -> bool:
        """Say whether a thread is looked at."""
        name = folded_name(name)
        without: tuple[Part, ...] = (WithoutProcess(pid), WithoutThread(pid, tid), WithoutThreadsNamed(name))
        if any(each in self.parts for each in without):
            return False
        only = [part for part in self.parts if isinstance(part, OnlyThread | OnlyProcess | OnlyThreadsNamed)]
        return not only or any(each in only for each in _only(pid, tid, name))


def _only(pid: int, tid: int, name: str) -> tuple[OnlyThread | OnlyProcess | OnlyThreadsNamed, ...]:
    return OnlyThread(pid, tid), OnlyProcess(pid), OnlyThreadsNamed(name)


EVERYTHING = Scope()


@lru_cache(maxsize=65_536)
def folded_name(name: str) -> str:
    """Return a thread's name without its number, so that those of one pool are called alike.

    `ThreadPoolExecutor-0_3` becomes `ThreadPoolExecutor-*`, and `Thread-5 (serve)` becomes `Thread-* (serve)`.
    """
    return _NUMBER.sub("*", name)


@lru_cache(maxsize=65_536)
def package_of(file: str, root: str = "") -> str:
    """Return the top-level package of a file: `<site-packages>/numpy`, `<stdlib>/json`, or a directory in `root`.

    A file that lies outside of all these is a package of its own.
    """
    name = normal_file(file, root)
    if not name or name.startswith("/") or (name.startswith("<") and not name.startswith(STDLIB_PREFIX)):
        return file
    below = name.removeprefix(STDLIB_PREFIX)
    prefix = SITE_PREFIX if is_installed(file.replace("\\", "/")) else name[: len(name) - len(below)]
    return prefix + below.split("/", 1)[0].removesuffix(".py")


def module_name(module: str, root: str = "") -> str:
    """Return what a collapsed module is called on screen."""
    name = place(module, root)
    return f"[{tail(name) if name.startswith('/') else name}]"


def chips(scope: Scope, *, root: str = "", threads: Mapping[tuple[int, int], str] | None = None) -> list[Chip]:
    """Return the parts of a scope for a person, in the order in which they were added.

    `root` is the directory that files are named relative to; `threads` are names by (process id, thread id).
    """
    names = threads or {}
    return [Chip(printable(_text(part, root, names)), part, scope.without(part)) for part in scope.parts]


_PREPOSITIONS: dict[type[Part], str] = {Focus: "with", Hidden: "without", RootedAt: "all of"}
_PLAIN: dict[Part, str] = {
    OwnOnly(): "my code only",
    MergedRecursion(): "recursion as one",
    WithoutIdle(): "without idle, est.",
    GilHolders(): "GIL holders, est.",
}


def _text(part: Part, root: str, threads: Mapping[tuple[int, int], str]) -> str:
    match part:
        case WithoutOrigin(whose):
            return f"without {ORIGIN_NAMES[whose]}"
        case Focus(file, function) | Hidden(file, function) | RootedAt(file, function):
            return f"{_PREPOSITIONS[type(part)]} {_named(file, function, root)}"
        case Collapsed(module):
            return f"{module_name(module, root)[1:-1]} as one"
        case (
            WithoutThread()
            | OnlyThread()
            | WithoutProcess()
            | OnlyProcess()
            | WithoutThreadsNamed()
            | OnlyThreadsNamed()
        ):
            verb = "not" if isinstance(part, WithoutThread | WithoutProcess | WithoutThreadsNamed) else "only"
            return f"{verb} {_threads_text(part, threads)}"
        case Between(start_s, end_s):
            return f"{format_seconds(start_s)} to {format_seconds(end_s)}"
        case Last(seconds):
            return f"last {format_seconds(seconds)}"
        case Fading(half_life_s):
            return f"fading by half in {format_seconds(half_life_s)}"
        case _:
            return _PLAIN[part]


def _threads_text(part: ThreadPart, threads: Mapping[tuple[int, int], str]) -> str:
    match part:
        case WithoutThread(pid, tid) | OnlyThread(pid, tid):
            return threads.get((pid, tid)) or f"thread {tid}"
        case WithoutProcess(pid) | OnlyProcess(pid):
            return f"process {pid}"
        case WithoutThreadsNamed(name) | OnlyThreadsNamed(name):
            return f"threads {name}"


def _named(file: str, function: str, root: str) -> str:
    return f"{function} ({tail(place(file, root))})" if file else function
