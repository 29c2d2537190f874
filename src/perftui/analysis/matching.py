"""Which function of one side of a comparison is which of the other: by file and qualified name, never by line.

What is left over is matched in steps, each of which only takes what those before it left: by what the settings say, by
files that are one though their names differ, by files that git knows as renamed, by an equal body, and by bare names
where one side has no others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import NamedTuple

from perftui.analysis.call_tree import FunctionKey
from perftui.analysis.code_origin import STDLIB_PREFIX
from perftui.analysis.file_pairs import file_pairs
from perftui.analysis.normalise import normal_file
from perftui.model.change import MatchKind
from perftui.model.frame import Frame

COMPREHENSIONS = ("<listcomp>", "<dictcomp>", "<setcomp>")
"""Functions of their own until Python 3.11, since then a part of the function that they stand in."""
_ENOUGH_LIBRARY = 3
"""So many functions of libraries, and no method among them: then the sampler does not tell what a function is in."""


@dataclass(frozen=True, slots=True)
class Functions:
    """The functions of one side, and the folders that names of their files are relative to."""

    frames: Sequence[Frame]
    roots: tuple[str, ...] = ()
    """The project's first, then the folder that the workload ran in."""
    may_be_bare: bool = False
    """They come from another tool, or from an interpreter that does not know qualified names."""

    def names(self) -> dict[FunctionKey, FunctionKey]:
        """Return (file, name) of each function as it was seen, with the file as it is called wherever it lies."""
        files = {file: self._file(file) for file in {frame.file for frame in self.frames}}
        return {(frame.file, frame.function): (files[frame.file], frame.function) for frame in self.frames}

    def _file(self, file: str) -> str:
        found = file
        for root in self.roots or ("",):
            found = normal_file(file, root)
            if not found.startswith("/"):
                break
        return found


@dataclass(frozen=True, slots=True)
class Renames:
    """What is known of functions that have another name on the other side; files are as in `Functions.names`."""

    settings: Mapping[str, str] = field(default_factory=dict)
    """Of the baseline to that of the current side: `file.py:name` each, or `file.py` for all that is in it."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Files that git knows as renamed, the baseline's to the current one's."""
    baseline_bodies: Mapping[FunctionKey, str] = field(default_factory=dict)
    """What tells the body of a function of the baseline from others."""
    current_bodies: Mapping[FunctionKey, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Matching:
    """One name for each function of both sides: the current side's where it is there."""

    baseline: Mapping[FunctionKey, FunctionKey]
    """(file, name) as the baseline saw it, to the name for both."""
    current: Mapping[FunctionKey, FunctionKey]
    kinds: Mapping[FunctionKey, MatchKind]
    """How each name for both was found."""
    was: Mapping[FunctionKey, FunctionKey]
    """What a function of both sides is called on the baseline's, where that differs."""
    files: tuple[Mapping[str, str], Mapping[str, str]] = field(default_factory=lambda: ({}, {}))
    """Files as each side saw them, to what they are called on both."""

    @property
    def left_over(self) -> tuple[frozenset[FunctionKey], frozenset[FunctionKey]]:
        """Functions that only the baseline has, and those that only the current side has."""
        before, after = frozenset(self.baseline.values()), frozenset(self.current.values())
        return before - after, after - before

    @property
    def ambiguous(self) -> int:
        """Number of names that several functions share."""
        return sum(kind is MatchKind.AMBIGUOUS for kind in self.kinds.values())


def match(baseline: Functions, current: Functions, renames: Renames | None = None) -> Matching:
    """Return one name for each function of both sides."""
    known = renames or Renames()
    before, after = _without_comprehensions(baseline.names(), current.names())
    coarse = _coarseness(baseline, before.values(), current, after.values())
    pairs = _file_pairs(before.values(), after.values(), coarse)
    if pairs:
        before = {seen: (pairs.get(file, file), name) for seen, (file, name) in before.items()}
    groups_before, groups_after = _grouped(before.values(), coarse), _grouped(after.values(), coarse)
    work = _Work(set(groups_before), set(groups_after))
    work.take(_by_settings(known.settings, work), MatchKind.RENAMED)
    work.take_equal()
    work.take(
        (((file, name), (known.files[file], name)) for file, name in work.before if file in known.files),
        MatchKind.RENAMED,
    )
    work.take(_by_body(known, work), MatchKind.RENAMED)
    work.take(_inside_of_renamed(work), MatchKind.RENAMED)
    return _named(before, after, coarse, (groups_before, groups_after), work)


class _Work:
    """What is matched, and what is left over."""

    def __init__(self, before: set[FunctionKey], after: set[FunctionKey]) -> None:
        self.before, self.after = before, after
        """Names that are left over."""
        self.new_name: dict[FunctionKey, FunctionKey] = {}
        """Of those that are matched, the baseline's to the current one."""
        self.kinds: dict[FunctionKey, MatchKind] = {}
        """By the current name."""

    def take_equal(self) -> None:
        """Note functions that have one name on both sides."""
        equal = self.before & self.after
        self.before -= equal
        self.after -= equal
        self.new_name.update(zip(equal, equal, strict=True))
        self.kinds.update(dict.fromkeys(equal, MatchKind.SAME))

    def take(self, pairs: Iterable[tuple[FunctionKey, FunctionKey]], kind: MatchKind) -> None:
        """Note pairs of functions as far as both are left over."""
        for old, new in list(pairs):
            if old in self.before and new in self.after:
                self.before.remove(old)
                self.after.remove(new)
                self.new_name[old] = new
                self.kinds[new] = kind


# Comprehensions.


def _without_comprehensions(*sides: dict[FunctionKey, FunctionKey]) -> tuple[dict[FunctionKey, FunctionKey], ...]:
    """Name comprehensions of one side as the functions that they stand in, where the other side has none."""
    called = ([name for _, name in names.values()] for names in sides)
    has = [any(map(str.endswith, names, repeat(COMPREHENSIONS))) for names in called]
    if has[0] is has[1]:
        return sides
    return tuple(
        {seen: (file, _around(name)) for seen, (file, name) in names.items()} if comprehends else names
        for names, comprehends in zip(sides, has, strict=True)
    )


def _around(name: str) -> str:
    """Return the function around a comprehension, and any other name as it is."""
    while name.endswith(COMPREHENSIONS):
        outer = name.rpartition(".")[0].removesuffix(".<locals>")
        # Old samplers do not tell what a comprehension stands in.
        name = outer or "<module>"
    return name


# Bare names.


class _Coarse(NamedTuple):
    """What names are compared by: as little as the side says that says less."""

    without_files: bool = False
    bare: bool = False

    def of(self, key: FunctionKey) -> FunctionKey:
        file, name = key
        return "" if self.without_files else file, _last_component(name) if self.bare else name


def _coarseness(
    baseline: Functions, before: Collection[FunctionKey], current: Functions, after: Collection[FunctionKey]
) -> _Coarse:
    nameless = [bool(keys) and not any(file for file, _ in keys) for keys in (before, after)]
    bare = [_is_bare(before, expected=baseline.may_be_bare), _is_bare(after, expected=current.may_be_bare)]
    return _Coarse(nameless[0] is not nameless[1], bare[0] is not bare[1])


def _is_bare(keys: Collection[FunctionKey], *, expected: bool) -> bool:
    """Say whether names are those of functions alone, without the class or the function that they are in."""
    if any(_last_component(name) != name for _, name in keys):
        return False
    libraries = sum(file.startswith(STDLIB_PREFIX) and not name.startswith("<") for file, name in keys)
    return expected or libraries >= _ENOUGH_LIBRARY


def _last_component(name: str) -> str:
    inner = name.rpartition(".<locals>.")[2]
    return inner if inner.startswith("<") else inner.rpartition(".")[2]


def _grouped(keys: Iterable[FunctionKey], coarse: _Coarse) -> dict[FunctionKey, list[FunctionKey]]:
    """Return the functions that cannot be told apart, by the name that they are compared by."""
    if coarse == _Coarse():
        return {key: [key] for key in keys}
    groups: dict[FunctionKey, list[FunctionKey]] = {}
    for key in dict.fromkeys(keys):
        groups.setdefault(coarse.of(key), []).append(key)
    return groups


# The steps.


def _file_pairs(before: Collection[FunctionKey], after: Collection[FunctionKey], coarse: _Coarse) -> dict[str, str]:
    mine, theirs = {file for file, _ in before}, {file for file, _ in after}
    if mine <= theirs or theirs <= mine:
        return {}
    return file_pairs(*(_in_files(map(coarse.of, names)) for names in (before, after)))


def _in_files(keys: Iterable[FunctionKey]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for file, name in keys:
        found[file].add(name)
    return found


def _files(names: Mapping[FunctionKey, FunctionKey]) -> dict[str, str]:
    return {seen[0]: name[0] for seen, name in names.items()}


def _by_settings(said: Mapping[str, str], work: _Work) -> Iterator[tuple[FunctionKey, FunctionKey]]:
    for old, new in said.items():
        (old_file, old_name), (new_file, new_name) = split_name(old), split_name(new)
        before = [key for key in work.before if _is_file(key[0], old_file)]
        after = {key[1]: key for key in work.after if _is_file(key[0], new_file)}
        for key in before:
            wanted = (new_name if key[1] == old_name else "") if old_name else key[1]
            if wanted in after:
                yield key, after[wanted]


def split_name(written: str) -> tuple[str, str]:
    """Return file and function of `file.py:name`; the function is empty where a file alone is written."""
    file, colon, name = written.rpartition(":")
    return (file, name) if colon else (name, "")


def _is_file(file: str, written: str) -> bool:
    return file == written or file.endswith(f"/{written}") or written.endswith(f"/{file}")


def _by_body(known: Renames, work: _Work) -> Iterator[tuple[FunctionKey, FunctionKey]]:
    """Yield functions whose bodies are equal, and no others are."""
    before: dict[str, list[FunctionKey]] = defaultdict(list)
    after: dict[str, list[FunctionKey]] = defaultdict(list)
    for keys, bodies, found in (
        (work.before, known.baseline_bodies, before),
        (work.after, known.current_bodies, after),
    ):
        for key in keys:
            if key in bodies:
                found[bodies[key]].append(key)
    for body in before.keys() & after.keys():
        yield from _likeliest(before[body], after[body])


def _likeliest(before: list[FunctionKey], after: list[FunctionKey]) -> Iterator[tuple[FunctionKey, FunctionKey]]:
    """Yield pairs of functions with one body: of several, those that kept their name, or their file and little else."""
    if len(before) == len(after) == 1:
        yield before[0], after[0]
        return
    for part in (1, 0):
        old = {key[part]: key for key in before}
        new = {key[part]: key for key in after}
        if len(old) == len(before) and len(new) == len(after):
            yield from ((old[name], new[name]) for name in old.keys() & new.keys())
            return


def _inside_of_renamed(work: _Work) -> Iterator[tuple[FunctionKey, FunctionKey]]:
    """Yield what stands inside of a renamed function: it is named after it."""
    renamed = {old: new for old, new in work.new_name.items() if work.kinds[new] is MatchKind.RENAMED}
    for file, name in work.before:
        outer = name
        while (outer := outer.rpartition(".")[0]) and (file, outer) not in renamed:
            pass
        if outer:
            new_file, new_outer = renamed[file, outer]
            yield (file, name), (new_file, new_outer + name[len(outer) :])


def _named(
    before: Mapping[FunctionKey, FunctionKey],
    after: Mapping[FunctionKey, FunctionKey],
    coarse: _Coarse,
    groups: tuple[dict[FunctionKey, list[FunctionKey]], dict[FunctionKey, list[FunctionKey]]],
    work: _Work,
) -> Matching:
    """Give each function its name for both sides."""
    baseline, current = {key: key for key in before.values()}, {key: key for key in after.values()}
    kinds = dict.fromkeys([*baseline, *current], MatchKind.ONE_SIDE)
    was: dict[FunctionKey, FunctionKey] = {}
    pairs: Iterable[tuple[FunctionKey, FunctionKey]] = work.new_name.items()
    if coarse == _Coarse():
        # Most have one name on both sides, which stands for nothing else.
        kinds.update(work.kinds)
        pairs = [(old, new) for old, new in pairs if old is not new]
    for old, new in pairs:
        mine, theirs = groups[0][old], groups[1][new]
        if mine == theirs == [new]:
            kinds[new] = work.kinds[new]
            continue
        name = theirs[0] if len(theirs) == 1 else new
        kinds[name] = MatchKind.AMBIGUOUS if max(len(mine), len(theirs)) > 1 else work.kinds[new]
        baseline.update(dict.fromkeys(mine, name))
        current.update(dict.fromkeys(theirs, name))
        called = mine[0] if len(mine) == 1 else old
        if called != name:
            was[name] = called
    named = {*baseline.values(), *current.values()}
    return Matching(
        baseline={seen: baseline[key] for seen, key in before.items()},
        current={seen: current[key] for seen, key in after.items()},
        kinds={name: kind for name, kind in kinds.items() if name in named},
        was=was,
        files=(_files(before), _files(after)),
    )
